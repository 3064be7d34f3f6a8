"""P1 of split offloading by HiGHS, as the MILP with one binary variable per batch size."""

from __future__ import annotations

from time import perf_counter

from formulations.split_offloading import batch_indexed
from formulations.split_offloading.gain import gains
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from solvers import backends
from solvers.judge import ABSOLUTE_GAP
from solvers.limits import Limits
from solvers.result import Outcome

TOLERANCE_SHARE = 0.1
"""Share of the asked gap that HiGHS may leave open; the rest is for its feasibility tolerance."""

OPTIONS = {
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}


def solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve the MILP of :mod:`formulations.split_offloading.batch_indexed`; its dual bound is one on P1.

    Compiled kernels are loaded before the clock starts.
    """
    _ = gains(data, 1.0), best_splits(data, 1.0)
    began = perf_counter()
    model = batch_indexed.build(data)
    build_seconds = perf_counter() - began
    found = backends.solve(
        model,
        "highs",
        time_seconds=limits.time_seconds - build_seconds,
        relative_gap=TOLERANCE_SHARE * limits.gap,
        absolute_gap=TOLERANCE_SHARE * ABSOLUTE_GAP * data.users,
        threads=limits.threads,
        options={**OPTIONS, "random_seed": seed},
    )
    return Outcome(
        solution=batch_indexed.solution(model, data) if found.has_solution else None,
        bound=found.bound,
        infeasible=found.infeasible,
        reason=found.termination,
        build_seconds=build_seconds,
        solve_seconds=found.seconds,
        nodes=found.nodes,
        log=found.log,
    )
