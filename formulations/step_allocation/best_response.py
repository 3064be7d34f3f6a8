"""Best steps of one user when every step has a price: the inner minimum of the Lagrangian bound.

At a place r and a price delta per step, user n minimises R_{n,r}(s) + delta s over the steps that it may have
there, 0 <= s <= S without further constraints, a convex problem in one variable (docs/theory/step_allocation,
section 2). Its stationary point solves -phi_n'(s) = lam + delta. The left side has a convex logarithm. So Newton's
method on the logarithm, started left of the root, rises to it without a safeguard. The minimiser is the allowed
number of steps nearest to that point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.cost_scale import constant_cost
from formulations.step_allocation.domain import model_steps
from formulations.step_allocation.parameters import StepAllocation
from formulations.step_allocation.quality import kernels
from formulations.step_allocation.quality.kernels import (
    first_slope,
    quality_step,
    quality_terms,
    steps_before_slope,
)

_CONVERGED = 1e-9
"""Newton step, times the decay rate, below which the quadratic next one is lost in rounding."""


class PlaceCosts(NamedTuple):
    """Coefficients of R_{n,r}(s) = rate s + phi_n(s) and ends of the steps, shape (N,) each."""

    rate: FloatArray
    """lam_{n,r} [1/step]."""
    error: FloatArray
    """w1 c2 eps_fwd [-]."""
    error_decay: FloatArray
    """C1_n [1/step]."""
    utility: FloatArray
    """w2 [-]."""
    utility_decay: FloatArray
    """C2_n [1/step]."""
    lower: FloatArray
    """Lower bounds on steps at this place [steps]; whole where steps are."""
    limit: FloatArray
    """Most steps at this place [steps]; whole where steps are."""


def place_costs(data: StepAllocation, place: int) -> PlaceCosts:
    """Coefficients of R_{n,r} at one place, as the compiled kernels read them.

    Every array is a fresh writable one, because a kernel is compiled anew for a read-only argument. A user that
    may not be at the place has 0 steps there: whoever asks has to keep it away.
    """
    allowed = model_steps(data, place)
    return PlaceCosts(
        rate=costs.cost_per_step(data, place).copy(),
        error=costs.error_coefficient(data).copy(),
        error_decay=data.error_decay_per_step.copy(),
        utility=np.full(data.users, data.utility_weight),
        utility_decay=data.utility_decay_per_step.copy(),
        lower=allowed.lower.copy(),
        limit=allowed.upper.copy(),
    )


def decision_costs(data: StepAllocation, place: int, unit: float = 1.0) -> PlaceCosts:
    """Costs of a place in multiples of ``unit``, without the error that no decision changes."""
    costs_there = place_costs(data, place)
    return costs_there._replace(
        rate=costs_there.rate / unit,
        error=(costs_there.error - constant_cost(data)) / unit,
        utility=costs_there.utility / unit,
    )


def best_steps_at_price(data: StepAllocation, place: int, price: float) -> FloatArray:
    """Return the allowed steps that minimise R_{n,r}(s) + price s, the smallest number where several do.

    Parameters
    ----------
    data : StepAllocation
        The scenario; steps are whole numbers where it says so.
    place : int
        LOCAL or EDGE.
    price : float
        delta [1/step].

    Returns
    -------
    FloatArray
        Steps, shape (N,).

    Examples
    --------
    >>> from formulations.step_allocation.parameters import EDGE
    >>> from instances import load
    >>> data = load("n10").step_allocation
    >>> free, dear = (best_steps_at_price(data, EDGE, price) for price in (0.0, 1.0))
    >>> bool((dear <= free).all())
    True
    """
    place_cost = place_costs(data, place)
    steps = np.empty(data.users)
    value = np.empty(data.users)
    respond(place_cost, price, data.integer_steps, steps, value)
    return steps


@compiled
def respond(place: PlaceCosts, price: float, integer: bool, steps: FloatArray, value: FloatArray) -> None:
    """Fill ``steps`` and ``value`` with the minimiser and minimum of R_n(s) + price s for every user."""
    for n in range(steps.size):
        steps[n], value[n] = respond_one(place, n, price, integer)


@compiled
def respond_one(place: PlaceCosts, n: int, price: float, integer: bool) -> tuple[float, float]:
    """Minimiser and minimum of R_n(s) + price s for user n."""
    rate = place.rate[n] + price
    steps = stationary_steps(
        rate,
        place.error[n],
        place.error_decay[n],
        place.utility[n],
        place.utility_decay[n],
        place.limit[n],
    )
    if integer:
        steps = np.floor(steps)
        if steps + 1.0 <= place.limit[n] and rate + _one_more(place, n, steps) < 0.0:
            steps += 1.0
    steps = max(steps, place.lower[n])
    return steps, rate * steps + quality(place, n, steps)


@compiled
def quality(place: PlaceCosts, n: int, steps: float) -> float:
    """Convex decreasing part phi_n(s) = w1 c2 err_n(s) - w2 U_n(s) of the cost [-]."""
    return kernels.quality(place.error[n], place.error_decay[n], place.utility[n], place.utility_decay[n], steps)


@compiled
def _one_more(place: PlaceCosts, n: int, steps: float) -> float:
    return quality_step(place.error[n], place.error_decay[n], place.utility[n], place.utility_decay[n], steps)


@compiled
def stationary_steps(
    rate: float, error: float, error_decay: float, utility: float, utility_decay: float, limit: float
) -> float:
    """Root in [0, limit] of -phi'(s) = rate, phi with the coefficients w1 c2 eps_fwd, C1, w2 and C2."""
    if first_slope(error, error_decay, utility, utility_decay) <= rate:
        return 0.0
    if rate <= 0.0:
        return limit
    steps = steps_before_slope(error, error_decay, utility, utility_decay, rate)
    for _ in range(100):
        if steps >= limit:
            return limit
        _, slope, curvature, _ = quality_terms(error, error_decay, utility, utility_decay, steps)
        if not curvature > 0.0:
            break
        rise = np.log(slope / rate) * (slope / curvature)
        steps += max(rise, 0.0)
        if rise * max(error_decay, utility_decay) <= _CONVERGED:
            break
    return min(steps, limit)
