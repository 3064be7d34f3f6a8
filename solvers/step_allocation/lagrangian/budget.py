"""The optimal shares of the edge's budget among users that offload: a search for one multiplier.

A price delta >= 0, at which the users' best steps sum to the budget, gives the optimum
(docs/theory/step_allocation, section 3). Whole steps have no duality gap either: between the two sides of the
price only ties are left, and any of them fills the budget.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts, quality, respond_one
from formulations.step_allocation.parameters import StepAllocation
from formulations.step_allocation.quality.kernels import first_slope, quality_terms

BUDGET_ROUNDING = 1e-12
"""Share of the budget by which users' fewest steps may exceed it: what rounding makes of a sum that equals it."""

_BUDGET_MET = 1e-14
"""Share of the budget by which the price search may miss it, which is lost in rounding for any number of users."""


def roomy_budget(data: StepAllocation, lower: FloatArray, at_edge: NDArray[np.int64]) -> float:
    """Budget that a sum of fewest edge steps equal to it does not miss by rounding [steps].

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    lower : FloatArray
        Fewest edge steps of all users [steps].
    at_edge : ndarray of int
        Users that may only be at the edge.
    """
    if data.integer_steps or not lower.any():
        return data.edge_step_budget
    return max(data.edge_step_budget, float(lower[at_edge].sum())) * (1.0 + BUDGET_ROUNDING)


