"""A further constraint as a changed instance sees it: in other units, or for some of its users only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Interval, usable
from formulations.constraints.step_allocation.base import usable_row
from formulations.fields import BoolArray, FloatArray


@dataclass(frozen=True)
class ConstraintView:
    """A constraint that is asked about the instance it was written for, whatever that has been changed to.

    Attributes
    ----------
    constraint : Constraint
        The constraint.
    original : optional
        The instance in the constraint's units; by default the one that the view is asked about.
    steps : float, optional
        Unit in which a changed scenario of step allocation measures steps [steps]. Rows are then divided by the
        power of two next to their largest coefficient, too.
    users : tuple of int, optional
        Users that it still limits; for a constraint without rows. By default all.
    """

    constraint: Any
    original: Any = None
    steps: float | None = None
    users: tuple[int, ...] | None = None

    @property
    def type(self) -> str:
        """Which constraint it is."""
        return str(self.constraint.type)

    def describe(self, user: int | None = None) -> str:
        """The constraint in words with its limit and unit."""
        return str(self.constraint.describe(user))

    def interval(self, data: Any, *where: int) -> Interval:
        """What it leaves to each user, in the units of the changed instance; everything to users it leaves out."""
        asked = self._asked(data)
        lower, upper = usable(self.type, self.constraint.interval(asked, *where), asked.users)
        unit = self.steps or 1.0
        limited = self._limited(asked.users)
        return Interval(np.where(limited, lower / unit, -np.inf), np.where(limited, upper / unit, np.inf))

    def rows(self, data: Any) -> tuple[Any, ...]:
        """Rows in the units of the changed instance."""
        asked = self._asked(data)
        rows = self.constraint.rows(asked)
        if self.steps is None:
            return tuple(rows)
        return tuple(usable_row(self.type, row, asked.users).in_unit(self.steps) for row in rows)

    def violation(self, data: Any, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Excess over the limit in the constraint's own unit, of users that it limits."""
        if self.steps is not None:
            solution = {**solution, "s": solution["s"] * self.steps}
        asked = self._asked(data)
        violation = self.constraint.violation(asked, solution)
        return violation if self.users is None else np.where(self._limited(asked.users), violation, -np.inf)

    def tolerance(self, data: Any) -> float:
        """Violation that counts as rounding, in the constraint's own unit."""
        return float(self.constraint.tolerance(self._asked(data)))

    def _asked(self, data: Any) -> Any:
        return data if self.original is None else self.original

    def _limited(self, users: int) -> BoolArray:
        """Whether it limits each user, shape (N,)."""
        limited = np.full(users, self.users is None)
        limited[list(self.users or ())] = True
        return limited
