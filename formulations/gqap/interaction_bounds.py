"""Bounds L_ij and U_ij on what an item's pairs cost at a place: the constants of the compact linearisation.

The interaction of item i at place j is g_ij(x) = 1/2 sum_i'j' v (F_ii' D_jj' + F_i'i D_j'j) x_i'j' over all others
i', half of the cost of each pair. Its least and its largest value over all assignments is a generalised assignment
problem; its linear relaxation, which keeps the capacities, is bound enough.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, kron

from formulations.fields import BoolArray, FloatArray
from formulations.gqap.assignment import fit_together, fits
from formulations.gqap.costs import pair_cost
from formulations.gqap.parameters import GQAP
from formulations.gqap.units import capacity_rows


class InteractionBounds(NamedTuple):
    """Bounds on g_ij(x) [cost], each of shape (n, m)."""

    least: FloatArray
    """L_ij, over the assignments with item i at place j; infinite where there is none."""
    most: FloatArray
    """U_ij, over all assignments; 0 where there is none."""


def interaction_bounds(data: GQAP) -> InteractionBounds:
    """Both bounds for every item and place, by linear programmes."""
    alone, (weight, limit) = fits(data), capacity_rows(data)
    least, most = np.full(alone.shape, np.inf), np.zeros(alone.shape)
    for i in range(data.items):
        others = [k for k in range(data.items) if k != i]
        cost = half_pair_costs(data, i)
        together = np.array([fit_together(data, i, k) for k in others]).reshape(-1, data.places, data.places)
        rows = _rows(weight[others], data.places)
        for j in np.flatnonzero(alone[i]):
            left = limit - np.where(np.arange(data.places) == j, weight[i], 0.0)
            least[i, j] = _least_cost(cost[:, j], together[:, j], rows, left)
            largest = -_least_cost(-cost[:, j], alone[others], rows, limit)
            most[i, j] = largest if np.isfinite(largest) else 0.0
    return InteractionBounds(least, most)


def half_pair_costs(data: GQAP, item: int) -> FloatArray:
    """Half of v (F_ii' D_jj' + F_i'i D_j'j) for every other item i' [cost], shape (n - 1, m, m)."""
    costs = [0.5 * pair_cost(data, item, other) for other in range(data.items) if other != item]
    return np.array(costs).reshape(-1, data.places, data.places)


class _Rows(NamedTuple):
    loads: csr_array
    places: csr_array


def _rows(weight: FloatArray, places: int) -> _Rows:
    """Loads of the places, and places of the items, as linear functions of x_i'j'."""
    one_row = np.ones((1, places))
    return _Rows(
        loads=csr_array(kron(weight[None, :], np.eye(places))),
        places=csr_array(kron(np.eye(weight.size), one_row)),
    )


def _least_cost(cost: FloatArray, allowed: BoolArray, rows: _Rows, limit: FloatArray) -> float:
    """Least cost of a fractional assignment within the limits; infinite where there is none."""
    if cost.size == 0:
        return 0.0
    if not allowed.any(axis=1).all():
        return np.inf
    found = linprog(
        cost.ravel(),
        A_ub=rows.loads,
        b_ub=limit,
        A_eq=rows.places,
        b_eq=np.ones(cost.shape[0]),
        bounds=np.column_stack([np.zeros(cost.size), allowed.ravel().astype(float)]),
        method="highs",
    )
    if found.status == 2:
        return np.inf
    # The cheapest place of each item bounds it too, should the solver have failed.
    return float(found.fun) if found.status == 0 else float(np.where(allowed, cost, np.inf).min(axis=1).sum())
