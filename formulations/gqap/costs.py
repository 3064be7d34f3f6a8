"""Cost of a GQAP by item and by pair of items: what models and methods of our own are made of."""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.gqap.parameters import GQAP, LARGEST_WHOLE


def own_cost(data: GQAP) -> FloatArray:
    """A_ij + v F_ii D_jj [cost], shape (n, m): what item i costs at place j whatever the others do."""
    alone = np.outer(np.diag(data.flow), np.diag(data.distance))
    return np.asarray(data.assignment_cost + data.cost_factor * alone)


def pair_cost(data: GQAP, item: int, other: int) -> FloatArray:
    """Cost v (F_ii' D_jj' + F_i'i D_j'j) of a pair in both orders [cost], (m, m): i at row j, i' at column j'."""
    flow = data.flow
    return np.asarray(data.cost_factor * (flow[item, other] * data.distance + flow[other, item] * data.distance.T))


def cost_step(data: GQAP) -> float:
    """Largest number that divides the difference of any two assignments' costs [cost]; 0 where it is not known.

    A bound may be rounded up to the next cost that an assignment can have.
    """
    if not data.has_whole_costs:
        return 0.0
    own = own_cost(data)
    step = _divisor(own - own[:, :1], 0)
    for item in range(data.items):
        for other in range(item + 1, data.items):
            cost = pair_cost(data, item, other)
            step = _divisor(cost - cost[0, 0], step)
            if step == 1:
                return 1.0
    return float(step)


def _divisor(differences: FloatArray, step: int) -> int:
    """Greatest common divisor of whole numbers and ``step``; 1 where they are too large to be exact."""
    if np.abs(differences).max() >= LARGEST_WHOLE:
        return 1
    return int(np.gcd.reduce(differences.astype(np.int64), axis=None, initial=step))
