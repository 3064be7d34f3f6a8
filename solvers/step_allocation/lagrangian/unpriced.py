"""An instance in arrays, and what its users do where steps have no price: the start of a compiled search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.block_response import (
    ERROR_DECAY,
    LIMIT,
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


class Instance(NamedTuple):
    """An instance in units of cost."""

    local: PlaceCosts
    edge: PlaceCosts
    may_stay: BoolArray
    """Users that may run locally, shape (N,)."""
    may_offload: BoolArray
    """Users that may offload, shape (N,)."""
    budget: float
    """S_e, with room for rounding where users have a fewest number of steps [steps]."""
    integer: bool
    """Whether steps are whole."""


class Start(NamedTuple):
    """Everybody at price 0."""

    users: Users
    """Those that offload there or have to."""
    free: IntArray
    """Who the free ones are; all others stay at home at any price."""
    forced: IntArray
    """Who has to offload."""
    local_steps: FloatArray
    """Best steps at home of all users [steps]."""
    size_of_base: float
    """Sum of what each costs there in size [-]."""
    ideal: float
    """Cost that nothing can beat [-]."""
    without_price: float
    """L at price 0 [-]."""


@compiled
def everybody(instance: Instance) -> Start:
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
    steps, cost, everybody, nothing = np.empty(size), np.empty(size), np.empty(size, np.int64), np.zeros(size)
    for n in range(size):
        everybody[n] = n
    users = in_blocks(place, everybody, everybody[:0], nothing, 0.0, 0.0, integer)
    steps_of(users, steps)
    row_of(users, SAVING, cost)
    return steps, cost


@compiled
def first_price(users: Users) -> float:
    """Price that meets the budget if steps fall with the logarithm of what they cost [1/step]."""
    used, rate, falls, offloading = 0.0, 0.0, 0.0, 0
    for i in range(users.size):
        at = place_of(i)
        if i >= users.free or users.values[at + SAVING] < 0.0:
            used += users.values[at + STATIONARY]
            rate += users.values[at + RATE]
            offloading += 1
            if users.values[at + STATIONARY] < users.values[at + LIMIT]:
                falls += 2.0 / (users.values[at + ERROR_DECAY] + users.values[at + UTILITY_DECAY] + 1e-300)
    excess = used - users.budget
    if excess <= 0.0:
        return 0.0
    if falls == 0.0:
        return 0.5 * users.highest
    return float(rate / offloading * (np.exp(min(excess / falls, 50.0)) - 1.0))
