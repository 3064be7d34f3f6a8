"""Exact solver of the GQAP: branch and bound with a dual ascent on the RLT relaxation of level 1, or 2 if need be.

docs/theory/gqap_branch_and_bound.md describes the bound and proves it. A short tabu search gives the incumbent.
Related searches are those of Hahn, Grant and Hall [1]_ for the QAP and of Pessoa et al. [2]_ for the GQAP.

References
----------
.. [1] P. M. Hahn, T. Grant, N. Hall, "A branch-and-bound algorithm for the quadratic assignment problem based on
   the Hungarian method", European Journal of Operational Research 108 (1998).
.. [2] A. A. Pessoa, P. M. Hahn, M. Guignard, Y.-R. Zhu, "Algorithms for the generalized quadratic assignment
   problem combining Lagrangean decomposition and the Reformulation-Linearization Technique", European Journal of
   Operational Research 206 (2010).
"""

from __future__ import annotations

from functools import cache
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.gqap.evaluation import evaluate
from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Unsupported
from solvers.gqap.cost_arrays import cost_arrays, has_room
from solvers.gqap.heuristics import tabu
from solvers.gqap.heuristics.short_tabu import short_tabu
from solvers.gqap.tree.assignment_tree import Incumbent
from solvers.gqap.tree.staged_search import LAST_STAGE_LEVEL2, StagedSearch

MOST_CELLS = 1 << 22
"""Largest (n m)^2, the numbers that the bound keeps; each level of the tree has its own."""

CLOSED_SHARE_OF_GAP = 1e-3
"""Where costs are not whole, the search closes to this share of the asked relative gap."""


def solve(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve the GQAP to a proven optimum, or report a valid bound at the time limit.

    Where all costs are whole the proof is exact: arithmetic is in whole numbers, and the bound is the optimum.
    Compiled kernels are loaded before the clock starts.
    """
    cells = (data.items * data.places) ** 2
    if cells > MOST_CELLS:
        raise Unsupported(f"the bound keeps (items x places)^2 = {cells} numbers, expected at most {MOST_CELLS}")
    load_kernels()
    started = perf_counter()
    if not has_room(cost_arrays(data)):
        return Outcome(None, infeasible=True, reason=tabu.NO_ROOM, solve_seconds=perf_counter() - started)
    start = short_tabu(data, seed, started + limits.time_limit)
    search = StagedSearch(data, CLOSED_SHARE_OF_GAP * limits.gap, incumbent_of(data, start))
    search.better_incumbent = lambda until: incumbent_of(data, tabu.search(data, seed, until).place)
    built = perf_counter()
    left = search.search(started + limits.time_limit, limits.threads)
    return outcome_of(search, left, build_seconds=built - started, solve_seconds=perf_counter() - built)


def incumbent_of(data: GQAP, place: NDArray[np.int64] | None) -> Incumbent:
    """An assignment with its cost; infinite where there is none."""
    return Incumbent(place, np.inf if place is None else evaluate(data, place).objective)


def outcome_of(search: StagedSearch, left: int | None, build_seconds: float, solve_seconds: float) -> Outcome:
    """What a search has found, with the least bound in units of what it has left, None where that is nothing."""
    place = search.incumbent.place
    return Outcome(
        solution=None if place is None else {"assignment": place},
        bound=search.bound_cost(left),
        infeasible=place is None and left is None,
        reason="tree searched" if left is None else TIME_LIMIT,
        build_seconds=build_seconds,
        solve_seconds=solve_seconds,
        root_bound=search.root_bound if np.isfinite(search.root_bound) else None,
        nodes=search.nodes,
        history=search.trace.rows(),
    )


@cache
def load_kernels() -> None:
    """Run the kernels once, which compiles them or loads them from the cache on disk."""
    tabu.load_kernels()
    for room, items, stages in ((1.0, 2, ()), (2.0, 2, ()), (1.0, 4, (LAST_STAGE_LEVEL2,))):
        apart = np.ones((items, items)) - np.eye(items)
        data = GQAP(
            items=items,
            places=items,
            assignment_cost=np.zeros((items, items)),
            flow=apart,
            distance=apart,
            cost_factor=1.0,
            weight=np.ones(items),
            capacity=np.full(items, room),
        )
        StagedSearch(data, 0.0, Incumbent(None, np.inf)).search(np.inf, stages=stages)
