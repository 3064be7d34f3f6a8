"""Checks feasibility before anything is solved, and gives the reason in a sentence."""

from __future__ import annotations

from formulations.constraints.base import ROUNDING
from formulations.constraints.evaluation import families
from formulations.step_allocation import costs
from formulations.step_allocation.domain import (
    Coupling,
    allowed_steps,
    budget_row,
    coupling_rows,
    least_use,
    users_without_place,
)
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.result import Outcome, Unsupported


class OffloadingInfeasible(Unsupported):
    """No steps keep a fixed a within the constraints; the message says which. Passed on, it is a refusal."""


def proven_infeasible(data: StepAllocation) -> Outcome | None:
    """Outcome of any method where a user may be nowhere or one row alone cannot hold; None where neither is so."""
    if not data.constraints:
        return None
    reason = _nowhere(data) or _row_that_cannot_hold(data)
    return Outcome(solution=None, infeasible=True, reason=reason) if reason else None


def _nowhere(data: StepAllocation) -> str:
    users = users_without_place(data)
    if not users.size:
        return ""
    reasons = dict.fromkeys([*limiting(data, LOCAL, users[0]), *limiting(data, EDGE, users[0])])
    return f"user {users[0]} may be nowhere: {', '.join(reasons)}"


def limiting(data: StepAllocation, place: int, user: int) -> list[str]:
    """Constraints that take steps from a user at a place, in words; the edge's budget where they ask for more."""
    own = (0.0, costs.step_limit(data, place)[user])
    found = []
    for constraint in data.constraints:
        lower, upper = (ends[user] for ends in constraint.interval(data, place))
        if lower > own[0] or upper < own[1]:
            found.append(constraint.describe(user))
    if place == EDGE and allowed_steps(data, EDGE).lower[user] > data.edge_step_budget:
        found.append(f"edge budget ({data.edge_step_budget:.6g} steps)")
    return found


def _row_that_cannot_hold(data: StepAllocation) -> str:
    for family, row in (Coupling("edge_budget", budget_row(data)), *coupling_rows(data)):
        least = least_use(data, row)
        if least > row.right_hand_side + ROUNDING * max(1.0, abs(row.right_hand_side)):
            return f"'{family}' cannot hold: users need at least {least:.6g} of {row.right_hand_side:.6g}"
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
