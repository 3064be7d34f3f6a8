"""What paper A leaves open about Algorithm 3, varied: shift of the costs, margins, start, re-optimised steps.

The surrogate (10) squares R_{n,r}, which asks for R >= 0; the paper neither says so nor what to do where utility
makes R negative. A shift of both places' costs by the same M_n changes P1 by a constant alone, and where it puts
the least cost decides what the algorithm finds. Without utility (w2 = 0) no shift is needed.

u_n, v_n or z_n = 0 freezes a_n or s_n for ever. So the iterate that they are taken at has to keep a margin from
its ends, of which the paper says nothing, either.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from itertools import repeat
from typing import NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.models.surrogate import MARGINS, Margins, cost_shift, relaxed_cost
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.step_allocation import price_search
from solvers.step_allocation.kkt import bisection as kkt
from solvers.step_allocation.sca import algorithms as sca
from solvers.step_allocation.sca.published import TAU

SHIFTS = (0.1, 1.0, 10.0)
"""Least shifted costs that are compared [-]."""

OFFLOAD_MARGINS = (1e-6, 1e-2, 0.1)
"""Margins of a_n that are compared with ours [-]."""

STEPS_MARGINS = (1e-4, 1.0)
"""Margins of s_n that are compared with ours [steps]."""

STARTS = 20
"""Random starts of which the best counts."""

SECONDS = 60.0


class Gaps(NamedTuple):
    """Relative gaps to the certified optimum of P1."""

    raw: float
    """Of the loop's own a and s."""
    finished: float
    """Of its rounded a with the best steps for it."""


def sensitivity(instances: Iterator[StepAllocation]) -> dict[str, list[Gaps]]:
    """Return the gaps of every instance, by what was chosen."""
    found: dict[str, list[Gaps]] = {}
    for number, data in enumerate(instances):
        for name, gaps in _choices(data, np.random.default_rng(number)):
            found.setdefault(name, []).append(gaps)
    return found


def _choices(data: StepAllocation, draw: np.random.Generator) -> Iterator[tuple[str, Gaps]]:
    best = optimum(data)
    for least in SHIFTS:
        yield f"shift to {least:g}", gaps_of(data, best, sca.default_start(data), cost_shift(data, least))
    without = data.replaced({"utility_weight": 0.0})
    yield (
        "no utility, no shift",
        gaps_of(without, optimum(without), sca.default_start(without), np.zeros(data.users)),
    )
    for field, margins in (("offload", OFFLOAD_MARGINS), ("steps", STEPS_MARGINS)):
        for margin in margins:
            varied = MARGINS._replace(**{field: margin})
            yield (
                f"margin {margin:g} of {'a_n' if field == 'offload' else 's_n'}",
                gaps_of(data, best, sca.default_start(data), cost_shift(data), varied),
            )
    starts = [sca.inside(data, *draw.uniform(0.0, 1.0, (2, data.users))) for _ in range(STARTS)]
    tried = [gaps_of(data, best, start, cost_shift(data)) for start in starts]
    yield "random start", Gaps(*np.mean(tried, axis=0).tolist())
    yield (
        f"best of {STARTS} random starts",
        Gaps(min(gaps.raw for gaps in tried), min(gaps.finished for gaps in tried)),
    )


def optimum(data: StepAllocation) -> float:
    """Certified optimum of P1 [-]."""
    solution = price_search.solve(data, Limits(time_limit=SECONDS), 0).solution
    assert solution is not None
    return evaluate_solution(data, solution).objective


def gaps_of(
    data: StepAllocation, best: float, start: sca.Iterate, shift: FloatArray, margins: Margins = MARGINS
) -> Gaps:
    """Return gaps of Algorithm 3 as published from a start, with a shift and margins."""
    kkt.load_kernels()
    solve_p2 = partial(kkt.solve, deadline=time.perf_counter() + SECONDS)
    trace = sca.run(
        data, start, repeat(TAU, sca.OUTER_ITERATIONS), solve_p2, SECONDS, shift=shift, margins=margins
    )
    last = trace.iterates[-1]
    finished = sca.finish(data, [sca.keep_budget(data, sca.rounded(last.offload), last.offload)])
    return Gaps(*((relaxed_cost(data, *point) - best) / abs(best) for point in (last, finished)))
