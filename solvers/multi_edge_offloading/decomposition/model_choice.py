"""Which models a server holds: the most that it earns with so many slots and at most b users.

The users of a model are taken in the order of what they bring, so that the choice is how many of each model. A
dynamic programme over the models, with ``best[c, t]`` for c slots and t users, is exact: O(K C b^2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray

_HELD, _NOT_HELD = 1, 2


@compiled
def most_with_models(
    excess: FloatArray, model: NDArray[np.int64], held: NDArray[np.int64], slots: int, batch: int
) -> float:
    """Largest sum of at most ``batch`` positive numbers whose models fit into the slots.

    Parameters
    ----------
    excess : FloatArray
        What each user brings [s].
    model : ndarray of int64
        Its model.
    held : ndarray of int64
        State of each model, see :mod:`solvers.multi_edge_offloading.decomposition.rules`.
    slots : int
        Models that can be held, those that have to be held included.
    batch : int
        Most users.
    """
    best, _ = _table(excess, model, held, slots, batch)
    return float(best[-1].max())


@compiled
def chosen_models(
    excess: FloatArray, model: NDArray[np.int64], held: NDArray[np.int64], slots: int, batch: int
) -> BoolArray:
    """Models with which :func:`most_with_models` is reached, shape (K,); those that have to be held included."""
    best, taken = _table(excess, model, held, slots, batch)
    chosen: BoolArray = held == _HELD
    top = int(np.argmax(best[-1].copy().reshape(-1)))
    left, users = top // best.shape[2], top % best.shape[2]
    for k in range(held.size - 1, -1, -1):
        count = taken[k, left, users]
        if count > 0:
            users -= count
            if held[k] != _HELD:
                chosen[k] = True
                left -= 1
    return chosen


@compiled
def _table(
    excess: FloatArray, model: NDArray[np.int64], held: NDArray[np.int64], slots: int, batch: int
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Best sums after each model, shape (K + 1, free slots + 1, b + 1), and how many of it were taken."""
    free = max(slots - int((held == _HELD).sum()), 0)
    best = np.full((held.size + 1, free + 1, batch + 1), -np.inf)
    taken = np.zeros((held.size, free + 1, batch + 1), dtype=np.int64)
    best[0, 0, 0] = 0.0
    for k in range(held.size):
        best[k + 1] = best[k]
        if held[k] == _NOT_HELD:
            continue
        mine = np.sort(excess[model == k])[::-1]
        cost = 0 if held[k] == _HELD else 1
        total = 0.0
        for count in range(1, min(mine.size, batch) + 1):
            if mine[count - 1] <= 0.0:
                break
            total += mine[count - 1]
            for c in range(cost, free + 1):
                for t in range(count, batch + 1):
                    value = best[k, c - cost, t - count] + total
                    if value > best[k + 1, c, t]:
                        best[k + 1, c, t] = value
                        taken[k, c, t] = count
    return best, taken
