"""The price search for very many users: the same bound, tree and certificate, with the users in blocks.

A bound costs one pass over all users, so few are asked for. The root starts from what a sample expects. The tree
branches on the users that the root leaves undecided; the sums of all others are interpolated between the prices at
which they are known (:mod:`solvers.step_allocation.large_scale.decided_sums`).
"""

from __future__ import annotations

from functools import cache
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.cost_scale import constant_cost, ideal_cost, search_unit
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Solution
from solvers.core.rounding import lost_in_rounding, with_constant
from solvers.step_allocation.certificates.check import VERSION
from solvers.step_allocation.lagrangian.branch_and_bound import BranchAndBound
from solvers.step_allocation.lagrangian.budget import relaxed_budget
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES
from solvers.step_allocation.lagrangian.closing import Closing
from solvers.step_allocation.lagrangian.dual_function import IntArray
from solvers.step_allocation.lagrangian.multiplier_bracket import Bracket, nearer_low
from solvers.step_allocation.large_scale.population import DECIDED, InMemoryPopulation, Population
from solvers.step_allocation.large_scale.root_search import BETWEEN, HIGH, LOW, Problem, Root, RootPlans
from solvers.step_allocation.large_scale.undecided_users import UndecidedUsers
from solvers.step_allocation.large_scale.user_blocks import Threads

USERS = 4_000
"""Number of users from which this search is used: on one thread both take as long between 3,500 and 4,500."""

CLOSED_SHARE_OF_GAP = 0.1
"""The search closes to this share of the asked relative gap."""

_ROOT_SHARE = 0.3
"""Share of the relative gap to close that the root's price may leave."""


class PopulationBound(NamedTuple):
    """What the search proves of a population, in units of cost; its steps are recovered there."""

    bound: float
    price: float
    """delta at the root [1/step]."""
    nodes: list[dict[str, Any]]
    """The tree, as certificates list it."""
    undecided: IntArray | None
    """Users in the order of the tree; None where the root's price alone is the proof."""
    reason: str
    """Why it ended."""


def solve(data: StepAllocation, limits: Limits) -> Outcome:
    """Solve P1 without rows that couple users to a proven optimum, as :mod:`.price_search` says it."""
    load_kernels()
    return _solve(data, limits)


@cache
def load_kernels() -> None:
    """Run every kernel once on a few identical users, which compiles it or loads it from the cache on disk."""
    few = StepAllocation(
        users=3,
        local_seconds_per_step=1.0,
        edge_seconds_per_step=0.5,
        local_cpu_hz=1.0,
        edge_cpu_hz=1.0,
        local_power_coefficient=0.0,
        edge_power_coefficient=0.0,
        forward_error=1.0,
        error_decay_per_step=1.0,
        utility_decay_per_step=1.0,
        local_max_steps=1.0,
        edge_max_steps=2.0,
        edge_step_capacity=3.0,
        time_weight_per_second=0.1,
        error_weight=1.0,
        energy_weight_per_joule=0.0,
        cost_weight=0.5,
        utility_weight=0.5,
    )
    for integer in (False, True):
        _solve(few.replaced({"integer_steps": integer}), Limits())


def _solve(data: StepAllocation, limits: Limits) -> Outcome:
    started = perf_counter()
    unit = search_unit(data)
    with Threads(limits.threads) as threads:
        population = InMemoryPopulation.of(data, unit, threads)
        built = perf_counter()
        problem = Problem(population, edge_budget(data), started + limits.time_limit)
        closing = Closing.within(limits, CLOSED_SHARE_OF_GAP, population.size, lambda: ideal_cost(data) / unit)
        found = search(problem, data.integer_steps, closing, unit)
        proof = certificate(found, population, population.choosing.users, unit)
    solution = {"a": population.offloaded, "s": population.steps}
    return outcome(found, solution, proof, unit, constant_cost(data), started, built)


