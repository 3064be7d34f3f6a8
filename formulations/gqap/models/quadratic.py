"""The GQAP as it is posed: binary x_ij with products of two in the objective."""

from __future__ import annotations

import pyomo.environ as pyo

from formulations.gqap.models.assignment import Place, linear, model_with_assignment, own_cost_terms
from formulations.gqap.models.products import product_costs
from formulations.gqap.parameters import GQAP


def build(data: GQAP) -> pyo.ConcreteModel:
    """Model with variables ``assign`` (x_ij) and the cost of both orders of a pair taken together."""
    model = model_with_assignment(data, "gqap_quadratic")
    model.cost = quadratic_cost(model, data)
    return model


def quadratic_cost(model: pyo.ConcreteModel, data: GQAP) -> pyo.Objective:
    """sum_ij A_ij x_ij + v sum_ii'jj' F_ii' D_jj' x_ij x_i'j' [cost], to be minimised.

    The products of one x_ij are taken together: to SCIP a flat sum is handed over in quadratic time.
    """
    partners: dict[Place, list[tuple[float, Place]]] = {}
    for (i, j, other, there), cost in product_costs(data).items():
        if cost != 0.0:
            partners.setdefault((i, j), []).append((cost, (other, there)))
    products = pyo.quicksum(
        model.assign[place] * linear([cost for cost, _ in found], [model.assign[index] for _, index in found])
        for place, found in partners.items()
    )
    return pyo.Objective(expr=linear(*own_cost_terms(model, data)) + products, sense=pyo.minimize)
