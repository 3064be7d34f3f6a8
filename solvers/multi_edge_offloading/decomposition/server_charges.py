"""Prices of users from an assignment: fixed charges of the servers at which no user gains by moving.

Let t_j be the charge of server j and lambda_i = max(0, max_j g_ij(b_j) - t_j). Let every user be at a place that
attains its maximum. Then these are optimal prices of the transportation problem with the batches b.

They prove the whole assignment optimal if no server earns more with another batch. For that, t_j has to lie
between two numbers: what one user less in the batch is worth to the others, and what one user more is. Each
condition bounds a difference of two charges. So shortest paths find the largest and the smallest charges that fit,
and the middle of both leaves most room.
"""

from __future__ import annotations

import numpy as np

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.exchange.arcs import WITHIN, Arcs, Assignment


@compiled
def prices_of_charges(table: GainTable, now: Assignment, arcs: Arcs, prices: FloatArray) -> None:
    """Write lambda_i [s] for an assignment and its exchange graph to ``prices``."""
    charges = _charges(table, now, arcs)
    prices[:] = 0.0
    for j in range(now.batch.size):
        begin, reach = table.start[j], table.start[j + 1] - table.start[j]
        row = table.first[j] + max(now.batch[j] - 1, 0) * reach
        for k in range(reach if table.batches[j] > 0 else 0):
            i = table.users[begin + k]
            prices[i] = max(prices[i], table.values[row + k] - charges[j + 1])


@compiled
def _charges(table: GainTable, now: Assignment, arcs: Arcs) -> FloatArray:
    """Charges [s] of all places, 0 for local, shape (m + 1,)."""
    places = now.batch.size + 1
    farthest = arcs.gain[WITHIN].copy()
    for p in range(places):
        farthest[p, p] = 0.0
    for k in range(places):
        for p in range(places):
            for q in range(places):
                farthest[p, q] = max(farthest[p, q], farthest[p, k] + farthest[k, q])
    lower, upper = _externalities(table, now, arcs)
    least, most = np.full(places, -np.inf), np.full(places, np.inf)
    for p in range(places):
        for q in range(places):
            least[q] = max(least[q], lower[p] + farthest[p, q])
            most[p] = min(most[p], upper[q] - farthest[p, q])
    charges = np.zeros(places)
    for q in range(1, places):
        charges[q] = least[q] if most[q] == np.inf else max(0.5 * (least[q] + most[q]), 0.0)
    return charges


@compiled
def _externalities(table: GainTable, now: Assignment, arcs: Arcs) -> tuple[FloatArray, FloatArray]:
    """What one user in the batch costs the others at least, and what one more would [s]."""
    lower, upper = arcs.shrink.copy(), -arcs.grow
    for j in range(now.batch.size):
        q, batch = j + 1, now.batch[j]
        if batch == 0:
            lower[q] = upper[q] = 0.0
            continue
        begin, reach = table.start[j], table.start[j + 1] - table.start[j]
        row = table.first[j] + (batch - 1) * reach
        leaving, coming = np.inf, np.inf
        for k in range(reach):
            if now.place[table.users[begin + k]] == q:
                if batch > 1:
                    leaving = min(leaving, table.values[row - reach + k] - table.values[row + k])
                if batch < table.batches[j]:
                    coming = min(coming, table.values[row + k] - table.values[row + reach + k])
        lower[q] -= leaving if leaving < np.inf else 0.0
        upper[q] += coming if coming < np.inf else 0.0
    return lower, upper
