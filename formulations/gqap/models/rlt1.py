"""Level-1 reformulation-linearisation (RLT-1) of the GQAP: Adams and Johnson [1]_, with capacity products.

Every equation and every capacity is multiplied by every x_ij, and the product x_ij x_i'j' becomes y_iji'j'
(Pessoa, Hahn, Guignard and Zhu [2]_). The products with 1 - x_ij follow: they are sums of those with the other
places of item i. One variable stands for both orders of a pair.

References
----------
.. [1] W. P. Adams, T. A. Johnson, "Improved linear programming-based lower bounds for the quadratic
   assignment problem", DIMACS Series in Discrete Mathematics and Theoretical Computer Science 16 (1994).
.. [2] A. A. Pessoa, P. M. Hahn, M. Guignard, Y.-R. Zhu, "Algorithms for the generalized quadratic assignment
   problem combining Lagrangean decomposition and the Reformulation-Linearization Technique", European Journal of
   Operational Research 206 (2010).
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from formulations.gqap.models.assignment import allowed_places, fits, linear, model_with_assignment
from formulations.gqap.models.products import linearised_cost, product, product_costs, product_variables
from formulations.gqap.parameters import GQAP
from formulations.gqap.units import capacity_rows


def build(data: GQAP) -> pyo.ConcreteModel:
    """Model with variables ``assign`` (x_ij) and ``both`` (y_iji'j'), i < i', those that cannot fit left out."""
    model = model_with_assignment(data, "gqap_rlt1")
    costs = product_costs(data)
    model.both = product_variables(costs)
    model.other_has_a_place = other_has_a_place(model, data)
    model.capacity_given_one = capacity_given_one(model, data)
    model.cost = linearised_cost(model, data, costs)
    return model


def other_has_a_place(model: pyo.ConcreteModel, data: GQAP) -> pyo.Constraint:
    """sum_j' y_iji'j' = x_ij for each (i, j) and each other item i': one place for i', times x_ij."""
    places = allowed_places(data)

    def rule(model: pyo.ConcreteModel, i: int, j: int, other: int) -> object:
        if i == other:
            return pyo.Constraint.Skip
        terms = [product(model, i, j, other, there) for there in places[other] if _has(model, i, j, other, there)]
        return linear([1.0] * len(terms) + [-1.0], [*terms, model.assign[i, j]]) == 0.0

    return pyo.Constraint(model.allowed, range(data.items), rule=rule)


def capacity_given_one(model: pyo.ConcreteModel, data: GQAP) -> pyo.Constraint:
    """sum_i' w_i' y_iji'j' <= (c_j' - [j = j'] w_i) x_ij: the capacity of place j' without item i, times x_ij."""
    alone, (weight, limit) = fits(data), capacity_rows(data)

    def rule(model: pyo.ConcreteModel, i: int, j: int, there: int) -> object:
        left = float(limit[there] - (weight[i] if there == j else 0.0))
        others = np.flatnonzero(alone[:, there] & (weight > 0.0)).tolist()
        others = [k for k in others if k != i and _has(model, i, j, k, there)]
        if weight[others].sum() <= left:
            return pyo.Constraint.Skip
        terms = [product(model, i, j, other, there) for other in others]
        return linear([*weight[others].tolist(), -left], [*terms, model.assign[i, j]]) <= 0.0

    return pyo.Constraint(model.allowed, range(data.places), rule=rule)


def _has(model: pyo.ConcreteModel, i: int, j: int, other: int, there: int) -> bool:
    index = (i, j, other, there) if i < other else (other, there, i, j)
    return index in model.both
