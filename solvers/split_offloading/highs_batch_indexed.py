"""P1 of split offloading by HiGHS, as the MILP with one binary variable per batch size."""

from __future__ import annotations

from functools import partial

from formulations.split_offloading import batch_indexed
from formulations.split_offloading.parameters import SplitOffloading
from solvers.algebraic import solve_model
from solvers.limits import Limits
from solvers.result import Outcome
from solvers.split_offloading.batch_scan import load_kernels_for
from solvers.split_offloading.natural_units import solve_in_natural_units

OPTIONS = {
    # HiGHS 1.15.1 can cut off an optimum at 1e-8 and below.
    "mip_feasibility_tolerance": 1e-7,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}


def solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve the MILP of :mod:`formulations.split_offloading.batch_indexed`; its dual bound is one on P1.

    Compiled kernels are loaded before the clock starts.
    """
    load_kernels_for(data)
    return solve_in_natural_units(data, limits, seed, _solve)


def _solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    read = partial(batch_indexed.solution, data=data)
    return solve_model(partial(batch_indexed.build, data), read, "highs", OPTIONS, data.users, limits, seed)
