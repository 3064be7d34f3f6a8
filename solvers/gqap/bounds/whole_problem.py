"""A GQAP in whole numbers, as the branch and bound reads it: its bounds are then exact, without rounding errors.

Costs become multiples of a small unit, one over a power of two. Whole costs stay exact. Others are rounded down,
and so are weights that are not whole, while room is rounded up: a bound of the rounded problem is one of the real.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.gqap.costs import cost_step
from formulations.gqap.parameters import GQAP
from solvers.gqap.bounds.branching_node import IntArray, Node, empty_node, exclude
from solvers.gqap.bounds.exchangeable_capacities import alike_but_for_capacity, largest_loads
from solvers.gqap.cost_arrays import CostArrays, cost_arrays, magnitude, total_cost

COST_BITS = 44
"""All terms of a cost together stay below 2 to this power; the rest of int64 is for prices and sums."""

WEIGHT_BITS = 24
"""Weights that are not whole, or too large, are rounded to parts of 2 to this power."""

LARGEST_LOAD = 1 << 32
"""Largest sum of whole weights that is taken as it is."""


class WholeProblem(NamedTuple):
    """Root of the tree, and what its numbers mean."""

    root: Node
    exponent: int
    """A cost of 1 is 2 to this power in units; as a number of its own it would overflow for tiny costs."""
    step: float
    """Costs of different assignments are apart by multiples of this [cost]; 0 where costs are not whole."""
    level: float
    """Cost from which all others are apart by multiples of the step [cost]."""
    rounding: float
    """Most that rounding may have taken from an assignment's cost [cost]."""
    least: float
    """No assignment costs less, however terms are rounded: 0 where none of them is negative, else -inf."""
    exclusive: bool
    """Whether no two items fit in one place."""
    capacity: IntArray
    """Largest load of each place in whole numbers, shape (m,)."""
    alike: IntArray
    """Class of each place among those that are alike but for their capacities, shape (m,); the root's room is the
    largest capacity of the class."""

    def units(self, cost: float) -> float:
        """A cost in units."""
        return math.ldexp(cost, self.exponent)

    def cost(self, units: float) -> float:
        """Units as a cost."""
        return math.ldexp(units, -self.exponent)


def whole_problem(data: GQAP) -> WholeProblem:
    """Put a problem in whole numbers, all reduced costs non-negative."""
    arrays = cost_arrays(data)
    items, places = arrays.own.shape
    size = magnitude(arrays._replace(own=own_terms(data, arrays)))
    exponent = COST_BITS - math.ceil(math.log2(size)) if size > 0.0 else 0
    exact = data.has_whole_costs and exponent >= 0
    weight, capacity = whole_weights(data)
    alike = alike_but_for_capacity(arrays)
    room = largest_loads(np.zeros_like(capacity), capacity, alike)
    root = empty_node(items, places)
    root.weight[...], root.room[...] = weight, room
    root.price[...], root.own_price[...] = 0, 0
    root.lead[...] = in_units(arrays.own, exponent, exact)
    root.pair[...] = in_units(pair_products(arrays), exponent, exact)
    root.pair[np.tril_indices(items)] = 0
    make_costs_non_negative(root)
    for i, j in np.argwhere(weight[:, None] > room):
        exclude(root, i, j)
    lightest = np.sort(weight)[:2].sum()
    return WholeProblem(
        root=root,
        exponent=exponent,
        step=max(cost_step(data), 1.0) if exact else 0.0,
        level=total_cost(arrays, np.zeros(items, dtype=np.int64)),
        rounding=0.0 if exact else math.ldexp(2.0 * items**2, -exponent),
        least=-np.inf if has_negative_terms(data) else 0.0,
        exclusive=items > 1 and bool(lightest > room.max()),
        capacity=capacity,
        alike=alike,
    )


def own_terms(data: GQAP, arrays: CostArrays) -> FloatArray:
    """|A_ij| + |v F_ii D_jj| [cost], shape (n, m): where they cancel, their sum is rounded like the larger one."""
    return np.asarray(np.abs(data.assignment_cost) + np.abs(arrays.own - data.assignment_cost))


def has_negative_terms(data: GQAP) -> bool:
    """Whether some A_ij or some product v F_ii' D_jj' may be below 0."""
    flow = data.cost_factor * data.flow
    ends = np.outer([flow.min(), flow.max()], [data.distance.min(), data.distance.max()])
    return bool(data.assignment_cost.min() < 0.0 or ends.min() < 0.0)


def pair_products(arrays: CostArrays) -> FloatArray:
    """Cost of item i at place j and k at place l by their flows in both directions [cost], shape (n, n, m, m)."""
    one_way = arrays.flow[:, :, None, None] * arrays.distance
    return np.asarray(one_way + one_way.transpose(1, 0, 3, 2))


def in_units(cost: FloatArray, exponent: int, exact: bool) -> IntArray:
    """Costs in whole units, at most what they are."""
    units = np.floor(np.ldexp(cost, exponent)) - (0.0 if exact else 1.0)
    return units.astype(np.int64)


def make_costs_non_negative(node: Node) -> None:
    """Move the least cost of each item's pairs to its own cost, and the least of those to the constant."""
    least = node.pair.min(axis=3)
    node.pair[...] -= least[:, :, :, None]
    node.lead[...] += least.sum(axis=1)
    cheapest = node.lead.min(axis=1)
    node.lead[...] -= cheapest[:, None]
    node.constant[0] = cheapest.sum()


def whole_weights(data: GQAP) -> tuple[IntArray, IntArray]:
    """Weights of the items and room at the places in whole numbers: no load that fits is refused."""
    weight, room = data.weight, data.load_limit
    total = float(weight.sum())
    if total == 0.0:
        return np.zeros(data.items, dtype=np.int64), np.zeros(data.places, dtype=np.int64)
    if data.has_whole_weights and total <= LARGEST_LOAD:
        unit = float(np.gcd.reduce(weight.astype(np.int64)))
        spare = 0.0
    else:
        unit, spare = total / 2.0**WEIGHT_BITS, 1.0
    whole_room = np.floor(np.minimum(room, total) / unit) + spare
    return np.floor(weight / unit).astype(np.int64), whole_room.astype(np.int64)
