"""What every explicit model of the GQAP shares: who may go where, one place for each item, and the capacities.

Variables have the same names in all models: ``assign`` (x_ij), indexed by the pairs (item i, place j) in
``allowed``, and in the linearised ones ``both`` (y_iji'j' = x_ij x_i'j') for i < i', or ``interaction`` (z_ij).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.core.expr.numeric_expr import LinearExpression

from formulations.fields import BoolArray, FloatArray
from formulations.gqap.costs import own_cost
from formulations.gqap.parameters import GQAP
from formulations.gqap.units import capacity_rows

Place: TypeAlias = "tuple[int, int]"
"""Item i and place j."""

Product: TypeAlias = "tuple[int, int, int, int]"
"""Item i, its place j, another item i' > i, its place j'."""

Overload: TypeAlias = "tuple[list[int], int]"
"""Items that together exceed the capacity of a place, and that place."""


def fits(data: GQAP) -> BoolArray:
    """Whether item i alone is within the capacity of place j, shape (n, m)."""
    return np.asarray(data.weight[:, None] <= data.load_limit[None, :])


def fit_together(data: GQAP, item: int, other: int) -> BoolArray:
    """Whether item i can be at place j while item i' is at j', shape (m, m), by their weights alone."""
    alone = fits(data)
    possible = np.outer(alone[item], alone[other])
    together = data.weight[item] + data.weight[other] <= data.load_limit
    return np.asarray(possible & (together[:, None] | ~np.eye(data.places, dtype=bool)))


def allowed_places(data: GQAP) -> list[list[int]]:
    """The places j where each item fits."""
    return [np.flatnonzero(row).tolist() for row in fits(data)]


def pairs(data: GQAP) -> Iterable[tuple[int, int]]:
    """Every pair of items i < i'."""
    return combinations(range(data.items), 2)


def model_with_assignment(data: GQAP, name: str) -> pyo.ConcreteModel:
    """A model with ``assign``, one place for each item, and the capacities; it has no objective yet."""
    model = pyo.ConcreteModel(name=name)
    places = allowed_places(data)
    model.allowed = pyo.Set(initialize=[(i, j) for i in range(data.items) for j in places[i]], dimen=2)
    model.assign = pyo.Var(model.allowed, domain=pyo.Binary)
    model.one_place = one_place(model, data)
    model.within_capacity = within_capacity(model, data)
    return model


def one_place(model: pyo.ConcreteModel, data: GQAP) -> pyo.Constraint:
    """sum_j x_ij = 1 for each item; an item that fits nowhere makes it 0 = 1."""
    places = allowed_places(data)

    def rule(model: pyo.ConcreteModel, i: int) -> object:
        chosen = [model.assign[i, j] for j in places[i]]
        return linear([1.0] * len(chosen), chosen) == 1.0 if chosen else pyo.Constraint.Infeasible

    return pyo.Constraint(range(data.items), rule=rule)


def within_capacity(model: pyo.ConcreteModel, data: GQAP) -> pyo.Constraint:
    """sum_i w_i x_ij <= c_j for each place, where it can bind, in the unit of :func:`capacity_rows`."""
    alone, (weight, limit) = fits(data), capacity_rows(data)

    def rule(model: pyo.ConcreteModel, j: int) -> object:
        there = np.flatnonzero(alone[:, j] & (weight > 0.0)).tolist()
        if weight[there].sum() <= limit[j]:
            return pyo.Constraint.Skip
        return linear(weight[there].tolist(), [model.assign[i, j] for i in there]) <= float(limit[j])

    return pyo.Constraint(range(data.places), rule=rule)


def exclude_overloads(model: pyo.ConcreteModel, overloads: Sequence[Overload]) -> None:
    """Add a cover inequality sum_(i in C) x_ij <= |C| - 1 for each of the sets C that exceed some place j."""

    def rule(model: pyo.ConcreteModel, k: int) -> object:
        items, j = overloads[k]
        there = [model.assign[i, j] for i in items]
        return linear([1.0] * len(there), there) <= float(len(there) - 1)

    model.no_overload = pyo.Constraint(range(len(overloads)), rule=rule)


def linear(coefficients: Sequence[float], variables: Sequence[Any], constant: float = 0.0) -> LinearExpression:
    """The sum of products, made without the operators of Pyomo, which take most of the time of a large model."""
    return LinearExpression(constant=constant, linear_coefs=list(coefficients), linear_vars=list(variables))


def own_cost_terms(model: pyo.ConcreteModel, data: GQAP) -> tuple[list[float], list[Any]]:
    """Coefficients and variables of sum_ij (A_ij + v F_ii D_jj) x_ij [cost]."""
    own = own_cost(data)
    return [float(own[index]) for index in model.allowed], [model.assign[index] for index in model.allowed]


def set_assignment(model: pyo.ConcreteModel, place: NDArray[np.int64]) -> None:
    """Give ``assign`` the values that put each item at its place, shape (n,)."""
    for (i, j), variable in model.assign.items():
        variable.set_value(int(place[i] == j))


def solution(model: pyo.ConcreteModel, data: GQAP) -> dict[str, NDArray[np.int64]]:
    """The place of each item of a solved model, ``assignment``, shape (n,)."""
    values: FloatArray = np.zeros((data.items, data.places))
    for index, variable in model.assign.items():
        values[index] = float(variable.value)  # None, of a model that is not solved, would be NaN
    return {"assignment": values.argmax(axis=1)}
