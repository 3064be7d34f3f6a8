"""Exact solver of P1: Lagrangian bound, fixing by reduced cost, branching on counts of offloaded users.

One price on the budget bounds P1 and decides most users for good; the rest is closed by branch and bound on
counts (docs/theory/step_allocation, sections 4 to 6). The result carries a certificate that
:mod:`solvers.step_allocation.certificates.check` checks without this solver. Constraints that separate by user are
in the steps that a user may have at each place; where rows couple users,
:mod:`solvers.step_allocation.coupled.search` gives each of them a price of its own.
"""

from __future__ import annotations

from functools import cache
from time import perf_counter
from typing import Any

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts, decision_costs, respond
from formulations.step_allocation.cost_scale import constant_cost, ideal_cost, search_unit
from formulations.step_allocation.domain import coupling_rows, may_be_at
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.core.rounding import lost_in_rounding, with_constant
from solvers.step_allocation.certificates.check import VERSION
from solvers.step_allocation.coupled import search as row_search
from solvers.step_allocation.feasibility import proven_infeasible
from solvers.step_allocation.lagrangian.branch_and_bound import BranchAndBound, Incumbent
from solvers.step_allocation.lagrangian.budget import roomy_budget
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES, branch_between, restrict
from solvers.step_allocation.lagrangian.closing import CLOSED_SHARE_OF_GAP, Closing
from solvers.step_allocation.lagrangian.dual_function import DualPoint, IntArray, Offloading, bound_at, maximise
from solvers.step_allocation.lagrangian.tree import FreeUsers
from solvers.step_allocation.large_scale import large_price_search


