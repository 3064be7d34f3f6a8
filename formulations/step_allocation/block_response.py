"""Best steps of many users at one price, block by block: what :mod:`.best_response` does for one user, vectorised.

A block holds what a place costs 128 users, row by row in one piece of memory that fits the fastest cache, and the
steps that they took at the last price. From there Newton's method needs one or two rounds for a price nearby. If
a few rounds do not do, the block's users are taken one by one.

Every round replaces log(x), x the ratio of both sides of the stationarity condition, by 2 (x - 1) / (x + 1): it
has the same sign, is never larger, and differs in the third order only. With the second derivative counted in, the
error of the next steps is about the cube of the last one's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled_in_blocks
from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.best_response import PlaceCosts, stationary_steps
from formulations.step_allocation.cost_scale import constant_cost
from formulations.step_allocation.domain import model_steps
from formulations.step_allocation.parameters import EDGE, StepAllocation
from formulations.step_allocation.quality.kernels import first_slope, quality, quality_start, quality_terms
from formulations.step_allocation.quality.vector_math import rough_log

WIDTH = 128
"""Users of a block."""

LANES = 8
"""Users that a processor takes in one turn of a loop: a multiple of what its vectors hold."""

RATE, ERROR, ERROR_DECAY, UTILITY, UTILITY_DECAY, LOWER, LIMIT, ALTERNATIVE, STATIONARY, SAVING, TAKEN = (
    row * WIDTH for row in range(11)
)
"""Where a block's rows begin: costs and limits as in :class:`.best_response.PlaceCosts`, what the user costs
elsewhere, and as results the stationary steps within their limits, what the place costs more than elsewhere, and
the steps taken."""

BLOCK = TAKEN + WIDTH
"""Numbers of a block."""

_CLOSE = 3e-4
"""Move, times the decay rate, after which the next one is below 1e-10; its fourth power is lost in rounding."""

_LOST = 1e-290
"""Product of slope, curvature and both sides below which no move can be computed."""

_HASTY_ROUNDS = 4
"""Rounds of Newton's method after which nearly all blocks have ended."""

_ROUNDS_BEFORE_RESTART = 8
_MOST_ROUNDS = 40


class UserCosts(NamedTuple):
    """What blocks are filled from: arrays of shape (N,), read-only, the optional ones empty where 0 for all."""

    seconds: FloatArray
    """dt_{n,r} [s]."""
    power_coefficient: FloatArray
    """k_n or k_e [W/Hz^3]."""
    cpu_hz: FloatArray
    """f_n or g_n [Hz]."""
    forward_error: FloatArray
    """eps_fwd [-]."""
    error_decay: FloatArray
    """C1_n [1/step]."""
    utility_decay: FloatArray
    """C2_n [1/step]."""
    limit: FloatArray
    """Most steps [steps]; rounded down where steps are whole."""
    lower: FloatArray
    """Lower bounds on steps [steps]; optional."""
    alternative: FloatArray
    """Cost elsewhere, in units of cost; optional."""
    time_weight: float
    """w1 c1 [1/s], in units of cost as the weights below."""
    energy_weight: float
    """w1 c3 [1/J]."""
    error_weight: float
    """w1 c2 [-]."""
    utility_weight: float
    """w2 [-]."""
    integer: bool
    """Whether steps are whole."""


def user_costs(
    data: StepAllocation, place: int, unit: float = 1.0, alternative: FloatArray | None = None
) -> UserCosts:
    """What blocks of the users of an instance are filled from, in multiples of ``unit``."""
    nothing = np.empty(0)
    lower, limit = nothing, data.edge_max_steps if place == EDGE else data.local_max_steps
    if data.constraints:
        lower, limit = model_steps(data, place)
    weight = data.cost_weight / unit
    return UserCosts(
        seconds=_frozen(costs.seconds_per_step(data, place)),
        power_coefficient=_frozen(data.edge_power_coefficient if place == EDGE else data.local_power_coefficient),
        cpu_hz=_frozen(data.edge_cpu_hz if place == EDGE else data.local_cpu_hz),
        forward_error=_frozen(np.where(constant_cost(data) > 0.0, 0.0, data.forward_error)),
        error_decay=_frozen(data.error_decay_per_step),
        utility_decay=_frozen(data.utility_decay_per_step),
        limit=_frozen(limit),
        lower=_frozen(lower),
        alternative=_frozen(nothing if alternative is None else alternative),
        time_weight=weight * data.time_weight_per_second,
        energy_weight=weight * data.energy_weight_per_joule,
        error_weight=weight * data.error_weight,
        utility_weight=data.utility_weight / unit,
        integer=data.integer_steps,
    )


