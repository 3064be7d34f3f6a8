"""The best price of a population, and the best steps for a choice of its users: a bracket shrunk pass by pass."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solvers.step_allocation.lagrangian.multiplier_bracket import (
    Bracket,
    closed,
    fall,
    put,
    rise,
    search_price,
    secant,
    unknown,
)
from solvers.step_allocation.large_scale.population import Population

LOW, HIGH, BETWEEN = "low", "high", "between"
"""Under these names a population stores who offloads at the two ends of the root's bracket, and in between."""

_SAMPLE_BLOCKS = 128
_SAMPLE_TOLERANCE = 1e-9
_SMALLEST = 1e-14
"""Share of the bound that is lost in rounding."""
_MOST_TRIES = 3
"""Prices that are tried for a plan that is close, once the bound is."""
_SLOPE_OVER = 0.02
"""Share of a price over which the sample says how the use of a fixed choice falls."""
_BEYOND = 0.1
"""Share of the way to the price that a plan is expected to have by which to go beyond it."""


class Problem(NamedTuple):
    """A population with its budget, and until when there is time."""

    population: Population
    budget: float
    """S_e [steps]."""
    deadline: float = float("inf")
    """As ``perf_counter()`` says it."""

    def cost_at(self, price: float, *, choose: bool) -> tuple[float, float]:
        """L at a price [-], over all choices with ``choose``, else for the users that offload now."""
        saving, used = self.population.respond(price, choose=choose)
        return self.population.base - price * self.budget + saving, used


class Root:
    """The search for the highest bound over all prices; a sample of the users predicts where it is.

    Attributes
    ----------
    bracket : Bracket
        What is known; who offloads at its ends is stored by the population under ``LOW`` and ``HIGH``.
    """

    def __init__(self, problem: Problem) -> None:
        self.bracket = unknown(problem.budget, problem.population.highest)
        self._problem = problem
        self._fall = 0.0
        self._guess = _SampleGuess(problem)

    def improve(self, tolerance: float, *, proven: bool) -> bool:
        """Narrow the bracket until a plan misses only a share of the bound; return whether it has changed.

        Take the users that offload at one price. Their plan costs about m^2 / (2 f) more than L there. They miss
        the budget by m, and f is the fall of their use with the price, which a sample estimates. One user may be
        too large for this to be small. Then, or if the gap has to be ``proven``, L is bracketed from both sides.
        """
        known = self.bracket
        first = np.isnan(known.last_price)
        if proven:
            tolerance = max(_SMALLEST, tolerance * min(1.0, self._fall / max(fall(known), self._fall, 1e-300)))
        if not first and closed(known, tolerance):
            return False
        tries = 0

        def enough(bracket: Bracket) -> bool:
            nonlocal tries
            price, best, _ = bracket.best
            margin = tolerance * max(1.0, abs(best))
            if rise(bracket, fall(bracket)) > margin:
                return False
            self._fall = self._guess.fall(price)
            tries += 1
            return rise(bracket, self._fall) <= margin or tries > _MOST_TRIES

        self.bracket = search_price(
            self._evaluate,
            known,
            self._guess.first() if first else None,
            tolerance=tolerance if proven else _SMALLEST,
            deadline=self._problem.deadline,
            guess=self._guess.next,
            enough=None if proven else enough,
        )
        self._fall = self._guess.fall(self.bracket.best[0])
        return True

    def plan_price(self, low: bool) -> float:
        """Return the price at which the users that offload at one end are expected to use the whole budget.

        It is extrapolated from that end, and a little beyond.
        """
        known = self.bracket
        price, used = (known.low_price, known.low_used) if low else (known.high_price, known.high_used)
        if not np.isfinite(used) or self._fall <= 0.0:
            return price
        return max(0.0, price + (1.0 + _BEYOND) * (used - known.budget) / self._fall)

    def _evaluate(self, price: float) -> tuple[float, float]:
        found = self._problem.cost_at(price, choose=True)
        self._problem.population.store(LOW if found[1] > self._problem.budget else HIGH)
        return found


