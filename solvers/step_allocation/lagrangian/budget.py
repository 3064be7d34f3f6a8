"""The optimal shares of the edge's budget among users that offload: a search for one multiplier.

A price delta >= 0, at which the users' best steps sum to the budget, gives the optimum
(docs/theory/step_allocation, section 3). Whole steps have no duality gap either: between the two sides of the
price only ties are left, and any of them fills the budget.
"""

from __future__ import annotations

import numpy as np

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts, decision_costs
from formulations.step_allocation.block_response import LOWER
from formulations.step_allocation.cost_scale import search_unit
from formulations.step_allocation.parameters import EDGE, StepAllocation
from solvers.step_allocation.lagrangian.dual_function import (
    IntArray,
    Users,
    in_blocks,
    meet_budget,
    place_of,
    respond,
    steps_of,
)

BUDGET_ROUNDING = 1e-12
"""Share of the budget by which users' lower bounds may exceed it: what rounding makes of a sum that equals it."""

_BUDGET_MET = 1e-14
"""Share of the cost by which the price may miss the best one."""


def relaxed_budget(data: StepAllocation, lower: FloatArray, at_edge: IntArray) -> float:
    """Budget that a sum of lower bounds equal to it does not miss by rounding [steps].

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    lower : FloatArray
        Lower bounds on the edge steps of all users [steps].
    at_edge : ndarray of int
        Users that may only be at the edge.
    """
    if data.integer_steps or not lower.any():
        return data.edge_step_budget
    return max(data.edge_step_budget, float(lower[at_edge].sum())) * (1.0 + BUDGET_ROUNDING)


def edge_shares(data: StepAllocation, offloaded: IntArray) -> tuple[FloatArray, float]:
    """Optimal shares of the budget among users that offload [steps], and the price of a step [1/step].

    The price is infinite, and the shares the lower bounds, where those alone exceed the budget.
    """
    unit, steps = search_unit(data), np.empty(offloaded.size)
    edge = decision_costs(data, EDGE, unit)
    price = share_budget(edge, offloaded, data.edge_step_budget, data.integer_steps, steps)
    return steps, float(price * unit)


@compiled
def share_budget(edge: PlaceCosts, offloaded: IntArray, budget: float, integer: bool, steps: FloatArray) -> float:
    """Fill ``steps`` with the optimal shares of the budget; return the price delta.

    It is infinite, and the shares the lower bounds, where those alone exceed the budget by more than rounding.

    Parameters
    ----------
    edge : PlaceCosts
        Costs at the edge.
    offloaded : ndarray of int
        Offloaded users; ``steps`` has the same length.
    budget : float
        Edge steps to share [steps].
    integer : bool
        Whether steps are whole.
    steps : FloatArray
        Written: the shares.
    """
    lower = 0.0
    for i in range(offloaded.size):
        steps[i] = edge.lower[offloaded[i]]
        lower += steps[i]
    if lower > budget * (1.0 + BUDGET_ROUNDING):
        return np.inf
    # No more room than the bound counts on, see relaxed_budget: a plan beyond it would cost less than the bound.
    room = budget * (1.0 + BUDGET_ROUNDING) if lower * (1.0 + BUDGET_ROUNDING) > budget else budget
    no_users, nothing = np.empty(0, np.int64), np.zeros(edge.rate.size)
    users = in_blocks(edge, no_users, offloaded, nothing, 0.0, room, integer)
    return shares(users, np.empty(0, np.bool_), 0.0, steps)


@compiled
def shares(users: Users, chosen: BoolArray, start: float, steps: FloatArray) -> float:
    """Fill ``steps`` with the best shares of all users if the chosen and forced ones offload; return the price.

    They keep to the budget unless the lower bounds alone exceed it. Steps of other users mean nothing.
    """
    price = _priced_shares(users, chosen, start, steps)
    lower, used = 0.0, 0.0
    for i in range(steps.size):
        if i >= users.free or chosen[i]:
            lower += users.values[place_of(i) + LOWER]
            used += steps[i]
    if used > users.budget:  # where numbers of unlike sizes leave no price at which the use meets the budget
        share = max(users.budget - lower, 0.0) / (used - lower) if used > lower else 0.0
        for i in range(steps.size):
            least = users.values[place_of(i) + LOWER]
            extra = share * (steps[i] - least)
            steps[i] = least + (np.floor(extra) if users.integer else extra)
    return price


@compiled
def _priced_shares(users: Users, chosen: BoolArray, start: float, steps: FloatArray) -> float:
    """Shares at the price, see :func:`shares`; they may exceed the budget where no price meets it.

    For convex costs, only ties are left between the prices on both sides of the budget. Continuous steps are a
    mixture of both ends. Whole steps are those at the higher price, and what is left goes to users that take more
    at the lower one.
    """
    known = meet_budget(users, chosen, start, np.inf, _BUDGET_MET, True)
    if known.at_maximum or known.low_used == np.inf or known.high_used == -np.inf:
        respond(users.values, users.size, known.last_price, users.integer, False)
        steps_of(users, steps)
        return known.last_price
    more = np.empty(steps.size)
    respond(users.values, users.size, known.low_price, users.integer, False)
    steps_of(users, more)
    respond(users.values, users.size, known.high_price, users.integer, False)
    steps_of(users, steps)
    left = users.budget - known.high_used
    share = left / (known.low_used - known.high_used)
    for i in range(steps.size):
        if users.integer:
            offloads = i >= users.free or chosen[i]
            extra = max(min(more[i] - steps[i], np.floor(left)), 0.0) if offloads else 0.0
            steps[i] += extra
            left -= extra
        else:
            steps[i] += share * (more[i] - steps[i])
    return known.high_price + (0.0 if users.integer else share * (known.low_price - known.high_price))
