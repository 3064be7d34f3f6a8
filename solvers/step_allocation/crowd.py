"""All users of a large instance as the price search asks them: what they do at a price, in two sums.

Users that may be at both places choose; those that may only be at the edge are there at any price. Whoever may only
stay at home is in neither group.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.block_response import UserCosts, user_costs
from formulations.step_allocation.domain import may_be_at
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.step_allocation.lagrangian import IntArray
from solvers.step_allocation.price_bracket import Bracket, Evaluation, search_price
from solvers.step_allocation.user_blocks import (
    FlagArray,
    Response,
    Threads,
    UserBlocks,
    respond_once,
    spend_whole_steps,
)

_SAMPLE_BLOCKS = 64
"""Blocks of the sample that predicts the price."""

_SAMPLE_TOLERANCE = 1e-9
_OVERSHOOT = 0.1
_MOST_GUESSES = 8


class Plan(NamedTuple):
    """A feasible solution."""

    cost: float
    """P1 in units of cost [-]; infinite where a choice of users has no steps within the budget."""
    offload: FloatArray
    """a, shape (N,)."""
    steps: FloatArray
    """s [steps], shape (N,)."""


@dataclass
class Crowd:
    """Users in blocks, and their cost if all that may stay do.

    Attributes
    ----------
    choosing, bound_to_edge : UserBlocks
        The two groups.
    local_steps : FloatArray
        Best steps at home, shape (N,) [steps].
    base : float
        What everybody at home costs, in units of cost [-].
    budget : float
        S_e [steps].
    threads : Threads
        Who computes.
    """

    choosing: UserBlocks
    bound_to_edge: UserBlocks
    local_steps: FloatArray
    base: float
    budget: float
    threads: Threads
    price: float = field(default=np.nan, init=False)
    """Last price asked [1/step]."""

    @classmethod
    def of(cls, data: StepAllocation, unit: float, budget: float, threads: Threads) -> Crowd:
        """The users of an instance, with costs in multiples of ``unit``."""
        local_steps, local_cost = respond_once(user_costs(data, LOCAL, unit), threads)
        choosing, must = np.arange(data.users), np.empty(0, dtype=np.int64)
        if data.constraints:
            may_stay, may_offload = may_be_at(data, LOCAL), may_be_at(data, EDGE)
            local_cost[~may_stay] = 0.0
            choosing, must = np.flatnonzero(may_stay & may_offload), np.flatnonzero(~may_stay)
        costs: UserCosts = user_costs(data, EDGE, unit, local_cost)
        groups = (UserBlocks.filled(costs, users, threads) for users in (choosing, must))
        return cls(*groups, local_steps, float(local_cost.sum()), budget, threads)

    @property
    def highest(self) -> float:
        """Price above which no user takes more than its fewest steps [1/step]."""
        return max(self.choosing.highest, self.bound_to_edge.highest)

    def respond(self, price: float, *, choose: bool) -> Response:
        """Everybody's best steps at a price; with ``choose`` those offload from now on that save by it."""
        free = self.choosing.respond(price, self.threads, choose=choose)
        must = self.bound_to_edge.respond(price, self.threads, choose=False)
        self.price = price
        return Response(free.saving + must.saving, free.used + must.used)

    def bound(self, price: float) -> Evaluation[FlagArray]:
        """L at a price, and who offloads there."""
        saving, used = self.respond(price, choose=True)
        return Evaluation(self.base - price * self.budget + saving, used, self.choosing.chosen.copy())

    def maximise(self, tolerance: float) -> Bracket[FlagArray]:
        """The highest bound over all prices, to a share of it; a sample of the users predicts where it is."""
        guess = _SampleGuess(self)
        return search_price(
            guess.noting(self.bound),
            Bracket(self.budget),
            guess.first(),
            self.highest,
            tolerance=tolerance,
            guess=guess,
        )

    def plan(self, root: Bracket[FlagArray], chosen: FlagArray, tolerance: float) -> Plan:
        """Best steps within the budget for a choice of users, found from the bracket of the best price."""
        self.choosing.chosen[:] = chosen
        bracket: Bracket[None] = Bracket(self.budget)
        start = root.best[0]
        for price, end, other in (
            (root.high_price, root.high, root.low_price),
            (root.low_price, root.low, root.high_price),
        ):
            if end is not None and chosen is end.state:
                bracket.put(price, Evaluation(end.value, end.used, None))
                start = other
        if not bracket.at_maximum:
            search_price(self._cost_of_choice, bracket, start, self.highest, tolerance=tolerance)
        return self._settled(bracket)

    def _cost_of_choice(self, price: float) -> Evaluation[None]:
        saving, used = self.respond(price, choose=False)
        return Evaluation(self.base - price * self.budget + saving, used, None)

    def _settled(self, bracket: Bracket[None]) -> Plan:
        """Steps between those of a bracket's two ends, which spend the budget."""
        groups = (self.choosing, self.bound_to_edge)
        offload, steps = np.zeros(self.local_steps.size), self.local_steps.copy()
        if bracket.high is None:
            return Plan(np.inf, offload, steps)
        left, share = self.budget - bracket.high.used, 0.0
        more: tuple[FloatArray, ...] = tuple(np.empty(0) for _ in groups)
        if bracket.low is not None and left > 0.0 and not bracket.at_maximum:
            share = left / (bracket.low.used - bracket.high.used)
            self._ask_again(bracket.low_price)
            more = tuple(group.steps for group in groups)
        self._ask_again(bracket.high_price)
        cost = self.base
        for group, most in zip(groups, more, strict=True):
            if group.integer and most.size:
                left = spend_whole_steps(group, most, left)
                most = most[:0]
            cost += group.settle(most, share, offload, steps, self.threads)
        self.price = np.nan
        return Plan(cost, offload, steps)

    def _ask_again(self, price: float) -> None:
        if price != self.price:
            self.respond(price, choose=False)