def _frozen(array: FloatArray) -> FloatArray:
    """Read-only view: instances hold read-only arrays, and a kernel is compiled anew for every other kind."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


@compiled_in_blocks
def load_block(costs: UserCosts, users: NDArray[np.int64], first: int, block: FloatArray) -> None:
    """Fill a block with ``users[first:first + WIDTH]``; behind the last come users that cost and take nothing."""
    here = min(users.size - first, WIDTH)
    for i in range(here):
        n = users[first + i]
        power = costs.power_coefficient[n] * (costs.cpu_hz[n] * costs.cpu_hz[n] * costs.cpu_hz[n])
        block[RATE + i] = costs.seconds[n] * (costs.time_weight + costs.energy_weight * power)
        block[ERROR + i] = costs.error_weight * costs.forward_error[n]
        block[ERROR_DECAY + i] = costs.error_decay[n]
        block[UTILITY + i] = costs.utility_weight
        block[UTILITY_DECAY + i] = costs.utility_decay[n]
        block[LIMIT + i] = np.floor(costs.limit[n]) if costs.integer else costs.limit[n]
        block[LOWER + i] = costs.lower[n] if costs.lower.size else 0.0
        block[ALTERNATIVE + i] = costs.alternative[n] if costs.alternative.size else 0.0
    for i in range(here, WIDTH):
        for row in range(0, BLOCK, WIDTH):
            block[row + i] = 0.0


@compiled_in_blocks
def place_in_block(place: PlaceCosts, n: int, alternative: float, values: FloatArray, begin: int) -> None:
    """Put user n of a place into blocks, ``begin`` being its own place in the first row; its steps are unknown."""
    values[begin + RATE] = place.rate[n]
    values[begin + ERROR] = place.error[n]
    values[begin + ERROR_DECAY] = place.error_decay[n]
    values[begin + UTILITY] = place.utility[n]
    values[begin + UTILITY_DECAY] = place.utility_decay[n]
    values[begin + LOWER] = place.lower[n]
    values[begin + LIMIT] = place.limit[n]
    values[begin + ALTERNATIVE] = alternative


@compiled_in_blocks
def highest_price_in_block(block: FloatArray) -> float:
    """Price above which none of a block's users takes more than its lower bound on steps [1/step]."""
    highest = 0.0
    for i in range(WIDTH):
        first_step = first_slope(
            block[ERROR + i], block[ERROR_DECAY + i], block[UTILITY + i], block[UTILITY_DECAY + i]
        )
        highest = max(highest, first_step - block[RATE + i])
    return highest


@compiled_in_blocks
def respond_in_block(block: FloatArray, lanes: int, price: float, integer: bool, cold: bool) -> None:
    """Write the best steps of a block's users at a price and what they save.

    ``lanes`` is how many of the block's places are looked at, best a multiple of :data:`LANES`; ``cold`` ignores
    the last steps.
    """
    if cold:
        _start(block, lanes, price)
    for rounds in range(_MOST_ROUNDS):
        # Written twice, so that each is compiled for itself.
        if rounds < _HASTY_ROUNDS:
            moving = _newton(block, lanes, price, False)
        else:
            moving = _newton(block, lanes, price, True)
        if moving == 0:
            break
        if rounds == _ROUNDS_BEFORE_RESTART:
            _start(block, lanes, price)
    else:
        _one_by_one(block, lanes, price)
        if not integer:
            saving_at(block, lanes, price)
    if integer:
        _whole(block, lanes, price)


