"""A further constraint for some of its users only, and a limit of the problem itself that can be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Constraint, Interval
from formulations.fields import BoolArray, FloatArray


@dataclass(frozen=True)
class RestrictedConstraint:
    """A constraint that separates by user, for some of its users.

    Attributes
    ----------
    constraint : Constraint
        The constraint, without rows.
    users : tuple of int
        Users that it still limits.
    """

    constraint: Constraint
    users: tuple[int, ...]

    def __getattr__(self, name: str) -> Any:
        """Type, title, words, tolerance and empty rows of the constraint itself."""
        if name.startswith("__") or name == "constraint":
            raise AttributeError(name)  # asked before unpickling has set the attributes
        return getattr(self.constraint, name)

    def interval(self, data: Any, *where: int) -> Interval:
        """What it leaves to its users; everything to the others."""
        lower, upper = self.constraint.interval(data, *where)  # type: ignore[attr-defined]
        mine = self._mine(data.users)
        return Interval(np.where(mine, lower, -np.inf), np.where(mine, upper, np.inf))

    def violation(self, data: Any, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Excess over the limit of its users, shape (N,)."""
        whole = self.constraint.violation(data, solution)  # type: ignore[attr-defined]
        return np.where(self._mine(data.users), whole, -np.inf)

    def _mine(self, users: int) -> BoolArray:
        mine = np.zeros(users, dtype=np.bool_)
        mine[list(self.users)] = True
        return mine


class NativeBound(NamedTuple):
    """A limit that the problem has by itself.

    Attributes
    ----------
    title : str
        What it is called in a sentence.
    unit : str
        Its unit.
    field : str
        Field of the section that holds it.
    relaxed : FloatArray or float or int
        A value of the field that limits nothing; with one number per user, users can be freed one by one.
    """

    title: str
    unit: str
    field: str
    relaxed: Any