class _SampleGuess:
    """Prices that a sample of the users expects to be the best, corrected by what all users did at the last."""

    def __init__(self, crowd: Crowd) -> None:
        every = max(1, crowd.choosing.count // _SAMPLE_BLOCKS)
        groups = (crowd.choosing, crowd.bound_to_edge)
        self._sample = Crowd(
            *(group.sample(every) for group in groups), np.empty(0), 0.0, crowd.budget / every, Threads(1)
        )
        self._highest, self._budget = crowd.highest, crowd.budget
        self._tried: list[tuple[float, float]] = []

    def first(self) -> float:
        """Price that the sample alone expects."""
        return self._expected(self._sample.budget, 0.0)

    def noting(self, evaluate):  # type: ignore[no-untyped-def]
        """Evaluate as before, and keep what was used at which price."""

        def evaluate_and_note(price: float) -> Evaluation[FlagArray]:
            found = evaluate(price)
            self._tried.append((price, found.used))
            return found

        return evaluate_and_note

    def __call__(self, bracket: Bracket[FlagArray]) -> float | None:
        """Next price: first by the sample, then a little beyond the secant, so that the bracket is small."""
        if len(self._tried) > _MOST_GUESSES or (bracket.low is not None and bracket.high is not None):
            return None
        price, used = self._tried[-1]
        if len(self._tried) == 1:
            in_sample = self._sample.respond(price, choose=True).used
            return self._expected(self._budget * in_sample / used, price) if used > 0.0 else None
        before, used_before = self._tried[-2]
        if used == used_before:
            return None
        step = (self._budget - used) * (price - before) / (used - used_before)
        return price + (1.0 + _OVERSHOOT) * step

    def _expected(self, budget: float, start: float) -> float:
        self._sample.budget = budget
        found = search_price(
            self._sample.bound, Bracket(budget), start, self._highest, tolerance=_SAMPLE_TOLERANCE
        )
        if found.low is None or found.high is None:
            return found.best[0]
        return found.secant
