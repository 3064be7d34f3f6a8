"""Lower bound of a linear assignment of items to places of limited room, by prices for room.

Each item takes its cheapest place, at costs that a price for every unit of weight raises. One place after another,
its price is set where the load of the items that prefer the place meets its room: the maximum of the Lagrangian
dual along that price. The costs are left reduced: non-negative, with a zero in each row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled_in_place
from formulations.fields import FloatArray
from solvers.gqap.bounds.branching_node import FORBIDDEN, NEVER, IntArray

LARGEST_PRICE_OF_ALL = 1 << 50
"""Most that a price may make all items together cost; keeps sums of reduced costs far from overflow."""

SWEEPS = 3
"""Most times that the prices of all places are gone through."""


class PriceWork(NamedTuple):
    """Scratch space for items that compete for a place."""

    least: IntArray
    """Least cost of each item, shape (N,)."""
    ties: IntArray
    """Places that are as good as the best for each item, to less than a unit of price, shape (N,)."""
    turn: FloatArray
    """Price change at which an item leaves or comes to the place, shape (N,)."""
    order: IntArray
    """Items by falling turns, shape (N,)."""


@compiled_in_place
def bound_by_prices(cost: IntArray, weight: IntArray, room: IntArray, price: IntArray, work: PriceWork) -> int:
    """Reduce ``cost`` (m, N) in place and raise or lower ``price`` (m,); return the bound gained, or NEVER.

    NEVER is returned where the items cannot all be assigned. An item of no weight and no cost takes no part.
    """
    places, items = cost.shape
    least, ties, turn, order = work
    total = reduce_all(cost, weight, least, ties)
    if total >= FORBIDDEN:
        return NEVER
    for _ in range(SWEEPS):
        gained = 0
        for q in range(places):
            load, only_here = 0, 0
            for k in range(items):
                here = weight[k] if cost[q, k] < weight[k] else 0
                load += here
                only_here += here if ties[k] == 1 else 0
            if only_here > room[q]:
                change = best_rise(cost, weight, room[q], load, price[q], q, ties, turn, order)
            elif load <= room[q] and price[q] > 0:
                change = -best_fall(cost, weight, room[q] - load, price[q], q, turn, order)
            else:
                continue
            if change >= FORBIDDEN:
                return NEVER
            if change == 0:
                continue
            price[q] += change
            gained += reprice(cost, weight, change, q, ties) - change * room[q]
        total += gained
        if gained <= 0:
            break
    return total


@compiled_in_place
def reduce_all(cost: IntArray, weight: IntArray, least: IntArray, ties: IntArray) -> int:
    """Subtract every item's least cost; return their sum, or NEVER where an item has no choice."""
    places, items = cost.shape
    for k in range(items):
        least[k] = cost[0, k]
        ties[k] = 0
    for q in range(1, places):
        for k in range(items):
            least[k] = min(least[k], cost[q, k])
    total, largest = 0, 0
    for k in range(items):
        total += least[k]
        largest = max(largest, least[k])
    if largest >= FORBIDDEN:
        return NEVER
    for q in range(places):
        for k in range(items):
            cost[q, k] -= least[k]
            ties[k] += 1 if cost[q, k] < weight[k] else 0
    return total


@compiled_in_place
def reprice(cost: IntArray, weight: IntArray, change: int, place: int, ties: IntArray) -> int:
    """Change a place's price; return by how much the least costs of its items change together."""
    places, items = cost.shape
    gained = 0
    for k in range(items):
        before = cost[place, k]
        if before >= FORBIDDEN or weight[k] == 0:
            continue
        after = before + change * weight[k]
        cost[place, k] = after
        if before < weight[k] or after < weight[k]:
            least = cost[0, k]
            for q in range(1, places):
                least = min(least, cost[q, k])
            gained += least
            ties[k] = 0
            for q in range(places):
                cost[q, k] -= least
                ties[k] += 1 if cost[q, k] < weight[k] else 0
    return gained


@compiled_in_place
def best_rise(
    cost: IntArray,
    weight: IntArray,
    room: int,
    load: int,
    price: int,
    place: int,
    ties: IntArray,
    turn: FloatArray,
    order: IntArray,
) -> int:
    """Rise of the price of an overloaded place at which enough items leave; NEVER if they cannot."""
    places, items = cost.shape
    left = room
    count = 0
    for k in range(items):
        if cost[place, k] >= weight[k] or ties[k] != 1:
            continue
        elsewhere = NEVER
        for q in range(places):
            if q != place:
                elsewhere = min(elsewhere, cost[q, k])
        if elsewhere >= FORBIDDEN:
            left -= weight[k]
        else:
            turn[k] = elsewhere / weight[k]
            order[count] = k
            count += 1
    if left < 0:
        return NEVER
    return min(int(first_too_much(order, count, left, weight, turn)), max(LARGEST_PRICE_OF_ALL // load - price, 0))


@compiled_in_place
def best_fall(
    cost: IntArray, weight: IntArray, left: int, price: int, place: int, turn: FloatArray, order: IntArray
) -> int:
    """Fall of the price of a place, at most to 0, at which items that come fill the room that is left."""
    count = 0
    for k in range(cost.shape[1]):
        if weight[k] <= cost[place, k] < price * weight[k]:
            turn[k] = -cost[place, k] / weight[k]
            order[count] = k
            count += 1
    return int(min(float(price), -first_too_much(order, count, left, weight, turn)))


@compiled_in_place
def first_too_much(order: IntArray, count: int, left: int, weight: IntArray, turn: FloatArray) -> float:
    """Turn of the item that is too much for the room left where items come by falling turns; -inf if none is."""
    for rank in range(count):
        first = rank
        for other in range(rank + 1, count):
            if turn[order[other]] > turn[order[first]]:
                first = other
        order[rank], order[first] = order[first], order[rank]
        left -= weight[order[rank]]
        if left < 0:
            return float(turn[order[rank]])
    return -np.inf
