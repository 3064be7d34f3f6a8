"""Algorithms 1 to 3 as published, tau = 1e5 throughout, with Algorithm 2 as its appendix reads.

It keeps s >= 0, which the paper leaves out. :func:`solve_printed` reads line 8 of Algorithm 2 alone, which
clamps a after the searches, and leaves s >= 0 out as well.

The published penalty rounds a at the first P2 whose penalty has a slope, and nothing moves afterwards: from
a = 1/2 that happens one outer iteration later than from other starts, since 2 a - 1 = 0 there.
"""

from __future__ import annotations

import time
from functools import partial
from itertools import repeat

from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import GAVE_UP, Outcome, Unsupported
from solvers.step_allocation.kkt import bisection as kkt
from solvers.step_allocation.kkt.p2_solution import P2Unsolved
from solvers.step_allocation.sca import algorithms as sca

TAU = 1e5
"""Published penalty parameter [-], paper A section IV-A."""


def solve(data: StepAllocation, limits: Limits, seed: int, start: sca.Iterate | None = None) -> Outcome:
    """Algorithms 1 to 3, from a = 1/2 and half of the limits or from another start.

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    limits : Limits
        Its time limit ends the loop.
    seed : int
        Not used: the method is deterministic.
    start : Iterate, optional
        S^(0) of Algorithm 3.
    """
    kkt.load_kernels()
    deadline = time.perf_counter() + limits.time_limit
    return solve_with(data, limits, partial(kkt.solve, deadline=deadline), start)


def solve_printed(data: StepAllocation, limits: Limits, seed: int, start: sca.Iterate | None = None) -> Outcome:
    """Same as :func:`solve`, with line 8 of Algorithm 2 read alone; negative steps of an iterate are raised to 0.

    Raises
    ------
    Unsupported
        If there are further constraints, for which this reading has no bounds.
    """
    if data.constraints:
        raise Unsupported("Algorithm 2 with line 8 read alone knows no further constraints")
    kkt.load_kernels()
    deadline = time.perf_counter() + limits.time_limit
    return solve_with(data, limits, partial(kkt.solve_as_printed, deadline=deadline), start)


def solve_with(data: StepAllocation, limits: Limits, solve_p2: sca.P2Solver, start: sca.Iterate | None) -> Outcome:
    """Return what the published algorithms end with, where P2 is solved by the given function."""
    started = time.perf_counter()
    trivial = sca.without_iterations(data)
    if trivial is not None:
        return trivial
    penalties = repeat(TAU, sca.OUTER_ITERATIONS)
    deadline = started + limits.time_limit
    start = start or sca.default_start(data)
    try:
        trace = sca.run(data, start, penalties, solve_p2, deadline - time.perf_counter())
    except P2Unsolved as fault:
        seconds = time.perf_counter() - started
        return Outcome(solution=None, reason=GAVE_UP, solve_seconds=seconds, iterations=0, log=f"{fault}\n")
    last = trace.iterates[-1].offload
    final = sca.finish(data, [sca.keep_budget(data, sca.rounded(last), last)], deadline)
    return sca.outcome(data, trace, final, started)
