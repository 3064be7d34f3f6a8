"""Exact solver of the GQAP: branch and bound with a dual ascent on the level-1 RLT relaxation.

docs/theory/gqap_branch_and_bound.md describes the bound and proves it. A short tabu search gives the incumbent.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter

import numpy as np

from formulations.gqap.evaluation import evaluate
from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Unsupported
from solvers.gqap.bounds.whole_problem import whole_problem
from solvers.gqap.cost_arrays import cost_arrays, has_room
from solvers.gqap.heuristics import tabu
from solvers.gqap.heuristics.short_tabu import short_tabu
from solvers.gqap.tree.assignment_tree import Tree

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
    start = short_tabu(data, seed, started + limits.time_seconds)
    cost = np.inf if start is None else evaluate(data, start).objective
    tree = Tree(data, whole_problem(data), CLOSED_SHARE_OF_GAP * limits.gap, start, cost)
    built = perf_counter()
    left = tree.search(started + limits.time_seconds)
    return Outcome(
        solution=None if tree.incumbent is None else {"assignment": tree.incumbent},
        bound=proven_bound(tree, left),
        infeasible=tree.incumbent is None and left is None,
        reason="tree searched" if left is None else TIME_LIMIT,
        build_seconds=built - started,
        solve_seconds=perf_counter() - built,
        root_bound=tree.root_bound if np.isfinite(tree.root_bound) else None,
        nodes=tree.nodes,
    )


def proven_bound(tree: Tree, left: int | None) -> float | None:
    """Bound of the optimum [cost], from the least bound in units of what was not searched; None if infeasible."""
    problem = tree.problem
    complete = max(tree.cost - tree.tolerance, problem.least)
    if left is None:
        return complete if tree.incumbent is not None else None
    if problem.step > 0.0:
        step, level = (int(problem.units(value)) for value in (problem.step, problem.level))
        left = level - (level - left) // step * step  # no assignment costs less than the next whole step
    return min(complete, max(problem.cost(left), problem.least))


@cache
def load_kernels() -> None:
    """Run the kernels once, which compiles them or loads them from the cache on disk."""
    tabu.load_kernels()
    for room in (1.0, 2.0):
        data = GQAP(
            items=2,
            places=2,
            assignment_cost=[[0.0, 0.0]] * 2,
            flow=[[0.0, 1.0], [1.0, 0.0]],
            distance=[[0.0, 1.0], [1.0, 0.0]],
            cost_factor=1.0,
            weight=[1.0, 1.0],
            capacity=[room, room],
        )
        Tree(data, whole_problem(data), 0.0, None, np.inf).search(np.inf)
