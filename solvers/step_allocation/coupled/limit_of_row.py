"""A row that couples users in terms of the limit that its constraint was given.

A constraint may state its row in other terms than its limit: a floor is a row with all signs turned, a mean a sum.
Prices are worth reading per unit of the limit, so the row's slack is differentiated by it.
"""

from __future__ import annotations

from typing import NamedTuple

from formulations.checked import unchecked
from formulations.constraints.step_allocation.base import Row, StepConstraint, usable_row
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.result import Solution

NUDGE = 1e-6
"""Change of a limit, relative to it or absolute where it is 0, over which a difference is taken."""


class RowLimit(NamedTuple):
    """The limit of a row at a solution."""

    limit: float
    """Its size [unit]."""
    used: float
    """How much of it the solution uses [unit]."""
    slack_per_unit: float
    """Change of the row's slack per unit of the limit, -1 for a floor [unit of the row / unit]."""


def limit_of_row(
    data: StepAllocation, constraint: StepConstraint | None, index: int, row: Row, solution: Solution
) -> RowLimit:
    """The limit of a constraint's row; that of the row itself where the constraint has no single number for it."""
    limit = None if constraint is None else single_limit(constraint)
    slack = row.right_hand_side - left_side(row, solution)
    if constraint is not None and limit is not None:
        nudge = NUDGE * (abs(limit) or 1.0)
        more, less = (_slack(data, constraint, index, limit + change, solution) for change in (nudge, -nudge))
        rate = (more - less) / (2.0 * nudge)
        if rate != 0.0:
            return RowLimit(limit, limit - slack / rate, rate)
    return RowLimit(row.right_hand_side, row.right_hand_side - slack, 1.0)


def single_limit(constraint: StepConstraint) -> float | None:
    """The limit of a constraint where it is a single number."""
    limit = getattr(constraint, constraint.limit)
    return limit if isinstance(limit, int | float) else None


def left_side(row: Row, solution: Solution) -> float:
    """Left side of a row at a solution [unit of the row]."""
    a, s = solution["a"], solution["s"]
    return float((row.offload * a + row.local_steps * (1.0 - a) * s + row.edge_steps * a * s).sum())


def _slack(
    data: StepAllocation, constraint: StepConstraint, index: int, limit: float, solution: Solution
) -> float:
    """What is left of the row under another limit [unit of the row]."""
    nudged = unchecked(constraint, **{constraint.limit: limit})
    row = usable_row(constraint.type, nudged.rows(data)[index], data.users)
    return row.right_hand_side - left_side(row, solution)
