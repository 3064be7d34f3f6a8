"""The b users that gain most in a batch of b, for b = 1, 2, ... in turn, without evaluating every user each time.

A gain falls by at least the transmission time of one more user whenever the batch grows by one, so the last gain
that was computed of a user bounds its gain in every larger batch. Only users whose bound exceeds the least of the
b best gains so far are evaluated anew; the best are kept in a binary heap with the least on top.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled, inlined
from formulations.fields import FloatArray
from formulations.split_offloading.gain import Edge
from formulations.split_offloading.split_point import SplitRange
from solvers.split_offloading.exact.split_table import first_place, gain_in_table


@compiled
def first_gains(
    weight: FloatArray,
    local_seconds: FloatArray,
    transmission: FloatArray,
    edge: Edge,
    curve: SplitRange,
    accuracy: FloatArray,
    rise: FloatArray | None,
    ceiling: FloatArray,
    reached: NDArray[np.int32],
) -> None:
    """Write the gains in a batch of one to ``ceiling``, with the transmission time; for all see select_best."""
    at_edge = edge.per_item + edge.base
    for i in range(ceiling.size):
        if rise is not None:
            reached[i] = first_place(weight[i], local_seconds[i] - at_edge, rise)
        ceiling[i] = transmission[i] + gain_in_table(
            weight[i], local_seconds[i], transmission[i], edge, curve, accuracy, rise, 1.0, reached, i
        )


@inlined
def select_best(
    weight: FloatArray,
    local_seconds: FloatArray,
    transmission: FloatArray,
    edge: Edge,
    curve: SplitRange,
    accuracy: FloatArray,
    rise: FloatArray | None,
    batch: int,
    ceiling: FloatArray,
    reached: NDArray[np.int32],
    least: FloatArray,
    chosen: NDArray[np.int64],
) -> float:
    """Turn the best b - 1 users of a batch of b - 1 into the best b of a batch of b; return their total gain [s].

    Parameters
    ----------
    weight, local_seconds, transmission : FloatArray
        Of :class:`~formulations.split_offloading.gain.Users`, taken apart, as compiled code counts references to
        every array that it takes from a tuple.
    edge, curve, accuracy, rise : Edge, SplitRange, FloatArray, FloatArray or None
        The edge server, and the table of F taken apart.
    batch : int
        b, from 1 to the number of users; to be called for 1, 2, ... in turn.
    ceiling : FloatArray
        Last known gain plus the transmission time of that batch, shape (I,): of :func:`first_gains` before the
        first call, and minus infinity for the best users. Updated.
    reached : NDArray of int32
        See :func:`~solvers.split_offloading.exact.split_table.gain_in_table`; shape (I,). Updated.
    least, chosen : FloatArray, NDArray of int64
        The best b - 1 users as a heap: their gains [s], the least first, and whose they are. Updated.
    """
    for place in range(batch - 1):
        i = chosen[place]
        gain = gain_in_table(
            weight[i], local_seconds[i], transmission[i], edge, curve, accuracy, rise, batch, reached, i
        )
        push(least, chosen, place, gain, i)
    i = most_promising(transmission, batch, ceiling)
    gain = gain_in_table(
        weight[i], local_seconds[i], transmission[i], edge, curve, accuracy, rise, batch, reached, i
    )
    push(least, chosen, batch - 1, gain, i)
    ceiling[i] = -np.inf
    like, gain = -1, 0.0
    for i in range(ceiling.size):
        if ceiling[i] - transmission[i] * batch > least[0]:
            same = weight[i] == weight[like] and local_seconds[i] == local_seconds[like]
            if like < 0 or not same or transmission[i] != transmission[like]:
                gain = gain_in_table(
                    weight[i], local_seconds[i], transmission[i], edge, curve, accuracy, rise, batch, reached, i
                )
                like = i
            ceiling[i] = gain + transmission[i] * batch
            if gain > least[0]:
                ceiling[chosen[0]] = least[0] + transmission[chosen[0]] * batch
                ceiling[i] = -np.inf
                replace_least(least, chosen, batch, gain, i)
    total = 0.0
    for place in range(batch):
        total += least[place]
    return total


@inlined
def most_promising(transmission: FloatArray, batch: int, ceiling: FloatArray) -> int:
    """User with the highest bound: with it in the heap, few others have to be looked at."""
    found, highest = 0, -np.inf
    for i in range(ceiling.size):
        bound = ceiling[i] - transmission[i] * batch
        if bound > highest:
            found, highest = i, bound
    return found


@inlined
def push(gains: FloatArray, users: NDArray[np.int64], size: int, gain: float, user: int) -> None:
    """Add a user to a heap of ``size``, the least gain on top."""
    place = size
    while place > 0 and gains[(place - 1) // 2] > gain:
        parent = (place - 1) // 2
        gains[place], users[place] = gains[parent], users[parent]
        place = parent
    gains[place], users[place] = gain, user


@inlined
def replace_least(gains: FloatArray, users: NDArray[np.int64], size: int, gain: float, user: int) -> None:
    """Put a user in the place of the least of a heap of ``size``."""
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and gains[child + 1] < gains[child]:
            child += 1
        if gains[child] >= gain:
            break
        gains[place], users[place] = gains[child], users[child]
        place = child
    gains[place], users[place] = gain, user
