"""Edge budget of a scenario: the steps used while the budget is free, and the scenario with another budget."""

from __future__ import annotations

from formulations.step_allocation import costs
from formulations.step_allocation.best_response import best_steps_at_price
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation


def free_edge_steps(data: StepAllocation) -> float:
    """Edge steps used when the budget is free [steps], above which a budget never binds.

    The sum of the best edge steps argmin R_{n,1} of the users n with min R_{n,1} < min R_{n,0}.
    """
    local, edge = (best_steps_at_price(data, place, 0.0) for place in (LOCAL, EDGE))
    prefers_edge = costs.cost(data, edge, EDGE) < costs.cost(data, local, LOCAL)
    return float(edge[prefers_edge].sum())


def with_budget(data: StepAllocation, capacity: float) -> StepAllocation:
    """Return the same scenario with S_e = ``capacity`` [steps].

    Raises
    ------
    formulations.errors.InstanceError
        If ``capacity`` is negative or not finite.
    """
    return data.replace(edge_step_capacity=capacity)