@compiled_in_blocks
def _start(block: FloatArray, lanes: int, price: float) -> None:
    """Start left of the stationary steps, by a Newton step from 0."""
    for i in range(lanes):
        slope, curvature = quality_start(
            block[ERROR + i], block[ERROR_DECAY + i], block[UTILITY + i], block[UTILITY_DECAY + i]
        )
        rate = block[RATE + i] + price
        decay = curvature / (slope + 1e-300)
        ratio = slope / (rate + 1e-300)
        most = block[LIMIT + i] if slope > 0.0 else 0.0
        steps = rough_log(max(ratio, 1.0)) / (decay + 1e-300) if rate > 0.0 else most
        block[STATIONARY + i] = min(max(steps, block[LOWER + i]), block[LIMIT + i])


@compiled_in_blocks
def _newton(block: FloatArray, lanes: int, price: float, careful: bool) -> int:
    """One step of Newton's method, bent by the curvature; return how many users it moved by more than a little.

    Those for whom no move can be computed count, too; with ``careful``, which takes longer, only where they are
    not at the end that they tend to. The savings are those of the new steps, to the third order in the move.
    """
    moving = 0
    for i in range(lanes):
        steps = block[STATIONARY + i]
        error_decay, utility_decay = block[ERROR_DECAY + i], block[UTILITY_DECAY + i]
        rate = block[RATE + i] + price
        value, total, curvature, bend = quality_terms(
            block[ERROR + i], error_decay, block[UTILITY + i], utility_decay, steps
        )
        both = total + rate
        product = total * curvature * both
        inverse = 1.0 / (product + 1e-300)
        newton = 2.0 * (total - rate) * total * total * inverse
        further = 0.5 * newton * newton * (bend * total - curvature * curvature) * both * inverse
        move = newton + min(further, 0.5 * abs(newton))
        taken = min(max(steps + move, block[LOWER + i]), block[LIMIT + i])
        move = taken - steps
        block[STATIONARY + i] = taken
        change = move * (-total + 0.5 * move * (curvature - move * bend / 3.0))
        block[SAVING + i] = rate * taken + value + change - block[ALTERNATIVE + i]
        lost = product < _LOST and (
            not careful
            or (rate > total and taken > block[LOWER + i])
            or (rate < total and taken < block[LIMIT + i])
        )
        moving += lost or not abs(move) * max(error_decay, utility_decay) <= _CLOSE
    return moving


@compiled_in_blocks
def _one_by_one(block: FloatArray, lanes: int, price: float) -> None:
    for i in range(lanes):
        steps = stationary_steps(
            block[RATE + i] + price,
            block[ERROR + i],
            block[ERROR_DECAY + i],
            block[UTILITY + i],
            block[UTILITY_DECAY + i],
            block[LIMIT + i],
        )
        block[STATIONARY + i] = max(steps, block[LOWER + i])


@compiled_in_blocks
def saving_at(block: FloatArray, lanes: int, price: float) -> None:
    """Write what a block's users save with the steps in row ``STATIONARY``, whatever they are."""
    for i in range(lanes):
        steps = block[STATIONARY + i]
        value = quality(
            block[ERROR + i], block[ERROR_DECAY + i], block[UTILITY + i], block[UTILITY_DECAY + i], steps
        )
        block[SAVING + i] = (block[RATE + i] + price) * steps + value - block[ALTERNATIVE + i]


@compiled_in_blocks
def _whole(block: FloatArray, lanes: int, price: float) -> None:
    """Round the stationary steps down, or up where one more whole step costs less."""
    for i in range(lanes):
        rate = block[RATE + i] + price
        error, error_decay, utility_decay = block[ERROR + i], block[ERROR_DECAY + i], block[UTILITY_DECAY + i]
        down = np.floor(block[STATIONARY + i])
        up = min(down + 1.0, block[LIMIT + i])
        down_cost = rate * down + quality(error, error_decay, block[UTILITY + i], utility_decay, down)
        up_cost = rate * up + quality(error, error_decay, block[UTILITY + i], utility_decay, up)
        rounded_up = up_cost < down_cost
        block[TAKEN + i] = up if rounded_up else down
        block[SAVING + i] = (up_cost if rounded_up else down_cost) - block[ALTERNATIVE + i]
