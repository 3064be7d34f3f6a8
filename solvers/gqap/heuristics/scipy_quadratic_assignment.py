"""SciPy's heuristics for the quadratic assignment problem, where a GQAP is one."""

from __future__ import annotations

from itertools import count
from time import perf_counter

import numpy as np
from scipy.optimize import quadratic_assignment

from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Unsupported
from solvers.gqap.cost_arrays import CostArrays, cost_arrays, total_cost

STARTS = 30
"""Runs of each heuristic; the first of FAQ starts at the centre, all others at random."""


def solve(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Best of FAQ and 2-opt from :data:`STARTS` starts each."""
    started = perf_counter()
    arrays = cost_arrays(data)
    refuse_what_is_no_qap(data, arrays)
    flow = data.cost_factor * data.flow
    draw = np.random.default_rng(seed)
    best, best_cost, runs = None, np.inf, 0
    for runs in count(1):
        for method, options in (("faq", {"P0": "barycenter" if runs == 1 else "randomized"}), ("2opt", {})):
            found = quadratic_assignment(flow, data.distance, method=method, options={**options, "rng": draw})
            place = np.asarray(found.col_ind, dtype=np.int64)
            cost = total_cost(arrays, place)
            if cost < best_cost:
                best, best_cost = place, cost
        finished = runs == STARTS
        if finished or perf_counter() - started >= limits.time_limit:
            break
    return Outcome(
        solution=None if best is None else {"assignment": best},
        reason="all starts" if finished else TIME_LIMIT,
        iterations=runs,
        solve_seconds=perf_counter() - started,
    )


def refuse_what_is_no_qap(data: GQAP, arrays: CostArrays) -> None:
    """Raise Unsupported unless an assignment is a permutation, and places matter by the flows alone."""
    if data.items != data.places:
        raise Unsupported(f"a QAP has as many items as places, not {data.items} and {data.places}")
    if arrays.weight.max() > arrays.limit.min():
        raise Unsupported("in a QAP every item fits in every place")
    if np.sort(arrays.weight)[:2].sum() <= arrays.limit.max() and data.items > 1:
        raise Unsupported("in a QAP no two items fit in one place")
    if (data.assignment_cost != data.assignment_cost[:, :1]).any():
        raise Unsupported("in a QAP items have no assignment costs")
