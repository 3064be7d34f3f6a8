"""The GQAP as it is posed: binary x_ij with products of two in the objective."""

from __future__ import annotations

import pyomo.environ as pyo

from formulations.gqap.assignment import linear, model_with_assignment, own_cost_terms
from formulations.gqap.parameters import GQAP
from formulations.gqap.products import product_costs


def build(data: GQAP) -> pyo.ConcreteModel:
    """Model with variables ``assign`` (x_ij) and the cost of both orders of a pair taken together."""
    model = model_with_assignment(data, "gqap_quadratic")
    model.cost = quadratic_cost(model, data)
    return model


def quadratic_cost(model: pyo.ConcreteModel, data: GQAP) -> pyo.Objective:
    """sum_ij A_ij x_ij + v sum_ii'jj' F_ii' D_jj' x_ij x_i'j' [cost], to be minimised."""
    products = pyo.quicksum(
        cost * model.assign[i, j] * model.assign[other, there]
        for (i, j, other, there), cost in product_costs(data).items()
        if cost != 0.0
    )
    return pyo.Objective(expr=linear(*own_cost_terms(model, data)) + products, sense=pyo.minimize)
