"""Sums of users whose place is decided, at prices between those at which they are known.

Where it is decided who offloads, the sum of the best costs is concave in the price, and its slope is the use. So
between two prices it is above its chord, which is therefore a valid bound, and below its tangents. Where the two
are as close as rounding is, no user needs to be asked again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from solvers.step_allocation.large_scale.user_blocks import Response

_ROUNDING = 1e-15


@dataclass
class DecidedSums:
    """Cost and use of decided users, remembered.

    Attributes
    ----------
    ask : callable
        The sums at a price, from the users.
    magnitude : float
        Size of what the cost is added to [-]: differences beyond its precision do not count.
    """

    ask: Callable[[float], Response]
    magnitude: float
    _prices: list[float] = field(default_factory=list)
    _sums: list[Response] = field(default_factory=list)

    def __call__(self, price: float) -> Response:
        """The sums at a price."""
        place = bisect_left(self._prices, price)
        if place < len(self._prices) and self._prices[place] == price:
            return self._sums[place]
        if 0 < place < len(self._prices):
            (left, low), (right, high) = ((self._prices[i], self._sums[i]) for i in (place - 1, place))
            share = (price - left) / (right - left)
            chord = low.saving + share * (high.saving - low.saving)
            tangents = min(low.saving + low.used * (price - left), high.saving - high.used * (right - price))
            if tangents - chord <= _ROUNDING * self.magnitude:
                return Response(chord, low.used + share * (high.used - low.used))
        found = self.ask(price)
        self._prices.insert(place, price)
        self._sums.insert(place, found)
        return found
