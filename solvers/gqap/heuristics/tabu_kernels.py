"""Tabu search from one assignment: shifts of an item and swaps of two, with capacities as an adaptive penalty.

The marginal costs of all items at all places are kept up to date, so that the effect of a shift, and of a swap, is
known in constant time. Random numbers come from Marsaglia's xorshift; their state travels with the search.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled_in_place
from formulations.fields import FloatArray
from solvers.gqap.cost_arrays import CostArrays

COST, PENALTY, BEST_COST = 0, 1, 2
"""Places in ``Walk.amounts``: cost now, price of a unit of excess load [cost/load], cost of the best feasible."""

ITERATION, IMPROVED, STREAK = 0, 1, 2
"""Places in ``Walk.counts``: iterations done, that of the best, feasible (+) or infeasible (-) ones in a row."""

LONGEST_STREAK = 5
"""Feasible or infeasible iterations in a row after which the penalty changes."""

PENALTY_STEP = 1.4
"""Factor by which it then grows or shrinks."""

NOBODY = -1
"""Second item of a move that shifts one item only."""


class Walk(NamedTuple):
    """Where a search is, changed in place."""

    place: NDArray[np.int64]
    """p_i, shape (n,)."""
    load: FloatArray
    """Load of each place [load], shape (m,)."""
    marginal: FloatArray
    """Cost of item i at place j while all others stay [cost], shape (n, m)."""
    tabu_until: NDArray[np.int64]
    """Last iteration at which item i may not go to place j, shape (n, m)."""
    best: NDArray[np.int64]
    """Best feasible assignment, shape (n,)."""
    amounts: FloatArray
    counts: NDArray[np.int64]
    random: NDArray[np.uint64]
    """State of the random numbers, shape (1,), never 0."""


class Rules(NamedTuple):
    """Constants of a search."""

    patience: int
    """Iterations without a better feasible assignment after which it ends."""
    shortest: int
    longest: int
    """Range of the iterations for which an item may not return to a place."""
    least_penalty: float
    largest_penalty: float
    """Range of the price of a unit of excess load [cost/load]."""
    smallest_gain: float
    """Cost by which an assignment has to be better to count as better [cost]."""


class Move(NamedTuple):
    """A shift of ``item`` to ``place``, or its swap with ``other`` who is there."""

    item: int
    other: int
    place: int
    cost: float
    """By which the cost changes [cost]."""


@compiled_in_place
def walk_on(arrays: CostArrays, walk: Walk, rules: Rules, iterations: int) -> bool:
    """Make the best move that is not tabu, again and again; return whether patience ended the search."""
    amounts, counts = walk.amounts, walk.counts
    for _ in range(iterations):
        if counts[ITERATION] - counts[IMPROVED] >= rules.patience:
            return True
        counts[ITERATION] += 1
        move = best_move(arrays, walk, rules)
        if move.item == NOBODY:
            continue
        left = walk.place[move.item]
        relocate(arrays, walk, rules, move.item, move.place)
        if move.other != NOBODY:
            relocate(arrays, walk, rules, move.other, left)
        amounts[COST] += move.cost
        feasible = total_excess(walk.load, arrays.limit) <= 0.0
        if feasible and amounts[COST] < amounts[BEST_COST] - rules.smallest_gain:
            amounts[BEST_COST] = amounts[COST]
            counts[IMPROVED] = counts[ITERATION]
            for i in range(walk.best.size):
                walk.best[i] = walk.place[i]
        adapt_penalty(walk, rules, feasible)
    return False


@compiled_in_place
def best_move(arrays: CostArrays, walk: Walk, rules: Rules) -> Move:
    """Shift or swap with the least penalised cost among those that are not tabu, ties broken at random.

    A tabu move is allowed where it leads to a feasible assignment better than the best.
    """
    place, load, limit, tabu_until = walk.place, walk.load, arrays.limit, walk.tabu_until
    penalty, iteration = walk.amounts[PENALTY], walk.counts[ITERATION]
    aspired = walk.amounts[BEST_COST] - rules.smallest_gain - walk.amounts[COST]
    excess_now = total_excess(load, limit)
    best, ties = np.inf, 0
    found = Move(NOBODY, NOBODY, NOBODY, 0.0)
    for i in range(place.size):
        p = place[i]
        for r in range(limit.size):
            if r == p:
                continue
            cost, change = shift(arrays, walk, i, r)
            value = cost + penalty * change
            if value > best:
                continue
            if tabu_until[i, r] >= iteration and not (excess_now + change <= 0.0 and cost < aspired):
                continue
            ties = ties + 1 if value == best else 1
            if ties == 1 or random_below(walk.random, ties) == 0:
                best, found = value, Move(i, NOBODY, r, cost)
        for k in range(i + 1, place.size):
            r = place[k]
            if r == p:
                continue
            cost, change = swap(arrays, walk, i, k)
            value = cost + penalty * change
            if value > best:
                continue
            is_tabu = tabu_until[i, r] >= iteration or tabu_until[k, p] >= iteration
            if is_tabu and not (excess_now + change <= 0.0 and cost < aspired):
                continue
            ties = ties + 1 if value == best else 1
            if ties == 1 or random_below(walk.random, ties) == 0:
                best, found = value, Move(i, k, r, cost)
    return found


@compiled_in_place
def shift(arrays: CostArrays, walk: Walk, item: int, place: int) -> tuple[float, float]:
    """By how much cost and excess load change if an item goes to another place [cost], [load]."""
    load, limit, weight = walk.load, arrays.limit, arrays.weight[item]
    left = walk.place[item]
    cost = walk.marginal[item, place] - walk.marginal[item, left]
    change = excess(load[left] - weight, limit[left]) - excess(load[left], limit[left])
    change += excess(load[place] + weight, limit[place]) - excess(load[place], limit[place])
    return cost, change


@compiled_in_place
def swap(arrays: CostArrays, walk: Walk, i: int, k: int) -> tuple[float, float]:
    """By how much cost and excess load change if two items at different places change them [cost], [load]."""
    _, flow, distance, weight, limit = arrays
    load, marginal = walk.load, walk.marginal
    p, r = walk.place[i], walk.place[k]
    crossing = distance[p, r] + distance[r, p] - distance[p, p] - distance[r, r]
    cost = marginal[i, r] - marginal[i, p] + marginal[k, p] - marginal[k, r]
    cost += (flow[i, k] + flow[k, i]) * crossing
    heavier = weight[k] - weight[i]
    change = excess(load[p] + heavier, limit[p]) - excess(load[p], limit[p])
    change += excess(load[r] - heavier, limit[r]) - excess(load[r], limit[r])
    return cost, change


@compiled_in_place
def relocate(arrays: CostArrays, walk: Walk, rules: Rules, item: int, place: int) -> None:
    """Put an item elsewhere, bar its way back for a while, and renew the marginal costs of all others."""
    _, flow, distance, weight, limit = arrays
    left = walk.place[item]
    for k in range(walk.place.size):
        received, sent = flow[k, item], flow[item, k]
        if received != 0.0 or sent != 0.0:
            for j in range(limit.size):
                walk.marginal[k, j] += received * (distance[j, place] - distance[j, left])
                walk.marginal[k, j] += sent * (distance[place, j] - distance[left, j])
    walk.load[left] -= weight[item]
    walk.load[place] += weight[item]
    walk.place[item] = place
    tenure = rules.shortest + random_below(walk.random, rules.longest - rules.shortest + 1)
    walk.tabu_until[item, left] = walk.counts[ITERATION] + tenure


@compiled_in_place
def adapt_penalty(walk: Walk, rules: Rules, feasible: bool) -> None:
    """Lower the penalty after a streak of feasible iterations, raise it after one of infeasible ones."""
    amounts, counts = walk.amounts, walk.counts
    counts[STREAK] = max(counts[STREAK], 0) + 1 if feasible else min(counts[STREAK], 0) - 1
    if counts[STREAK] >= LONGEST_STREAK:
        amounts[PENALTY] = max(amounts[PENALTY] / PENALTY_STEP, rules.least_penalty)
        counts[STREAK] = 0
    elif counts[STREAK] <= -LONGEST_STREAK:
        amounts[PENALTY] = min(amounts[PENALTY] * PENALTY_STEP, rules.largest_penalty)
        counts[STREAK] = 0


@compiled_in_place
def excess(load: float, limit: float) -> float:
    """Load beyond the limit of its place [load]."""
    return load - limit if load > limit else 0.0


@compiled_in_place
def total_excess(load: FloatArray, limit: FloatArray) -> float:
    """Load beyond the limits of all places together [load]."""
    total = 0.0
    for j in range(load.size):
        total += excess(load[j], limit[j])
    return total


@compiled_in_place
def random_below(state: NDArray[np.uint64], end: int) -> int:
    """A random whole number from 0 to ``end`` - 1."""
    bits = state[0]
    bits ^= bits << np.uint64(13)
    bits ^= bits >> np.uint64(7)
    bits ^= bits << np.uint64(17)
    state[0] = bits
    return int(np.int64(bits >> np.uint64(11)) % end)
