"""Search for the price at which the Lagrangian bound is highest, whoever evaluates the bound.

The search of :func:`solvers.step_allocation.lagrangian.dual_function.maximise` for bounds that compiled code of
one process cannot evaluate alone: because threads share the users out, because other machines hold them, or
because most of them are decided. All it exchanges with them is a price, and two sums for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from time import perf_counter
from typing import NamedTuple

_EPSILON = 2.0**-53
_PRICE_GROWTH = 4.0
_SMALLEST_RISE = 1e-6
_FAR = 1e6
_FIRST_SPREAD = 0.02
"""Share of a price by which the first step away from it goes, as long as nothing is known of the slope."""
_MOST_EVALUATIONS = 200
_BEYOND = 0.5
"""Share of the way to the expected price by which a proof goes beyond it, to have the best in between."""
_BEYOND_ONE_SIDE = 0.1
"""The same while the use is on one side of the budget only; it grows with every step that falls short."""


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
    last: tuple[float, float] | None = None
    """Price and use of the last evaluation."""
    before: tuple[float, float] | None = None
    """The same of the one before."""

    def put(self, price: float, found: Evaluation) -> None:
        """Take an evaluation in."""
        if found.used > self.budget:
            self.low_price, self.low = price, found
        else:
            self.high_price, self.high = price, found
        if found.used == self.budget or (price == 0.0 and found.used <= self.budget):
            self.at_maximum = True
        self.before, self.last = self.last, (price, found.used)

    @property
    def best(self) -> tuple[float, Evaluation]:
        """Price and evaluation with the higher bound."""
        if self.high is None or (self.low is not None and self.low.value > self.high.value):
            assert self.low is not None
            return self.low_price, self.low
        return self.high_price, self.high

    @property
    def best_is_low(self) -> bool:
        """Whether that end is the lower price."""
        return self.best[1] is self.low

    @property
    def fall(self) -> float:
        """Steps less used per price, between the last two evaluations; 0 where unknown."""
        if self.last is None or self.before is None or self.last[0] == self.before[0]:
            return 0.0
        return max(0.0, (self.before[1] - self.last[1]) / (self.last[0] - self.before[0]))

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
        return self.meeting[1] + self._rounding - best <= tolerance * max(1.0, abs(best))

    @property
    def _rounding(self) -> float:
        """What rounding may hide in the height where the tangents meet: much where one end is far away."""
        assert self.low is not None
        assert self.high is not None
        over, under = self.low.used - self.budget, self.budget - self.high.used
        terms = self.low_price * over + self.high_price * under + abs(self.high.value - self.low.value)
        return _EPSILON * over / (over + under) * terms

    def rise(self, fall: float) -> float:
        """How far the best price is from being the best of all if the use falls so many steps per price."""
        return (self.best[1].used - self.budget) ** 2 / (2.0 * fall) if fall > 0.0 else float("inf")


def search_price(
    evaluate: Callable[[float], Evaluation],
    bracket: Bracket,
    start: float | None,
    highest: float,
    *,
    tolerance: float,
    target: float = float("inf"),
    deadline: float = float("inf"),
    guess: Callable[[Bracket], float | None] | None = None,
    enough: Callable[[Bracket], bool] | None = None,
    fixed_choice: bool = False,
) -> Bracket:
    """Shrink the bracket until no price is better by more than a share of the bound.

    Parameters
    ----------
    evaluate : callable
        The bound at a price.
    bracket : Bracket
        What is known; updated and returned.
    start : float or None
        First price [1/step]; None to go on with a bracket that has an end.
    highest : float
        Price above which no user takes more than its fewest steps [1/step].
    tolerance : float
        Share of the bound by which it may miss its maximum.
    target : float
        Bound at which the search ends, too.
    deadline : float
        When to stop, as ``perf_counter()`` says it, as soon as there is a price within the budget.
    guess : callable, optional
        Price to try next as long as it has one, else None.
    enough : callable, optional
        Whether the search may end before the tolerance is proven; every price is then aimed at the best one.
    fixed_choice : bool
        Whether the same users offload at every price: beyond ``highest`` their use falls no further, and where it
        exceeds the budget, no price keeps it.
    """
    steps = _Steps(highest, *((_BEYOND, _BEYOND_ONE_SIDE) if enough is None else (0.0, 0.0)))
    price = steps.next(bracket, late=False) if start is None else min(start, highest)
    for _ in range(_MOST_EVALUATIONS):
        if price is None:
            break
        found = evaluate(price)
        bracket.put(price, found)
        late = perf_counter() >= deadline
        if found.value >= target or bracket.closed(tolerance) or (late and bracket.high is not None):
            break
        if enough is not None and enough(bracket):
            break
        if fixed_choice and bracket.high is None and price > highest:
            break
        guessed = None if guess is None or late else guess(bracket)
        if guessed is not None and bracket.low_price < guessed < bracket.high_price:
            price = guessed
        else:
            price = steps.next(bracket, late)
    return bracket


@dataclass
class _Steps:
    """Which price to try next."""

    highest: float
    beyond: float
    beyond_one_side: float
    _spread: float = _FIRST_SPREAD
    _boost: float = 1.0
    _shrinks: int = 0

    def next(self, bracket: Bracket, late: bool) -> float | None:
        """A price within the bracket, None where no number is left; the sure one within the budget if ``late``."""
        if bracket.low is None:
            return self._lower(bracket)
        if bracket.high is None:
            return self._higher(bracket, late)
        return self._inside(bracket)

    def _lower(self, bracket: Bracket) -> float:
        price = bracket.high_price * (1.0 - self._spread)
        aimed = self._extrapolated(bracket)
        sure = self._spread > 1.0
        self._spread *= 4.0
        return 0.0 if sure else max(0.0, price if aimed is None else aimed)

    def _higher(self, bracket: Bracket, late: bool) -> float:
        low = bracket.low_price
        if low >= self.highest:
            self.highest = max(_PRICE_GROWTH * self.highest, _SMALLEST_RISE)
        aimed = self._extrapolated(bracket)
        price = low * (1.0 + self._spread) if aimed is None else aimed
        sure = late or self._spread > 1.0 or price <= low
        self._spread *= 4.0
        return self.highest if sure else min(price, self.highest)

    def _extrapolated(self, bracket: Bracket) -> float | None:
        """Where the use meets the budget if it goes on as between the last two prices, and a little beyond."""
        if bracket.last is None or bracket.fall <= 0.0:
            return None
        price, used = bracket.last
        beyond = 1.0 + self.beyond_one_side * self._spread / _FIRST_SPREAD
        return price + beyond * (used - bracket.budget) / bracket.fall

    def _inside(self, bracket: Bracket) -> float | None:
        width = bracket.high_price - bracket.low_price
        reach = self._boost * self._reach(bracket)
        self._boost *= 4.0
        if reach < 0.2 * width:
            price = bracket.low_price + reach if bracket.nearer_low else bracket.high_price - reach
        else:
            middle = _middle(bracket.low_price, bracket.high_price)
            price = (bracket.secant, bracket.meeting[0], middle)[self._shrinks % 3]
            self._shrinks, self._boost = self._shrinks + 1, 1.0
        if not bracket.low_price < price < bracket.high_price:
            price = bracket.low_price + 0.5 * width
        return price if bracket.low_price < price < bracket.high_price else None

    def _reach(self, bracket: Bracket) -> float:
        """How far from the nearer end to go to be just beyond the best price, by the last slope."""
        if bracket.last is None or bracket.before is None:
            return float("inf")
        if bracket.fall <= 0.0:
            return 2.0 * abs(bracket.last[0] - bracket.before[0])
        return (1.0 + self.beyond) * bracket.least_miss / bracket.fall


def _middle(low: float, high: float) -> float:
    """Half-way between two prices, of their logarithms where they are of different orders of magnitude."""
    least = max(low, _SMALLEST_RISE)
    return sqrt(least) * sqrt(high) if high > _FAR * least else 0.5 * (low + high)
