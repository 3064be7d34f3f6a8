"""P1 of step allocation as the paper prints it: a mixed-integer nonlinear program, not convex.

The cost of a user is bounded from below by a variable of its own, so that the objective is a plain sum; the bounds
on that variable say what R_{n,r} can be at all, and let a solver close the gap several times faster.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.step_allocation import costs, expressions
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation


def build(data: StepAllocation) -> pyo.ConcreteModel:
    """P1 (8)(9)(1)(2) with variables ``offload`` (a_n), ``steps`` (s_n) and ``user_cost``, each of shape (N,)."""
    model = pyo.ConcreteModel(name="step_allocation_p1")
    add_variables(model, data)
    model.edge_budget = edge_budget(model, data)  # (1)
    model.step_limit = step_limit(model, data)  # (2)
    model.place_cost = place_cost(model, data)  # summand of (8)
    model.cost = total_cost(model)  # (8)
    return model


def add_variables(model: pyo.ConcreteModel, data: StepAllocation) -> None:
    """a_n in {0, 1}, paper A (9); 0 <= s_n <= max(S0, S1) [steps]; the cost of each user, within its range."""
    most_steps = np.maximum(data.local_step_limit, data.edge_step_limit)
    lowest, highest = cost_range(data)
    model.users = pyo.RangeSet(0, data.users - 1)
    model.offload = pyo.Var(model.users, domain=pyo.Binary)
    model.steps = pyo.Var(model.users, domain=step_domain(data), bounds=lambda _, n: (0.0, float(most_steps[n])))
    model.user_cost = pyo.Var(model.users, bounds=lambda _, n: (float(lowest[n]), float(highest[n])))


def step_domain(data: StepAllocation) -> object:
    """Whole numbers where the scenario says so, else real ones."""
    return pyo.NonNegativeIntegers if data.integer_steps else pyo.NonNegativeReals


def cost_range(data: StepAllocation) -> tuple[FloatArray, FloatArray]:
    """Bounds of R_{n,r}(s) over both places [-]: phi_n at the most steps, and the larger end of a convex curve."""
    most_steps = np.maximum(data.local_step_limit, data.edge_step_limit)
    ends = [
        costs.cost(data, steps, place)
        for place in (LOCAL, EDGE)
        for steps in (np.zeros(data.users), costs.step_limit(data, place))
    ]
    return costs.quality_cost(data, most_steps), np.max(ends, axis=0)


def edge_budget(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Edge steps of all users within the server's budget, sum a_n s_n <= S_e [steps], paper A (1)."""
    used = pyo.quicksum(model.offload[n] * model.steps[n] for n in model.users)
    return pyo.Constraint(expr=used <= data.edge_step_budget)


def step_limit(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Steps within the limit of the user's place, s_n <= (1 - a_n) S0_n + a_n S1_n [steps], paper A (2)."""
    local, edge = data.local_step_limit, data.edge_step_limit

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        return model.steps[n] <= (1 - model.offload[n]) * float(local[n]) + model.offload[n] * float(edge[n])

    return pyo.Constraint(model.users, rule=rule)


def place_cost(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Cost of a user at least (1 - a_n) R_{n,0}(s_n) + a_n R_{n,1}(s_n) [-], the summand of paper A (8)."""

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        local, edge = (expressions.cost(data, n, place, model.steps[n]) for place in (LOCAL, EDGE))
        return model.user_cost[n] >= (1 - model.offload[n]) * local + model.offload[n] * edge

    return pyo.Constraint(model.users, rule=rule)


def total_cost(model: pyo.ConcreteModel) -> pyo.Objective:
    """Cost of all users, to be minimised [-], paper A (8)."""
    return pyo.Objective(expr=pyo.quicksum(model.user_cost.values()), sense=pyo.minimize)


def solution(model: pyo.ConcreteModel) -> dict[str, FloatArray]:
    """Values of a solved model by the paper's symbols: ``a`` and ``s``, each of shape (N,)."""
    return {"a": values(model.offload), "s": values(model.steps)}


def values(variable: pyo.Var) -> FloatArray:
    """Values of a variable over all users, shape (N,)."""
    return np.array([item.value for item in variable.values()], dtype=np.float64)
