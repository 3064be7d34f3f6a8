"""The Lagrangian bound of P1 under a price on edge steps, with counts of offloaded users held in ranges.

For a price delta >= 0 let d_n(delta) = min_s (R_{n,1}(s) + delta s) - min_s R_{n,0}(s): what user n saves
(negative) or loses when it offloads at that price. For every set X of allowed a,

    L_X(delta) = sum_n min_s R_{n,0}(s) - delta S_e + min_{a in X} sum_n a_n d_n(delta)

is at most the optimum of P1 restricted to X, and concave in delta (docs/theory/step_allocation, section 4). X is
given by ranges on the number of offloaded users in nested intervals of a fixed order; the inner minimum is
then a greedy choice, and its use of the budget minus S_e is a supergradient. The users stand in blocks, so that
several are computed at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled, compiled_in_blocks
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.block_response import (
    BLOCK,
    LANES,
    SAVING,
    STATIONARY,
    TAKEN,
    WIDTH,
    place_in_block,
    respond_in_block,
    saving_at,
)
from formulations.step_allocation.quality.kernels import first_slope
from solvers.step_allocation.lagrangian.multiplier_bracket import (
    MOST_EVALUATIONS,
    Bracket,
    closed,
    fall,
    next_price,
    put,
    rise,
    unknown,
)
from solvers.step_allocation.lagrangian.stopping import Flag

IntArray = NDArray[np.int64]

_FORCED, _OPTIONAL, _EXCLUDED = 1, 0, -1


class Users(NamedTuple):
    """Users that offload or may, in blocks: first the free ones, in the order that intervals refer to."""

    values: FloatArray
    """The blocks, one after another; a user's alternative is its local cost."""
    free: int
    """How many are still to be decided."""
    size: int
    """The same with those that are known to offload, which stand behind."""
    base: float
    """Cost of running all users locally [-]; 0 for a user that may not run there."""
    budget: float
    """S_e, with room for rounding where users have lower bounds on steps [steps]."""
    highest: float
    """Price above which no user takes more than its lower bound on steps [1/step]."""
    integer: bool
    """Whether steps are whole."""


class DualPoint(NamedTuple):
    """The bound maximised over the price, and the two choices of users that meet there."""

    bound: float
    """L at ``price`` [-]."""
    price: float
    """delta [1/step]."""
    use_low: float
    """Steps used just below the best price, more than the budget; equal to ``use_high`` at price 0 [steps]."""
    use_high: float
    """Steps used just above it, within the budget; infinite and negative where no price keeps it [steps]."""
    chosen_low: BoolArray
    """Free users that offload just below."""
    chosen_high: BoolArray
    """Free users that offload just above."""


