"""Assignments by local search: from nobody or from a start, with batch sizes left open or fixed."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.exchange.arcs import Assignment, fill_arcs, no_arcs
from solvers.multi_edge_offloading.exchange.search import SMALLEST_GAIN, improve

CHAINS_AT_ONCE = 200
"""Chains that are applied before somebody may look at the clock."""


def improved(table: GainTable, start: Assignment, deadline: float = np.inf) -> Assignment:
    """The assignment that chains of moves lead to from a start, or as far as time allows."""
    now = Assignment(start.place.copy(), start.batch.copy())
    arcs = no_arcs(now.place.size, now.batch.size)
    least = SMALLEST_GAIN * float(np.abs(table.values).max(initial=0.0)) * max(now.batch.size, 1)
    done = False
    while not done:
        _, done = improve(table, now, arcs, least, CHAINS_AT_ONCE)
        if perf_counter() > deadline:
            break
    return now


def gain_of_assignment(table: GainTable, now: Assignment) -> float:
    """Sum of g_ij(b_j) over all users at a server [s]."""
    arcs = no_arcs(now.place.size, now.batch.size)
    fill_arcs(table, now, arcs)
    return float(arcs.here.sum())


def at_fixed_levels(table: GainTable, levels: NDArray[np.int64]) -> GainTable:
    """The transportation problem: gains of every batch of server j up to ``levels[j]`` are those of that level.

    Local search solves it exactly, since without congestion it is a flow problem, in which a flow is optimal if no
    chain gains anything.
    """
    values, sizes = [], []
    for j, level in enumerate(levels.tolist()):
        mine = np.tile(table.of(j, level), level) if level else np.empty(0)
        values.append(mine)
        sizes.append(mine.size)
    return table._replace(
        values=np.concatenate(values), first=np.concatenate([[0], np.cumsum(sizes)]), batches=levels.copy()
    )


def with_models(table: GainTable, held: BoolArray, model: NDArray[np.int64]) -> GainTable:
    """The table in which no user may go to a server that does not hold its model.

    Parameters
    ----------
    table : GainTable
        Gains.
    held : BoolArray
        Whether a server holds a model, shape (m, K).
    model : ndarray of int64
        Model of each user, shape (I,).
    """
    if held.all():
        return table
    values = table.values.copy()
    for j in range(table.batches.size):
        reached = table.reached(j)
        rows = values[table.first[j] : table.first[j + 1]].reshape(int(table.batches[j]), reached.size)
        rows[:, ~held[j, model[reached]]] = -np.inf
    return table._replace(values=values)


def allowed_part(now: Assignment, held: BoolArray, model: NDArray[np.int64]) -> Assignment:
    """The assignment without the users whose server does not hold their model."""
    place = now.place.copy()
    offloaded = np.flatnonzero(place > 0)
    place[offloaded[~held[place[offloaded] - 1, model[offloaded]]]] = 0
    return assignment_of(place, now.batch.size)


def assignment_of(place: NDArray[np.int64], servers: int) -> Assignment:
    """An assignment from the place of each user."""
    return Assignment(place, np.bincount(place, minlength=servers + 1)[1:].astype(np.int64))
