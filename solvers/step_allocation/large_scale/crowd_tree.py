"""The users of a population that the root leaves undecided, as the tree of counts bounds and offers them."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from formulations.fields import BoolArray
from solvers.step_allocation.lagrangian.branch_and_bound import Incumbent
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES, Branch, branch_on, restrict
from solvers.step_allocation.lagrangian.dual_function import DualPoint, IntArray, Offloading, bound_at
from solvers.step_allocation.lagrangian.multiplier_bracket import Bracket, Evaluation, search_price
from solvers.step_allocation.large_scale.crowd import DECIDED, Undecided
from solvers.step_allocation.large_scale.crowd_search import Problem, shared_budget
from solvers.step_allocation.large_scale.known_sums import KnownSums
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
        self._decided = KnownSums(lambda price: problem.crowd.respond(price, choose=False), abs(bound))
        everybody = np.arange(order.size)
        self._few = Offloading(
            edge=undecided.edge,
            local_steps=np.empty(0),
            local_cost=undecided.local_cost,
            forced=everybody[:0],
            free=order,
            base=problem.crowd.base,
            budget=problem.budget,
            integer=integer,
        )
        self._price, self._cost_of_root = price, cost

    def maximise(self, domain: IntArray, start: float, target: float) -> DualPoint:
        """As :func:`.dual_function.maximise`, within the ranges ``domain``."""
        saving, chosen = np.empty(self.users.size), np.empty(self.users.size, dtype=np.bool_)
        at_end = {True: chosen.copy(), False: chosen.copy()}

        def evaluate(price: float) -> Evaluation:
            few, used = bound_at(self._few, domain, price, saving, chosen)
            found = self._with_decided(price, few, used)
            at_end[found.used > self.budget] = chosen.copy()
            return found

        bracket = search_price(
            evaluate,
            Bracket(self.budget),
            start,
            self._problem.crowd.highest,
            tolerance=_CLOSED,
            target=target,
            deadline=self._problem.deadline,
        )
        price, best = bracket.best
        over = bracket.low.used if bracket.low is not None else np.inf
        under = bracket.high.used if bracket.high is not None else -np.inf
        if bracket.at_maximum or bracket.low is None or bracket.high is None or best.value >= target:
            here = at_end[best.used > self.budget]
            return DualPoint(best.value, price, best.used, best.used, here, here)
        return DualPoint(best.value, price, over, under, at_end[True], at_end[False])

    def branch(self, domain: IntArray, point: DualPoint) -> Branch | None:
        """Offer both choices that meet at the best price; branch on the count that tells them apart."""
        self.offer(point.chosen_high)
        self.offer(point.chosen_low)
        return branch_on(point, domain, self.budget, self.similarity)

    def restrict(self, domain: IntArray, branch: Branch, at_most: bool) -> IntArray:
        """The ranges of one child."""
        return restrict(domain, branch, at_most)

    def offer(self, chosen: BoolArray) -> None:
        """Take the decided users and the ``chosen`` ones if they keep to the budget and cost less.

        Their cost is the maximum of the bound for just this choice, which has no gap; steps are settled later.
        Finding it is not begun where time is over.
        """
        if perf_counter() >= self._problem.deadline or not self.incumbent.is_new(chosen):
            return
        price, best = self._price_of(chosen)
        if best is not None and self.incumbent.take(best, chosen):
            self._price = price

    def _price_of(self, chosen: BoolArray) -> tuple[float, float | None]:
        only = self._few._replace(forced=self._few.free[chosen], free=self._few.free[:0])
        nobody, nothing = np.empty(0, dtype=np.bool_), np.empty(0)

        def evaluate(price: float) -> Evaluation:
            return self._with_decided(price, *bound_at(only, NO_RANGES, price, nothing, nobody))

        bracket = search_price(
            evaluate,
            Bracket(self.budget),
            self._price,
            self._problem.crowd.highest,
            tolerance=_CLOSED,
            fixed_choice=True,
        )
        price, best = bracket.best
        return price, best.value if bracket.high is not None else None

    def settle(self) -> float | None:
        """Settle the steps of the best choice offered and return its cost; None where none was better."""
        if not self.incumbent.cost < self._cost_of_root:
            return None
        self._problem.crowd.recall(DECIDED)
        self._problem.crowd.offload(self.users[self.incumbent.offloaded])
        return shared_budget(self._problem, Bracket(self.budget), self._price, _CLOSED)

    def _with_decided(self, price: float, few: float, used: float) -> Evaluation:
        others: Response = self._decided(price)
        return Evaluation(few + others.saving, used + others.used)