@compiled
def in_blocks(
    place: PlaceCosts,
    free: IntArray,
    forced: IntArray,
    alternative: FloatArray,
    base: float,
    budget: float,
    integer: bool,
) -> Users:
    """Some users of a place in blocks; their steps are those at price 0 already."""
    size = free.size + forced.size
    values = np.zeros(-(-size // WIDTH) * BLOCK)
    highest = 0.0
    for i in range(size):
        n = free[i] if i < free.size else forced[i - free.size]
        place_in_block(place, n, alternative[n], values, place_of(i))
        first_step = first_slope(place.error[n], place.error_decay[n], place.utility[n], place.utility_decay[n])
        highest = max(highest, first_step - place.rate[n])
    respond(values, size, 0.0, integer, True)
    return Users(values, free.size, size, base, budget, highest, integer)


@compiled
def picked(users: Users, free: IntArray, forced: IntArray) -> Users:
    """Some of the users, by their numbers there, as they are."""
    size = free.size + forced.size
    values = np.zeros(-(-size // WIDTH) * BLOCK)
    for i in range(size):
        n = free[i] if i < free.size else forced[i - free.size]
        for row in range(0, BLOCK, WIDTH):
            values[place_of(i) + row] = users.values[place_of(n) + row]
    return Users(values, free.size, size, users.base, users.budget, users.highest, users.integer)


@compiled
def place_of(i: int) -> int:
    """Where in the first row of its block a user stands."""
    return (i // WIDTH) * BLOCK + i % WIDTH


@compiled_in_blocks
def respond(values: FloatArray, size: int, price: float, integer: bool, cold: bool) -> None:
    """Write the best steps of so many users at a price, and what they save, into their blocks."""
    for number in range(values.size // BLOCK):
        block = values[number * BLOCK : (number + 1) * BLOCK]
        lanes = -(-min(size - number * WIDTH, WIDTH) // LANES) * LANES
        respond_in_block(block, lanes, price, integer, cold)


@compiled
def row_of(users: Users, row: int, values: FloatArray) -> None:
    """Fill ``values`` with a row of the first so many users."""
    for i in range(values.size):
        values[i] = users.values[place_of(i) + row]


@compiled
def steps_of(users: Users, steps: FloatArray) -> None:
    """Fill ``steps`` with what the first so many users took at the last price [steps]."""
    row_of(users, TAKEN if users.integer else STATIONARY, steps)


@compiled
def total(users: Users, price: float, chosen: BoolArray) -> tuple[float, float]:
    """L where the ``chosen`` free users offload, after they were asked for ``price``; and the steps used."""
    value, used = users.base - price * users.budget, 0.0
    taken = TAKEN if users.integer else STATIONARY
    for first in range(0, users.size, WIDTH):  # block by block, for the rounding of few sums is small
        saving, steps = 0.0, 0.0
        for i in range(first, min(first + WIDTH, users.size)):
            if i >= users.free or chosen[i]:
                saving += users.values[place_of(i) + SAVING]
                steps += users.values[place_of(i) + taken]
        value += saving
        used += steps
    return value, used


@compiled_in_blocks
def cost_at_steps(users: Users) -> None:
    """Write what everybody saves at price 0 with the steps in row ``STATIONARY``, whatever they are."""
    for number in range(users.values.size // BLOCK):
        saving_at(users.values[number * BLOCK : (number + 1) * BLOCK], WIDTH, 0.0)


@compiled
def bound_at(
    users: Users, ranges: IntArray, price: float, saving: FloatArray, chosen: BoolArray
) -> tuple[float, float]:
    """L_X(price) and the steps used there; fills ``saving`` and ``chosen`` of the free users.

    Parameters
    ----------
    users : Users
        Free and forced users.
    ranges : ndarray of int, shape (K, 4)
        Rows (begin, end, lower, upper): how many of the free users begin..end-1 offload; an interval inside
        another one comes before it.
    price : float
        delta >= 0 [1/step].
    saving : FloatArray
        Written: d_n(price) of the free users.
    chosen : BoolArray
        Written: the free users that offload at this price.
    """
    respond(users.values, users.size, price, users.integer, False)
    row_of(users, SAVING, saving)
    choose(saving, ranges, chosen)
    return total(users, price, chosen)


@compiled
def choose(saving: FloatArray, ranges: IntArray, chosen: BoolArray) -> None:
    """Cheapest choice of users within the ranges: greedy, because nested intervals form a laminar family."""
    if ranges.shape[0] == 0:
        for i in range(saving.size):
            chosen[i] = saving[i] < 0.0
        return
    state = np.zeros(saving.size, np.int8)
    order = ascending(saving)
    for k in range(ranges.shape[0]):
        _restrict(order, ranges[k], state)
    for i in range(saving.size):
        chosen[i] = state[i] == _FORCED or (state[i] == _OPTIONAL and saving[i] < 0.0)


@compiled
def ascending(values: FloatArray) -> IntArray:
    """Indices that sort ``values``: a Shell sort, since numba takes seconds to compile NumPy's argsort."""
    order = np.empty(values.size, np.int64)
    for i in range(values.size):
        order[i] = i
    gap = values.size // 2
    while gap > 0:
        for i in range(gap, values.size):
            moving, j = order[i], i
            while j >= gap and values[order[j - gap]] > values[moving]:
                order[j] = order[j - gap]
                j -= gap
            order[j] = moving
        gap = 1 if gap == 2 else int(gap / 2.2)
    return order


@compiled
def _restrict(order: IntArray, limits: IntArray, state: NDArray[np.int8]) -> None:
    """Force the cheapest users of an interval up to its lower limit, exclude the dearest beyond its upper one."""
    begin, end, lower, upper = limits
    forced = 0
    for i in range(begin, end):
        forced += state[i] == _FORCED
    taken = forced
    for i in order:
        if begin <= i < end and state[i] == _OPTIONAL:
            if taken < lower:
                state[i] = _FORCED
            elif taken >= upper:
                state[i] = _EXCLUDED
            taken += 1


@compiled
def _copy(source: BoolArray, target: BoolArray) -> None:
    # Assigning a slice would compile numba's broadcasting and its error messages: three seconds at a cold start.
    for i in range(source.size):
        target[i] = source[i]


@compiled
def maximise(
    users: Users, ranges: IntArray, start: float, target: float, tolerance: float, stop: Flag
) -> DualPoint:
    """Maximise L_X over the price, from ``start``, until it reaches ``target`` or its maximum.

    Where no allowed choice keeps the lower bounds of its users within the budget, L grows without limit: it passes
    every finite ``target``, and both choices returned are then the same.

    Parameters
    ----------
    users : Users
        Free and forced users.
    ranges : ndarray of int, shape (K, 4)
        As :func:`bound_at` reads them.
    start : float
        First price [1/step].
    target : float
        Bound at which to stop.
    tolerance : float
        Share of the bound by which it may miss its maximum.
    stop : ndarray of uint8, shape (1,)
        Not 0 from when on there is no time left.
    """
    saving, chosen = np.empty(users.free), np.empty(users.free, np.bool_)
    chosen_low, chosen_high = chosen.copy(), chosen.copy()
    bracket, price = unknown(users.budget, users.highest), min(start, users.highest)
    for _ in range(MOST_EVALUATIONS):
        value, used = bound_at(users, ranges, price, saving, chosen)
        bracket = put(bracket, price, value, used)
        _copy(chosen, chosen_low if used > users.budget else chosen_high)
        if bracket.at_maximum or value >= target:
            return DualPoint(value, price, used, used, chosen, chosen)
        if closed(bracket, tolerance) or (stop[0] and bracket.high_used > -np.inf):
            break
        bracket, price = next_price(bracket, False, True)
        if np.isnan(price):
            break
    if bracket.high_used == -np.inf:
        _copy(chosen_low, chosen_high)
    if bracket.low_used == np.inf:
        _copy(chosen_high, chosen_low)
    low = bracket.low_value > bracket.high_value
    return DualPoint(
        max(bracket.low_value, bracket.high_value),
        bracket.low_price if low else bracket.high_price,
        bracket.low_used if bracket.low_used < np.inf else bracket.high_used,
        bracket.high_used,
        chosen_low,
        chosen_high,
    )


@compiled
def meet_budget(
    users: Users, chosen: BoolArray, start: float, cutoff: float, tolerance: float, proof: bool
) -> Bracket:
    """Bracket of the price at which the ``chosen`` free users and the forced ones share the budget.

    The highest bound there is what they cost, for a choice alone has no gap (docs/theory/step_allocation,
    section 3). Where their lower bounds exceed the budget there is no price within it.

    Parameters
    ----------
    users : Users
        Free and forced users.
    chosen : BoolArray
        The free users that offload.
    start : float
        First price [1/step].
    cutoff : float
        Cost at which the search ends.
    tolerance : float
        Share of the cost by which it may be missed.
    proof : bool
        Whether both ends have to come that close, not only the better one.
    """
    bracket, price = unknown(users.budget, users.highest), min(start, users.highest)
    for _ in range(MOST_EVALUATIONS):
        respond(users.values, users.size, price, users.integer, False)
        value, used = total(users, price, chosen)
        bracket = put(bracket, price, value, used)
        if value >= cutoff or (price > users.highest and used > users.budget) or closed(bracket, tolerance):
            break
        if not (proof or users.integer) and rise(bracket, fall(bracket)) <= tolerance * max(1.0, abs(value)):
            break
        bracket, price = next_price(bracket, False, proof or users.integer)
        if np.isnan(price):
            break
    return bracket