def outcome(
    found: PopulationBound,
    solution: Solution | None,
    proof: dict[str, Any] | None,
    unit: float,
    constant: FloatArray,
    started: float,
    built: float,
) -> Outcome:
    """What a search has found [cost], ending now; ``started`` and ``built`` are readings of the clock [s].

    ``constant`` are summands of P1 that no decision changes [-].
    """
    return Outcome(
        solution=solution,
        bound=with_constant(found.bound * unit, constant),
        reason=found.reason,
        build_seconds=built - started,
        solve_seconds=perf_counter() - built,
        nodes=len(found.nodes),
        duals={"delta": found.price * unit},
        certificate=proof,
    )


def certificate(found: PopulationBound, population: Population, choosing: IntArray, unit: float) -> dict[str, Any]:
    """What :mod:`solvers.step_allocation.certificates.check` checks; users ``choosing`` may be at both places."""
    at_edge = local = choosing[:0]
    if found.undecided is not None:
        at_edge, local = population.decided_users(found.undecided)
    return {
        "version": VERSION,
        "fixing_multipliers": [found.price * unit],
        "fixed_edge": at_edge,
        "fixed_local": local,
        "order": choosing if found.undecided is None else found.undecided,
        "tree": found.nodes,
    }


def edge_budget(data: StepAllocation) -> float:
    """S_e, with room for rounding where users have lower bounds on edge steps [steps]."""
    if not data.constraints:
        return data.edge_step_budget
    return relaxed_budget(data, model_steps(data, EDGE).lower, np.flatnonzero(~may_be_at(data, LOCAL)))


def search(problem: Problem, integer: bool, closing: Closing, unit: float) -> PopulationBound:
    """Certify the best plan of a population, wherever its users are; the plan is recovered there.

    At first the root's price is only as good as it is expected to be enough: a plan that is close to it is the
    proof. Where there is none, the bracket is closed, and the users that it leaves undecided are the tree's.

    Parameters
    ----------
    problem : Problem
        The population, its budget, and until when there is time.
    integer : bool
        Whether steps are whole.
    closing : Closing
        How close to come.
    unit : float
        Unit of cost.
    """
    root = Root(problem)
    share = _ROOT_SHARE * closing.relative
    plans = RootPlans(problem, root, share)
    for proven in (False, True):
        if root.improve(share, proven=proven):
            plans.forget()
        price, best, _ = root.bracket.best
        for side in _nearest_first(root.bracket) if proven else _best_only(root.bracket):
            plans.try_end(side)
            if plans.cost == np.inf:
                continue
            closed = best >= closing.target(plans.cost)
            if closed or perf_counter() >= problem.deadline:
                plans.recover()
                leaf = {"multipliers": [price * unit]}
                bound = min(best, plans.cost)
                rounding = lost_in_rounding(problem.population.size_of_base, bound)
                reason = closing.reason(plans.cost, bound, rounding, late=not closed)
                return PopulationBound(bound - rounding, price, [leaf], None, reason)
    undecided = problem.population.decide(price, best, plans.cost)
    problem.population.restore(DECIDED)
    few = UndecidedUsers(problem, undecided, price, best, plans.cost, integer)
    tree = BranchAndBound(few, closing)
    bound = tree.search(NO_RANGES, price, best, lambda: perf_counter() >= problem.deadline)
    late, cost = perf_counter() >= problem.deadline, few.recover()
    if cost is None:
        plans.recover()
        cost = plans.cost
    bound = min(bound, undecided.excluded, cost)  # a plan may use the rounding of the budget, and costs less then
    rounding = lost_in_rounding(problem.population.size_of_base, bound)
    reason = closing.reason(few.incumbent.cost, bound, rounding, late=late)
    records = [node.record(lambda price: [price * unit]) for node in tree.nodes]
    return PopulationBound(bound - rounding, price, records, few.users, reason)


def _best_only(root: Bracket) -> list[str]:
    """The end with the higher bound; at the maximum the one within the budget, whose plan meets it."""
    return [HIGH if root.at_maximum or not root.best_is_low else LOW]


def _nearest_first(root: Bracket) -> list[str]:
    """Ends of the root's bracket, first the one whose users use about the budget, and what lies between."""
    if not root.has_low or not root.has_high or root.at_maximum:
        return _best_only(root)
    return [LOW, HIGH, BETWEEN] if nearer_low(root) else [HIGH, LOW, BETWEEN]
