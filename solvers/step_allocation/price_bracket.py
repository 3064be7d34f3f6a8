"""Search for the price at which the Lagrangian bound is highest, whoever evaluates the bound.

The search of :func:`solvers.step_allocation.lagrangian.maximise` for bounds that compiled code of one process cannot
evaluate alone: because threads share the users out, because other machines hold them, or because most of them are
decided. All it exchanges with them is a price, and two sums for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

State = TypeVar("State")

_PRICE_GROWTH = 4.0
_SMALLEST_RISE = 1e-6
_MOST_EVALUATIONS = 200


class Evaluation(NamedTuple, Generic[State]):
    """The bound at a price."""

    value: float
    """L [-]."""
    used: float
    """Steps used [steps]; less the budget it is a supergradient."""
    state: State
    """What the evaluator remembers of it."""


@dataclass
class Bracket(Generic[State]):
    """Prices between which the bound is highest: more than the budget is used at ``low``, no more at ``high``."""

    budget: float
    low_price: float = 0.0
    low: Evaluation[State] | None = None
    high_price: float = float("inf")
    high: Evaluation[State] | None = None
    at_maximum: bool = False

    def put(self, price: float, found: Evaluation[State]) -> None:
        """Take an evaluation in."""
        if found.used > self.budget:
            self.low_price, self.low = price, found
        else:
            self.high_price, self.high = price, found
        if found.used == self.budget or (price == 0.0 and found.used <= self.budget):
            self.at_maximum = True

    @property
    def best(self) -> tuple[float, Evaluation[State]]:
        """Price and evaluation with the higher bound."""
        if self.high is None or (self.low is not None and self.low.value > self.high.value):
            assert self.low is not None
            return self.low_price, self.low
        return self.high_price, self.high

    @property
    def secant(self) -> float:
        """Price at which the use would meet the budget if it were linear between both ends."""
        assert self.low is not None
        assert self.high is not None
        over, under = self.low.used - self.budget, self.budget - self.high.used
        return self.low_price + (self.high_price - self.low_price) * over / (over + under)

    @property
    def meeting(self) -> tuple[float, float]:
        """Price at which the tangents of both ends meet, and the height there: L is nowhere higher."""
        assert self.low is not None
        assert self.high is not None
        over, under = self.low.used - self.budget, self.budget - self.high.used
        rise = self.high.value - self.low.value
        price = (self.low_price * over + self.high_price * under + rise) / (over + under)
        return price, self.low.value + over * (price - self.low_price)

    def closed(self, tolerance: float) -> bool:
        """Whether no price is better than the best by more than a share of it."""
        if self.at_maximum:
            return True
        if self.low is None or self.high is None:
            return False
        best = self.best[1].value
        return self.meeting[1] - best <= tolerance * max(1.0, abs(best))


def search_price(
    evaluate: Callable[[float], Evaluation[State]],
    bracket: Bracket[State],
    start: float,
    highest: float,
    *,
    tolerance: float,
    target: float = float("inf"),
    guess: Callable[[Bracket[State]], float | None] | None = None,
) -> Bracket[State]:
    """Shrink the bracket until no price is better by more than a share of the bound.

    Parameters
    ----------
    evaluate : callable
        The bound at a price.
    bracket : Bracket
        What is known; updated and returned.
    start : float
        First price [1/step].
    highest : float
        Price above which no user takes more than its fewest steps [1/step].
    tolerance : float
        Share of the bound by which it may miss its maximum.
    target : float
        Bound at which the search ends, too.
    guess : callable, optional
        Price to try next as long as it has one, else None.
    """
    price, spread, shrinks = min(start, highest), 0.02, 0
    for _ in range(_MOST_EVALUATIONS):
        found = evaluate(price)
        bracket.put(price, found)
        if found.value >= target or bracket.closed(tolerance):
            break
        guessed = guess(bracket) if guess is not None else None
        if guessed is not None and bracket.low_price < guessed < bracket.high_price:
            price = guessed
        elif bracket.low is None:
            price = 0.0 if spread > 1.0 else bracket.high_price * (1.0 - spread)
            spread *= 4.0
        elif bracket.high is None:
            low = bracket.low_price
            if low >= highest:
                highest = max(_PRICE_GROWTH * highest, _SMALLEST_RISE)
            price = highest if spread > 1.0 or low == 0.0 else min(low * (1.0 + spread), highest)
            spread *= 4.0
        else:
            middle = 0.5 * (bracket.low_price + bracket.high_price)
            price = (bracket.secant, bracket.meeting[0], middle)[shrinks % 3]
            shrinks += 1
            if not bracket.low_price < price < bracket.high_price:
                price = middle
                if not bracket.low_price < price < bracket.high_price:
                    break
    return bracket
