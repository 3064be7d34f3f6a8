"""All users of a large instance as the price search asks them: what they do at a price, in two sums.

Users that may be at both places choose; those that may only be at the edge are there at any price. Whoever may
only run locally is in neither group.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.block_response import user_costs
from formulations.step_allocation.domain import may_be_at
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.step_allocation.lagrangian.dual_function import IntArray
from solvers.step_allocation.large_scale.user_blocks import FlagArray, Response, Threads, UserBlocks, respond_once

DECIDED = "decided"
"""Under this name a population stores who is decided to offload."""


class Recovered(NamedTuple):
    """Steps spread over the users that offload."""

    cost: float
    """Their cost less the local one, in units of cost [-]."""
    left: float
    """Whole steps that nobody took [steps]."""


class Undecided(NamedTuple):
    """Users that the root leaves open."""

    users: IntArray
    """Who they are."""
    edge: PlaceCosts
    """Their costs at the edge, in units of cost."""
    local_cost: FloatArray
    """Their local costs."""
    steps: FloatArray
    """Their edge steps at the root's price [steps]."""
    excluded: float
    """Least bound over the choices that the decided users exclude [-]."""


class Population(Protocol):
    """Users that answer prices, wherever they are; costs are in units of cost."""

    @property
    def base(self) -> float:
        """Cost of running all users locally [-]."""

    @property
    def size_of_base(self) -> float:
        """The same with every user's cost counted as positive: rounding is a share of it [-]."""

    @property
    def highest(self) -> float:
        """Price above which no user takes more than its lower bound on steps [1/step]."""

    @property
    def size(self) -> int:
        """Number of users."""

    def respond(self, price: float, *, choose: bool) -> Response:
        """Return all users' response to a price; with ``choose``, those offload from now on that save by it."""

    def store(self, name: str) -> None:
        """Remember who offloads."""

    def restore(self, name: str) -> None:
        """Offload again who did then."""

    def add(self, fewer: str, more: str, left: float) -> float:
        """Let the stored users ``fewer`` offload, and as many others of ``more`` as fit; return the steps left.

        Each takes its steps at the last price; together the others may take ``left`` steps.
        """

    def recover(self, low: float | None, high: float, share: float, left: float) -> Recovered:
        """Recover the steps at the price ``high``, and what is left of the budget towards those at ``low``."""

    def decide(self, price: float, bound: float, incumbent: float) -> Undecided:
        """Return the users that are still undecided at a price; store as ``DECIDED`` those that have to offload.

        A user is decided where its other choice raises L above the incumbent.
        """

    def offload(self, users: IntArray) -> None:
        """Let some more users offload."""

    def decided_users(self, undecided: IntArray) -> tuple[IntArray, IntArray]:
        """Users that are decided to offload, and to stay."""

    def sample(self, blocks: int) -> Population:
        """About so many blocks of users, to try prices on; their number is a fraction of ``size``."""


