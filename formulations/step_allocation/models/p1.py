"""P1 of step allocation as the paper prints it: a mixed-integer nonlinear program, not convex.

The cost of a user is bounded from below by a variable of its own, so that the objective is a plain sum. The bounds
on that variable say what R_{n,r} can be at all. They let a solver close the gap several times faster.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.domain import coupling_rows, may_be_at, model_steps, step_range
from formulations.step_allocation.models import expressions
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.models import Expression


def build(data: StepAllocation) -> pyo.ConcreteModel:
    """P1 (8)(9)(1)(2) with variables ``offload`` (a_n), ``steps`` (s_n) and ``user_cost``, each of shape (N,)."""
    model = pyo.ConcreteModel(name="step_allocation_p1")
    add_variables(model, data)
    model.edge_budget = edge_budget(model, data)  # (1)
    model.step_limit = step_limit(model, data)  # (2)
    if data.constraints:
        model.step_floor = step_floor(model, data)
        model.only_place = only_place(model, data)
        model.coupling = coupling(model, data, partial(place_steps, model))
    model.place_cost = place_cost(model, data)  # summand of (8)
    model.cost = total_cost(model)  # (8)
    return model


def add_variables(model: pyo.ConcreteModel, data: StepAllocation) -> None:
    """a_n in {0, 1}, paper A (9); 0 <= s_n <= max(S0, S1) [steps]; the cost of each user, within its range."""
    lower, upper = step_range(data)
    lowest, highest = cost_range(data)
    model.users = pyo.RangeSet(0, data.users - 1)
    model.offload = pyo.Var(model.users, domain=pyo.Binary)
    model.steps = pyo.Var(
        model.users, domain=step_domain(data), bounds=lambda _, n: (float(lower[n]), float(upper[n]))
    )
    model.user_cost = pyo.Var(model.users, bounds=lambda _, n: (float(lowest[n]), float(highest[n])))


def step_domain(data: StepAllocation) -> object:
    """Whole numbers where the scenario says so, else real ones."""
    return pyo.NonNegativeIntegers if data.integer_steps else pyo.NonNegativeReals


def cost_range(data: StepAllocation) -> tuple[FloatArray, FloatArray]:
    """Bounds of R_{n,r}(s) over both places [-]: phi_n at the most steps, and the larger end of a convex curve."""
    lowest = costs.quality_cost(data, step_range(data).upper)
    ends = [
        np.where(may_be_at(data, place), costs.cost(data, steps, place), lowest)
        for place in (LOCAL, EDGE)
        for steps in model_steps(data, place)
    ]
    return lowest, np.max(ends, axis=0)


def edge_budget(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Edge steps of all users within the server's budget, sum a_n s_n <= S_e [steps], paper A (1)."""
    used = pyo.quicksum(model.offload[n] * model.steps[n] for n in model.users)
    return pyo.Constraint(expr=used <= data.edge_step_budget)


def step_limit(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Steps within the limit of the user's place, s_n <= (1 - a_n) S0_n + a_n S1_n [steps], paper A (2).

    Where a constraint leaves less than S_{n,r} at a place, its end stands there instead.
    """
    local, edge = model_steps(data, LOCAL).upper, model_steps(data, EDGE).upper

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        return model.steps[n] <= (1 - model.offload[n]) * float(local[n]) + model.offload[n] * float(edge[n])

    return pyo.Constraint(model.users, rule=rule)


def step_floor(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Lower bound on steps at the user's place, s_n >= (1 - a_n) L0_n + a_n L1_n [steps]."""
    local, edge = model_steps(data, LOCAL).lower, model_steps(data, EDGE).lower

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        if local[n] <= 0.0 and edge[n] <= 0.0:
            return pyo.Constraint.Skip
        return model.steps[n] >= (1 - model.offload[n]) * float(local[n]) + model.offload[n] * float(edge[n])

    return pyo.Constraint(model.users, rule=rule)


def only_place(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """a_n = 0 where constraints leave no steps at the edge, a_n = 1 where they leave none on the device."""

    def rule(model: pyo.ConcreteModel, n: int, place: int) -> object:
        return model.offload[n] <= 0 if place == EDGE else model.offload[n] >= 1

    banned = [(n, place) for place in (LOCAL, EDGE) for n in np.flatnonzero(~may_be_at(data, place)).tolist()]
    return pyo.Constraint(banned, rule=rule)


def coupling(
    model: pyo.ConcreteModel, data: StepAllocation, steps_at: Callable[[int, int], Expression]
) -> pyo.Constraint:
    """Rows of further constraints by family and number, in a_n and the steps ``steps_at(n, place)`` at a place."""
    rows = {(family, index): row for index, (family, row) in enumerate(coupling_rows(data))}

    def rule(model: pyo.ConcreteModel, family: str, index: int) -> object:
        row = rows[family, index]
        parts = [(float(c), model.offload[n]) for n, c in enumerate(row.offload) if c]
        for place, coefficients in ((LOCAL, row.local_steps), (EDGE, row.edge_steps)):
            parts += [(float(c), steps_at(n, place)) for n, c in enumerate(coefficients) if c]
        if not parts:
            return pyo.Constraint.Skip if row.right_hand_side >= 0.0 else pyo.Constraint.Infeasible
        return pyo.quicksum(coefficient * part for coefficient, part in parts) <= row.right_hand_side

    return pyo.Constraint(list(rows), rule=rule)


def place_steps(model: pyo.ConcreteModel, n: int, place: int) -> Expression:
    """Steps of user ``n`` at a place, (1 - a_n) s_n or a_n s_n [steps]."""
    here = model.offload[n] if place == EDGE else 1 - model.offload[n]
    return here * model.steps[n]


def place_cost(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Cost of a user at least (1 - a_n) R_{n,0}(s_n) + a_n R_{n,1}(s_n) [-], the summand of paper A (8).

    Where constraints leave a user one place alone, only that one's cost stands there.
    """
    lower = step_range(data).lower
    local_only, edge_only = ~may_be_at(data, EDGE), ~may_be_at(data, LOCAL)

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        local, edge = (
            expressions.cost(data, n, place, model.steps[n], float(lower[n])) for place in (LOCAL, EDGE)
        )
        if local_only[n] or edge_only[n]:
            return model.user_cost[n] >= (edge if edge_only[n] else local)
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
