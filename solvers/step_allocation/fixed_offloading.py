"""Best steps once it is decided who offloads: a convex problem, solved by one price on the budget.

With a fixed, P1 separates but for the budget (1), so a price delta >= 0 with sum of the offloaded users' best
steps equal to the budget gives the optimum (docs/theory/step_allocation, section 3). Whole steps have no
duality gap either: between the two sides of the price only ties are left, and any of them fills the budget.
"""

from __future__ import annotations

import numpy as np

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.step_allocation.best_response import (
    PlaceCosts,
    best_steps_at_price,
    place_costs,
    quality,
    respond_one,
)
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

_BUDGET_MET = 1e-14
"""Share of the budget by which the price search may miss it, which is lost in rounding."""


def best_steps(data: StepAllocation, offload: FloatArray) -> FloatArray:
    """Globally optimal steps s for a fixed binary a, feasible for every a.

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    offload : FloatArray
        a_n in {0, 1}, shape (N,).

    Returns
    -------
    FloatArray
        s_n [steps], shape (N,).
    """
    at_edge = np.flatnonzero(np.asarray(offload) > 0.5)
    steps = best_steps_at_price(data, LOCAL, 0.0)
    edge_steps = np.empty(at_edge.size)
    share_budget(place_costs(data, EDGE), at_edge, data.edge_step_budget, data.integer_steps, edge_steps)
    steps[at_edge] = edge_steps
    return steps


@compiled
def share_budget(
    edge: PlaceCosts, users: np.ndarray, budget: float, integer: bool, steps: FloatArray
) -> tuple[float, float]:
    """Fill ``steps`` with the optimal shares of the budget; return their total cost and the price delta.

    Parameters
    ----------
    edge : PlaceCosts
        Costs at the edge.
    users : ndarray of int
        Offloaded users; ``steps`` has the same length.
    budget : float
        Edge steps to share [steps].
    integer : bool
        Whether steps are whole.
    steps : FloatArray
        Written: the shares.
    """
    used, slope = _use(edge, users, 0.0, integer, steps)
    price = 0.0
    if used > budget:
        price = _meet_budget(edge, users, budget, integer, steps, used, slope)
    cost = 0.0
    for i in range(users.size):
        cost += edge.rate[users[i]] * steps[i] + quality(edge, users[i], steps[i])
    return cost, price


@compiled
def _meet_budget(
    edge: PlaceCosts,
    users: np.ndarray,
    budget: float,
    integer: bool,
    steps: FloatArray,
    used: float,
    slope: float,
) -> float:
    """Raise the price until the budget holds: Newton on the use, kept inside a shrinking bracket.

    Steps fall about linearly in the logarithm of rate + price, so Newton takes the price on that scale.
    """
    low, high, rate = 0.0, 0.0, 0.0
    for user in users:
        rate += edge.rate[user] / users.size
        marginal = edge.error[user] * edge.error_decay[user] + edge.utility[user] * edge.utility_decay[user]
        high = max(high, marginal - edge.rate[user])
    price, use_low, use_high, last_miss = 0.0, used, 0.0, np.inf
    for _ in range(200):
        trial = low
        if slope < 0.0 and price + rate > 0.0:
            trial = (price + rate) * np.exp(min((budget - used) / (slope * (price + rate)), 50.0)) - rate
        miss = abs(used - budget)
        if not low < trial < high or miss > 0.5 * last_miss:
            trial = 0.5 * (low + high)
        if not low < trial < high:
            break
        price, last_miss = trial, miss
        used, slope = _use(edge, users, price, integer, steps)
        if abs(used - budget) <= _BUDGET_MET * budget:
            return price
        if used > budget:
            low, use_low = price, used
        else:
            high, use_high = price, used
    _fill(edge, users, low, high, use_low, use_high, budget, integer, steps)
    return high


@compiled
def _fill(
    edge: PlaceCosts,
    users: np.ndarray,
    low: float,
    high: float,
    use_low: float,
    use_high: float,
    budget: float,
    integer: bool,
    steps: FloatArray,
) -> None:
    """Spend what the higher price leaves of the budget on the users that are tied between both prices."""
    left = budget - use_high
    share = left / (use_low - use_high) if use_low > use_high else 0.0
    for i in range(users.size):
        fewest, _ = respond_one(edge, users[i], high, integer)
        most, _ = respond_one(edge, users[i], low, integer)
        extra = min(most - fewest, np.floor(left)) if integer else share * (most - fewest)
        steps[i] = fewest + extra
        left -= extra


@compiled
def _use(
    edge: PlaceCosts, users: np.ndarray, price: float, integer: bool, steps: FloatArray
) -> tuple[float, float]:
    """Edge steps used at a price, and the derivative of the continuous use."""
    used, slope = 0.0, 0.0
    for i in range(users.size):
        n = users[i]
        steps[i], _ = respond_one(edge, n, price, integer)
        used += steps[i]
        if 0.0 < steps[i] < edge.limit[n]:
            error = edge.error[n] * edge.error_decay[n] ** 2 * np.exp(-edge.error_decay[n] * steps[i])
            utility = edge.utility[n] * edge.utility_decay[n] ** 2 * np.exp(-edge.utility_decay[n] * steps[i])
            if error + utility > 0.0:
                slope -= 1.0 / (error + utility)
    return used, slope
