"""QAPs of 20 items drawn by the recipes of public families, whose files of that size are not at hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from formulations.fields import FloatArray
from formulations.gqap.parameters import GQAP

ITEMS = 20


def grid_flows(seed: int) -> GQAP:
    """As Nugent's: places on a grid of 4 by 5, flows from 0 to 10 of which two fifths are 0."""
    draw = np.random.default_rng(seed)
    flow = draw.integers(0, 11, (ITEMS, ITEMS)) * (draw.random((ITEMS, ITEMS)) < 0.6)
    row, column = np.divmod(np.arange(ITEMS), 5)
    distance = np.abs(row[:, None] - row) + np.abs(column[:, None] - column)
    return _qap(_symmetric(flow), distance.astype(float))


def uniform(seed: int) -> GQAP:
    """As Taillard's and Roucairol's: flows and distances from 0 to 99."""
    draw = np.random.default_rng(seed)
    return _qap(*(_symmetric(draw.integers(0, 100, (ITEMS, ITEMS))) for _ in range(2)))


def tree_flows(seed: int) -> GQAP:
    """As Christofides and Benavent's: flows along a tree, distances from 1 to 99."""
    draw = np.random.default_rng(seed)
    flow = np.zeros((ITEMS, ITEMS))
    for item in range(1, ITEMS):
        flow[draw.integers(0, item), item] = draw.integers(1, 100)
    return _qap(_symmetric(flow), _symmetric(draw.integers(1, 100, (ITEMS, ITEMS))))


RECIPES: tuple[Callable[[int], GQAP], ...] = (grid_flows, uniform, tree_flows)


def _symmetric(values: FloatArray) -> FloatArray:
    above = np.triu(np.asarray(values, dtype=float), 1)
    return np.asarray(above + above.T)


def _qap(flow: FloatArray, distance: FloatArray) -> GQAP:
    return GQAP(
        items=ITEMS,
        places=ITEMS,
        assignment_cost=np.zeros((ITEMS, ITEMS)),
        flow=flow,
        distance=distance,
        cost_factor=1.0,
        weight=np.ones(ITEMS),
        capacity=np.ones(ITEMS),
    )
