"""Path relinking: from one assignment towards another, by the cheapest of the moves that lead there.

A move shifts an item to its place in the goal, or swaps it with an item that is there and has to leave, too, so
that places that are full stay full. Excess load costs its price, as in the tabu search.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled_in_place
from solvers.gqap.cost_arrays import CostArrays
from solvers.gqap.heuristics.tabu_kernels import NOBODY, PENALTY, Rules, Walk, relocate, shift, swap


@compiled_in_place
def relink(arrays: CostArrays, walk: Walk, rules: Rules, goal: NDArray[np.int64], moves: int) -> int:
    """Make at most so many moves towards a goal; return how many were made.

    Every move brings one item to its place in the goal, or two.
    """
    place, penalty = walk.place, walk.amounts[PENALTY]
    for made in range(moves):
        best, item, other = np.inf, NOBODY, NOBODY
        for i in range(place.size):
            r = goal[i]
            if place[i] == r:
                continue
            cost, change = shift(arrays, walk, i, r)
            if cost + penalty * change < best:
                best, item, other = cost + penalty * change, i, NOBODY
            for k in range(place.size):
                if place[k] == r and goal[k] != r:
                    cost, change = swap(arrays, walk, i, k)
                    if cost + penalty * change < best:
                        best, item, other = cost + penalty * change, i, k
        if item == NOBODY:
            return made
        left = place[item]
        relocate(arrays, walk, rules, item, goal[item])
        if other != NOBODY:
            relocate(arrays, walk, rules, other, left)
    return moves
