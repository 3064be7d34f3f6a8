"""An exact method and a greedy one."""

import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from solvers.core.entry import Method
from solvers.core.result import Outcome

METHODS = (
    Method(
        "highs",
        "cache_placement",
        "knapsack",
        "cache_placement.methods:solve_milp",
        "exact: MILP by HiGHS",
        exact=True,
        isolated=True,
    ),
    Method("density", "cache_placement", "knapsack", "cache_placement.methods:solve_density", "most hits per MB"),
)


def solve_milp(data, limits, seed):
    """Solve the knapsack by HiGHS; its dual bound is proven whatever the time."""
    start = time.perf_counter()
    found = milp(
        -data.hits_per_hour,
        integrality=np.ones(data.models),
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(data.megabytes[None, :], ub=data.memory_megabytes),
        options={"time_limit": limits.time_limit, "mip_rel_gap": limits.gap / 10.0},
    )
    solution = None if found.x is None else {"kept": np.round(found.x)}
    bound = None if found.mip_dual_bound is None else -found.mip_dual_bound
    return Outcome(solution, bound=bound, solve_seconds=time.perf_counter() - start)


def solve_density(data, limits, seed):
    """Keep models by hits per megabyte, while they fit."""
    start = time.perf_counter()
    kept, left = np.zeros(data.models), data.memory_megabytes
    for m in np.argsort(-data.hits_per_hour / np.maximum(data.megabytes, 1e-9)):
        if data.megabytes[m] <= left:
            kept[m] = 1.0
            left -= data.megabytes[m]
    return Outcome({"kept": kept}, solve_seconds=time.perf_counter() - start)
