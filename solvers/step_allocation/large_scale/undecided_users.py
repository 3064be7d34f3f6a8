"""The users of a population that the root leaves undecided, as the tree of counts bounds and offers them."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from formulations.fields import BoolArray
from solvers.step_allocation.lagrangian.branch_and_bound import Incumbent
from solvers.step_allocation.lagrangian.cardinality_branching import Branch, branch_on, restrict
from solvers.step_allocation.lagrangian.dual_function import (
    DualPoint,
    IntArray,
    bound_at,
    in_blocks,
    respond,
    total,
)
from solvers.step_allocation.lagrangian.multiplier_bracket import search_price, unknown
from solvers.step_allocation.large_scale.decided_sums import DecidedSums
from solvers.step_allocation.large_scale.population import DECIDED, Undecided
from solvers.step_allocation.large_scale.root_search import Problem, shared_budget
from solvers.step_allocation.large_scale.user_blocks import Response

_CLOSED = 1e-13


class UndecidedUsers:
    """Bounds and plans of a population of which only some users are left to decide.

    Attributes
    ----------
    users : ndarray of int
        The undecided ones, by the steps that they would take.
    similarity : FloatArray
        Those steps.
    budget : float
        S_e [steps].
    incumbent : Incumbent
        Its cost is at first that of the best plan of the root.
    """

    def __init__(
        self, problem: Problem, undecided: Undecided, price: float, bound: float, cost: float, integer: bool
    ) -> None:
        order = np.argsort(undecided.steps, kind="stable")
        self.users, self.similarity = undecided.users[order], undecided.steps[order]
        self.budget, self.incumbent = problem.budget, Incumbent(cost)
        self._problem = problem
        self._decided = DecidedSums(lambda price: problem.population.respond(price, choose=False), abs(bound))
        self._few = in_blocks(
            undecided.edge,
            order,
            order[:0],
            undecided.local_cost,
            problem.population.base,
            problem.budget,
            integer,
        )
        self._price, self._cost_of_root = price, cost

    def maximise(self, domain: IntArray, start: float, target: float) -> DualPoint:
        """As :func:`.dual_function.maximise`, within the ranges ``domain``."""
        saving, chosen = np.empty(self.users.size), np.empty(self.users.size, dtype=np.bool_)
        at_end = {True: chosen.copy(), False: chosen.copy()}

        def evaluate(price: float) -> tuple[float, float]:
            found = self._with_decided(price, *bound_at(self._few, domain, price, saving, chosen))
            at_end[found[1] > self.budget] = chosen.copy()
            return found

        known = search_price(
            evaluate,
            unknown(self.budget, self._problem.population.highest),
            start,
            tolerance=_CLOSED,
            target=target,
            deadline=self._problem.deadline,
        )
        price, value, used = known.best
        if known.at_maximum or not known.has_low or not known.has_high or value >= target:
            here = at_end[used > self.budget]
            return DualPoint(value, price, used, used, here, here)
        return DualPoint(value, price, known.low_used, known.high_used, at_end[True], at_end[False])

    def branch(self, domain: IntArray, point: DualPoint) -> Branch | None:
        """Offer both choices that meet at the best price; branch on the count that tells them apart."""
        self.offer(point.chosen_high)
        self.offer(point.chosen_low)
        return branch_on(point, domain, self.budget, self.similarity)

    def restrict(self, domain: IntArray, branch: Branch, down: bool) -> IntArray:
        """The ranges of one child."""
        return restrict(domain, branch, down)

    def offer(self, chosen: BoolArray) -> None:
        """Take the decided users and the ``chosen`` ones if they keep to the budget and cost less.

        Their cost is the maximum of the bound for just this choice, which has no gap; steps are recovered later.
        Finding it is not begun where time is over.
        """
        if perf_counter() >= self._problem.deadline or not self.incumbent.is_new(chosen):
            return

        def evaluate(price: float) -> tuple[float, float]:
            respond(self._few.values, self._few.size, price, self._few.integer, False)
            return self._with_decided(price, *total(self._few, price, chosen))

        known = search_price(
            evaluate,
            unknown(self.budget, self._problem.population.highest),
            self._price,
            tolerance=_CLOSED,
            target=self.incumbent.cost,
            fixed_choice=True,
        )
        price, cost, _ = known.best
        if known.has_high and self.incumbent.take(cost, chosen):
            self._price = price

    def recover(self) -> float | None:
        """Recover the steps of the best choice offered and return its cost; None where none was better."""
        if not self.incumbent.cost < self._cost_of_root:
            return None
        self._problem.population.restore(DECIDED)
        self._problem.population.offload(self.users[self.incumbent.offloaded])
        known = unknown(self.budget, self._problem.population.highest)
        return shared_budget(self._problem, known, self._price, _CLOSED)

    def _with_decided(self, price: float, few: float, used: float) -> tuple[float, float]:
        others: Response = self._decided(price)
        return few + others.saving, used + others.used
