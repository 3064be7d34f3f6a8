"""The standard linearisation of the GQAP (Glover and Woolsey [1]_): one variable y_iji'j' for each product.

References
----------
.. [1] F. Glover, E. Woolsey, "Converting the 0-1 polynomial programming problem to a 0-1 linear program",
   Operations Research 22 (1974).
"""

from __future__ import annotations

from collections.abc import Sequence

import pyomo.environ as pyo

from formulations.gqap.models.assignment import Product, linear, model_with_assignment
from formulations.gqap.models.products import linearised_cost, product_costs, product_variables
from formulations.gqap.parameters import GQAP


def build(data: GQAP) -> pyo.ConcreteModel:
    """Model with variables ``assign`` (x_ij) and ``both`` (y_iji'j'), those of costless products left out.

    A product that costs needs only y >= x + x' - 1, one that saves only y <= x and y <= x': the other half then
    holds in some optimum by itself, in the relaxation too.
    """
    model = model_with_assignment(data, "gqap_standard_linearisation")
    costs = {index: cost for index, cost in product_costs(data).items() if cost != 0.0}
    model.both = product_variables(costs)
    model.both_chosen = both_chosen(model, [index for index, cost in costs.items() if cost > 0.0])
    saving = [index for index, cost in costs.items() if cost < 0.0]
    model.first_chosen = first_chosen(model, saving)
    model.second_chosen = second_chosen(model, saving)
    model.cost = linearised_cost(model, data, costs)
    return model


def both_chosen(model: pyo.ConcreteModel, products: Sequence[Product]) -> pyo.Constraint:
    """y_iji'j' >= x_ij + x_i'j' - 1."""

    def rule(model: pyo.ConcreteModel, i: int, j: int, other: int, there: int) -> object:
        terms = [model.assign[i, j], model.assign[other, there], model.both[i, j, other, there]]
        return linear([1.0, 1.0, -1.0], terms) <= 1.0

    return pyo.Constraint(products, rule=rule)


def first_chosen(model: pyo.ConcreteModel, products: Sequence[Product]) -> pyo.Constraint:
    """y_iji'j' <= x_ij."""

    def rule(model: pyo.ConcreteModel, i: int, j: int, other: int, there: int) -> object:
        return linear([1.0, -1.0], [model.both[i, j, other, there], model.assign[i, j]]) <= 0.0

    return pyo.Constraint(products, rule=rule)


def second_chosen(model: pyo.ConcreteModel, products: Sequence[Product]) -> pyo.Constraint:
    """y_iji'j' <= x_i'j'."""

    def rule(model: pyo.ConcreteModel, i: int, j: int, other: int, there: int) -> object:
        return linear([1.0, -1.0], [model.both[i, j, other, there], model.assign[other, there]]) <= 0.0

    return pyo.Constraint(products, rule=rule)
