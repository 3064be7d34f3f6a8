"""Exact solver: Lagrangian decomposition by a price per user, incumbents by chains of moves, branch and bound.

docs/theory/multi_edge_offloading.md states the decomposition and proves its bound and the branching.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from time import perf_counter
from typing import Any

import numpy as np

from formulations.multi_edge_offloading.gains import solution_of
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.runtime.interrupts import hand_over
from formulations.split_offloading.evaluation import all_local_worth
from solvers.core.limits import Limits
from solvers.core.result import INTERRUPTED, TIME_LIMIT, Outcome
from solvers.core.rounding import lost_in_rounding
from solvers.multi_edge_offloading.certificates.write import certificate_of
from solvers.multi_edge_offloading.constrained.demands import demands_of
from solvers.multi_edge_offloading.decomposition.rules import all_allowed
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.tree.incumbent import Incumbent, servers_of
from solvers.multi_edge_offloading.tree.search import Search, started
from solvers.multi_edge_offloading.trivial import trivial_outcome

SHARE_OF_GAP = 0.1
"""Share of the asked gap, of the gain over all-local, that the search closes to."""


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve to a proven optimum, or as far as time allows; the seed is not used.

    Compiled kernels are loaded before the clock starts. An interrupt hands over what is known, see
    :func:`formulations.runtime.interrupts.hand_over`.
    """
    load_kernels()
    began = perf_counter()
    table = gain_table(data)
    trivial = trivial_outcome(data, table) if data.constraints else None
    if trivial is not None:
        return trivial
    rules = all_allowed(data, table)
    deadline = began + limits.time_limit
    search = started(table, rules, SHARE_OF_GAP * limits.gap, deadline, demands_of(data, table))
    try:
        search.run()
    except KeyboardInterrupt as stopped:
        if search.found:
            known = outcome_of(data, search, perf_counter() - began)
            hand_over(stopped, replace(known, reason=INTERRUPTED, certificate=None))
        raise
    if not search.found:
        return nothing_found(data, search, perf_counter() - began)
    return outcome_of(data, search, perf_counter() - began)


def outcome_of(data: MultiEdgeOffloading, search: Search, seconds: float) -> Outcome:
    """What a search has found, with its bound in terms of the objective."""

    def objective(gain: float) -> float:
        return objective_of(data, search, gain)

    root = objective(search.root_bound) if np.isfinite(search.root_bound) else None
    return Outcome(
        solution=solution_with_models(data, search.best),
        bound=objective(max(search.bound, search.best.gain)),
        reason="gap closed" if search.complete else TIME_LIMIT,
        solve_seconds=seconds,
        root_bound=root,
        nodes=search.nodes,
        iterations=search.steps,
        certificate=None if data.constraints else certificate_of(search.root),
    )


def objective_of(data: MultiEdgeOffloading, search: Search, gain: float) -> float:
    """Bound on the objective from one on the gain: worth of all-local, gain, and what rounding may lose [s]."""
    worth = all_local_worth(data)
    prizes = 0.0 if search.demands is None else search.demands.prize * data.users
    return float(worth.sum()) + gain + lost_in_rounding(worth, gain, prizes)


def nothing_found(data: MultiEdgeOffloading, search: Search, seconds: float) -> Outcome:
    """A search without an assignment: none is allowed where it was complete."""
    return Outcome(
        None,
        bound=None if search.complete else objective_of(data, search, search.bound),
        infeasible=search.complete,
        reason="no assignment is allowed" if search.complete else TIME_LIMIT,
        solve_seconds=seconds,
        nodes=search.nodes,
        iterations=search.steps,
    )


def solution_with_models(data: MultiEdgeOffloading, best: Incumbent) -> dict[str, Any]:
    """Arrays of an incumbent, with the models held where these are decided."""
    solution = solution_of(data, servers_of(best.now))
    return solution | ({"models_held": best.held.astype(np.float64)} if data.chooses_models else {})


@cache
def load_kernels() -> None:
    """Run every kernel once on a small problem, which compiles it or loads it from the cache on disk."""
    for slots in (1.0, 2.0):
        data = tiny(slots)
        table = gain_table(data)
        search = started(table, all_allowed(data, table), 0.0, np.inf)
        search.best = Incumbent(search.best.now, search.best.held, 0.5 * search.best.gain)
        search.run()


def tiny(slots: float) -> MultiEdgeOffloading:
    """A problem of four users, two servers and two models, on which kernels are loaded."""
    return MultiEdgeOffloading(
        users=4,
        servers=2,
        total_steps=200,
        min_local_steps=80,
        pai_slope=0.0413,
        pai_threshold=71.44,
        accuracy_weight=[10.0, 20.0, 30.0, 40.0],
        local_seconds_per_step=0.3,
        wait_seconds=0.0,
        prompt_bits=216.0,
        latent_bits=4.4e6,
        edge_seconds_per_step_per_item=0.016,
        edge_seconds_per_step_base=0.03,
        gpus=[2, 4],
        max_batch=2,
        bandwidth_hz=1e6,
        spectral_efficiency=[[6.0, 5.0], [5.0, 6.0], [4.0, 4.0], [3.0, 5.0]],
        models=2,
        model_of_user=[0, 1, 0, 1],
        model_slots=slots,
    )
