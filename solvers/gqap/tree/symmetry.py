"""Symmetries of a GQAP: renamings of places, and pairs of items, that change no assignment's cost.

The branch and bound tries one place of those that renamings make equal (docs/theory/gqap_branch_and_bound.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from solvers.gqap.bounds.branching_node import IntArray
from solvers.gqap.cost_arrays import CostArrays

MOST_RENAMINGS = 1000
"""Renamings that are looked for; with fewer than all of them the tree is larger, but as valid."""

MOST_STEPS = 20_000
"""Steps of the search for them."""


def place_renamings(arrays: CostArrays) -> IntArray:
    """Renamings of places under which distances, own costs and limits stay as they are, shape (count, m).

    The first is the identity; exchanges of two places come next.
    """
    places = arrays.limit.size
    found = [np.arange(places)]
    for first in range(places):
        for second in range(first + 1, places):
            renaming = np.arange(places)
            renaming[[first, second]] = second, first
            if keeps_places(arrays, renaming):
                found.append(renaming)
    for renaming in search_renamings(arrays):
        found.append(renaming)
        if len(found) >= MOST_RENAMINGS:
            break
    return np.unique(np.array(found, dtype=np.int64), axis=0)


def keeps_places(arrays: CostArrays, renaming: IntArray) -> bool:
    """Whether a renaming of places changes nothing."""
    return (
        bool((arrays.limit[renaming] == arrays.limit).all())
        and bool((arrays.own[:, renaming] == arrays.own).all())
        and bool((arrays.distance[np.ix_(renaming, renaming)] == arrays.distance).all())
    )


def search_renamings(arrays: CostArrays) -> Iterator[IntArray]:
    """Renamings in lexicographic order, by depth-first search until :data:`MOST_STEPS`."""
    places = arrays.limit.size
    alike = similar_places(arrays)
    distance = arrays.distance
    renaming = np.zeros(places, dtype=np.int64)
    pending = [(0, int(image)) for image in np.flatnonzero(alike[0])[::-1]]
    for _ in range(MOST_STEPS):
        if not pending:
            return
        depth, renaming[depth] = pending.pop()
        image, before = renaming[depth], renaming[:depth]
        if (distance[image, before] != distance[depth, :depth]).any():
            continue
        if (distance[before, image] != distance[:depth, depth]).any():
            continue
        if depth == places - 1:
            yield renaming.copy()
            continue
        free = np.setdiff1d(np.flatnonzero(alike[depth + 1]), renaming[: depth + 1])
        pending.extend((depth + 1, int(image)) for image in free[::-1])


def similar_places(arrays: CostArrays) -> NDArray[np.bool_]:
    """Whether two places agree in limit, own costs and the sorted distances from and to them, shape (m, m)."""
    distance = arrays.distance
    signature = np.column_stack(
        [arrays.limit, arrays.own.T, np.diag(distance), np.sort(distance, axis=1), np.sort(distance, axis=0).T]
    )
    return np.asarray((signature[:, None] == signature[None]).all(axis=2))


def interchangeable_items(arrays: CostArrays) -> IntArray:
    """Class of each item, shape (n,): items of one class can be exchanged without changing any cost or load."""
    items = arrays.weight.size
    group = np.arange(items)
    for i in range(items):
        for k in range(i):
            if group[k] == k and group[i] == i and can_be_exchanged(arrays, i, k):
                group[i] = k
    return group


def can_be_exchanged(arrays: CostArrays, item: int, other: int) -> bool:
    """Whether exchanging two items changes nothing."""
    if arrays.weight[item] != arrays.weight[other] or (arrays.own[item] != arrays.own[other]).any():
        return False
    order = np.arange(arrays.weight.size)
    order[[item, other]] = other, item
    flow: FloatArray = arrays.flow
    return bool((flow[np.ix_(order, order)] == flow).all())


def orbit(renamings: IntArray, place: int) -> IntArray:
    """Places that repeated renaming can make of one."""
    reached = np.array([place])
    while len(renamings) > 1:
        further = np.unique(renamings[:, reached])
        if further.size == reached.size:
            break
        reached = further
    return reached
