"""P1 of step allocation as a convex MINLP.

Error and utility depend on the steps alone, so the only product of variables in P1, a_n s_n, can be replaced by
the edge steps e_n: with l_n the steps on the device, s_n = l_n + e_n, and

    minimise sum_n phi_n(l_n + e_n) + lam_{n,0} l_n + lam_{n,1} e_n
    subject to l_n <= (1 - a_n) S0_n, e_n <= a_n S1_n, sum_n e_n <= S_e

is P1 again, with nothing in it but lines and convex functions (docs/theory/step_allocation).

One of l_n and e_n is zero, so that phi_n(l_n + e_n) is the sum of what it costs at each place, counted only where
the user is: phi_n(l_n) - a_n phi_n(0) and phi_n(e_n) - (1 - a_n) phi_n(0). In this form supporting lines of
phi_n can be scaled with a_n, which makes the relaxation as strong as the Lagrangian bound of the budget.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyomo.environ as pyo

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.models import expressions, supports
from formulations.step_allocation.models.p1 import coupling, only_place, step_domain, values
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.models import Expression

SUPPORTS = 8
"""Supporting lines per user and place; 4 to 16 solve about equally fast, none takes about twice as long."""


def build(data: StepAllocation) -> pyo.ConcreteModel:
    """P1 with variables ``offload`` (a_n), ``local_steps`` (l_n), ``edge_steps`` (e_n) and two quality costs."""
    model = pyo.ConcreteModel(name="step_allocation_p1_convex")
    add_variables(model, data)
    add_limits(model, data)
    model.local_quality_cost = quality_cost(model, data, LOCAL)  # phi_n, from (4) and (7)
    model.edge_quality_cost = quality_cost(model, data, EDGE)
    add_supports(model, data, LOCAL, supports.spread_points(data, LOCAL, SUPPORTS))
    add_supports(model, data, EDGE, supports.spread_points(data, EDGE, SUPPORTS))
    model.cost = total_cost(model, data)  # (8)
    return model


def add_limits(model: pyo.ConcreteModel, data: StepAllocation) -> None:
    """The server's budget and every user's own limits."""
    model.edge_budget = edge_budget(model, data)  # (1)
    model.local_limit = local_limit(model, data)  # (2), a_n = 0
    model.edge_limit = edge_limit(model, data)  # (2), a_n = 1
    if data.constraints:
        model.local_floor = floor(model, data, LOCAL)
        model.edge_floor = floor(model, data, EDGE)
        model.only_place = only_place(model, data)
        model.coupling = coupling(model, data, lambda n, place: at_place(model, n, place).steps)


def add_variables(model: pyo.ConcreteModel, data: StepAllocation) -> None:
    """a_n in {0, 1}, paper A (9), steps l_n and e_n [steps], and the quality cost counted at each place [-]."""
    model.users = pyo.RangeSet(0, data.users - 1)
    model.offload = pyo.Var(model.users, domain=pyo.Binary)
    local, edge = model_steps(data, LOCAL).upper, most_edge_steps(data)
    # Steps of a user that may not be there are 0, and so is what they cost.
    model.local_steps = pyo.Var(model.users, domain=step_domain(data), bounds=lambda _, n: (0.0, float(local[n])))
    model.edge_steps = pyo.Var(model.users, domain=step_domain(data), bounds=lambda _, n: (0.0, float(edge[n])))
    model.local_quality = pyo.Var(model.users, bounds=_quality_bounds(data, LOCAL))
    model.edge_quality = pyo.Var(model.users, bounds=_quality_bounds(data, EDGE))
    model.supports = pyo.ConstraintList()


def _quality_bounds(data: StepAllocation, place: int) -> object:
    """Ends of phi_n over the steps that user n may have at a place, and 0, which is counted elsewhere [-]."""
    lower, upper = model_steps(data, place)
    here = may_be_at(data, place)
    least = np.where(here, np.minimum(costs.quality_cost(data, upper), 0.0), 0.0)
    greatest = np.where(here, np.maximum(costs.quality_cost(data, lower), 0.0), 0.0)
    return lambda _, n: (float(least[n]), float(greatest[n]))


def most_edge_steps(data: StepAllocation) -> FloatArray:
    """Most steps that user n can have at the edge, min(S1_n, S_e) [steps], from paper A (1) and (2)."""
    return np.minimum(model_steps(data, EDGE).upper, data.edge_step_budget)


def edge_budget(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Edge steps of all users within the server's budget, sum e_n <= S_e [steps], paper A (1)."""
    return pyo.Constraint(expr=pyo.quicksum(model.edge_steps.values()) <= data.edge_step_budget)


