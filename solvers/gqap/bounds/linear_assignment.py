"""Linear assignment where no two items share a place: shortest augmenting paths that leave reduced costs.

The Hungarian method in the form of Jonker and Volgenant [1]_, in whole numbers.

References
----------
.. [1] R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
   problems", Computing 38 (1987).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled_in_place
from solvers.gqap.bounds.branching_node import FORBIDDEN, NEVER, IntArray


class PathWork(NamedTuple):
    """Scratch space of the augmenting paths; the place after the last stands for where a path begins."""

    row_dual: IntArray
    is_matched: NDArray[np.bool_]
    """Shape (N,), as the one before."""
    column_dual: IntArray
    """Shape (m + 1,), as all below; never positive."""
    item_at: IntArray
    came_from: IntArray
    distance: IntArray
    reached: NDArray[np.bool_]


@compiled_in_place
def bound_by_matching(cost: IntArray, skipped: int, work: PathWork) -> int:
    """Reduce ``cost`` (N, m) in place by an optimal dual solution; return its value, or NEVER.

    The row of the item ``skipped`` takes no part; N stands for none. NEVER is returned where the items cannot all
    be matched.
    """
    items, places = cost.shape
    row_dual, column_dual, item_at = work.row_dual, work.column_dual, work.item_at
    for q in range(places + 1):
        column_dual[q], item_at[q] = 0, -1
    for k in range(items):
        if k != skipped:
            match_greedily(cost, k, work)
    for k in range(items):
        if k != skipped and not work.is_matched[k] and not augment(cost, k, work):
            return NEVER
    total = 0
    for q in range(places):
        total += column_dual[q]
    for k in range(items):
        if k != skipped:
            total += row_dual[k]
            for q in range(places):
                if cost[k, q] < FORBIDDEN:
                    cost[k, q] -= row_dual[k] + column_dual[q]
    return total


@compiled_in_place
def match_greedily(cost: IntArray, item: int, work: PathWork) -> None:
    """Set an item's dual to its least cost, and match it if a place at that cost is still free."""
    least, place = cost[item, 0], 0
    for q in range(1, cost.shape[1]):
        if cost[item, q] < least or (cost[item, q] == least and work.item_at[place] >= 0):
            least, place = cost[item, q], q
    work.row_dual[item] = least
    work.is_matched[item] = least < FORBIDDEN and work.item_at[place] < 0
    if work.is_matched[item]:
        work.item_at[place] = item


@compiled_in_place
def augment(cost: IntArray, item: int, work: PathWork) -> bool:
    """Match one more item along a shortest path; return whether there is one."""
    row_dual, _, column_dual, item_at, came_from, distance, reached = work
    places = cost.shape[1]
    item_at[places] = item
    for q in range(places + 1):
        distance[q], reached[q] = NEVER, False
    column = places
    while item_at[column] >= 0:
        reached[column] = True
        row = item_at[column]
        nearest, least = -1, NEVER
        for q in range(places):
            if reached[q]:
                continue
            if cost[row, q] < FORBIDDEN:
                reduced = cost[row, q] - row_dual[row] - column_dual[q]
                if reduced < distance[q]:
                    distance[q] = reduced
                    came_from[q] = column
            if distance[q] < least:
                nearest, least = q, distance[q]
        if nearest < 0 or least >= FORBIDDEN:
            return False
        for q in range(places + 1):
            if reached[q]:
                row_dual[item_at[q]] += least
                column_dual[q] -= least
            elif distance[q] < FORBIDDEN:
                distance[q] -= least
        column = nearest
    while column != places:
        before = came_from[column]
        item_at[column] = item_at[before]
        column = before
    return True
