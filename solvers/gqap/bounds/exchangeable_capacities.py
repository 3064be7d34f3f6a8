"""Places that are alike but for their capacities: what they hold may be exchanged, so capacities need no name.

If exchanging two places changes no distance and no own cost, then an assignment keeps its cost when all items of
the one go to the other and back. All that matters of such a class is that its loads, in order, are within its
capacities in order. A search that asks for no more is over a problem of more symmetry and the same optimum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.gqap.cost_arrays import CostArrays

IntArray = NDArray[np.int64]


SIMILAR = 0.5
"""Share of the largest capacity of a class that all others have at least. Beyond, forgetting which place is which
costs more bound than symmetry saves nodes."""


def alike_but_for_capacity(arrays: CostArrays) -> IntArray:
    """Class of each place, shape (m,): its largest member; places of one class may exchange what they hold."""
    group = np.arange(arrays.limit.size)
    largest: list[int] = []
    for place in np.argsort(-arrays.limit, kind="stable").tolist():
        for other in largest:
            if arrays.limit[place] >= SIMILAR * arrays.limit[other] and may_be_exchanged(arrays, other, place):
                group[place] = other
                break
        else:
            largest.append(place)
    return group


def may_be_exchanged(arrays: CostArrays, place: int, other: int) -> bool:
    """Whether exchanging two places changes no distance and no own cost."""
    order = np.arange(arrays.limit.size)
    order[[place, other]] = other, place
    same_cost = bool((arrays.own[:, place] == arrays.own[:, other]).all())
    return same_cost and bool((arrays.distance[np.ix_(order, order)] == arrays.distance).all())


def largest_loads(load: NDArray[Any], limit: NDArray[Any], group: IntArray) -> NDArray[Any]:
    """Most that each place may bear, shape (m,), if the others of its class keep the loads that they have.

    The loads given are within the capacities of their classes, in order.
    """
    largest = limit.copy()
    loads, limits, first = load.tolist(), limit.tolist(), group.tolist()
    for leader in set(first):
        members = [place for place, its_first in enumerate(first) if its_first == leader]
        falling = sorted(members, key=loads.__getitem__, reverse=True)
        capacities = sorted((limits[place] for place in members), reverse=True)
        for rank, place in enumerate(falling):
            up = rank
            while up > 0 and loads[falling[up - 1]] <= capacities[up]:
                up -= 1
            largest[place] = capacities[up]
    return largest


def classes_of_limits(limit: NDArray[Any], group: IntArray) -> NDArray[np.float64]:
    """A number for each place, shape (m,), equal where the classes of two places have the same capacities."""
    capacities = [tuple(sorted(limit[group == first])) for first in group]
    return np.array([capacities.index(own) for own in capacities], dtype=float)


def within_capacities(place: IntArray, weight: NDArray[Any], limit: NDArray[Any], group: IntArray) -> IntArray:
    """The assignment with what the places of each class hold exchanged, so that the fullest is the largest."""
    load = np.bincount(place, weight, limit.size)
    renamed = np.arange(limit.size)
    for first in np.unique(group):
        members = np.flatnonzero(group == first)
        falling = members[np.argsort(-load[members], kind="stable")]
        renamed[falling] = members[np.argsort(-limit[members], kind="stable")]
    return np.asarray(renamed[place])
