"""An instance in arrays, and what its users do where steps have no price: the start of a compiled search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.block_response import (
    ERROR_DECAY,
    LOWER,
    RATE,
    SAVING,
    STATIONARY,
    UTILITY_DECAY,
)
from formulations.step_allocation.quality.kernels import error_terms
from solvers.step_allocation.lagrangian.dual_function import (
    IntArray,
    Users,
    in_blocks,
    place_of,
    row_of,
    steps_of,
)

_GUESSES = 12
"""Prices that are guessed at most."""

_NEAR = 0.01
"""Share of the budget within which a guess is good."""

_LEAST = 0.03
"""Share of the highest price that is guessed first, and of what two guesses enclose that the next cuts off."""


class Instance(NamedTuple):
    """An instance in units of cost."""

    local: PlaceCosts
    edge: PlaceCosts
    may_stay: BoolArray
    """Users that may run locally, shape (N,)."""
    may_offload: BoolArray
    """Users that may offload, shape (N,)."""
    budget: float
    """S_e, with room for rounding where users have lower bounds on steps [steps]."""
    integer: bool
    """Whether steps are whole."""


class Start(NamedTuple):
    """Everybody at price 0."""

    users: Users
    """Those that offload there or have to."""
    free: IntArray
    """Who the free ones are; all others run locally at any price."""
    forced: IntArray
    """Who has to offload."""
    local_steps: FloatArray
    """Best local steps of all users [steps]."""
    size_of_base: float
    """Sum of what each costs there in size [-]."""
    ideal: float
    """Cost that nothing can beat [-]."""
    without_price: float
    """L at price 0 [-]."""


@compiled
def at_zero_price(instance: Instance) -> Start:
    """Put the users that may gain by offloading, or have to, into blocks."""
    local, edge, integer = instance.local, instance.edge, instance.integer
    size = edge.rate.size
    local_steps, local_cost = _unpriced(local, integer)
    _, edge_cost = _unpriced(edge, integer)
    base, size_of_base, ideal, without_price = 0.0, 0.0, 0.0, 0.0
    free, forced, frees, forces = np.empty(size, np.int64), np.empty(size, np.int64), 0, 0
    for n in range(size):
        reach = max(local.limit[n], edge.limit[n])
        ideal += error_terms(edge.error[n], edge.error_decay[n], reach)[0] - edge.utility[n]
        if not instance.may_stay[n]:
            local_cost[n] = 0.0
            forced[forces] = n
            forces += 1
            without_price += edge_cost[n]
        elif instance.may_offload[n] and edge_cost[n] < local_cost[n]:
            free[frees] = n
            frees += 1
            without_price += edge_cost[n]
        else:
            without_price += local_cost[n]
        base += local_cost[n]
        size_of_base += abs(local_cost[n])
    users = in_blocks(edge, free[:frees], forced[:forces], local_cost, base, instance.budget, integer)
    return Start(users, free[:frees], forced[:forces], local_steps, size_of_base, ideal, without_price)


@compiled
def _unpriced(place: PlaceCosts, integer: bool) -> tuple[FloatArray, FloatArray]:
    """Everybody's best steps at a place whose steps have no price, and their cost."""
    size = place.rate.size
    steps, cost, every_user, nothing = np.empty(size), np.empty(size), np.empty(size, np.int64), np.zeros(size)
    for n in range(size):
        every_user[n] = n
    users = in_blocks(place, every_user, every_user[:0], nothing, 0.0, 0.0, integer)
    steps_of(users, steps)
    row_of(users, SAVING, cost)
    return steps, cost


@compiled
def first_price(users: Users) -> float:
    """Price at which about the budget is used, from what users do at price 0 alone [1/step].

    Steps fall about evenly in the logarithm of the price, where it is above 0.
    """
    low, high, price = 0.0, users.highest, 0.0
    over, under = 0.0, -users.budget
    for _ in range(_GUESSES):
        beyond = _expected_use(users, price) - users.budget
        if abs(beyond) <= _NEAR * users.budget or (price == 0.0 and beyond < 0.0):
            break
        if beyond > 0.0:
            low, over = price, beyond
        else:
            high, under = price, beyond
        if low > 0.0:
            share = min(max(over / (over - under), _LEAST), 1.0 - _LEAST)
            price = low * np.exp(share * np.log(high / low))
        else:
            price = _LEAST * high
    return price


@compiled
def _expected_use(users: Users, price: float) -> float:
    """Steps used at a price if steps fall with the logarithm of what they cost [steps].

    What an offloading user then pays grows by about the mean of its steps at both prices, times the price.
    A guess for the first price alone: with another error and utility the search would begin farther away, no more.
    """
    used = 0.0
    for i in range(users.size):
        at = place_of(i)
        steps, rate = users.values[at + STATIONARY], users.values[at + RATE]
        decay = 0.5 * (users.values[at + ERROR_DECAY] + users.values[at + UTILITY_DECAY])
        left = steps - np.log((rate + price + 1e-300) / (rate + 1e-300)) / (decay + 1e-300)
        left = max(left, users.values[at + LOWER])
        if i >= users.free or users.values[at + SAVING] + 0.5 * price * (steps + left) < 0.0:
            used += left
    return used
