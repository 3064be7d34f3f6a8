"""Exact solver of P1 where rows couple users: a price on every row, and branching on counts and on whole steps.

It bounds, fixes and branches like :mod:`solvers.step_allocation.price_search`, of which it is the part for rows
(docs/theory/step_allocation, section 7).
"""

from __future__ import annotations

from functools import cache
from time import perf_counter
from typing import Any

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.cost_scale import constant_cost, ideal_cost, search_unit
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.core.rounding import lost_in_rounding, with_constant
from solvers.step_allocation.certificates.check import VERSION
from solvers.step_allocation.coupled.dual_function import RowPoint, RowProblem, bound_at_prices, maximise_prices
from solvers.step_allocation.coupled.row_offloading import choices, multiplier_bound
from solvers.step_allocation.coupled.row_problem import Scale, largest_cost, row_problem
from solvers.step_allocation.coupled.tree import EVERYTHING, CoupledUsers
from solvers.step_allocation.lagrangian.branch_and_bound import BranchAndBound, Incumbent
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES
from solvers.step_allocation.lagrangian.closing import CLOSED_SHARE_OF_GAP, Closing
from solvers.step_allocation.lagrangian.stopping import NEVER, Flag, stopping

BEYOND = 1e-6
"""Share of the largest possible cost by which a bound has to exceed it to prove that there is no solution."""


def solve(data: StepAllocation, limits: Limits) -> Outcome:
    """Solve P1 with rows that couple users to a proven optimum, or prove that there is no solution.

    Returns
    -------
    Outcome
        Solution, bound, number of nodes, the rows' prices at the root in ``duals``, ``delta`` being that of an
        edge step [1/step], and the certificate. If the time is over before the gap is closed, the bound is still
        valid.
    """
    load_kernels()
    started = perf_counter()
    with stopping(limits.time_limit) as stop:
        return _solve(data, limits, started, stop)


def _solve(data: StepAllocation, limits: Limits, started: float, stop: Flag) -> Outcome:
    unit = search_unit(data)
    problem, scale = row_problem(data, unit)
    constant = constant_cost(data)
    ceiling = beyond_every_cost(problem)
    built = perf_counter()
    users = CoupledUsers(problem, Incumbent(), stop=stop)
    start = np.zeros(problem.right_hand_side.size)
    root = maximise_prices(problem, NO_RANGES, start, multiplier_bound(problem), ceiling, stop)
    offer_root(users, root)
    fixed, similarity, excluded = problem, np.empty(0), np.inf
    rounding = lost_in_rounding(multiplier_bound(problem))
    if not stop[0]:
        saving, steps, flipped = at_root(problem, root)
        decided = flipped > min(users.incumbent.cost, ceiling)
        fixed, similarity = fix(problem, saving, steps, decided)
        excluded = float(flipped[decided].min(initial=np.inf))
        rounding = lost_in_rounding(saving)
    tree = BranchAndBound(
        CoupledUsers(fixed, users.incumbent, similarity, stop),
        Closing.within(limits, CLOSED_SHARE_OF_GAP, data.users, lambda: ideal_cost(data) / unit),
        ceiling,
    )
    bound = min(tree.search(EVERYTHING, root.price, root.bound, lambda: bool(stop[0])), excluded)
    rounding += lost_in_rounding(bound)
    return outcome(problem, fixed, root, tree, bound, rounding, scale, constant, started, built, stop)


def beyond_every_cost(problem: RowProblem) -> float:
    """Cost that no feasible solution has [-]."""
    largest = largest_cost(problem)
    return largest + BEYOND * max(1.0, abs(largest))


def offer_root(users: CoupledUsers, root: RowPoint) -> None:
    """Offer every choice that meets at the root, and those users that most of the mixture offloads, in time."""
    problem, stop = users.problem, users.stop
    if not stop[0]:
        met = choices(problem, NO_RANGES, root)
        share = sum((weight * chosen for weight, chosen, _ in met), start=np.zeros(problem.free.size))
        for chosen in (*(chosen for _, chosen, _ in met), share > 1.0 - 1e-9, share > 0.5):
            if not stop[0]:
                users.offer(np.asarray(chosen), root.price)
    if stop[0] and users.incumbent.cost == np.inf:
        users.offer_unpriced()


