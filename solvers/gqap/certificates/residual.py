"""What is left of a whole GQAP once some items have their places, and the bound that multipliers prove for it.

All numbers are Python's own integers, which neither round nor overflow. Nothing here is shared with the branch and
bound: costs come from the formula of the problem, and the bound from weak duality.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.gqap.parameters import GQAP

# An array of Python's integers.
Whole = NDArray[np.object_]

Choices = NDArray[np.bool_]


def whole(values: Any) -> Whole:
    """Numbers as Python's integers; those that are not whole are refused.

    Raises
    ------
    ValueError
        If one is not whole.
    """
    array = np.asarray(values, dtype=object)
    if not all(not isinstance(x, bool) and isinstance(x, int | float) and int(x) == x for x in array.ravel()):
        raise ValueError("expected whole numbers")
    return np.array([int(x) for x in array.ravel()], dtype=object).reshape(array.shape)


class Terms(NamedTuple):
    """A whole problem."""

    own: Whole
    """A_ij + v F_ii D_jj, shape (n, m)."""
    flow: Whole
    """v F_ik, shape (n, n)."""
    distance: Whole
    """D_jq, shape (m, m)."""
    weight: Whole
    limit: Whole

    @classmethod
    def of(cls, data: GQAP) -> Terms:
        """Terms of a problem whose costs and weights are whole."""
        flow, distance = int(data.cost_factor) * whole(data.flow), whole(data.distance)
        own = whole(data.assignment_cost) + np.outer(np.diag(flow), np.diag(distance))
        return cls(own, flow, distance, whole(data.weight), whole(np.floor(data.capacity)))

    def pair(self, item: int, other: int) -> Whole:
        """Cost of two items in both orders, shape (m, m): ``item`` at the row, ``other`` at the column."""
        cost: Whole = self.flow[item, other] * self.distance + self.flow[other, item] * self.distance.T
        return cost

    def step(self) -> int:
        """Number that divides the difference of any two assignments' costs, at least 1."""
        differences = [self.own - self.own[:, :1]]
        for i in range(self.weight.size):
            differences += [pair - pair[0, 0] for pair in (self.pair(i, k) for k in range(i))]
        return max(1, math.gcd(*(int(x) for difference in differences for x in difference.ravel())))

    def exclusive(self) -> bool:
        """Whether no two items fit in one place."""
        lightest = sorted(self.weight)[:2]
        return len(lightest) == 2 and bool(sum(lightest) > max(self.limit))


class Multipliers(NamedTuple):
    """Multipliers of the relaxation's rows, for the remaining items; any numbers of the right sign serve."""

    other: Whole
    """Of sum_q y_ijkq = x_ij, shape (N, m, N), indexed [i, j, k]."""
    room: Whole
    """Of the room at q times x_ij, shape (N, m, m): not negative, but where no two items fit in a place."""
    place: Whole
    """Of the room at each place, shape (m,), with the sign of ``room``."""


