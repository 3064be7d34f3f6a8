"""The best assignments found so far, and the offspring that two of them make."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DISTURBED_SHARES = (0.0, 0.05, 0.15)
"""Shares of the items whose places are mixed up in an offspring; each is as likely as the others."""

MIXTURE = (0.2, 0.8)
"""Range of the share of items that an offspring has from its first parent."""

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

    def offspring(self, draw: np.random.Generator) -> IntArray:
        """A mixture of two members, some of its items exchanged at random."""
        first, second = draw.choice(len(self.members), 2, replace=False)
        from_first = draw.random(len(self.members[0][1])) < draw.uniform(*MIXTURE)
        place: IntArray = np.where(from_first, self.members[first][1], self.members[second][1]).astype(np.int64)
        disturbed = np.flatnonzero(draw.random(place.size) < draw.choice(DISTURBED_SHARES))
        place[disturbed] = place[draw.choice(place.size, disturbed.size, replace=False)]
        return place
