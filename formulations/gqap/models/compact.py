"""A compact linearisation of the GQAP (Kaufman and Broeckx [1]_; constants after Xia and Yuan [2]_).

One continuous z_ij stands for x_ij g_ij(x), what the pairs of item i cost where it is (half of each pair): n m
variables instead of one for each product. How strong it is depends on the constants L_ij and U_ij alone.

References
----------
.. [1] L. Kaufman, F. Broeckx, "An algorithm for the quadratic assignment problem using Benders' decomposition",
   European Journal of Operational Research 2 (1978).
.. [2] Y. Xia, Y.-X. Yuan, "A new linearization method for quadratic assignment problems", Optimization Methods and
   Software 21 (2006).
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from formulations.gqap.models.assignment import linear, model_with_assignment, own_cost_terms
from formulations.gqap.models.interaction_bounds import InteractionBounds, half_pair_costs, interaction_bounds
from formulations.gqap.parameters import GQAP


def build(data: GQAP) -> pyo.ConcreteModel:
    """Model with variables ``assign`` (x_ij) and ``interaction`` (z_ij)."""
    model = model_with_assignment(data, "gqap_compact")
    bounds = interaction_bounds(data)
    for i, j in model.allowed:
        if np.isinf(bounds.least[i, j]):
            model.assign[i, j].setub(0.0)  # no assignment of the others is left
    model.interaction = pyo.Var(model.allowed)
    model.least_interaction = least_interaction(model, bounds)
    model.interaction_where_chosen = interaction_where_chosen(model, data, bounds)
    model.cost = compact_cost(model, data)
    return model


def least_interaction(model: pyo.ConcreteModel, bounds: InteractionBounds) -> pyo.Constraint:
    """z_ij >= L_ij x_ij [cost]."""

    def rule(model: pyo.ConcreteModel, i: int, j: int) -> object:
        least = float(bounds.least[i, j]) if np.isfinite(bounds.least[i, j]) else 0.0
        return linear([1.0, -least], [model.interaction[i, j], model.assign[i, j]]) >= 0.0

    return pyo.Constraint(model.allowed, rule=rule)


def interaction_where_chosen(model: pyo.ConcreteModel, data: GQAP, bounds: InteractionBounds) -> pyo.Constraint:
    """z_ij >= g_ij(x) - U_ij (1 - x_ij) [cost]."""
    costs = [half_pair_costs(data, i) for i in range(data.items)]

    def rule(model: pyo.ConcreteModel, i: int, j: int) -> object:
        most = float(bounds.most[i, j])
        others = [k for k in range(data.items) if k != i]
        terms = [
            (float(cost), model.assign[other, there])
            for other, row in zip(others, costs[i][:, j], strict=True)
            for there, cost in enumerate(row)
            if cost != 0.0 and (other, there) in model.allowed
        ]
        coefficients = [1.0, -most, *(-cost for cost, _ in terms)]
        return (
            linear(coefficients, [model.interaction[i, j], model.assign[i, j], *(chosen for _, chosen in terms)])
            >= -most
        )

    return pyo.Constraint(model.allowed, rule=rule)


def compact_cost(model: pyo.ConcreteModel, data: GQAP) -> pyo.Objective:
    """sum_ij (A_ij + v F_ii D_jj) x_ij + z_ij [cost], to be minimised."""
    coefficients, variables = own_cost_terms(model, data)
    interactions = list(model.interaction.values())
    return pyo.Objective(
        expr=linear([*coefficients, *[1.0] * len(interactions)], [*variables, *interactions]), sense=pyo.minimize
    )