def at_root(problem: RowProblem, root: RowPoint) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Savings and edge steps of the free users at the root's prices, and the bound with each one flipped."""
    saving, chosen = np.empty(problem.free.size), np.empty(problem.free.size, dtype=np.bool_)
    steps, excess = np.empty(problem.edge.rate.size), np.empty(root.price.size)
    whole = np.array([[0, problem.free.size, problem.free.size, problem.free.size]], dtype=np.int64)
    bound_at_prices(problem, whole, root.price, saving, chosen, steps, excess)
    return saving, steps[problem.free], root.bound + np.abs(saving)


def fix(
    problem: RowProblem, saving: FloatArray, steps: FloatArray, decided: np.ndarray
) -> tuple[RowProblem, FloatArray]:
    """Decide users as their savings say, and order the others by their edge steps; return these too."""
    left = np.flatnonzero(~decided)
    left = left[np.argsort(steps[left], kind="stable")]
    fixed = problem._replace(
        stay=np.concatenate([problem.stay, problem.free[decided & (saving > 0.0)]]),
        forced=np.concatenate([problem.forced, problem.free[decided & (saving <= 0.0)]]),
        free=problem.free[left],
    )
    return fixed, steps[left]


def outcome(
    problem: RowProblem,
    fixed: RowProblem,
    root: RowPoint,
    tree: BranchAndBound,
    bound: float,
    rounding: float,
    scale: Scale,
    constant: FloatArray,
    started: float,
    built: float,
    stop: Flag,
) -> Outcome:
    """What the search returns; a bound beyond every cost says that there is no solution."""
    incumbent = tree.subproblem.incumbent
    found = np.isfinite(incumbent.cost)
    infeasible = not found and bound - rounding >= tree.cutoff
    late = bool(stop[0])
    solution = {"a": incumbent.offloaded.astype(np.float64), "s": incumbent.steps} if found else None
    names = " and ".join(f"'{name}'" for name in ("edge_budget", *scale.names[1:]))
    return Outcome(
        solution=solution,
        bound=None if infeasible else with_constant((bound - rounding) * scale.cost, constant),
        infeasible=infeasible,
        reason=f"{names} cannot hold together"
        if infeasible
        else tree.closing.reason(incumbent.cost, bound, rounding, late),
        build_seconds=built - started,
        solve_seconds=perf_counter() - built,
        nodes=len(tree.nodes),
        duals=dict(zip(scale.names, scale.price(root.price).tolist(), strict=True)),
        certificate=certificate(problem, fixed, root, tree, scale),
    )


def certificate(
    problem: RowProblem, fixed: RowProblem, root: RowPoint, tree: BranchAndBound, scale: Scale
) -> dict[str, Any]:
    """Multipliers, fixings and tree, as :mod:`solvers.step_allocation.certificates.check` reads them."""
    return {
        "version": VERSION,
        "fixing_multipliers": scale.price(root.price).tolist(),
        "fixed_edge": np.setdiff1d(fixed.forced, problem.forced),
        "fixed_local": np.setdiff1d(fixed.stay, problem.stay),
        "order": fixed.free,
        "tree": [node.record(lambda price: scale.price(price).tolist()) for node in tree.nodes],
    }


@cache
def load_kernels() -> None:
    """Run every kernel once on a single user, which compiles it or loads it from the cache on disk."""
    one, user = np.ones(1), np.zeros(1, dtype=np.int64)
    place = PlaceCosts(one, one, one, one, one, lower=np.zeros(1), limit=one)
    row = np.ones((1, 1))
    problem = RowProblem(
        place, place, row, row, row, one, stay=user[:0], forced=user[:0], free=user, integer=False
    )
    root = maximise_prices(problem, NO_RANGES, np.zeros(1), 1.0, np.inf, NEVER)
    offer_root(CoupledUsers(problem, Incumbent()), root)
    CoupledUsers(problem, Incumbent()).offer_unpriced()
    at_root(problem, root)
