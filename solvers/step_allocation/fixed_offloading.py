"""Best steps once it is decided who offloads: a convex problem, solved by one price on the budget.

With a fixed, P1 separates but for the budget (1), so a price on the budget decides
(:mod:`solvers.step_allocation.lagrangian.budget`). Constraints that separate by user only shrink the steps that a
user may have; rows that couple users have prices of their own
(:mod:`solvers.step_allocation.coupled.row_offloading`).
"""

from __future__ import annotations

import numpy as np

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import best_steps_at_price
from formulations.step_allocation.domain import coupling_rows, may_be_at
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.step_allocation.coupled.row_offloading import best_steps_within_rows
from solvers.step_allocation.feasibility import OffloadingInfeasible, limiting
from solvers.step_allocation.lagrangian.budget import edge_shares

__all__ = ["OffloadingInfeasible", "best_steps"]


def best_steps(data: StepAllocation, offload: FloatArray) -> FloatArray:
    """Return the globally optimal steps s for a fixed binary a; only further constraints can leave none.

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    offload : FloatArray
        a_n in {0, 1}, shape (N,).

    Returns
    -------
    FloatArray
        s_n [steps], shape (N,).

    Raises
    ------
    OffloadingInfeasible
        If a user may not be where a puts it, or the lower bounds are too large for the budget or for a row.

    Examples
    --------
    >>> import numpy as np
    >>> from instances import load
    >>> data = load("n10").step_allocation
    >>> steps = best_steps(data, np.ones(10))
    >>> bool(steps.sum() <= data.edge_step_budget)
    True
    """
    offloaded = np.asarray(offload) > 0.5
    for place, here in ((LOCAL, ~offloaded), (EDGE, offloaded)):
        _require_allowed(data, place, here)
    if coupling_rows(data):
        return best_steps_within_rows(data, offloaded)
    at_edge = np.flatnonzero(offloaded)
    steps = best_steps_at_price(data, LOCAL, 0.0)
    edge_steps, price = edge_shares(data, at_edge)
    if not np.isfinite(price):
        lower, budget = float(edge_steps.sum()), data.edge_step_budget
        raise OffloadingInfeasible(
            f"its offloaded users need at least {lower:.6g} edge steps, the budget is {budget:.6g}"
        )
    steps[at_edge] = edge_steps
    return steps


def _require_allowed(data: StepAllocation, place: int, here: BoolArray) -> None:
    refused = np.flatnonzero(here & ~may_be_at(data, place))
    if refused.size:
        verb = "offload" if place == EDGE else "run locally"
        reasons = ", ".join(limiting(data, place, int(refused[0])))
        raise OffloadingInfeasible(f"user {refused[0]} may not {verb} ({reasons})")
