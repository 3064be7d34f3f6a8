"""What a further constraint on step allocation may say: an interval of steps per place, or linear rows.

A constraint that separates by user says which steps it leaves at each place. One that couples users says it as
rows that are linear in a_n, in the steps on devices and in those at the edge. Every model and every method of the
package is built from these two, so that a constraint is one class and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Constraint, Interval, everything
from formulations.evaluation import near_power_of_two
from formulations.fields import FloatArray
from formulations.step_allocation.parameters import StepAllocation

TOLERANCE = 1e-7
"""Share of its limit by which a solver's tolerances may miss a constraint [-]."""


class Row(NamedTuple):
    """sum_n offload_n a_n + local_steps_n (1 - a_n) s_n + edge_steps_n a_n s_n <= right_hand_side."""

    offload: FloatArray
    """Coefficients of a_n, shape (N,)."""
    local_steps: FloatArray
    """Coefficients of the steps on the device [1/step], shape (N,)."""
    edge_steps: FloatArray
    """Coefficients of the steps at the edge [1/step], shape (N,)."""
    right_hand_side: float
    """Number that the left side may not exceed."""

    def in_unit(self, steps: float) -> Row:
        """The row for steps measured in a unit, divided by the power of two next to its largest coefficient."""
        local, edge = self.local_steps * steps, self.edge_steps * steps
        largest = max(float(np.abs(part).max()) for part in (self.offload, local, edge))
        unit = near_power_of_two(largest)
        return Row(self.offload / unit, local / unit, edge / unit, self.right_hand_side / unit)


def usable_row(family: str, row: Row, users: int) -> Row:
    """A constraint's row, as arrays of shape (N,).

    Raises
    ------
    ValueError
        If it is not finite or not about all users.
    """
    offload, local_steps, edge_steps, right_hand_side = (np.asarray(part, dtype=np.float64) for part in row)
    shapes = [part.shape for part in (offload, local_steps, edge_steps)]
    finite = all(np.isfinite(part).all() for part in (offload, local_steps, edge_steps, right_hand_side))
    if shapes != 3 * [(users,)] or right_hand_side.shape != () or not finite:
        raise ValueError(
            f"constraint '{family}' has a row that is not 3 x {users} finite numbers and a right-hand side"
        )
    return Row(offload, local_steps, edge_steps, float(right_hand_side))


class StepConstraint(Constraint):
    """A further constraint on step allocation."""

    on: Literal["step_allocation"]
    """Problem that it is on."""

    def interval(self, data: StepAllocation, place: int) -> Interval:
        """Steps that it leaves to each user at a place [steps]; everything by default.

        Empty where the user may not be at that place at all. Where steps are whole the ends need not be.
        """
        return everything(data.users)

    def rows(self, data: StepAllocation) -> tuple[Row, ...]:
        """Linear constraints that couple users; none by default."""
        return ()

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Excess over the limit in the constraint's unit, one number or shape (N,); not positive where it holds.

        Computed from the quantity that is limited and not from the interval, so that the evaluator checks both.
        """
        raise NotImplementedError

    def tolerance(self, data: StepAllocation) -> float:
        """Violation that counts as rounding, in the constraint's unit."""
        raise NotImplementedError