def local_limit(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Steps on the device only where the user is local, l_n <= (1 - a_n) S0_n [steps], paper A (2)."""
    most = model_steps(data, LOCAL).upper

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        return model.local_steps[n] <= (1 - model.offload[n]) * float(most[n])

    return pyo.Constraint(model.users, rule=rule)


def edge_limit(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Constraint:
    """Steps at the edge only where the user is offloaded, e_n <= a_n min(S1_n, S_e) [steps], paper A (2)."""
    most = most_edge_steps(data)

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        return model.edge_steps[n] <= model.offload[n] * float(most[n])

    return pyo.Constraint(model.users, rule=rule)


def floor(model: pyo.ConcreteModel, data: StepAllocation, place: int) -> pyo.Constraint:
    """Lower bounds on steps where the user is, l_n >= (1 - a_n) L0_n or e_n >= a_n L1_n [steps]."""
    lower = model_steps(data, place).lower

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        there = at_place(model, n, place)
        return there.steps >= there.here * float(lower[n]) if lower[n] > 0.0 else pyo.Constraint.Skip

    return pyo.Constraint(model.users, rule=rule)


class AtPlace(NamedTuple):
    """Where user n is at one place: its steps there, its quality cost there, and 1 if it is there, else 0."""

    steps: Expression
    quality: Expression
    here: Expression


def at_place(model: pyo.ConcreteModel, n: int, place: int) -> AtPlace:
    """Variables of user ``n`` at a place."""
    if place == EDGE:
        return AtPlace(model.edge_steps[n], model.edge_quality[n], model.offload[n])
    return AtPlace(model.local_steps[n], model.local_quality[n], 1 - model.offload[n])


def quality_cost(model: pyo.ConcreteModel, data: StepAllocation, place: int) -> pyo.Constraint:
    """Quality cost at a place at least phi_n(s) where the user is there, else 0 [-], from paper A (4) and (7).

    A user elsewhere counts as if it had its lower bound on steps here, and phi_n of it is taken off again.
    """
    lower = model_steps(data, place).lower
    taken_off = costs.quality_cost(data, lower)
    possible = may_be_at(data, place)

    def rule(model: pyo.ConcreteModel, n: int) -> object:
        if not possible[n]:
            return pyo.Constraint.Skip
        steps, quality, here = at_place(model, n, place)
        start = float(lower[n])
        counted = steps + (1 - here) * start if start > 0.0 else steps
        return quality >= expressions.quality_cost(data, n, counted, start) - (1 - here) * float(taken_off[n])

    return pyo.Constraint(model.users, rule=rule)


def add_supports(
    model: pyo.ConcreteModel, data: StepAllocation, place: int, points: FloatArray, users: BoolArray | None = None
) -> int:
    """Keep the quality cost at a place above supporting lines of phi_n, scaled with a_n or 1 - a_n.

    Parameters
    ----------
    model : pyo.ConcreteModel
        This model, or that of :mod:`formulations.step_allocation.models.p1_tangents`.
    data : StepAllocation
        Its scenario.
    place : int
        LOCAL or EDGE.
    points : FloatArray
        Steps at which the lines touch, shape (K, N).
    users : BoolArray, optional
        Users that get the lines, shape (N,); all by default.

    Returns
    -------
    int
        Number of lines added.
    """
    possible = may_be_at(data, place)
    chosen = np.flatnonzero(possible if users is None else possible & users).tolist()
    added: set[tuple[int, float, float]] = set()
    for steps in points:
        line = supports.supporting_line(data, steps, place)
        added.update((n, float(line.slope[n]), float(line.intercept[n])) for n in chosen)
    for n, slope, intercept in sorted(added):
        there = at_place(model, n, place)
        model.supports.add(there.quality >= slope * there.steps + intercept * there.here)
    return len(added)


def total_cost(model: pyo.ConcreteModel, data: StepAllocation) -> pyo.Objective:
    """Cost of all users, sum phi_n + lam_{n,0} l_n + lam_{n,1} e_n, to be minimised [-], paper A (8)."""
    local, edge = costs.cost_per_step(data, LOCAL), costs.cost_per_step(data, EDGE)
    summands = (
        model.local_quality[n]
        + model.edge_quality[n]
        + float(local[n]) * model.local_steps[n]
        + float(edge[n]) * model.edge_steps[n]
        for n in model.users
    )
    return pyo.Objective(expr=pyo.quicksum(summands), sense=pyo.minimize)


def solution(model: pyo.ConcreteModel) -> dict[str, FloatArray]:
    """Values of a solved model by the paper's symbols: ``a`` and ``s`` = l + e, each of shape (N,)."""
    return {"a": values(model.offload), "s": values(model.local_steps) + values(model.edge_steps)}
