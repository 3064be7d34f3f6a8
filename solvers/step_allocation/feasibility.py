"""What can be said of feasibility before anything is solved, as a method says it in its reason."""

from __future__ import annotations

from formulations.constraints.base import ROUNDING
from formulations.constraints.evaluation import families
from formulations.step_allocation.domain import (
    Coupling,
    budget_row,
    coupling_rows,
    least_use,
    stranded,
)
from formulations.step_allocation.parameters import StepAllocation
from solvers.result import Outcome, Unsupported


def proven_infeasible(data: StepAllocation) -> Outcome | None:
    """Outcome of any method where a user may be nowhere or one row alone cannot hold; None where neither is so."""
    if not data.constraints:
        return None
    reason = _nowhere(data) or _row_that_cannot_hold(data)
    return Outcome(solution=None, infeasible=True, reason=reason) if reason else None


def _nowhere(data: StepAllocation) -> str:
    users = stranded(data)
    return f"user {users[0]} may be nowhere: no place leaves it a number of steps" if users.size else ""


def _row_that_cannot_hold(data: StepAllocation) -> str:
    for family, row in (Coupling("edge_budget", budget_row(data)), *coupling_rows(data)):
        least = least_use(data, row)
        if least > row.at_most + ROUNDING * max(1.0, abs(row.at_most)):
            return f"'{family}' cannot hold: users need at least {least:.6g} of {row.at_most:.6g}"
    return ""


def refuse_rows(data: StepAllocation, because: str) -> None:
    """Refuse constraints that couple users.

    Raises
    ------
    Unsupported
        With the first such constraint and why the method cannot keep it.
    """
    coupling = {family for family, _ in coupling_rows(data)}
    for family, constraint in families(data):
        if family in coupling:
            raise Unsupported(f"the {constraint.describe()} couples users, and {because}")
