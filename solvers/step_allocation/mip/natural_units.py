"""Hands scenarios to solvers with absolute tolerances in natural units, and converts the answer back.

Before that, steps that no optimum has are cut off. There a user may lose far more than all that is to be decided,
and the solver's tolerances would be of that size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np

from formulations.step_allocation.costs import quality_worth
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.reach import least_cost, reach_of
from formulations.step_allocation.units import in_units, natural_units
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported
from solvers.external.algebraic import rescaled
from solvers.external.tolerances import BOUND
from solvers.step_allocation.feasibility import proven_infeasible
from solvers.step_allocation.fixed_offloading import best_steps


def solve_in_natural_units(
    data: StepAllocation, limits: Limits, seed: int, solve: Callable[[StepAllocation, Limits, int], Outcome]
) -> Outcome:
    """Solve the scenario in its natural units, and measure solution and bound in the original ones."""
    began = perf_counter()
    plan_cost = np.inf if proven_infeasible(data) else known_plan_cost(data)
    if np.isfinite(plan_cost):
        data = data.replaced({"constraints": (*data.constraints, reach_of(data, plan_cost))})
    units = natural_units(data)
    prepared = perf_counter() - began
    left = replace(limits, time_limit=max(limits.time_limit - prepared, 0.0))
    found = solve(in_units(data, units), left, seed)
    found = replace(found, build_seconds=found.build_seconds + prepared)
    if found.infeasible and np.isfinite(plan_cost):
        found = replace(found, infeasible=False, reason="the solver sees no plan, although there is one")
    solution = found.solution
    if solution is not None:
        found = replace(found, solution={"a": solution["a"], "s": solution["s"] * units.steps})
    return rescaled(found, units.cost)


def known_plan_cost(data: StepAllocation) -> float:
    """Cost of the better of two plans, all local and each where it prefers to be; infinite where neither holds."""
    local, edge = (least_cost(data, place)[1] for place in (LOCAL, EDGE))
    costs = [np.inf]
    for offload in (np.isinf(local), edge < local):
        try:
            evaluation = evaluate(data, offload.astype(np.float64), best_steps(data, offload.astype(np.float64)))
        except Unsupported:
            continue
        if evaluation.feasible:
            costs.append(evaluation.objective)
    return min(costs)


def uncertainty(data: StepAllocation) -> float:
    """What a solver's tolerances may add to its bound [-]: some for each quality cost and for its two terms."""
    parts = (
        np.where(may_be_at(data, place), 1.0 + quality_worth(data, model_steps(data, place).lower), 0.0)
        for place in (LOCAL, EDGE)
    )
    return BOUND * float(np.sum([part.sum() for part in parts]))
