"""A further constraint on step allocation where steps are measured in another unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Interval, usable
from formulations.constraints.step_allocation.base import Row, StepConstraint, usable_row
from formulations.fields import FloatArray
from formulations.step_allocation.parameters import StepAllocation


@dataclass(frozen=True)
class RescaledConstraint:
    """The same constraint for the same scenario in other units, whatever it is.

    Attributes
    ----------
    constraint : StepConstraint
        The constraint in the original units.
    original : StepAllocation
        The scenario in the original units.
    steps : float
        The new unit [steps].
    """

    constraint: StepConstraint
    original: StepAllocation
    steps: float

    def __getattr__(self, name: str) -> Any:
        """Type, title, limit and words of the constraint itself."""
        if name.startswith("__") or name == "constraint":
            raise AttributeError(name)  # asked before unpickling has set the attributes
        return getattr(self.constraint, name)

    def interval(self, data: StepAllocation, place: int) -> Interval:
        """Steps that the constraint leaves to each user at a place [new unit]."""
        left = self.constraint.interval(self.original, place)
        lower, upper = usable(self.constraint.type, left, self.original.users)
        return Interval(lower / self.steps, upper / self.steps)

    def rows(self, data: StepAllocation) -> tuple[Row, ...]:
        """The constraint's rows in the new unit, divided by the power of two next to their largest coefficient."""
        return tuple(self._row(row) for row in self.constraint.rows(self.original))

    def _row(self, given: Row) -> Row:
        row = usable_row(self.constraint.type, given, self.original.users)
        local, edge = row.local_steps * self.steps, row.edge_steps * self.steps
        largest = max(float(np.abs(part).max()) for part in (row.offload, local, edge))
        unit = float(np.exp2(np.round(np.log2(largest)))) if largest > 0.0 else 1.0
        return Row(row.offload / unit, local / unit, edge / unit, row.right_hand_side / unit)

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Excess over the limit in the constraint's own unit, as in the original units."""
        return self.constraint.violation(self.original, {"a": solution["a"], "s": solution["s"] * self.steps})

    def tolerance(self, data: StepAllocation) -> float:
        """Violation that counts as rounding, in the constraint's own unit."""
        return self.constraint.tolerance(self.original)
