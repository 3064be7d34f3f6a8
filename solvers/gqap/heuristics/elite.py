"""The best assignments found so far, of which two at a time are parents."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DISTURBED_SHARES = (0.0, 0.05, 0.15)
"""Shares of the items whose places are mixed up in an offspring; each is as likely as the others."""

IntArray = NDArray[np.int64]


@dataclass
class Elite:
    """Different feasible assignments, cheapest first.

    Attributes
    ----------
    size : int
        How many are kept.
    members : list of (cost, places)
        The assignments; a tuple of places keeps equal costs in a fixed order.
    """

    size: int
    members: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)

    @property
    def best_cost(self) -> float:
        """Cost of the cheapest member; infinite where there is none."""
        return self.members[0][0] if self.members else np.inf

    @property
    def best(self) -> IntArray | None:
        """The cheapest member."""
        return np.array(self.members[0][1]) if self.members else None

    @property
    def is_full(self) -> bool:
        """Whether there are as many as are kept."""
        return len(self.members) >= self.size

    def offer(self, cost: float, place: IntArray) -> None:
        """Keep an assignment if it is new and cheap enough."""
        member = (cost, tuple(place.tolist()))
        if member not in self.members:
            insort(self.members, member)
            del self.members[self.size :]

    def parents(self, draw: np.random.Generator) -> tuple[IntArray, IntArray]:
        """Two different members."""
        first, second = draw.choice(len(self.members), 2, replace=False)
        return np.array(self.members[first][1]), np.array(self.members[second][1])


def disturbed(place: IntArray, draw: np.random.Generator) -> IntArray:
    """An assignment with a few of its items' places mixed up, or none."""
    changed = place.copy()
    items = np.flatnonzero(draw.random(place.size) < draw.choice(DISTURBED_SHARES))
    changed[items] = place[draw.permutation(items)]
    return changed
