"""Search for the price at which the Lagrangian bound is highest, whoever evaluates the bound.

The search of :func:`solvers.step_allocation.lagrangian.maximise` for bounds that compiled code of one process
cannot evaluate alone: because threads share the users out, because other machines hold them, or because most of
them are decided. All it exchanges with them is a price, and two sums for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

_PRICE_GROWTH = 4.0
_SMALLEST_RISE = 1e-6
_MOST_EVALUATIONS = 200
_BEYOND = 0.5
"""Share of the way to the expected price by which the search goes beyond it, to have the best in between."""


class Evaluation(NamedTuple):
    """The bound at a price."""

    value: float
    """L [-]."""
    used: float
    """Steps used [steps]; less the budget it is a supergradient."""


@dataclass
class Bracket:
    """Prices between which the bound is highest: more than the budget is used at ``low``, no more at ``high``."""

    budget: float
    low_price: float = 0.0
    low: Evaluation | None = None
    high_price: float = float("inf")
    high: Evaluation | None = None
    at_maximum: bool = False

    def put(self, price: float, found: Evaluation) -> None:
        """Take an evaluation in."""
        if found.used > self.budget:
            self.low_price, self.low = price, found
        else:
            self.high_price, self.high = price, found
        if found.used == self.budget or (price == 0.0 and found.used <= self.budget):
            self.at_maximum = True

    @property
    def best(self) -> tuple[float, Evaluation]:
        """Price and evaluation with the higher bound."""
        if self.high is None or (self.low is not None and self.low.value > self.high.value):
            assert self.low is not None
            return self.low_price, self.low
        return self.high_price, self.high

    @property
    def least_miss(self) -> float:
        """How far from the budget the use is at the end where it is nearer to it [steps]."""
        assert self.low is not None
        assert self.high is not None
        return min(self.low.used - self.budget, self.budget - self.high.used)

    @property
    def nearer_low(self) -> bool:
        """Whether that end is the lower price."""
        assert self.low is not None
        return self.low.used - self.budget == self.least_miss

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
    evaluate: Callable[[float], Evaluation],
    bracket: Bracket,
    start: float,
    highest: float,
    *,
    tolerance: float,
    target: float = float("inf"),
    guess: Callable[[Bracket], float | None] | None = None,
) -> Bracket:
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
    last = before = (price, 0.0)
    boost = 1.0
    for _ in range(_MOST_EVALUATIONS):
        found = evaluate(price)
        bracket.put(price, found)
        before, last = last, (price, found.used)
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
            width = bracket.high_price - bracket.low_price
            reach = boost * _reach(bracket, before, last)
            boost *= 4.0
            if reach < 0.2 * width:
                price = bracket.low_price + reach if bracket.nearer_low else bracket.high_price - reach
            else:
                price = (bracket.secant, bracket.meeting[0], bracket.low_price + 0.5 * width)[shrinks % 3]
                shrinks, boost = shrinks + 1, 1.0
            if not bracket.low_price < price < bracket.high_price:
                price = bracket.low_price + 0.5 * width
                if not bracket.low_price < price < bracket.high_price:
                    break
    return bracket


def _reach(bracket: Bracket, before: tuple[float, float], last: tuple[float, float]) -> float:
    """How far from the nearer end to go to be just beyond the best price: by the slope between the last two."""
    distance = abs(last[0] - before[0])
    if last[1] == before[1]:
        return 2.0 * distance
    return (1.0 + _BEYOND) * bracket.least_miss * distance / abs(last[1] - before[1])
