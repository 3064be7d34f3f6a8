"""Cost of a GQAP by item and by pair of items: what models and methods of our own are made of."""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.gqap.parameters import GQAP


def own_cost(data: GQAP) -> FloatArray:
    """A_ij + v F_ii D_jj [cost], shape (n, m): what item i costs at place j whatever the others do."""
    alone = np.outer(np.diag(data.flow), np.diag(data.distance))
    return np.asarray(data.assignment_cost + data.cost_factor * alone)


def pair_cost(data: GQAP, item: int, other: int) -> FloatArray:
    """Cost v (F_ii' D_jj' + F_i'i D_j'j) of a pair in both orders [cost], (m, m): i at row j, i' at column j'."""
    flow = data.flow
    return np.asarray(data.cost_factor * (flow[item, other] * data.distance + flow[other, item] * data.distance.T))
