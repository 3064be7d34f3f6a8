"""The bound of a branch: subgradient steps first, then cutting planes until the master problem meets it.

The prices of the master problem jump about; they are drawn half way towards the best prices so far (the smoothing
of Wentges), and the columns of both are added.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.decomposition.master import Column, Master, Prices, column_of
from solvers.multi_edge_offloading.decomposition.rules import NOT_HELD, Rules
from solvers.multi_edge_offloading.decomposition.scan import batch_profit, fill_profits, members
from solvers.multi_edge_offloading.decomposition.subgradient import descend

MOST_STEPS = 2000
"""Most subgradient steps of a branch."""

STEPS_AT_ONCE = 200
"""Steps between two looks at the clock."""

BATCHES_AT_ONCE = 3
"""Batches of a server whose columns are added at the same prices."""

MOST_ROUNDS = 500
"""Most rounds of cutting planes of a branch."""


class Bounded(NamedTuple):
    """What is known of a branch."""

    bound: float
    """No assignment within the branch gains more [s]."""
    prices: FloatArray
    """Prices that prove it [s], shape (I,)."""
    columns: tuple[Column, ...]
    """Columns of the master problem; empty where it was not needed."""
    weights: FloatArray
    """Their weights in its solution."""
    steps: int
    """Subgradient steps and rounds of cutting planes."""


def bound_of(
    table: GainTable,
    rules: Rules,
    start: FloatArray,
    target: float,
    tolerance: float,
    deadline: float,
    known: tuple[Column, ...] = (),
) -> Bounded:
    """Bound a branch, as closely as the decomposition can or as it takes to prove the target within a tolerance.

    Parameters
    ----------
    table : GainTable
        Gains.
    rules : Rules
        The branch.
    start : FloatArray
        Prices to start from [s], shape (I,).
    target : float
        Gain of the incumbent [s].
    tolerance : float
        How far above it a bound may be and still close the branch [s].
    deadline : float
        Time at which to stop, on the clock of ``perf_counter``.
    known : tuple of Column
        Columns of other branches, which may help.
    """
    prices = start.copy()
    bound, steps = descend(table, prices, rules, target, tolerance, min(STEPS_AT_ONCE, MOST_STEPS))
    taken = steps
    while steps == STEPS_AT_ONCE and taken < MOST_STEPS and perf_counter() < deadline:
        bound, steps = descend(table, prices, rules, target, tolerance, STEPS_AT_ONCE)
        taken += steps
    if bound - target <= tolerance or perf_counter() > deadline:
        return Bounded(bound, prices, (), np.empty(0), taken)
    master = Master(prices.size, table.batches.size)
    master.add([column for column in known if allows(rules, column)])
    master.add(columns_at(table, rules, prices, np.zeros(table.batches.size)))
    return cutting_planes(
        master,
        Bounded(bound, prices, (), np.empty(0), taken),
        lambda trial: price_bound(table, rules, trial),
        lambda trial, profits: columns_at(table, rules, trial, profits),
        target,
        tolerance,
        deadline,
    )


def cutting_planes(
    master: Master,
    known: Bounded,
    bound_at: Callable[[FloatArray], float],
    columns: Callable[[FloatArray, FloatArray], list[Column]],
    target: float,
    tolerance: float,
    deadline: float,
) -> Bounded:
    """Bound a branch by cutting planes until the master problem meets the bound, or the target is proven.

    Parameters
    ----------
    master : Master
        With the columns to start from.
    known : Bounded
        Bound and prices so far.
    bound_at, columns : callable
        Bound of prices, with multipliers of rows behind them, and the columns that earn most beyond profits.
    target, tolerance, deadline : float
        As :func:`bound_of` takes them.
    """
    bound, prices, taken = known.bound, known.prices, known.steps
    found: Prices | None = None
    for _ in range(MOST_ROUNDS):
        left = deadline - perf_counter()
        answer = master.solve(left) if left > 0.0 else None
        if answer is None:
            break
        found, taken = answer, taken + 1
        if bound - found.value <= 0.25 * tolerance or bound - target <= tolerance:
            break
        latest = np.concatenate([found.prices, found.multipliers])
        fresh, middle = 0, 0.5 * (prices + latest)
        for trial in (latest, middle):
            value = bound_at(trial)
            if value < bound:
                bound, prices = value, trial
            fresh += master.add(columns(trial, found.profits))
        if fresh == 0:
            break
    weights = np.empty(0) if found is None else found.weights
    return Bounded(bound, prices, tuple(master.columns[: weights.size]), weights, taken)


def price_bound(table: GainTable, rules: Rules, prices: FloatArray) -> float:
    """Bound of these prices, sum lambda_i plus what every server earns: no assignment gains more [s]."""
    servers = table.batches.size
    return fill_profits(table, prices, rules, np.empty(servers), np.zeros(servers, dtype=np.int64))


def allows(rules: Rules, column: Column) -> bool:
    """Whether a branch allows a column of another one."""
    server = column.server
    if not rules.lower[server] <= column.batch <= rules.upper[server]:
        return False
    models = np.unique(rules.model[column.users])
    held = rules.held[server]
    must = int((held == 1).sum() - (held[models] == 1).sum())
    return bool((held[models] != NOT_HELD).all()) and models.size + must <= int(rules.slots[server])


def columns_at(table: GainTable, rules: Rules, prices: FloatArray, profits: FloatArray) -> list[Column]:
    """Columns that earn most beyond the profits of their servers at these prices, a few for each server."""
    found = []
    earned = all_profits(table, prices, rules)
    for server in range(table.batches.size):
        above = earned[server] - profits[server]
        order = np.argsort(-above)[:BATCHES_AT_ONCE]
        for batch in (order[above[order] > 1e-12 * max(1.0, profits[server])] + 1).tolist():
            users = members(table, prices, rules, server, batch)
            found.append(column_of(table, server, batch, np.sort(users)))
    return found


@compiled
def all_profits(table: GainTable, prices: FloatArray, rules: Rules) -> FloatArray:
    """What each server earns with each batch that is allowed [s], shape (m, largest batch); 0 for the others."""
    most = max(table.batches.max(), 1)
    earned, room = np.zeros((table.batches.size, most)), np.empty(most)
    for j in range(table.batches.size):
        for batch in range(max(rules.lower[j], 1), rules.upper[j] + 1):
            earned[j, batch - 1] = batch_profit(table, prices, rules, j, batch, room)
    return earned


def weights_of(columns: tuple[Column, ...], weights: FloatArray, servers: int, most: int) -> NDArray[np.float64]:
    """Weight of each batch of each server in a solution of the master problem, shape (m, most + 1)."""
    share = np.zeros((servers, most + 1))
    for column, weight in zip(columns, weights.tolist(), strict=True):
        share[column.server, column.batch] += weight
    return share
