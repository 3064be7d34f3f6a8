"""Search for the price at which the Lagrangian bound is highest, whoever evaluates the bound.

All that the search exchanges with the users is a price, and two numbers for it: the bound L and the steps used,
which less the budget are a supergradient. The bound is concave, so the best price lies where the use passes the
budget. Every function here is compiled, so that compiled searches and searches of Python share them.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled

_EPSILON = 2.0**-53
_PRICE_GROWTH = 4.0
"""Factor by which the price is raised where even the lower bounds of some users have to be priced away."""
_SMALLEST_RISE = 1e-6
_FAR = 1e6
_FIRST_SPREAD = 0.02
"""Share of a price by which the first step away from it goes, as long as nothing is known of the slope."""
MOST_EVALUATIONS = 200
_BEYOND = 0.5
"""Share of the way to the expected price by which a proof goes beyond it, to have the best in between."""
_LOPSIDED = 0.1
"""Distance from the middle, as a share of the bracket, from which the tangents rather meet at a kink of the bound:
where the use falls evenly, they meet in the middle."""
_BEYOND_ONE_SIDE = 0.1
"""The same while the use is on one side of the budget only; it grows with every step that falls short."""


class Bracket(NamedTuple):
    """Prices between which the bound is highest: more than the budget is used at ``low``, no more at ``high``."""

    budget: float
    """S_e [steps]."""
    highest: float
    """Price above which no user takes more than its lower bound on steps [1/step]."""
    low_price: float
    low_value: float
    low_used: float
    """Infinite where no such price is known."""
    high_price: float
    high_value: float
    high_used: float
    """Infinite and negative where no such price is known."""
    at_maximum: bool
    """Whether the last price is the best of all."""
    last_price: float
    """Of the last evaluation; NaN before the first."""
    last_used: float
    before_price: float
    """Of the evaluation before the last; NaN where there is none."""
    before_used: float
    spread: float
    """Share of a price by which the next step away from it goes, on one side of the budget."""
    boost: float
    """Factor on the next step from the nearer end, between both sides."""
    shrinks: int
    """How often the bracket was divided instead."""

    @property
    def has_low(self) -> bool:
        """Whether a price is known at which more than the budget is used."""
        return self.low_used < np.inf

    @property
    def has_high(self) -> bool:
        """Whether a price is known at which no more than the budget is used."""
        return self.high_used > -np.inf

    @property
    def best_is_low(self) -> bool:
        """Whether the lower price has the higher bound."""
        return self.low_value > self.high_value

    @property
    def best(self) -> tuple[float, float, float]:
        """Price with the higher bound, the bound, and the use there."""
        if self.best_is_low:
            return self.low_price, self.low_value, self.low_used
        return self.high_price, self.high_value, self.high_used


@compiled
def unknown(budget: float, highest: float) -> Bracket:
    """Bracket of which nothing is known yet."""
    none, inf = np.nan, np.inf
    return Bracket(
        budget,
        highest,
        0.0,
        -inf,
        inf,
        inf,
        -inf,
        -inf,
        False,
        none,
        none,
        none,
        none,
        _FIRST_SPREAD,
        1.0,
        0,
    )


@compiled
def put(bracket: Bracket, price: float, value: float, used: float) -> Bracket:
    """Take an evaluation in."""
    low = (bracket.low_price, bracket.low_value, bracket.low_used)
    high = (bracket.high_price, bracket.high_value, bracket.high_used)
    if used > bracket.budget:
        low = (price, value, used)
    else:
        high = (price, value, used)
    at_maximum = used == bracket.budget or (price == 0.0 and used <= bracket.budget)
    return Bracket(
        bracket.budget,
        bracket.highest,
        low[0],
        low[1],
        low[2],
        high[0],
        high[1],
        high[2],
        bracket.at_maximum or at_maximum,
        price,
        used,
        bracket.last_price,
        bracket.last_used,
        bracket.spread,
        bracket.boost,
        bracket.shrinks,
    )


@compiled
def _stepped(bracket: Bracket, highest: float, spread: float, boost: float, shrinks: int) -> Bracket:
    return Bracket(
        bracket.budget,
        highest,
        bracket.low_price,
        bracket.low_value,
        bracket.low_used,
        bracket.high_price,
        bracket.high_value,
        bracket.high_used,
        bracket.at_maximum,
        bracket.last_price,
        bracket.last_used,
        bracket.before_price,
        bracket.before_used,
        spread,
        boost,
        shrinks,
    )


@compiled
def fall(bracket: Bracket) -> float:
    """Steps less used per price, between the last two evaluations; 0 where unknown."""
    if np.isnan(bracket.before_price) or bracket.last_price == bracket.before_price:
        return 0.0
    return max(0.0, (bracket.before_used - bracket.last_used) / (bracket.last_price - bracket.before_price))


@compiled
def nearer_low(bracket: Bracket) -> bool:
    """Whether the use is nearer to the budget at the lower of both prices."""
    return bracket.low_used - bracket.budget <= bracket.budget - bracket.high_used


@compiled
def secant(bracket: Bracket) -> float:
    """Price at which the use would meet the budget if it were linear between both ends."""
    over, under = bracket.low_used - bracket.budget, bracket.budget - bracket.high_used
    return bracket.low_price + (bracket.high_price - bracket.low_price) * over / (over + under)


@compiled
def meeting(bracket: Bracket) -> tuple[float, float, float]:
    """Price at which the tangents of both ends meet, the height there, above L everywhere, and its rounding."""
    over, under = bracket.low_used - bracket.budget, bracket.budget - bracket.high_used
    rise = bracket.high_value - bracket.low_value
    price = (bracket.low_price * over + bracket.high_price * under + rise) / (over + under)
    terms = bracket.low_price * over + bracket.high_price * under + abs(rise)
    return price, bracket.low_value + over * (price - bracket.low_price), _EPSILON * over / (over + under) * terms


@compiled
def closed(bracket: Bracket, tolerance: float) -> bool:
    """Whether no price is better than the best by more than a share of the bound."""
    if bracket.at_maximum:
        return True
    if bracket.low_used == np.inf or bracket.high_used == -np.inf:
        return False
    best = max(bracket.low_value, bracket.high_value)
    _, height, rounding = meeting(bracket)
    return height + rounding - best <= tolerance * max(1.0, abs(best))


@compiled
def rise(bracket: Bracket, fall: float) -> float:
    """How far the best price is from being the best of all if the use falls so many steps per price."""
    used = bracket.low_used if bracket.low_value > bracket.high_value else bracket.high_used
    return (used - bracket.budget) ** 2 / (2.0 * fall) if fall > 0.0 else np.inf


@compiled
def next_price(bracket: Bracket, late: bool, proof: bool) -> tuple[Bracket, float]:
    """Price to try next, NaN where no number is left, and the bracket that knows so.

    Parameters
    ----------
    bracket : Bracket
        What is known, one evaluation at least.
    late : bool
        Whether to go to the sure price within the budget.
    proof : bool
        Whether to go a little beyond the expected price, so that both sides close in on the best one.
    """
    if bracket.low_used == np.inf:
        return _lower(bracket, proof)
    if bracket.high_used == -np.inf:
        return _higher(bracket, late, proof)
    return _inside(bracket, proof)


@compiled
def _lower(bracket: Bracket, proof: bool) -> tuple[Bracket, float]:
    price = _extrapolated(bracket, proof)
    if np.isnan(price):
        price = bracket.high_price * (1.0 - bracket.spread)
    price = max(price, 0.5 * bracket.high_price)  # the slope of few users says little of all
    if bracket.spread > 1.0:
        price = 0.0
    stepped = _stepped(bracket, bracket.highest, 4.0 * bracket.spread, bracket.boost, bracket.shrinks)
    return stepped, max(0.0, price)


@compiled
def _higher(bracket: Bracket, late: bool, proof: bool) -> tuple[Bracket, float]:
    low, highest = bracket.low_price, bracket.highest
    if low >= highest:
        highest = max(_PRICE_GROWTH * highest, _SMALLEST_RISE)
    price = _extrapolated(bracket, proof)
    if np.isnan(price):
        price = low * (1.0 + bracket.spread)
    price = min(price, 2.0 * low)
    if late or bracket.spread > 1.0 or price <= low or price > highest:
        price = highest
    return _stepped(bracket, highest, 4.0 * bracket.spread, bracket.boost, bracket.shrinks), price


@compiled
def _extrapolated(bracket: Bracket, proof: bool) -> float:
    """Where the use meets the budget if it goes on as between the last two prices, and a little beyond; or NaN."""
    falls = fall(bracket)
    if falls <= 0.0:
        return np.nan
    beyond = 1.0 + (_BEYOND_ONE_SIDE * bracket.spread / _FIRST_SPREAD if proof else 0.0)
    return bracket.last_price + beyond * (bracket.last_used - bracket.budget) / falls


@compiled
def _inside(bracket: Bracket, proof: bool) -> tuple[Bracket, float]:
    low, high = bracket.low_price, bracket.high_price
    width = high - low
    kink = meeting(bracket)[0]
    reach = bracket.boost * _reach(bracket, proof)
    boost, shrinks = 4.0 * bracket.boost, bracket.shrinks
    if shrinks % 3 < 2 and abs(kink - low - 0.5 * width) > _LOPSIDED * width:
        price, boost, shrinks = kink, 1.0, shrinks + 1
    elif reach < 0.2 * width:
        price = low + reach if nearer_low(bracket) else high - reach
    else:
        kind = shrinks % 3
        if kind == 0:
            price = secant(bracket)
        elif kind == 1:
            price = kink
        else:
            price = _middle(low, high)
        boost, shrinks = 1.0, shrinks + 1
    if not low < price < high:
        price = low + 0.5 * width
    if not low < price < high:
        price = np.nan
    return _stepped(bracket, bracket.highest, bracket.spread, boost, shrinks), price


@compiled
def _reach(bracket: Bracket, proof: bool) -> float:
    """How far from the nearer end to go to be just beyond the best price, by the last slope."""
    if np.isnan(bracket.before_price):
        return np.inf
    falls = fall(bracket)
    if falls <= 0.0:
        return 2.0 * abs(bracket.last_price - bracket.before_price)
    miss = min(bracket.low_used - bracket.budget, bracket.budget - bracket.high_used)
    return (1.0 + (_BEYOND if proof else 0.0)) * miss / falls


@compiled
def _middle(low: float, high: float) -> float:
    """Half-way between two prices, of their logarithms where they are of different orders of magnitude."""
    least = max(low, _SMALLEST_RISE)
    return np.sqrt(least) * np.sqrt(high) if high > _FAR * least else 0.5 * (low + high)


def search_price(
    evaluate: Callable[[float], tuple[float, float]],
    bracket: Bracket,
    start: float | None,
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
        The bound at a price, and the steps used there.
    bracket : Bracket
        What is known.
    start : float or None
        First price [1/step]; None to go on with a bracket that has an end.
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
        Whether the same users offload at every price: beyond the highest price their use falls no further, and
        where it exceeds the budget, no price keeps it.
    """
    proof, highest = enough is None, bracket.highest
    bracket = bracket._replace(spread=_FIRST_SPREAD, boost=1.0, shrinks=0)
    if start is None:
        bracket, price = next_price(bracket, False, proof)
    else:
        price = min(start, highest)
    for _ in range(MOST_EVALUATIONS):
        if np.isnan(price):
            break
        value, used = evaluate(price)
        bracket = put(bracket, price, value, used)
        late = perf_counter() >= deadline
        if value >= target or closed(bracket, tolerance) or (late and bracket.has_high):
            break
        if enough is not None and enough(bracket):
            break
        if fixed_choice and not bracket.has_high and price > highest:
            break
        guessed = None if guess is None or late else guess(bracket)
        if guessed is not None and bracket.low_price < guessed < bracket.high_price:
            price = guessed
        else:
            bracket, price = next_price(bracket, late, proof)
    return bracket._replace(highest=highest)
