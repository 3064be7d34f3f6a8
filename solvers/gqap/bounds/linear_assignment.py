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

REACHED = -1
"""Distance of a place whose shortest path is known; no other distance is negative."""


class PathWork(NamedTuple):
    """Scratch space of the augmenting paths."""

    row_dual: IntArray
    is_matched: NDArray[np.bool_]
    """Shape (N,), as the one before."""
    column_dual: IntArray
    """Shape (m,), as all below; never positive."""
    item_at: IntArray
    came_from: IntArray
    """The place before on the path; m where it begins."""
    distance: IntArray
    """Length of the shortest path to a place so far; :data:`REACHED` from when that is known."""
    reached_at: IntArray
    """Length of the shortest path to a place that is reached."""


@compiled_in_place
def bound_by_matching(cost: IntArray, skipped: int, work: PathWork) -> int:
    """Reduce ``cost`` (N, m) in place by an optimal dual solution; return its value, or NEVER.

    The row of the item ``skipped`` takes no part; N stands for none. NEVER is returned, and the costs stay, where
    the items cannot all be matched.
    """
    items, places = cost.shape
    row_dual, column_dual, item_at = work.row_dual, work.column_dual, work.item_at
    for q in range(places):
        column_dual[q], item_at[q] = 0, -1
    for k in range(items):
        if k != skipped:
            match_greedily(cost, k, work)
            if row_dual[k] >= FORBIDDEN:
                return NEVER
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
    places = cost.shape[1]
    least = cost[item, 0]
    for q in range(1, places):
        least = min(least, cost[item, q])
    work.row_dual[item] = least
    work.is_matched[item] = False
    if least < FORBIDDEN:
        for q in range(places):
            if cost[item, q] == least and work.item_at[q] < 0:
                work.is_matched[item] = True
                work.item_at[q] = item
                break


@compiled_in_place
def augment(cost: IntArray, item: int, work: PathWork) -> bool:
    """Match one more item along a shortest path; return whether there is one."""
    row_dual, _, column_dual, item_at, came_from, distance, reached_at = work
    places = cost.shape[1]
    for q in range(places):
        distance[q], reached_at[q] = NEVER, 0
    row, column, length = item, places, 0
    while True:
        offset = length - row_dual[row]
        for q in range(places):
            through_row = cost[row, q] + offset - column_dual[q]
            if through_row < distance[q]:
                distance[q], came_from[q] = through_row, column
        length, column = nearest(distance, places)
        if length >= FORBIDDEN:
            return False
        distance[column], reached_at[column] = REACHED, length
        row = item_at[column]
        if row < 0:
            break
    row_dual[item] += length
    for q in range(places):
        if distance[q] == REACHED and q != column:
            row_dual[item_at[q]] += length - reached_at[q]
            column_dual[q] -= length - reached_at[q]
    while came_from[column] != places:
        item_at[column] = item_at[came_from[column]]
        column = came_from[column]
    item_at[column] = item
    return True


@compiled_in_place
def nearest(distance: IntArray, places: int) -> tuple[int, int]:
    """Return the least distance of a place that is not reached, and the first place at that distance."""
    least = np.uint64(NEVER)
    for q in range(places):
        least = min(least, np.uint64(distance[q]))  # what is reached is negative, and so becomes large
    for q in range(places):
        if np.uint64(distance[q]) == least:
            return distance[q], q
    return NEVER, 0
