"""Local search alone: chains of moves from nobody, or batch sizes around a transportation problem."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.multi_edge_offloading.gains import GainTable
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.multi_edge_offloading.constrained.demands import demands_of, view
from solvers.multi_edge_offloading.constrained.repair import NO_PLAN
from solvers.multi_edge_offloading.decomposition.rules import Rules, all_allowed
from solvers.multi_edge_offloading.decomposition.scan import fill_profits
from solvers.multi_edge_offloading.exchange.assignments import (
    at_fixed_levels,
    gain_of_assignment,
    with_models,
)
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.tree.branch_and_bound import load_kernels, solution_with_models
from solvers.multi_edge_offloading.tree.incumbent import Incumbent, feasible_incumbent, first_incumbent


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Chains of moves from nobody until none gains: users move, swap in cycles, and batches grow and shrink.

    It is the first incumbent of ``price-decomposition``, without a bound.
    """
    load_kernels()
    began = perf_counter()
    table = gain_table(data)
    rules, demands = all_allowed(data, table), demands_of(data, table)
    deadline = began + limits.time_limit
    found = first_incumbent(view(table, rules, demands).table, rules, deadline)
    return _outcome(data, feasible_incumbent(table, rules, demands, found), began, deadline, "no chain gains")


def solve_transportation(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """The transportation problem at fixed batch sizes, one server's size changed by one while that gains.

    The sizes start at those that every server would choose if it were alone.
    """
    load_kernels()
    began = perf_counter()
    plain = gain_table(data)
    rules, demands = all_allowed(data, plain), demands_of(data, plain)
    table = view(plain, rules, demands).table
    deadline = began + limits.time_limit
    levels = np.zeros(data.servers, dtype=np.int64)
    fill_profits(table, np.zeros(data.users), rules, np.empty(data.servers), levels)
    best = _at(table, rules, levels, deadline)
    better = True
    while better and perf_counter() < deadline:
        better = False
        for j in range(data.servers):
            for step in (-1, 1):
                trial = best.now.batch.copy()
                trial[j] += step
                if not 0 <= trial[j] <= table.batches[j] or perf_counter() > deadline:
                    continue
                found = _at(table, rules, trial, deadline)
                if found.gain > best.gain * (1.0 + 1e-12):
                    best, better = found, True
    return _outcome(data, feasible_incumbent(plain, rules, demands, best), began, deadline, "no batch size gains")


def _at(table: GainTable, rules: Rules, levels: NDArray[np.int64], deadline: float) -> Incumbent:
    """Transportation problem at fixed levels; its gain is that of the batches that come out."""
    found = first_incumbent(at_fixed_levels(table, levels), rules, deadline)
    return Incumbent(
        found.now, found.held, gain_of_assignment(with_models(table, found.held, rules.model), found.now)
    )


def _outcome(
    data: MultiEdgeOffloading, best: Incumbent | None, began: float, deadline: float, reason: str
) -> Outcome:
    now = perf_counter()
    if best is None:
        return Outcome(None, reason=NO_PLAN, solve_seconds=now - began)
    return Outcome(
        solution_with_models(data, best),
        reason=TIME_LIMIT if now > deadline else reason,
        solve_seconds=now - began,
    )
