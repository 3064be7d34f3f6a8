"""Projects a point that nearly satisfies P1 onto one that satisfies it exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.domain import model_steps
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

BUDGET_SLACK = 1e-6
"""Largest excess over the budget, relative to it, that counts as a solver's tolerance and is scaled away."""


def project(data: StepAllocation, offload: FloatArray, steps: FloatArray) -> dict[str, FloatArray]:
    """Return a_n rounded, s_n within its limits at that place, and the edge steps within the budget.

    Steps that have to be whole are rounded. An excess over the budget that is larger than a tolerance stays as it
    is, for the evaluator to find: it would be a fault of the model or of the solver.

    Returns
    -------
    dict
        Arrays ``a`` and ``s``, shape (N,) each.
    """
    at_edge = offload > 0.5
    steps = np.round(steps) if data.integer_steps else steps
    local, edge = model_steps(data, LOCAL), model_steps(data, EDGE)
    lower = np.where(at_edge, edge.lower, local.lower)
    steps = np.clip(steps, lower, np.where(at_edge, edge.upper, local.upper))
    used, budget = float(np.sum(steps[at_edge])), data.edge_step_budget
    if not data.integer_steps and budget < used <= budget + BUDGET_SLACK * max(1.0, budget):
        needed = float(np.sum(lower[at_edge]))
        share = max(budget - needed, 0.0) / (used - needed) if used > needed else 0.0
        steps = np.where(at_edge, lower + (steps - lower) * share, steps)
    return {"a": at_edge.astype(np.float64), "s": steps}


def without_first(
    offloaded: BoolArray, may_leave: NDArray[np.int64], lower: FloatArray, budget: float
) -> BoolArray:
    """Return who still offloads once enough users of ``may_leave`` are moved to their devices for the rest to fit.

    Parameters
    ----------
    offloaded : BoolArray
        a_n, shape (N,).
    may_leave : NDArray of int64
        Offloaded users that may run locally, in the order in which they are moved.
    lower : FloatArray
        Lower bounds on the steps of every user at the edge [steps], shape (N,).
    budget : float
        Edge steps [steps]; where the others need more, all of ``may_leave`` are moved.
    """
    needed = float(lower[offloaded].sum())
    if needed <= budget:
        return offloaded
    left = needed - np.cumsum(lower[may_leave])
    count = int(np.argmax(left <= budget)) + 1 if (left <= budget).any() else may_leave.size
    remaining = offloaded.copy()
    remaining[may_leave[:count]] = False
    for user in may_leave[count:]:  # the running difference may be off by rounding
        if lower[remaining].sum() <= budget:
            break
        remaining[user] = False
    return remaining
