"""Exact over whole steps by a dynamic programme over the edge's budget: nothing of the price search is used.

best(n, k) is the least cost of the first n users with at most k edge steps. User n stays on its device, with its
best local steps, or takes s of the k: O(N S_e max S1) work. P1 is NP-hard, and this is why weakly so: the budget
counts as a number here, not by its digits.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled_stoppable
from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.best_response import best_steps_at_price
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported

MOST_WORK = 2e9
"""Largest N S_e max S1 that is tried, some seconds."""

MOST_CELLS = 2e8
"""Largest N (S_e + 1), two bytes each."""

ROUNDING = 1e-13
"""Share of a user's terms that rounding may add to its cost, the sum over the users counted in."""


def solve(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Optimum over whole steps; deterministic, and not stopped by a time limit but by the size.

    Raises
    ------
    Unsupported
        If steps are continuous, if there are further constraints, or if budget and limits are too large.
    """
    if data.constraints:
        raise Unsupported("the dynamic programme knows no further constraints")
    if not data.integer_steps:
        raise Unsupported("the dynamic programme counts whole steps, and this instance has continuous ones")
    reach = np.minimum(data.edge_step_limit, data.edge_step_budget)
    used = min(float(data.edge_step_budget), float(reach.sum()))
    if data.users * (used + 1.0) * (reach.max() + 1.0) > MOST_WORK or data.users * (used + 1.0) > MOST_CELLS:
        raise Unsupported(
            f"the dynamic programme would need {data.users} x {used:g} x {reach.max():g} comparisons, beyond "
            f"{MOST_WORK:g}"
        )
    most, budget = reach.astype(np.int64), int(used)
    started = perf_counter()
    local = best_steps_at_price(data, LOCAL, 0.0)
    local_cost = least_cost(data, local, LOCAL)
    edge = np.array([least_cost(data, np.full(data.users, float(s)), EDGE) for s in range(most.max() + 1)])
    taken = np.full((data.users, budget + 1), -1, dtype=np.int16 if most.max() < 2**15 else np.int64)
    objective = fill(local_cost, np.ascontiguousarray(edge.T), most, taken)
    offload, steps = np.zeros(data.users), local.copy()
    left = budget
    for n in reversed(range(data.users)):
        if taken[n, left] >= 0:
            offload[n], steps[n] = 1.0, float(taken[n, left])
            left -= int(taken[n, left])
    return Outcome(
        solution={"a": offload, "s": steps},
        bound=objective,
        reason="every budget tried",
        solve_seconds=perf_counter() - started,
    )


def least_cost(data: StepAllocation, steps: FloatArray, place: int) -> FloatArray:
    """Cost of each user [-] at a place, less what rounding may have added: their least sum bounds P1."""
    cost = costs.cost(data, steps, place)
    terms = cost + 2.0 * data.utility_weight * costs.utility(data, steps)  # the utility is the one negative term
    return cost - ROUNDING * terms


@compiled_stoppable
def fill(local_cost: FloatArray, edge: FloatArray, most: NDArray[np.int64], taken: NDArray[np.int64]) -> float:
    """Return the least cost and write each user's best steps with k left to ``taken``, -1 on its device."""
    width = taken.shape[1]
    best = np.zeros(width)
    for n in range(local_cost.size):
        after = best + local_cost[n]
        for k in range(width):
            for s in range(min(most[n], k) + 1):
                cost = best[k - s] + edge[n, s]
                if cost < after[k]:
                    after[k] = cost
                    taken[n, k] = s
        best = after
    return float(best[width - 1])