def solve(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Solve P1 to a proven optimum; the seed is not used.

    Compiled kernels are loaded before the clock starts: at most once in a process, and compiled once per machine.

    Returns
    -------
    Outcome
        Solution, bound, number of nodes, the price ``delta`` of an edge step [1/step] at the root, and the
        certificate. If the time is over before the gap is closed, the bound is still valid. Infeasibility is
        proven.
    """
    infeasible = proven_infeasible(data)
    if infeasible is not None:
        return infeasible
    if coupling_rows(data):
        return row_search.solve(data, limits)
    if data.users >= large_price_search.USERS:
        return large_price_search.solve(data, limits)
    return solve_few(data, limits)


def solve_few(data: StepAllocation, limits: Limits) -> Outcome:
    """Solve P1 without rows that couple users, one user after another."""
    load_kernels()
    started = perf_counter()
    unit = search_unit(data)
    problem = offloading_problem(data, unit)
    built = perf_counter()
    deadline = started + limits.time_seconds
    incumbent = Incumbent()
    root = maximise(problem, NO_RANGES, 0.0, np.inf)
    everybody = FreeUsers(problem, incumbent, np.empty(0))
    everybody.offer(root.chosen_low)
    everybody.offer(root.chosen_high)
    fixed, fixing_bound = fix_by_reduced_cost(problem, root, incumbent.cost)
    similarity, fixed = order_by_similarity(fixed, root.price)
    tree = BranchAndBound(
        FreeUsers(fixed, incumbent, similarity),
        Closing.within(limits, CLOSED_SHARE_OF_GAP, data.users, lambda: ideal_cost(data) / unit),
    )
    bound = tree.search(NO_RANGES, root.price, root.bound, lambda: perf_counter() >= deadline)
    bound = min(bound, fixing_bound)
    rounding = lost_in_rounding(problem.local_cost, bound)
    late = perf_counter() >= deadline
    reason = TIME_LIMIT if late else tree.closing.reason(incumbent.cost, bound, rounding, late=False)
    steps = problem.local_steps.copy()
    steps[incumbent.offloaded] = incumbent.steps
    return Outcome(
        solution={"a": incumbent.offloaded.astype(np.float64), "s": steps},
        bound=with_constant((bound - rounding) * unit, constant_cost(data)),
        reason=reason,
        build_seconds=built - started,
        solve_seconds=perf_counter() - built,
        nodes=len(tree.nodes),
        duals={"delta": root.price * unit},
        certificate=certificate(problem, fixed, root, tree, unit),
    )


@cache
def load_kernels() -> None:
    """Run every kernel once on a single user, which compiles it or loads it from the cache on disk."""
    one = np.ones(1)
    edge = PlaceCosts(
        rate=one, error=one, error_decay=one, utility=one, utility_decay=one, lower=np.zeros(1), limit=one
    )
    user = np.zeros(1, dtype=np.int64)
    problem = Offloading(edge, one, one, forced=user[:0], free=user, base=1.0, budget=1.0, integer=False)
    root = maximise(problem, NO_RANGES, 0.0, np.inf)
    FreeUsers(problem, Incumbent(), one).offer(root.chosen_high)
    order_by_similarity(fix_by_reduced_cost(problem, root, np.inf)[0], root.price)
    everybody = np.ones(1, dtype=np.bool_)
    restrict(NO_RANGES, branch_between(everybody, ~everybody, 0.5, NO_RANGES, one), at_most=True)


def certificate(
    problem: Offloading, fixed: Offloading, root: DualPoint, tree: BranchAndBound, unit: float
) -> dict[str, Any]:
    """Multipliers (times ``unit``), fixings and tree, as the checker of certificates reads them."""
    elsewhere = np.zeros(problem.local_cost.size, dtype=np.bool_)
    elsewhere[fixed.free] = elsewhere[fixed.forced] = True
    return {
        "version": VERSION,
        "fixing_multipliers": [root.price * unit],
        "fixed_edge": fixed.forced,
        "fixed_local": problem.free[~elsewhere[problem.free]],
        "order": fixed.free,
        "tree": [node.record(lambda price: [price * unit]) for node in tree.nodes],
    }


def offloading_problem(data: StepAllocation, unit: float = 1.0) -> Offloading:
    """P1 as the bound reads it, with costs and prices in multiples of ``unit``.

    Users that lose by offloading even at price 0 stay local and are not free, users that may not run locally are
    forced.
    """
    may_stay, may_offload = may_be_at(data, LOCAL), may_be_at(data, EDGE)
    edge, local = (decision_costs(data, place, unit) for place in (EDGE, LOCAL))
    local_steps, local_cost, edge_steps, edge_cost = (np.empty(data.users) for _ in range(4))
    respond(local, 0.0, data.integer_steps, local_steps, local_cost)
    respond(edge, 0.0, data.integer_steps, edge_steps, edge_cost)
    local_cost = np.where(may_stay, local_cost, 0.0)
    forced = np.flatnonzero(~may_stay)
    return Offloading(
        edge=edge,
        local_steps=local_steps,
        local_cost=local_cost,
        forced=forced,
        free=np.flatnonzero((edge_cost < local_cost) & may_stay & may_offload),
        base=float(local_cost.sum()),
        budget=roomy_budget(data, edge.lower, forced),
        integer=data.integer_steps,
    )


def fix_by_reduced_cost(problem: Offloading, root: DualPoint, incumbent: float) -> tuple[Offloading, float]:
    """Decide every user whose other choice costs more than the incumbent, and bound what that excludes.

    At the root's price, flipping user n moves the bound by its reduced cost |d_n(delta)|.

    Returns
    -------
    tuple of Offloading and float
        The problem with fewer free users, and the least bound over the excluded choices (infinite if none).
    """
    saving = np.empty(problem.free.size)
    chosen = np.empty(problem.free.size, dtype=np.bool_)
    bound, _ = bound_at(problem, NO_RANGES, root.price, saving, chosen)
    flipped = bound + np.abs(saving)
    decided = flipped > incumbent
    fixed = problem._replace(
        forced=np.concatenate([problem.forced, problem.free[decided & chosen]]), free=problem.free[~decided]
    )
    return fixed, float(flipped[decided].min(initial=np.inf))


def order_by_similarity(problem: Offloading, price: float) -> tuple[FloatArray, Offloading]:
    """Order the free users by the edge steps that they take at a price; return the steps too."""
    steps, value = np.empty(problem.local_cost.size), np.empty(problem.local_cost.size)
    respond(problem.edge, price, problem.integer, steps, value)
    order: IntArray = problem.free[np.argsort(steps[problem.free], kind="stable")]
    return steps[order], problem._replace(free=order)
