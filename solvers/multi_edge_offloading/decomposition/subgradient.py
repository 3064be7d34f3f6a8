"""Subgradient steps on the prices, of Polyak's length: towards the value of the incumbent.

The bound is convex and piecewise linear in the prices. Where the incumbent is an optimum that prices can prove, a
step of (bound - incumbent) / |g|^2 along a subgradient g ends at prices that prove it, mostly after tens of steps;
elsewhere the best prices are a start for cutting planes.
"""

from __future__ import annotations

import numpy as np

from formulations.compiled import compiled_stoppable
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.decomposition.rules import Rules
from solvers.multi_edge_offloading.decomposition.scan import fill_profits, fill_wanted

LEAST_PROGRESS = 0.02
"""Share of the gap that has to be closed within a stretch of steps, or they end."""

STRETCH = 40
"""Steps of a stretch."""


@compiled_stoppable
def descend(
    table: GainTable,
    prices: FloatArray,
    rules: Rules,
    target: float,
    tolerance: float,
    most_steps: int,
) -> tuple[float, int]:
    """Step until the bound on the gain is within ``tolerance`` of the target, or little is gained; keep the best.

    Parameters
    ----------
    table, rules : GainTable, Rules
        See :mod:`solvers.multi_edge_offloading.decomposition.scan`.
    prices : FloatArray
        lambda_i [s], where the steps start; the best ones afterwards.
    target : float
        Gain of the incumbent [s].
    tolerance : float
        Difference at which it is proven [s].
    most_steps : int
        Most steps.

    Returns
    -------
    tuple of float and int
        Bound at the best prices [s], and steps.
    """
    servers = table.batches.size
    profits, batches = np.empty(servers), np.zeros(servers, dtype=np.int64)
    wanted, current = np.empty(prices.size), prices.copy()
    best = fill_profits(table, prices, rules, profits, batches)
    bound, before = best, best
    for step in range(most_steps):
        if best - target <= tolerance:
            return best, step
        if step % STRETCH == STRETCH - 1:
            if before - best < LEAST_PROGRESS * (before - target):
                return best, step
            before = best
        fill_wanted(table, current, rules, batches, wanted)
        size = 0.0
        for i in range(current.size):
            wanted[i] -= 1.0
            if wanted[i] < 0.0 and current[i] <= 0.0:
                wanted[i] = 0.0
            size += wanted[i] * wanted[i]
        if size == 0.0:
            return best, step
        length = (bound - target) / size
        for i in range(current.size):
            current[i] = max(current[i] + length * wanted[i], 0.0)
        bound = fill_profits(table, current, rules, profits, batches)
        if bound < best:
            best = bound
            prices[:] = current
    return best, most_steps
