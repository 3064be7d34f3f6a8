"""The Lagrangian bound of P1 under a price on edge steps, with counts of offloaded users held in ranges.

For a price delta >= 0 let d_n(delta) = min_s (R_{n,1}(s) + delta s) - min_s R_{n,0}(s): what user n saves
(negative) or loses when it offloads at that price. For every set X of allowed a,

    L_X(delta) = sum_n min_s R_{n,0}(s) - delta S_e + min_{a in X} sum_n a_n d_n(delta)

is at most the optimum of P1 restricted to X, and concave in delta (docs/theory/step_allocation, section 4). X is
given by ranges on the number of offloaded users in nested intervals of a fixed order; the inner minimum is
then a greedy choice, and its use of the budget minus S_e is a supergradient.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts, respond_one
from formulations.step_allocation.quality.kernels import first_slope

IntArray = NDArray[np.int64]

_FORCED, _OPTIONAL, _EXCLUDED = 1, 0, -1
_MODEL_CLOSED = 1e-13
"""Relative distance between L and the cutting planes above it at which the price is the best there is."""

_PRICE_GROWTH = 4.0
"""Factor by which the price is raised where even the fewest steps of some users have to be priced away."""

_SMALLEST_RISE = 1e-6
"""Price that such a search starts from at least [1/step], in units of what a user is worth."""


class Offloading(NamedTuple):
    """What the bound reads of an instance."""

    edge: PlaceCosts
    """Costs at the edge, of all users."""
    local_steps: FloatArray
    """argmin_s R_{n,0}(s) of all users [steps]; 0 where a user may not run locally."""
    local_cost: FloatArray
    """min_s R_{n,0}(s) of all users [-]; 0 where a user may not run locally, which then is forced."""
    forced: IntArray
    """Users known to offload."""
    free: IntArray
    """Users still to be decided, in the order that intervals refer to."""
    base: float
    """Sum of local_cost over all users [-]."""
    budget: float
    """S_e, with room for rounding where users have a fewest number of steps [steps]."""
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
    """Steps used just above it, within the budget [steps]."""
    chosen_low: BoolArray
    """Free users that offload just below."""
    chosen_high: BoolArray
    """Free users that offload just above."""


@compiled
def bound_at(
    problem: Offloading, ranges: IntArray, price: float, saving: FloatArray, chosen: BoolArray
) -> tuple[float, float]:
    """L_X(price) and the steps used there; fills ``saving`` and ``chosen`` of the free users.

    Parameters
    ----------
    problem : Offloading
        The instance with its forced and free users.
    ranges : ndarray of int, shape (K, 4)
        Rows (begin, end, fewest, most): how many of the free users begin..end-1 offload; an interval inside
        another one comes before it.
    price : float
        delta >= 0 [1/step].
    saving : FloatArray
        Written: d_n(price) of the free users.
    chosen : BoolArray
        Written: the free users that offload at this price.
    """
    value = problem.base - price * problem.budget
    used = 0.0
    for n in problem.forced:
        steps, cost = respond_one(problem.edge, n, price, problem.integer)
        value += cost - problem.local_cost[n]
        used += steps
    steps_of = np.empty(problem.free.size)
    for i in range(problem.free.size):
        n = problem.free[i]
        steps_of[i], cost = respond_one(problem.edge, n, price, problem.integer)
        saving[i] = cost - problem.local_cost[n]
    choose(saving, ranges, chosen)
    for i in range(problem.free.size):
        if chosen[i]:
            value += saving[i]
            used += steps_of[i]
    return value, used


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
    """Force the cheapest users of an interval up to its fewest, and exclude the dearest beyond its most."""
    begin, end, fewest, most = limits
    forced = 0
    for i in range(begin, end):
        forced += state[i] == _FORCED
    taken = forced
    for i in order:
        if begin <= i < end and state[i] == _OPTIONAL:
            if taken < fewest:
                state[i] = _FORCED
            elif taken >= most:
                state[i] = _EXCLUDED
            taken += 1


@compiled
def _copy(source: BoolArray, target: BoolArray) -> None:
    # Assigning a slice would compile numba's broadcasting and its error messages: three seconds at a cold start.
    for i in range(source.size):
        target[i] = source[i]


@compiled
def highest_price(edge: PlaceCosts, users: IntArray) -> float:
    """Price above which none of the users takes a step at the edge [1/step]."""
    price = 0.0
    for n in users:
        first_step = first_slope(edge.error[n], edge.error_decay[n], edge.utility[n], edge.utility_decay[n])
        price = max(price, first_step - edge.rate[n])
    return price


@compiled
def maximise(problem: Offloading, ranges: IntArray, start: float, target: float) -> DualPoint:
    """Maximise L_X over the price, from ``start``, until it reaches ``target`` or its maximum.

    The maximum lies where the supergradient changes sign. Its bracket shrinks by the intersection of the two
    tangents (exact at a kink) and by the secant of the use (fast where L is smooth), with bisection in between.
    Where no allowed choice keeps the fewest steps of its users within the budget, L grows without limit: it passes
    every finite ``target``, and both choices returned are then the same.
    """
    size = problem.free.size
    saving = np.empty(size)
    chosen = np.empty(size, np.bool_)
    low, high = 0.0, max(highest_price(problem.edge, problem.forced), highest_price(problem.edge, problem.free))
    low_value, low_use = -np.inf, np.inf
    high_value, high_use = -np.inf, -np.inf
    chosen_low, chosen_high = chosen.copy(), chosen.copy()
    price = min(start, high)
    spread = 0.02
    for iteration in range(200):
        value, used = bound_at(problem, ranges, price, saving, chosen)
        if used > problem.budget:
            low, low_value, low_use = price, value, used
            _copy(chosen, chosen_low)
        else:
            high, high_value, high_use = price, value, used
            _copy(chosen, chosen_high)
        at_maximum = used == problem.budget or (price == 0.0 and used <= problem.budget)
        if at_maximum or value >= target:
            return DualPoint(value, price, used, used, chosen, chosen.copy())
        if low_use == np.inf:
            price = 0.0 if spread > 1.0 else high * (1.0 - spread)
            spread *= 4.0
            continue
        if high_use == -np.inf:
            if low >= high:
                high = max(_PRICE_GROWTH * high, _SMALLEST_RISE)
            price = high if spread > 1.0 or low == 0.0 else min(low * (1.0 + spread), high)
            spread *= 4.0
            continue
        best = max(low_value, high_value)
        over, under = low_use - problem.budget, problem.budget - high_use
        meeting = (low * over + high * under + high_value - low_value) / (over + under)
        ceiling = low_value + over * (meeting - low)
        if ceiling - best <= _MODEL_CLOSED * max(1.0, abs(best)):
            break
        if iteration % 3 == 0:
            price = low + (high - low) * over / (over + under)
        elif iteration % 3 == 1:
            price = meeting
        else:
            price = 0.5 * (low + high)
        if not low < price < high:
            price = 0.5 * (low + high)
            if not low < price < high:
                break
    if high_use == -np.inf:
        _copy(chosen_low, chosen_high)
    if low_value > high_value:
        return DualPoint(low_value, low, low_use, high_use, chosen_low, chosen_high)
    return DualPoint(high_value, high, low_use, high_use, chosen_low, chosen_high)