@dataclass
class InMemoryPopulation:
    """A population on this machine.

    Attributes
    ----------
    choosing, bound_to_edge : UserBlocks
        The two groups.
    local_steps : FloatArray
        Best local steps, shape (N,) [steps].
    base, size_of_base : float
        Cost of running all users locally, and the sum of its absolute values by user [-].
    threads : Threads
        Who computes.
    offloaded, steps : FloatArray
        a and s as last recovered, shape (N,).
    """

    choosing: UserBlocks
    bound_to_edge: UserBlocks
    local_steps: FloatArray
    base: float
    size_of_base: float
    threads: Threads
    offloaded: FloatArray = field(default_factory=lambda: np.empty(0))
    steps: FloatArray = field(default_factory=lambda: np.empty(0))
    _stored: dict[str, FlagArray] = field(default_factory=dict)
    _price: float = np.nan

    @classmethod
    def of(cls, data: StepAllocation, unit: float, threads: Threads) -> InMemoryPopulation:
        """The users of an instance, with costs in multiples of ``unit``."""
        local_steps, local_cost = respond_once(user_costs(data, LOCAL, unit), threads)
        choosing, must = np.arange(data.users), np.empty(0, dtype=np.int64)
        if data.constraints:
            may_stay, may_offload = may_be_at(data, LOCAL), may_be_at(data, EDGE)
            local_cost[~may_stay] = 0.0
            choosing, must = np.flatnonzero(may_stay & may_offload), np.flatnonzero(~may_stay)
        costs = user_costs(data, EDGE, unit, local_cost)
        choose, bound = (UserBlocks.filled(costs, users, threads) for users in (choosing, must))
        base, size_of_base = float(local_cost.sum()), float(np.abs(local_cost).sum())
        return cls(choose, bound, local_steps, base, size_of_base, threads)

    @property
    def highest(self) -> float:
        return max(self.choosing.highest, self.bound_to_edge.highest)

    @property
    def size(self) -> int:
        return self.choosing.size + self.bound_to_edge.size

    def respond(self, price: float, *, choose: bool) -> Response:
        free = self.choosing.respond(price, self.threads, choose=choose)
        must = self.bound_to_edge.respond(price, self.threads, choose=False)
        self._price = price
        return Response(free.saving + must.saving, free.used + must.used)

    def store(self, name: str) -> None:
        self._stored[name] = self.choosing.chosen.copy()

    def restore(self, name: str) -> None:
        self.choosing.chosen[:] = self._stored[name]

    def add(self, fewer: str, more: str, left: float) -> float:
        group = self.choosing
        group.chosen[:] = self._stored[fewer]
        candidates = np.flatnonzero(self._stored[more][: group.size] > self._stored[fewer][: group.size])
        used = np.cumsum(group.steps[candidates])
        count = int(np.searchsorted(used, left, side="right"))
        group.chosen[candidates[:count]] = 1
        return left - float(used[count - 1]) if count else left

    def sample(self, blocks: int) -> InMemoryPopulation:
        every = max(1, (self.choosing.count + self.bound_to_edge.count) // blocks)
        choosing, bound_to_edge = (group.sample(every) for group in (self.choosing, self.bound_to_edge))
        return InMemoryPopulation(choosing, bound_to_edge, np.empty(0), 0.0, 0.0, Threads(1))

    def recover(self, low: float | None, high: float, share: float, left: float) -> Recovered:
        groups = (self.choosing, self.bound_to_edge)
        other = [np.empty(0) for _ in groups]
        if low is None:
            self._ask(high)
        elif self._price == high:
            other = [group.steps for group in groups]
            self._ask(low)
            if self.choosing.integer:
                other = [group.exchange(steps) for group, steps in zip(groups, other, strict=True)]
            share = 1.0 - share
        else:
            self._ask(low)
            other = [group.steps for group in groups]
            self._ask(high)
        self._price = np.nan
        self.offloaded, self.steps = np.zeros(self.local_steps.size), self.local_steps.copy()
        cost = 0.0
        for group, towards in zip(groups, other, strict=True):
            if group.integer:
                left = group.spend_whole(towards, left)
                towards = towards[:0]
            cost += group.recover(towards, share, self.offloaded, self.steps, self.threads)
        return Recovered(cost, left)

    def _ask(self, price: float) -> None:
        if price != self._price:
            self.respond(price, choose=False)

    def decide(self, price: float, bound: float, incumbent: float) -> Undecided:
        self.respond(price, choose=True)
        group = self.choosing
        flipped = bound + np.abs(group.saving)
        decided = flipped > incumbent
        group.chosen[: group.size] &= decided
        self.store(DECIDED)
        open_users = np.flatnonzero(~decided)
        edge, local_cost, steps = group.picked(open_users)
        excluded = float(flipped[decided].min(initial=np.inf))
        return Undecided(group.users[open_users], edge, local_cost, steps, excluded)

    def offload(self, users: IntArray) -> None:
        self.choosing.chosen[np.searchsorted(self.choosing.users, users)] = 1

    def decided_users(self, undecided: IntArray) -> tuple[IntArray, IntArray]:
        group = self.choosing
        at_edge = self._stored[DECIDED][: group.size] != 0
        elsewhere = at_edge.copy()
        elsewhere[np.searchsorted(group.users, undecided)] = True
        return group.users[at_edge], group.users[~elsewhere]
