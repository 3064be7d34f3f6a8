"""From an external solver's point, exact up to its tolerances, to one that satisfies P1 exactly."""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.parameters import StepAllocation

BUDGET_SLACK = 1e-6
"""Largest excess over the budget, relative to it, that counts as a solver's tolerance and is scaled away."""


def project(data: StepAllocation, offload: FloatArray, steps: FloatArray) -> dict[str, FloatArray]:
    """Round a_n, then put s_n into the limits of its place and the edge steps into the budget.

    Steps that have to be whole are rounded. An excess over the budget that is larger than a tolerance stays as it
    is, for the evaluator to find: it would be a fault of the model or of the solver.

    Returns
    -------
    dict
        Arrays ``a`` and ``s``, shape (N,) each.
    """
    at_edge = offload > 0.5
    steps = np.round(steps) if data.integer_steps else steps
    steps = np.clip(steps, 0.0, np.where(at_edge, data.edge_step_limit, data.local_step_limit))
    used, budget = float(np.sum(steps[at_edge])), data.edge_step_budget
    if not data.integer_steps and budget < used <= budget + BUDGET_SLACK * max(1.0, budget):
        steps = np.where(at_edge, steps * (budget / used), steps)
    return {"a": at_edge.astype(np.float64), "s": steps}
