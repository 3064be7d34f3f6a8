"""Time, error, energy, utility and cost of one user as Pyomo expressions of its steps (paper A, section II).

The same formulas as in :mod:`formulations.step_allocation.costs`, which evaluates them for arrays of numbers.
``n`` is the user, ``place`` is LOCAL (r = 0) or EDGE (r = 1), ``steps`` a Pyomo variable or expression.
Where a user surely takes some number of steps, ``lower``, error and utility count from there.
"""

from __future__ import annotations

from formulations.step_allocation import costs
from formulations.step_allocation.parameters import StepAllocation
from formulations.step_allocation.quality.models import Expression, pyomo_error_left, pyomo_utility_missing


def time_seconds(data: StepAllocation, n: int, place: int, steps: Expression) -> Expression:
    """Computation time T_{n,r}(s) = s dt_{n,r} [s], paper A (3)."""
    return float(costs.seconds_per_step(data, place)[n]) * steps


def error(data: StepAllocation, n: int, steps: Expression, lower: float = 0.0) -> Expression:
    """Average error eps_fwd exp(-C1_n s) [-], paper A (4)."""
    return float(data.forward_error[n]) * pyomo_error_left(float(data.error_decay_per_step[n]), steps, lower)


def energy_joules(data: StepAllocation, n: int, place: int, steps: Expression) -> Expression:
    """Energy E_{n,r}(s) = power x time [J], paper A (5) for the device and (6) for the edge."""
    return float(costs.power_watts(data, place)[n]) * time_seconds(data, n, place, steps)


def utility(data: StepAllocation, n: int, steps: Expression, lower: float = 0.0) -> Expression:
    """Utility U_n(s) = 1 - exp(-C2_n s) [-], paper A (7)."""
    return 1 - pyomo_utility_missing(float(data.utility_decay_per_step[n]), steps, lower)


def cost(data: StepAllocation, n: int, place: int, steps: Expression, lower: float = 0.0) -> Expression:
    """Cost R_{n,r}(s) = w1 (c1 T + c2 err + c3 E) - w2 U [-], the summand of paper A (8)."""
    return data.cost_weight * (
        data.time_weight_per_second * time_seconds(data, n, place, steps)
        + data.error_weight * error(data, n, steps, lower)
        + data.energy_weight_per_joule * energy_joules(data, n, place, steps)
    ) - data.utility_weight * utility(data, n, steps, lower)


def quality_cost(data: StepAllocation, n: int, steps: Expression, lower: float = 0.0) -> Expression:
    """Convex decreasing part phi_n(s) = w1 c2 err_n(s) - w2 U_n(s), the same at both places [-]."""
    weighted_error = data.cost_weight * data.error_weight * error(data, n, steps, lower)
    return weighted_error - data.utility_weight * utility(data, n, steps, lower)
