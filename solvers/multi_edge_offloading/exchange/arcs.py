"""The exchange graph: for every pair of places, the user whose move from one to the other gains most.

Places are 0 for local and j + 1 for server j. A chain of moves leaves the batches between its ends as they are.
Its start loses a user, and its end gains one. So each move's gain depends only on whether its places are
ends. With g_ij(b) the gain at server j in a batch of b, a user that moves from p to q gains g_iq - g_ip, g_iq
taken at b_q, or b_q + 1 at the end, and g_ip at b_p, or b_p - 1 at the start. Those who stay gain what the smaller
batch gives (``shrink``) or lose what the larger one takes (``grow``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable

WITHIN = 0
"""Move between two places within a chain."""
FROM_START = 1
"""Move from the start of a chain to a place within it."""
TO_END = 2
"""Move from a place within a chain to its end."""
ONLY = 3
"""The only move of a chain."""


class Assignment(NamedTuple):
    """Who is where; kernels change the arrays in place."""

    place: NDArray[np.int64]
    """0 for local, j + 1 for server j, shape (I,)."""
    batch: NDArray[np.int64]
    """Users at each server, shape (m,)."""


class Arcs(NamedTuple):
    """The exchange graph of an assignment."""

    gain: FloatArray
    """Gain of the best move of each kind [s], shape (4, m + 1, m + 1); minus infinity without one."""
    user: NDArray[np.int64]
    """Who makes it, of the same shape."""
    shrink: FloatArray
    """What the users of a place gain if one leaves, that one included [s], shape (m + 1,)."""
    grow: FloatArray
    """What they lose if one more comes [s], not positive, shape (m + 1,); minus infinity without room."""
    here: FloatArray
    """What each user gains where it is [s], shape (I,)."""
    fewer: FloatArray
    """What it would gain there in a batch of one less [s], shape (I,)."""


def all_local(users: int, servers: int) -> Assignment:
    """The assignment that leaves everybody local."""
    return Assignment(np.zeros(users, dtype=np.int64), np.zeros(servers, dtype=np.int64))


def no_arcs(users: int, servers: int) -> Arcs:
    """Room for an exchange graph."""
    shape = (4, servers + 1, servers + 1)
    ends = np.empty(servers + 1), np.empty(servers + 1)
    return Arcs(np.empty(shape), np.empty(shape, dtype=np.int64), *ends, np.empty(users), np.empty(users))


@compiled
def fill_arcs(table: GainTable, now: Assignment, arcs: Arcs) -> None:
    """Write the exchange graph of an assignment to ``arcs``."""
    arcs.gain[:] = -np.inf
    arcs.user[:] = -1
    arcs.shrink[:] = 0.0
    arcs.grow[:] = 0.0
    arcs.here[:] = 0.0
    arcs.fewer[:] = 0.0
    for j in range(now.batch.size):
        _stay(table, now, arcs, j)
    for i in range(now.place.size):
        if now.place[i] > 0:
            _offer(arcs, now.place[i], 0, i, 0.0, 0.0)
    for j in range(now.batch.size):
        begin, reach, batch = table.start[j], table.start[j + 1] - table.start[j], now.batch[j]
        row = table.first[j] + (batch - 1) * reach
        room = batch < table.batches[j]
        for k in range(reach):
            i = table.users[begin + k]
            if now.place[i] != j + 1:
                same = table.values[row + k] if batch > 0 else -np.inf
                more = table.values[row + reach + k] if room else -np.inf
                if same > 0.0 or more > 0.0:
                    _offer(arcs, now.place[i], j + 1, i, same, more)


@compiled
def _stay(table: GainTable, now: Assignment, arcs: Arcs, server: int) -> None:
    """Write what the users of a server gain there, and what one less or one more would change."""
    begin, reach, batch = table.start[server], table.start[server + 1] - table.start[server], now.batch[server]
    row = table.first[server] + (batch - 1) * reach
    room = batch < table.batches[server]
    for k in range(reach if batch > 0 else 0):
        i = table.users[begin + k]
        if now.place[i] == server + 1:
            here = table.values[row + k]
            fewer = table.values[row - reach + k] if batch > 1 else here
            arcs.here[i], arcs.fewer[i] = here, fewer
            arcs.shrink[server + 1] += fewer - here
            if room:
                arcs.grow[server + 1] += table.values[row + reach + k] - here
    if not room:
        arcs.grow[server + 1] = -np.inf


@compiled
def _offer(arcs: Arcs, p: int, q: int, user: int, same: float, more: float) -> None:
    """Take the user's moves from p to q where they gain more than the best ones so far."""
    for kind in range(4):
        gain = (same if kind < TO_END else more) - (
            arcs.here[user] if kind in (WITHIN, TO_END) else arcs.fewer[user]
        )
        if gain > arcs.gain[kind, p, q]:
            arcs.gain[kind, p, q] = gain
            arcs.user[kind, p, q] = user