def shared_budget(problem: Problem, bracket: Bracket, start: float, tolerance: float) -> float:
    """Recover the best steps within the budget of the users that offload now; return the cost [-].

    Parameters
    ----------
    problem : Problem
        Who offloads is what the population last restored.
    bracket : Bracket
        What is known of prices for that choice.
    start : float
        Price to try first [1/step].
    tolerance : float
        Share of the cost that may be missed.

    Returns
    -------
    float
        Infinite, with nothing recovered, where their lower bounds on steps exceed the budget.
    """
    if not bracket.at_maximum:

        def evaluate(price: float) -> tuple[float, float]:
            return problem.cost_at(price, choose=False)

        bracket = search_price(
            evaluate, bracket, start, tolerance=tolerance, deadline=problem.deadline, fixed_choice=True
        )
    if not bracket.has_high:
        return float("inf")
    left, share, low = problem.budget - bracket.high_used, 0.0, None
    if bracket.has_low and left > 0.0 and not bracket.at_maximum:
        low, share = bracket.low_price, left / (bracket.low_used - bracket.high_used)
    return problem.population.base + problem.population.recover(low, bracket.high_price, share, left).cost


class RootPlans:
    """The plans of the users that offload at the ends of the root's bracket.

    Attributes
    ----------
    cost : float
        Of the best of them [-]; infinite without one.
    """

    def __init__(self, problem: Problem, root: Root, tolerance: float) -> None:
        self._problem, self._root, self._tolerance = problem, root, tolerance
        self.forget()

    def forget(self) -> None:
        """Begin anew, because the ends have moved."""
        self.cost = float("inf")
        self._best = self._recovered = ""
        self._tried: set[str] = set()

    def try_end(self, side: str) -> None:
        """Recover the plan of one end, unless that was done."""
        if side in self._tried:
            return
        self._tried.add(side)
        cost = self._recover(side)
        if cost < self.cost:
            self.cost, self._best = cost, side

    def recover(self) -> None:
        """Recover the best plan, if the last one was another."""
        if self._best not in ("", self._recovered):
            self._recover(self._best)

    def _recover(self, side: str) -> float:
        low, ends = side == LOW, self._root.bracket
        self._recovered = side
        bracket = unknown(ends.budget, ends.highest)
        if side == BETWEEN:
            self._fill_up()
            return shared_budget(self._problem, bracket, ends.high_price, self._tolerance)
        self._problem.population.restore(side)
        if low and ends.has_low:
            bracket = put(bracket, ends.low_price, ends.low_value, ends.low_used)
        elif not low and ends.has_high:
            bracket = put(bracket, ends.high_price, ends.high_value, ends.high_used)
        return shared_budget(self._problem, bracket, self._root.plan_price(low), self._tolerance)

    def _fill_up(self) -> None:
        """From the users that offload at the higher price go towards those at the lower while the budget lasts.

        What that leaves unused is less than one user takes (docs/theory/step_allocation, section 4).
        """
        population = self._problem.population
        population.restore(HIGH)
        used = population.respond(self._root.bracket.high_price, choose=False).used
        population.add(HIGH, LOW, self._problem.budget - used)


class _SampleGuess:
    """Prices that a sample of the users expects to be the best: at first, and corrected by what all users did."""

    def __init__(self, problem: Problem) -> None:
        self._sample = problem.population.sample(_SAMPLE_BLOCKS)
        self._highest, self._budget = problem.population.highest, problem.budget
        self._share = self._sample.size / max(1, problem.population.size)

    def first(self) -> float:
        """Price that the sample alone expects."""
        return self._expected(self._budget * self._share, 0.0)

    def next(self, bracket: Bracket) -> float | None:
        """Price after the first one: where the sample uses as much more or less as all users have to."""
        if np.isnan(bracket.last_price) or not np.isnan(bracket.before_price):
            return None
        price, used = bracket.last_price, bracket.last_used
        in_sample = self._sample.respond(price, choose=True).used
        return self._expected(self._budget * in_sample / used, price) if used > 0.0 else None

    def fall(self, price: float) -> float:
        """Steps that all users use less per price, if those that offload at a price stay the same."""
        if price <= 0.0 or self._sample.size == 0:
            return 0.0
        here = self._sample.respond(price, choose=True).used
        less = here - self._sample.respond((1.0 + _SLOPE_OVER) * price, choose=False).used
        return less / (_SLOPE_OVER * price) / self._share

    def _expected(self, budget: float, start: float) -> float:
        problem = Problem(self._sample, budget)

        def evaluate(price: float) -> tuple[float, float]:
            return problem.cost_at(price, choose=True)

        found = search_price(evaluate, unknown(budget, self._highest), start, tolerance=_SAMPLE_TOLERANCE)
        return secant(found) if found.has_low and found.has_high else found.best[0]