@compiled
def share_budget(
    edge: PlaceCosts, users: np.ndarray, budget: float, integer: bool, steps: FloatArray
) -> tuple[float, float]:
    """Fill ``steps`` with the optimal shares of the budget; return their total cost and the price delta.

    Both are infinite, and the shares the fewest steps, where those alone exceed the budget by more than rounding.

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
        fewest = 0.0
        for i in range(users.size):
            fewest += edge.lower[users[i]]
        if fewest > budget * (1.0 + BUDGET_ROUNDING):
            for i in range(users.size):
                steps[i] = edge.lower[users[i]]
            return np.inf, np.inf
        if integer:
            price = _meet_budget_in_whole_steps(edge, users, budget, steps, used, slope)
        else:
            price = _meet_budget(edge, users, budget, steps, used, slope, fewest)
            _cut_to_budget(edge, users, budget, fewest, steps)
    cost = 0.0
    for i in range(users.size):
        cost += edge.rate[users[i]] * steps[i] + quality(edge, users[i], steps[i])
    return cost, price


@compiled
def _cut_to_budget(edge: PlaceCosts, users: np.ndarray, budget: float, fewest: float, steps: FloatArray) -> None:
    """Shorten shares that rounding has left above a tiny budget, by the same part of what exceeds the fewest."""
    used = 0.0
    for i in range(users.size):
        used += steps[i]
    if used <= budget * (1.0 + BUDGET_ROUNDING) or used <= fewest:
        return
    share = max(budget - fewest, 0.0) / (used - fewest)
    for i in range(users.size):
        lower = edge.lower[users[i]]
        steps[i] = lower + share * (steps[i] - lower)


@compiled
def _meet_budget(
    edge: PlaceCosts,
    users: np.ndarray,
    budget: float,
    steps: FloatArray,
    used: float,
    slope: float,
    fewest: float,
) -> float:
    """Raise the price until the budget holds: Newton on the use, kept inside a shrinking bracket.

    At the upper end of the bracket every user takes its fewest steps, ``fewest`` in sum.
    """
    low, (high, rate) = 0.0, _price_range(edge, users)
    price, use_low, use_high, last_miss = 0.0, used, fewest, np.inf
    for _ in range(200):
        trial = _newton(price, rate, used - budget, slope, low)
        miss = abs(used - budget)
        if not low < trial < high or miss > 0.5 * last_miss:
            trial = 0.5 * (low + high)
        if not low < trial < high:
            break
        price, last_miss = trial, miss
        used, slope = _use(edge, users, price, False, steps)
        if abs(used - budget) <= _BUDGET_MET * budget:
            return price
        if used > budget:
            low, use_low = price, used
        else:
            high, use_high = price, used
    _fill(edge, users, low, high, use_low, use_high, budget, steps)
    return high


@compiled
def _price_range(edge: PlaceCosts, users: np.ndarray) -> tuple[float, float]:
    """Price from which on every user takes its fewest steps, and the mean rate of the users [1/step]."""
    high, rate = 0.0, 0.0
    for user in users:
        rate += edge.rate[user] / users.size
        marginal = first_slope(
            edge.error[user], edge.error_decay[user], edge.utility[user], edge.utility_decay[user]
        )
        high = max(high, marginal - edge.rate[user])
    return high, rate


@compiled
def _newton(price: float, rate: float, excess: float, slope: float, otherwise: float) -> float:
    """Price by Newton on the logarithm of rate + price, in which steps fall about linearly."""
    falls = slope * (price + rate)
    if falls < 0.0 and price + rate > 0.0:
        return float((price + rate) * np.exp(min(-excess / falls, 50.0)) - rate)
    return otherwise


@compiled
def _meet_budget_in_whole_steps(
    edge: PlaceCosts, users: np.ndarray, budget: float, steps: FloatArray, used: float, slope: float
) -> float:
    """Raise the price until the budget holds, then spend what is left on users that are tied at the price.

    Steps fall with the price: a user whose steps are the same at both ends of the bracket keeps them inside, and
    only the others are asked again. Newton goes twice as far as it says, so that both ends come close.
    """
    low, (high, rate) = 0.0, _price_range(edge, users)
    most, fewest = steps, np.empty(users.size)
    for i in range(users.size):
        fewest[i] = edge.lower[users[i]]
    trial_steps, asked = np.empty(users.size), np.arange(users.size)
    settled, price, last_miss = 0.0, 0.0, np.inf
    for _ in range(200):
        miss = abs(used - budget)
        trial = price + 2.0 * (_newton(price, rate, used - budget, slope, low) - price)
        if not low < trial < high or miss > 0.5 * last_miss:
            trial = 0.5 * (low + high)
        if not low < trial < high or asked.size == 0:
            break
        price, last_miss = trial, miss
        used, slope = _use(edge, users[asked], price, True, trial_steps)
        used += settled
        above, kept = used > budget, 0
        for k in range(asked.size):
            i = asked[k]
            if above:
                most[i] = trial_steps[k]
            else:
                fewest[i] = trial_steps[k]
            if most[i] > fewest[i]:
                asked[kept] = i
                kept += 1
            else:
                settled += fewest[i]
        asked = asked[:kept]
        if above:
            low = price
        else:
            high = price
        if used == budget:
            break
    left = budget
    for i in range(users.size):
        left -= fewest[i]
    for i in range(users.size):
        extra = max(min(most[i] - fewest[i], np.floor(left)), 0.0)
        steps[i] = fewest[i] + extra
        left -= extra
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
    steps: FloatArray,
) -> None:
    """Spend what the higher price leaves of the budget on the users that are tied between both prices."""
    left = max(budget - use_high, 0.0)
    share = left / (use_low - use_high) if use_low > use_high else 0.0
    for i in range(users.size):
        fewest, _ = respond_one(edge, users[i], high, False)
        most, _ = respond_one(edge, users[i], low, False)
        steps[i] = fewest + share * (most - fewest)


@compiled
def _use(
    edge: PlaceCosts, users: np.ndarray, price: float, integer: bool, steps: FloatArray
) -> tuple[float, float]:
    """Edge steps used at a price, and the derivative of the continuous use.

    What each addition loses is added to the next one (Kahan's sum): a plain sum over a million users is off by
    more than the price search may miss the budget by, and no price would do.
    """
    used, slope, lost = 0.0, 0.0, 0.0
    for i in range(users.size):
        n = users[i]
        steps[i], _ = respond_one(edge, n, price, integer)
        addend = steps[i] - lost
        total = used + addend
        lost = (total - used) - addend
        used = total
        if edge.lower[n] < steps[i] < edge.limit[n]:
            _, _, curvature, _ = quality_terms(
                edge.error[n], edge.error_decay[n], edge.utility[n], edge.utility_decay[n], steps[i]
            )
            if curvature > 0.0:
                slope -= 1.0 / curvature
    return used, slope
