"""Local search over chains of moves: exchanges in a cycle, and paths that change the batches of their two ends.

A cycle that gains something exists exactly if the assignment is not the best one with its batch sizes (a
transportation problem); a path is what changes those. Gains of cycles are exact, and so are those of paths, whose
places are all different.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.exchange.arcs import (
    FROM_START,
    ONLY,
    TO_END,
    WITHIN,
    Arcs,
    Assignment,
    fill_arcs,
)

SMALLEST_GAIN = 1e-12
"""Share of the size of the gains that a chain has to gain, beyond rounding."""


@compiled
def improve(table: GainTable, now: Assignment, arcs: Arcs, least: float, most_chains: int) -> tuple[int, bool]:
    """Apply chains that gain more than ``least`` [s] until there is none, or ``most_chains`` are applied.

    Returns
    -------
    tuple of int and bool
        Chains applied, and whether none is left.
    """
    places = now.batch.size + 1
    chain, movers = np.empty(places + 1, dtype=np.int64), np.empty(places + 1, dtype=np.int64)
    for done in range(most_chains):
        fill_arcs(table, now, arcs)
        length = _cycle(arcs, least, chain, movers)
        if length == 0:
            length = _path(arcs, least, chain, movers)
        if length == 0:
            return done, True
        for k in range(length):
            _move(now, movers[k], chain[k + 1])
    return most_chains, False


@compiled
def _move(now: Assignment, user: int, place: int) -> None:
    if now.place[user] > 0:
        now.batch[now.place[user] - 1] -= 1
    if place > 0:
        now.batch[place - 1] += 1
    now.place[user] = place


@compiled
def _cycle(arcs: Arcs, least: float, chain: NDArray[np.int64], movers: NDArray[np.int64]) -> int:
    """Find a cycle that gains something (Bellman and Ford); returns its number of moves, 0 where there is none."""
    places = arcs.shrink.size
    best, before = np.zeros(places), np.full(places, -1)
    last = -1
    for _ in range(places + 1):
        last = -1
        for p in range(places):
            for q in range(places):
                if best[p] + arcs.gain[WITHIN, p, q] > best[q] + least:
                    best[q] = best[p] + arcs.gain[WITHIN, p, q]
                    before[q] = p
                    last = q
        if last < 0:
            return 0
    for _ in range(places):
        last = before[last]
    length, place = 0, last
    while True:
        length += 1
        place = before[place]
        if place == last:
            break
    chain[length] = last
    for k in range(length - 1, -1, -1):
        chain[k] = before[chain[k + 1]]
        movers[k] = arcs.user[WITHIN, chain[k], chain[k + 1]]
    return length


@compiled
def _path(arcs: Arcs, least: float, chain: NDArray[np.int64], movers: NDArray[np.int64]) -> int:
    """Find the path that gains most; returns its number of moves, 0 where none gains more than ``least`` [s]."""
    places = arcs.shrink.size
    top, top_start, top_end, top_through = least, -1, -1, -1
    for p in range(places):
        for q in range(places):
            gain = arcs.shrink[p] + arcs.gain[ONLY, p, q] + arcs.grow[q]
            if p != q and gain > top:
                top, top_start, top_end = gain, p, q
    top_before = np.empty(places, dtype=np.int64)
    before = np.empty(places, dtype=np.int64)
    best = np.empty(places)
    for start in range(places):
        for q in range(places):
            best[q] = arcs.gain[FROM_START, start, q] if q != start else -np.inf
            before[q] = start
        for _ in range(places):
            changed = False
            for p in range(places):
                if p == start or best[p] == -np.inf:
                    continue
                for q in range(places):
                    if q != start and q != p and best[p] + arcs.gain[WITHIN, p, q] > best[q] + least:
                        best[q] = best[p] + arcs.gain[WITHIN, p, q]
                        before[q] = p
                        changed = True
            if not changed:
                break
        for through in range(places):
            for q in range(places):
                gain = arcs.shrink[start] + best[through] + arcs.gain[TO_END, through, q] + arcs.grow[q]
                if q != start and q != through and gain > top and not _meets(before, start, through, q):
                    top, top_start, top_end, top_through = gain, start, q, through
                    top_before[:] = before
    if top_start < 0:
        return 0
    if top_through < 0:
        chain[0], chain[1] = top_start, top_end
        movers[0] = arcs.user[ONLY, top_start, top_end]
        return 1
    length, place = 1, top_through
    while place != top_start:
        length += 1
        place = top_before[place]
    chain[length] = top_end
    place = top_through
    for k in range(length - 1, -1, -1):
        chain[k] = place
        place = top_before[place] if k > 0 else place
    for k in range(length):
        kind = TO_END if k == length - 1 else FROM_START if k == 0 else WITHIN
        movers[k] = arcs.user[kind, chain[k], chain[k + 1]]
    return length


@compiled
def _meets(before: NDArray[np.int64], start: int, through: int, end: int) -> bool:
    """Whether the walk to ``through`` passes ``end``, or does not get back to its start at all."""
    place = through
    for _ in range(before.size + 1):
        if place == start:
            return False
        if place == end:
            return True
        place = before[place]
    return True
