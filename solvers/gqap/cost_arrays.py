"""A GQAP as compiled kernels read it: what an item costs alone, scaled flows, distances, weights and limits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.gqap.costs import own_cost
from formulations.gqap.parameters import GQAP


class CostArrays(NamedTuple):
    """Arrays of one problem; the cost is sum_i own[i, p_i] + sum over ordered pairs of flow times distance."""

    own: FloatArray
    """A_ij + v F_ii D_jj [cost], shape (n, m)."""
    flow: FloatArray
    """v F_ii' [cost], 0 on the diagonal, shape (n, n)."""
    distance: FloatArray
    """D_jj' [-], shape (m, m)."""
    weight: FloatArray
    """w_i [load], shape (n,)."""
    limit: FloatArray
    """Largest load of each place [load], shape (m,)."""


def cost_arrays(data: GQAP) -> CostArrays:
    """Writable arrays of a problem, as compiled kernels want them."""
    flow = data.cost_factor * data.flow
    np.fill_diagonal(flow, 0.0)
    return CostArrays(own_cost(data), flow, data.distance.copy(), data.weight.copy(), data.load_limit.copy())


def marginal_cost(arrays: CostArrays, place: NDArray[np.int64]) -> FloatArray:
    """Cost of item i at place j while all others stay where they are [cost], shape (n, m)."""
    sent = arrays.flow @ arrays.distance[:, place].T
    received = arrays.flow.T @ arrays.distance[place]
    return np.ascontiguousarray(arrays.own + sent + received)


def total_cost(arrays: CostArrays, place: NDArray[np.int64]) -> float:
    """Cost of an assignment [cost]."""
    alone = arrays.own[np.arange(place.size), place].sum()
    return float(alone + (arrays.flow * arrays.distance[np.ix_(place, place)]).sum())


def has_room(arrays: CostArrays) -> bool:
    """Whether every item fits somewhere and all together are no heavier than all places bear; necessary only."""
    heaviest, largest = arrays.weight.max(), arrays.limit.max()
    return bool(heaviest <= largest and arrays.weight.sum() <= arrays.limit.sum() * (1.0 + ROUNDING))


ROUNDING = 1e-12
"""Share by which rounding may change a sum of loads."""


def magnitude(arrays: CostArrays) -> float:
    """A bound of the sum of all terms' absolute values in any assignment's cost [cost]."""
    alone = float(np.abs(arrays.own).max(axis=1).sum())
    return alone + float(np.abs(arrays.flow).sum()) * float(np.abs(arrays.distance).max())