@dataclass
class Residual:
    """A node of a proof.

    Attributes
    ----------
    terms : Terms
        The whole problem.
    fixed : dict
        Place of each item that has one.
    allowed : Choices
        Places that each remaining item may still go to, shape (N, m).
    scale : int
        Multipliers and bounds count parts of 1 / scale of the cost.
    """

    terms: Terms
    fixed: dict[int, int]
    allowed: Choices
    scale: int

    def __post_init__(self) -> None:
        terms, scale = self.terms, self.scale
        self.items = [i for i in range(terms.weight.size) if i not in self.fixed]
        self.room = terms.limit.copy()
        cost, alone = 0, np.arange(terms.limit.size)
        for i, j in self.fixed.items():
            self.room[j] -= terms.weight[i]
            cost += terms.own[i, j] + sum(terms.pair(i, k)[j, q] for k, q in self.fixed.items() if k < i)
        self.constant = scale * cost
        self.lead = scale * terms.own[self.items]
        for row, i in enumerate(self.items):
            for k, q in self.fixed.items():
                self.lead[row] = self.lead[row] + scale * terms.pair(i, k)[:, q]
            self.allowed[row] &= np.array([terms.weight[i] <= self.room[j] for j in alone], dtype=bool)

    def pair_allowed(self, row: int, other: int) -> Choices:
        """Whether one remaining item may be at the row while another is at the column, shape (m, m)."""
        allowed: Choices = np.outer(self.allowed[row], self.allowed[other])
        both = self.terms.weight[self.items[row]] + self.terms.weight[self.items[other]]
        for j in range(self.room.size):
            allowed[j, j] &= both <= self.room[j]
        return allowed

    def bound(self, by: Multipliers) -> tuple[int | None, Whole]:
        """Lower bound that multipliers prove, None where nothing is feasible, and what each choice adds to it.

        Each cost that is not forced is replaced by the least it can be, so that the bound holds for any numbers.
        """
        lead = self._choices(by)
        total = self.constant
        weight = np.array([self.terms.weight[i] for i in self.items], dtype=object)
        exclusive = self.terms.exclusive()
        open_places = [j for j in range(self.room.size) if not exclusive or j not in self.fixed.values()]
        for j in open_places:
            total -= by.place[j] * (1 if exclusive else self.room[j])
        lead = lead + by.place[None, :] * (1 if exclusive else weight[:, None])
        added = np.full(lead.shape, None, dtype=object)
        for row in range(len(self.items)):
            places = np.flatnonzero(self.allowed[row])
            if not places.size:
                return None, added
            least = min(lead[row, places])
            total += least
            added[row, places] = lead[row, places] - least
        return total, added

    def _choices(self, by: Multipliers) -> Whole:
        """Cost of each choice and the least of its pairs; one that leaves another item no place is ruled out."""
        exclusive = self.terms.exclusive()
        free_sign = exclusive and self.terms.weight.size == self.terms.limit.size
        if not free_sign and (np.any(by.room < 0) or np.any(by.place < 0)):
            raise ValueError("a multiplier of a capacity is negative")
        weight = [1 if exclusive else self.terms.weight[i] for i in self.items]
        lead: Whole = self.lead + by.other.sum(axis=2)
        for row in range(len(self.items)):
            for j in np.flatnonzero(self.allowed[row]):
                for q in range(self.room.size):
                    if exclusive and (q == j or q in self.fixed.values()):
                        continue
                    left = 1 if exclusive else self.room[q] - (weight[row] if q == j else 0)
                    lead[row, j] -= by.room[row, j, q] * left
        for row, i in enumerate(self.items):
            for other in range(row + 1, len(self.items)):
                cost = self.scale * self.terms.pair(i, self.items[other])
                cost = cost - by.other[row, :, other][:, None] - by.other[other, :, row][None, :]
                cost = cost + by.room[row] * weight[other] + by.room[other].T * weight[row]
                allowed = self.pair_allowed(row, other)
                self.allowed[row] &= allowed.any(axis=1)
                self.allowed[other] &= allowed.any(axis=0)
                for j in np.flatnonzero(allowed.any(axis=1)):
                    lead[row, j] += min(cost[j, allowed[j]])
        return lead


def multipliers(record: Mapping[str, Any], items: int, places: int) -> Multipliers:
    """Multipliers as a certificate holds them: positions and numbers that are not 0."""

    def dense(name: str, *shape: int) -> Whole:
        filled = np.array([0] * int(np.prod(shape)), dtype=object)
        where: Sequence[int] = whole(record[name][0]).tolist()
        for index, value in zip(where, whole(record[name][1]).tolist(), strict=True):
            if not 0 <= index < filled.size:
                raise ValueError(f"a multiplier is at position {index} of {filled.size}")
            filled[index] = value
        return filled.reshape(shape)

    return Multipliers(
        dense("other", items, places, items), dense("room", items, places, places), dense("place", places)
    )
