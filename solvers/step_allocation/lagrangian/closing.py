"""When the gap between a plan and a bound is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT

NOTHING_LEFT = "nothing left to branch on but rounding"
"""Reason of a search that has looked everywhere, where rounding leaves a gap."""

GAP_CLOSED = "gap closed"
"""Reason of a search that has proven its plan to be optimal."""

CLOSED_SHARE_OF_GAP = 1e-3
"""The search closes to this share of the asked relative gap: it costs little, and others are measured by it."""

CLOSED_PER_USER = 1e-14
"""Absolute gap per user that rounding may leave open, in units of cost."""

NEAR_ZERO = 1e-9
"""Share of what decisions can change that counts as closed, however close to 0 the objective is."""

SMALLEST_GAP = 1e-12
"""Relative gap below which nobody can ask for a closer one."""


@dataclass
class Closing:
    """The rule by which a search ends.

    Attributes
    ----------
    asked : float
        Relative gap that a result may have.
    relative : float
        Relative gap to close, which is less: it costs little, and others are measured by the result.
    absolute : float
        Gap that rounding may leave, in units of cost.
    find_ideal : callable
        The cost that nothing can beat, in units of cost; asked only where it matters.
    """

    asked: float
    relative: float
    absolute: float
    find_ideal: Callable[[], float]

    @classmethod
    def within(cls, limits: Limits, share: float, users: int, find_ideal: Callable[[], float]) -> Closing:
        """Close to a share of the asked relative gap."""
        relative = max(share * limits.gap, SMALLEST_GAP)
        return cls(max(limits.gap, relative), relative, CLOSED_PER_USER * users, find_ideal)

    @cached_property
    def ideal(self) -> float:
        return self.find_ideal()

    def tolerance(self, cost: float) -> float:
        """Gap at which a plan of this cost counts as optimal: relative to what decisions could change of it."""
        return max(self.relative * self._size(cost), self.absolute)

    def target(self, cost: float) -> float:
        """Bound from which the gap is closed; infinite without a plan, whose gap is open."""
        return cost - self.tolerance(cost) if cost < float("inf") else cost

    def reason(self, cost: float, bound: float, rounding: float, late: bool) -> str:
        """Why a search ended whose bound is known but for what rounding may have made of it."""
        if late and bound < self.target(cost):
            return TIME_LIMIT
        gap = cost - bound + rounding
        proven = gap <= self.asked * self._size(cost) or gap <= NEAR_ZERO * max(cost - self.ideal, 0.0)
        return GAP_CLOSED if proven else NOTHING_LEFT

    def _size(self, cost: float) -> float:
        return abs(cost) if cost <= 0.0 else min(cost, max(cost - self.ideal, 0.0))
