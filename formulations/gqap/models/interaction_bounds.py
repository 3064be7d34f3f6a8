"""Bounds L_ij and U_ij on what an item's pairs cost at a place: the constants of the compact linearisation.

The interaction of item i at place j is g_ij(x) = 1/2 sum_i'j' v (F_ii' D_jj' + F_i'i D_j'j) x_i'j' over all others
i', half of the cost of each pair. Its least and its largest value over all assignments is a generalised assignment
problem; its linear relaxation, which keeps the capacities, is bound enough.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import eye_array, kron

from formulations.fields import BoolArray, FloatArray
from formulations.gqap.costs import pair_cost
from formulations.gqap.models.assignment import fit_together, fits
from formulations.gqap.parameters import GQAP
from formulations.gqap.units import capacity_rows

_SOLVED, _INFEASIBLE = 0, 2
"""States of :func:`scipy.optimize.linprog`."""


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
        places = np.flatnonzero(alone[i])
        if not others or not places.size:
            least[i, places] = 0.0
            continue
        cost = half_pair_costs(data, i)[:, places].transpose(1, 0, 2)
        together = np.array([fit_together(data, i, k)[places] for k in others])
        left = limit - weight[i] * (places[:, None] == np.arange(data.places))
        least[i, places] = _least_costs(cost, together.transpose(1, 0, 2), weight[others], left)
        anywhere = np.broadcast_to(alone[others], cost.shape)
        largest = -_least_costs(-cost, anywhere, weight[others], np.tile(limit, (places.size, 1)))
        most[i, places] = np.where(np.isfinite(largest), largest, 0.0)
    return InteractionBounds(least, most)


def half_pair_costs(data: GQAP, item: int) -> FloatArray:
    """Half of v (F_ii' D_jj' + F_i'i D_j'j) for every other item i' [cost], shape (n - 1, m, m)."""
    costs = [0.5 * pair_cost(data, item, other) for other in range(data.items) if other != item]
    return np.array(costs).reshape(-1, data.places, data.places)


def _least_costs(cost: FloatArray, allowed: BoolArray, weight: FloatArray, limit: FloatArray) -> FloatArray:
    """Least cost of each of several fractional assignments within limits; infinite where there is none.

    Parameters
    ----------
    cost, allowed : FloatArray, BoolArray
        Of each item at each place, shape (blocks, items, places).
    weight : FloatArray
        Shape (items,).
    limit : FloatArray
        Load limits, shape (blocks, places).

    Returns
    -------
    FloatArray
        Shape (blocks,).
    """
    blocks, items, places = cost.shape
    # One programme of independent blocks, because each call costs more than most blocks do.
    found = linprog(
        cost.ravel(),
        A_ub=kron(eye_array(blocks), np.kron(weight, np.eye(places)), format="csr"),
        b_ub=limit.ravel(),
        A_eq=kron(eye_array(blocks * items), np.ones((1, places)), format="csr"),
        b_eq=np.ones(blocks * items),
        bounds=np.column_stack([np.zeros(cost.size), allowed.ravel().astype(float)]),
        method="highs",
    )
    if found.status == _SOLVED:
        return np.asarray((cost.ravel() * found.x).reshape(blocks, -1).sum(axis=1))
    if blocks > 1:
        return np.concatenate([_least_costs(cost[[k]], allowed[[k]], weight, limit[[k]]) for k in range(blocks)])
    if found.status == _INFEASIBLE:
        return np.array([np.inf])
    # The cheapest place of each item bounds it too, should the solver have failed.
    return np.asarray(np.where(allowed, cost, np.inf).min(axis=2).sum(axis=1))
