"""Users of a large instance in blocks, and what they do at a price: the sums that the bound needs.

The sums of each block are added up in a fixed order, so that no result depends on how many threads there are.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled_in_blocks, compiled_sums
from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.block_response import (
    ALTERNATIVE,
    BLOCK,
    ERROR,
    ERROR_DECAY,
    LIMIT,
    LOWER,
    RATE,
    SAVING,
    STATIONARY,
    TAKEN,
    UTILITY,
    UTILITY_DECAY,
    WIDTH,
    UserCosts,
    highest_price_in_block,
    load_block,
    respond_in_block,
    saving_at,
)
from solvers.step_allocation.lagrangian.dual_function import IntArray

FlagArray = NDArray[np.uint8]

_CHUNKS_PER_THREAD = 4


class Threads:
    """Threads that share a range of blocks out; one of them is the caller's own."""

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        self._pool = ThreadPoolExecutor(self.count) if self.count > 1 else None

    def __enter__(self) -> Threads:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def share(self, size: int, work: Callable[[int, int], Any]) -> None:
        """Call ``work(first, last)`` for chunks of ``range(size)``."""
        if self._pool is None or size < self.count:
            work(0, size)
            return
        chunks = min(size, _CHUNKS_PER_THREAD * self.count)
        ends = [size * chunk // chunks for chunk in range(chunks + 1)]
        for _ in self._pool.map(work, ends[:-1], ends[1:]):
            pass


class Response(NamedTuple):
    """What users do at a price, in sum."""

    saving: float
    """Sum of d_n(price) over the users that offload [-]."""
    used: float
    """Their steps [steps]."""


@dataclass
class UserBlocks:
    """Users in blocks at the edge.

    Attributes
    ----------
    users : ndarray of int
        Who they are.
    integer : bool
        Whether steps are whole.
    values : FloatArray
        The blocks, one after another.
    chosen : ndarray of uint8
        Who offloads, one flag per place of a block.
    highest : float
        Price above which none of them takes more than its lower bound on steps [1/step].
    cold : bool
        Whether no price was asked yet.
    """

    users: IntArray
    integer: bool
    values: FloatArray
    chosen: FlagArray
    highest: float
    cold: bool = True

    @classmethod
    def filled(cls, costs: UserCosts, users: IntArray, threads: Threads) -> UserBlocks:
        """Blocks of some users; all of them offload."""
        count = -(-users.size // WIDTH)
        values = np.empty(count * BLOCK)
        highest = np.empty(count)
        chosen = np.zeros(count * WIDTH, dtype=np.uint8)
        chosen[: users.size] = 1
        threads.share(count, lambda first, last: _load(costs, users, values, highest, first, last))
        return cls(users, costs.integer, values, chosen, float(highest.max(initial=0.0)))

    @property
    def count(self) -> int:
        """Number of blocks."""
        return self.values.size // BLOCK

    def respond(self, price: float, threads: Threads, *, choose: bool) -> Response:
        """Best steps of all users at a price; with ``choose`` those offload, from now on, that save by it."""
        sums = np.empty((self.count, 2))
        arguments = (self.values, self.chosen, price, self.integer, choose, self.cold, sums)
        threads.share(self.count, lambda first, last: _respond(*arguments, first, last))
        self.cold = False
        return Response(float(sums[:, 0].sum()), float(sums[:, 1].sum()))

    def sample(self, every: int) -> UserBlocks:
        """Every so many-th block, as it is now."""
        values = self.values.reshape(-1, BLOCK)[::every].flatten()
        chosen = self.chosen.reshape(-1, WIDTH)[::every].flatten()
        return UserBlocks(self.users[:0], self.integer, values, chosen, self.highest, self.cold)

    @property
    def size(self) -> int:
        """Number of users; of a sample, the places of its blocks."""
        return self.users.size or self.count * WIDTH

    @property
    def steps(self) -> FloatArray:
        """Steps taken at the last price, in the order of ``users``."""
        return self._row(TAKEN if self.integer else STATIONARY)

    @property
    def saving(self) -> FloatArray:
        """d_n at the last price, in the order of ``users``."""
        return self._row(SAVING)

    def spend_whole(self, most: FloatArray, left: float) -> float:
        """Give offloaded users up to ``most`` whole steps while some are left; return how many are [steps]."""
        return float(_spend(self.values, self.chosen, most, left))

    def picked(self, places: IntArray) -> tuple[PlaceCosts, FloatArray, FloatArray]:
        """Costs of some users at the edge and elsewhere, and their last steps, by their places in ``users``."""
        begin = (places // WIDTH) * BLOCK + places % WIDTH
        *edge, alternative, steps = (
            self.values[begin + row]
            for row in (RATE, ERROR, ERROR_DECAY, UTILITY, UTILITY_DECAY, LOWER, LIMIT, ALTERNATIVE, STATIONARY)
        )
        return PlaceCosts(*edge), alternative, steps

    def exchange(self, steps: FloatArray) -> FloatArray:
        """Take whole steps in the order of ``users`` in place of those at the last price, which are returned."""
        before = self.steps
        rows = self.values.reshape(-1, BLOCK)[:, TAKEN : TAKEN + WIDTH]
        rows[:] = np.concatenate([steps, np.zeros(rows.size - steps.size)]).reshape(rows.shape)
        return before

    def recover(
        self, towards: FloatArray, share: float, offload: FloatArray, steps: FloatArray, threads: Threads
    ) -> float:
        """Write down who offloads and with which steps, and return what that saves at price 0 [-].

        The steps are those of the last price, and a share of the way from there ``towards`` others if not empty.
        """
        sums = np.empty(self.count)
        taken = TAKEN if self.integer else STATIONARY
        arguments = (
            self.values,
            self.chosen,
            self.users,
            taken,
            towards,
            share,
            offload,
            steps,
            sums,
        )
        threads.share(self.count, lambda first, last: _recover(*arguments, first, last))
        return float(sums.sum())

    def _row(self, begin: int) -> FloatArray:
        rows = self.values.reshape(-1, BLOCK)[:, begin : begin + WIDTH]
        return rows.flatten()[: self.users.size]


def respond_once(costs: UserCosts, threads: Threads) -> tuple[FloatArray, FloatArray]:
    """Best steps of all users at a place whose steps have no price, and what they cost; shape (N,) each."""
    size = costs.seconds.size
    steps, cost = np.empty(size), np.empty(size)
    users = np.arange(size)
    blocks = -(-size // WIDTH)
    threads.share(blocks, lambda first, last: _respond_once(costs, users, steps, cost, first, last))
    return steps, cost


@compiled_in_blocks
def _load(
    costs: UserCosts, users: IntArray, values: FloatArray, highest: FloatArray, first: int, last: int
) -> None:
    for number in range(first, last):
        block = values[number * BLOCK : (number + 1) * BLOCK]
        load_block(costs, users, number * WIDTH, block)
        highest[number] = highest_price_in_block(block)


@compiled_in_blocks
def _respond(
    values: FloatArray,
    chosen: FlagArray,
    price: float,
    integer: bool,
    choose: bool,
    cold: bool,
    sums: FloatArray,
    first: int,
    last: int,
) -> None:
    for number in range(first, last):
        block = values[number * BLOCK : (number + 1) * BLOCK]
        flags = chosen[number * WIDTH : (number + 1) * WIDTH]
        respond_in_block(block, WIDTH, price, integer, cold)
        if choose:
            for i in range(WIDTH):
                flags[i] = block[SAVING + i] < 0.0
        sums[number, 0] = _sum_chosen(block, SAVING, flags)
        sums[number, 1] = _sum_chosen(block, TAKEN if integer else STATIONARY, flags)


@compiled_sums
def _sum_chosen(block: FloatArray, row: int, flags: FlagArray) -> float:
    total = 0.0
    for i in range(WIDTH):
        total += flags[i] * block[row + i]
    return total


@compiled_in_blocks
def _respond_once(
    costs: UserCosts,
    users: IntArray,
    steps: FloatArray,
    cost: FloatArray,
    first: int,
    last: int,
) -> None:
    block = np.empty(BLOCK)
    taken = TAKEN if costs.integer else STATIONARY
    for number in range(first, last):
        begin = number * WIDTH
        load_block(costs, users, begin, block)
        respond_in_block(block, WIDTH, 0.0, costs.integer, True)
        for i in range(min(users.size - begin, WIDTH)):
            steps[begin + i] = block[taken + i]
            cost[begin + i] = block[SAVING + i]


@compiled_in_blocks
def _recover(
    values: FloatArray,
    chosen: FlagArray,
    users: IntArray,
    taken: int,
    towards: FloatArray,
    share: float,
    offload: FloatArray,
    steps: FloatArray,
    sums: FloatArray,
    first: int,
    last: int,
) -> None:
    for number in range(first, last):
        block = values[number * BLOCK : (number + 1) * BLOCK]
        begin = number * WIDTH
        here = min(users.size - begin, WIDTH)
        for i in range(WIDTH):
            block[STATIONARY + i] = block[taken + i]
        if towards.size:
            for i in range(here):
                block[STATIONARY + i] += share * (towards[begin + i] - block[STATIONARY + i])
        saving_at(block, WIDTH, 0.0)
        sums[number] = _sum_chosen(block, SAVING, chosen[begin : begin + WIDTH])
        for i in range(here):
            if chosen[begin + i]:
                offload[users[begin + i]] = 1.0
                steps[users[begin + i]] = block[STATIONARY + i]


@compiled_in_blocks
def _spend(values: FloatArray, chosen: FlagArray, most: FloatArray, left: float) -> float:
    for n in range(most.size):
        if left < 1.0:
            break
        place = (n // WIDTH) * BLOCK + TAKEN + n % WIDTH
        if chosen[n] and most[n] > values[place]:
            extra = min(most[n] - values[place], np.floor(left))
            values[place] += extra
            left -= extra
    return left
