"""The variables y_iji'j' = x_ij x_i'j' of the linearisations that have one for each product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyomo.environ as pyo

from formulations.gqap.costs import pair_cost
from formulations.gqap.models.assignment import Product, fit_together, linear, own_cost_terms, pairs
from formulations.gqap.parameters import GQAP


def product_costs(data: GQAP) -> dict[Product, float]:
    """Cost v (F_ii' D_jj' + F_i'i D_j'j) of every possible product [cost]."""
    return {
        (i, int(j), other, int(there)): float(cost[j, there])
        for i, other in pairs(data)
        for cost in [pair_cost(data, i, other)]
        for j, there in np.argwhere(fit_together(data, i, other))
    }


def product_variables(products: Iterable[Product]) -> pyo.Var:
    """``both`` (y_iji'j') from 0 to 1."""
    return pyo.Var(pyo.Set(initialize=list(products), dimen=4), bounds=(0.0, 1.0))


def linearised_cost(model: pyo.ConcreteModel, data: GQAP, costs: dict[Product, float]) -> pyo.Objective:
    """Cost with every product replaced by its variable, to be minimised [cost]."""
    coefficients, variables = own_cost_terms(model, data)
    costly = {index: cost for index, cost in costs.items() if cost != 0.0}
    coefficients += costly.values()
    variables += [model.both[index] for index in costly]
    return pyo.Objective(expr=linear(coefficients, variables), sense=pyo.minimize)


def product(model: pyo.ConcreteModel, i: int, j: int, other: int, there: int) -> Any:
    """y of two items in either order."""  # noqa: D403
    return model.both[i, j, other, there] if i < other else model.both[other, there, i, j]
