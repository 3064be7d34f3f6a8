"""Lower bound of a linear assignment of items to places of limited room, by prices for room.

Each item takes its cheapest place, at costs that a price for every unit of weight raises. One place after another,
its price is set where the load of the items that prefer the place meets its room: the maximum of the Lagrangian
dual along that price. The costs are left reduced: non-negative, with a zero in each row.
"""

from __future__ import annotations

from typing import NamedTuple

from formulations.compiled import compiled
from formulations.fields import FloatArray
from solvers.gqap.bounds.branching_node import FORBIDDEN, NEVER, IntArray

LARGEST_PRICE_OF_ALL = 1 << 50
"""Most that a price may make all items together cost; keeps sums of reduced costs far from overflow."""

SWEEPS = 3
"""Most times that the prices of all places are gone through."""


class PriceWork(NamedTuple):
    """Scratch space for items that compete for a place."""

    turn: FloatArray
    """Price change at which an item leaves or comes to the place, in falling order, shape (N,)."""
    item: IntArray
    """The items in that order, shape (N,)."""


@compiled
def bound_by_prices(
    cost: IntArray, skipped: int, weight: IntArray, room: IntArray, price: IntArray, work: PriceWork
) -> int:
    """Reduce ``cost`` (N, m) in place and raise or lower ``price`` (m,); return the bound gained, or NEVER.

    The row of the item ``skipped`` takes no part; N stands for none. NEVER is returned where the items cannot all
    be assigned.
    """
    items, places = cost.shape
    total = 0
    for k in range(items):
        if k != skipped:
            least = reduce_row(cost, k)
            if least >= FORBIDDEN:
                return NEVER
            total += least
    for _ in range(SWEEPS):
        gained = 0
        for q in range(places):
            load = 0
            for k in range(items):
                if k != skipped and cost[k, q] == 0:
                    load += weight[k]
            if load > room[q]:
                change = best_rise(cost, skipped, weight, room[q], price[q], q, work)
            elif price[q] > 0:
                change = -best_fall(cost, skipped, weight, room[q] - load, price[q], q, work)
            else:
                continue
            if change >= FORBIDDEN:
                return NEVER
            if change == 0:
                continue
            price[q] += change
            gained -= change * room[q]
            for k in range(items):
                if k != skipped and cost[k, q] < FORBIDDEN:
                    was_least = cost[k, q] == 0
                    cost[k, q] += change * weight[k]
                    if was_least or cost[k, q] < 0:
                        gained += reduce_row(cost, k)
        total += gained
        if gained <= 0:
            break
    return total


@compiled
def reduce_row(cost: IntArray, row: int) -> int:
    """Subtract a row's least cost from it and return that; a row without a choice is left as it is."""
    places = cost.shape[1]
    least = cost[row, 0]
    for q in range(1, places):
        least = min(least, cost[row, q])
    if least != 0 and least < FORBIDDEN:
        for q in range(places):
            if cost[row, q] < FORBIDDEN:
                cost[row, q] -= least
    return int(least)


@compiled
def best_rise(
    cost: IntArray, skipped: int, weight: IntArray, room: int, price: int, place: int, work: PriceWork
) -> int:
    """Rise of the price of an overloaded place at which enough items leave; NEVER if they cannot."""
    items, places = cost.shape
    turn, order = work
    count, left, load = 0, room, 0
    for k in range(items):
        if k == skipped or cost[k, place] != 0 or weight[k] == 0:
            continue
        elsewhere = NEVER
        for q in range(places):
            if q != place:
                elsewhere = min(elsewhere, cost[k, q])
        load += weight[k]
        if elsewhere >= FORBIDDEN:
            left -= weight[k]
        else:
            insert(turn, order, count, elsewhere / weight[k], k)
            count += 1
    if left < 0:
        return NEVER
    largest = max(LARGEST_PRICE_OF_ALL // load - price, 0)
    for rank in range(count):
        left -= weight[order[rank]]
        if left < 0:
            return min(int(turn[rank]), largest)
    return 0


@compiled
def best_fall(
    cost: IntArray, skipped: int, weight: IntArray, left: int, price: int, place: int, work: PriceWork
) -> int:
    """Fall of the price of a place, at most to 0, at which items that come fill the room that is left."""
    turn, order = work
    count = 0
    for k in range(cost.shape[0]):
        if k != skipped and 0 < cost[k, place] < FORBIDDEN and weight[k] > 0:
            insert(turn, order, count, -cost[k, place] / weight[k], k)
            count += 1
    for rank in range(count):
        left -= weight[order[rank]]
        if left < 0:
            return min(int(-turn[rank]), price)
    return price


@compiled
def insert(turn: FloatArray, order: IntArray, count: int, value: float, item: int) -> None:
    """Insert an item into the ``count`` ones that are in falling order."""
    rank = count
    while rank > 0 and turn[rank - 1] < value:
        turn[rank], order[rank] = turn[rank - 1], order[rank - 1]
        rank -= 1
    turn[rank], order[rank] = value, item
