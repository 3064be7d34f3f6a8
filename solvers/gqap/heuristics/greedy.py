"""Greedy construction by regret: the item that loses most without its best place takes it, one after another."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from formulations.fields import FloatArray
from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.gqap.cost_arrays import CostArrays, cost_arrays
from solvers.gqap.heuristics.elite import IntArray


def solve(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Assign all items by regret, those for which there is no time largest first; the seed is not used."""
    started = perf_counter()
    deadline = started + limits.time_limit
    place = assign_by_regret(cost_arrays(data), deadline)
    ended = TIME_LIMIT if perf_counter() >= deadline else "all items placed"
    return Outcome(
        solution=None if place is None else {"assignment": place},
        reason="an item is left without room" if place is None else ended,
        iterations=data.items,
        solve_seconds=perf_counter() - started,
    )


def assign_by_regret(arrays: CostArrays, deadline: float = np.inf) -> IntArray | None:
    """Place of every item, shape (n,); None where an item is left that fits nowhere any more.

    At ``deadline``, as ``perf_counter()`` says it, the items left go to their cheapest places with room, the
    heaviest first.

    The regret of an item is what its second cheapest place with room costs more than its cheapest, by its own cost
    and the pairs with those placed before; infinite where only one place has room.
    """
    items, places = arrays.own.shape
    cost, room = arrays.own.copy(), arrays.limit.copy()
    place = np.full(items, -1)
    for _ in range(items):
        open_items = np.flatnonzero(place < 0)
        if perf_counter() >= deadline:
            heaviest_first = open_items[np.argsort(-arrays.weight[open_items], kind="stable")]
            return place if _put(heaviest_first, arrays.weight, cost, room, place) else None
        fitting = np.where(arrays.weight[open_items, None] <= room, cost[open_items], np.inf)
        if not np.isfinite(fitting.min(axis=1)).all():
            return None
        row = int(np.argmax(regret(fitting))) if places > 1 else 0
        item, best = open_items[row], int(np.argmin(fitting[row]))
        place[item] = best
        room[best] -= arrays.weight[item]
        cost += np.outer(arrays.flow[:, item], arrays.distance[:, best])
        cost += np.outer(arrays.flow[item], arrays.distance[best])
    return place


def _put(items: IntArray, weight: FloatArray, cost: FloatArray, room: FloatArray, place: IntArray) -> bool:
    """Put items in an order to their cheapest places with room; return whether all fit."""
    for item in items:
        fitting = np.where(weight[item] <= room, cost[item], np.inf)
        best = int(np.argmin(fitting))
        if not np.isfinite(fitting[best]):
            return False
        place[item] = best
        room[best] -= weight[item]
    return True


def regret(cost: FloatArray) -> FloatArray:
    """Difference of the two least costs in each row."""
    cheapest = np.partition(cost, 1, axis=1)
    return np.asarray(cheapest[:, 1] - cheapest[:, 0])
