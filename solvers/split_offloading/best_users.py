"""The b users that gain most in a batch of b, for b = 1, 2, ... in turn, without evaluating every user each time.

A gain falls by at least the transmission time of one more user whenever the batch grows by one, so the last gain
that was computed of a user bounds its gain in every larger batch. Only users whose bound exceeds the least of the
b best gains so far are evaluated anew; the best are kept in a binary heap with the least on top.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.split_offloading.gain import Edge, Users, gain_of
from formulations.split_offloading.split_point import SplitRange


class Best(NamedTuple):
    """The best users so far, as a heap in the first ``size`` places of both arrays."""

    gain: FloatArray
    """Gains [s], the least first."""
    user: NDArray[np.int64]
    """Whose gains they are."""


@compiled
def select_best(users: Users, edge: Edge, curve: SplitRange, batch: int, ceiling: FloatArray, best: Best) -> float:
    """Turn the best b - 1 users of a batch of b - 1 into the best b of a batch of b; return their total gain [s].

    Parameters
    ----------
    users, edge, curve
        The snapshot.
    batch : int
        b, from 1 to the number of users; to be called for 1, 2, ... in turn.
    ceiling : FloatArray
        Last known gain plus the transmission time of that batch, shape (I,): infinite before the first call,
        and minus infinity for the best users. Updated.
    best : Best
        Holds the best b - 1 users. Updated.
    """
    size = 0
    for place in range(batch - 1):
        user = best.user[place]
        push(best, size, gain_of(users, edge, curve, user, batch), user)
        size += 1
    first = _most_promising(users, batch, ceiling)
    push(best, size, gain_of(users, edge, curve, first, batch), first)
    ceiling[first] = -np.inf
    like, gain = -1, 0.0
    for i in range(ceiling.size):
        if ceiling[i] - users.transmission[i] * batch > best.gain[0]:
            if like < 0 or not _alike(users, i, like):
                gain = gain_of(users, edge, curve, i, batch)
                like = i
            ceiling[i] = gain + users.transmission[i] * batch
            if gain > best.gain[0]:
                ceiling[best.user[0]] = best.gain[0] + users.transmission[best.user[0]] * batch
                ceiling[i] = -np.inf
                replace_least(best, batch, gain, i)
    return float(best.gain[:batch].sum())


@compiled
def _alike(users: Users, i: int, j: int) -> bool:
    """Whether two users have the same gain in every batch: an instance of scalars has no others."""
    return bool(
        users.weight[i] == users.weight[j]
        and users.local_seconds[i] == users.local_seconds[j]
        and users.transmission[i] == users.transmission[j]
    )


@compiled
def _most_promising(users: Users, batch: int, ceiling: FloatArray) -> int:
    """User with the highest bound: with it in the heap, few others have to be looked at."""
    found, highest = 0, -np.inf
    for i in range(ceiling.size):
        bound = ceiling[i] - users.transmission[i] * batch
        if bound > highest:
            found, highest = i, bound
    return found


@compiled
def push(best: Best, size: int, gain: float, user: int) -> None:
    """Add a user to a heap of ``size``."""
    place = size
    while place > 0 and best.gain[(place - 1) // 2] > gain:
        parent = (place - 1) // 2
        best.gain[place], best.user[place] = best.gain[parent], best.user[parent]
        place = parent
    best.gain[place], best.user[place] = gain, user


@compiled
def replace_least(best: Best, size: int, gain: float, user: int) -> None:
    """Put a user in the place of the least of a heap of ``size``."""
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and best.gain[child + 1] < best.gain[child]:
            child += 1
        if best.gain[child] >= gain:
            break
        best.gain[place], best.user[place] = best.gain[child], best.user[child]
        place = child
    best.gain[place], best.user[place] = gain, user
