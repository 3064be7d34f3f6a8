"""The best price of a population, and the best steps for a choice of its users: a bracket shrunk pass by pass."""

from __future__ import annotations

from typing import NamedTuple

from solvers.step_allocation.crowd import Population
from solvers.step_allocation.price_bracket import Bracket, Evaluation, search_price

LOW, HIGH = "low", "high"
"""Under these names a population keeps who offloads at the two ends of the root's bracket."""

_SAMPLE_BLOCKS = 128
_SAMPLE_TOLERANCE = 1e-9
_BEYOND = 0.1
_MOST_GUESSES = 8


class Problem(NamedTuple):
    """A population with its budget."""

    crowd: Population
    budget: float
    """S_e [steps]."""

    def cost_at(self, price: float, *, choose: bool) -> Evaluation:
        """L at a price [-], over all choices with ``choose``, else for the users that offload now."""
        saving, used = self.crowd.respond(price, choose=choose)
        return Evaluation(self.crowd.base - price * self.budget + saving, used)


def best_price(problem: Problem, tolerance: float) -> Bracket:
    """The highest bound over all prices, to a share of it; a sample of the users predicts where it is."""
    guess = _SampleGuess(problem)

    def evaluate(price: float) -> Evaluation:
        found = problem.cost_at(price, choose=True)
        problem.crowd.keep(LOW if found.used > problem.budget else HIGH)
        guess.tried.append((price, found.used))
        return found

    bracket = Bracket(problem.budget)
    return search_price(
        evaluate, bracket, guess.first(), problem.crowd.highest, tolerance=tolerance, guess=guess.next
    )


def shared_budget(problem: Problem, bracket: Bracket, start: float, tolerance: float) -> float:
    """Settle the best steps within the budget of the users that offload now; return the cost [-].

    Parameters
    ----------
    problem : Problem
        Who offloads is what the population last recalled.
    bracket : Bracket
        What is known of prices for that choice.
    start : float
        Price to try first [1/step].
    tolerance : float
        Share of the cost that may be missed.
    """
    if not bracket.at_maximum:

        def evaluate(price: float) -> Evaluation:
            return problem.cost_at(price, choose=False)

        search_price(evaluate, bracket, start, problem.crowd.highest, tolerance=tolerance)
    if bracket.high is None:
        return float("inf")
    left, share, low = problem.budget - bracket.high.used, 0.0, None
    if bracket.low is not None and left > 0.0 and not bracket.at_maximum:
        low, share = bracket.low_price, left / (bracket.low.used - bracket.high.used)
    return problem.crowd.base + problem.crowd.spread(low, bracket.high_price, share, left).cost


class _SampleGuess:
    """Prices that a sample of the users expects to be the best, corrected by what all users did at the last."""

    def __init__(self, problem: Problem) -> None:
        self._sample = problem.crowd.sample(_SAMPLE_BLOCKS)
        self._highest, self._budget = problem.crowd.highest, problem.budget
        self._share = self._sample.size / problem.crowd.size
        self.tried: list[tuple[float, float]] = []

    def first(self) -> float:
        """Price that the sample alone expects."""
        return self._expected(self._budget * self._share, 0.0)

    def next(self, bracket: Bracket) -> float | None:
        """Next price: first by the sample, then a little beyond the secant, so that the bracket is small."""
        if len(self.tried) > _MOST_GUESSES or (bracket.low is not None and bracket.high is not None):
            return None
        price, used = self.tried[-1]
        if len(self.tried) == 1:
            in_sample = self._sample.respond(price, choose=True).used
            return self._expected(self._budget * in_sample / used, price) if used > 0.0 else None
        before, used_before = self.tried[-2]
        if used == used_before:
            return None
        return price + (1.0 + _BEYOND) * (self._budget - used) * (price - before) / (used - used_before)

    def _expected(self, budget: float, start: float) -> float:
        problem = Problem(self._sample, budget)

        def evaluate(price: float) -> Evaluation:
            return problem.cost_at(price, choose=True)

        found = search_price(evaluate, Bracket(budget), start, self._highest, tolerance=_SAMPLE_TOLERANCE)
        return found.best[0] if found.low is None or found.high is None else found.secant
