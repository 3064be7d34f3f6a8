"""Time, error, energy, utility and the cost R_{n,r} of a place (paper A, section II).

``place`` is :data:`~formulations.step_allocation.parameters.LOCAL` (r = 0) or ``EDGE`` (r = 1);
``steps`` has shape (N,), in steps; every function returns one number per user, shape (N,).
"""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.parameters import EDGE, StepAllocation
from formulations.step_allocation.quality import arrays as quality


def seconds_per_step(data: StepAllocation, place: int) -> FloatArray:
    """Time dt_{n,r} of one reverse step [s]."""
    return data.edge_seconds_per_step if place == EDGE else data.local_seconds_per_step


def power_watts(data: StepAllocation, place: int) -> FloatArray:
    """Power drawn while a step is computed [W], paper A (5) and (6)."""
    return data.edge_power_watts if place == EDGE else data.local_power_watts


def step_limit(data: StepAllocation, place: int) -> FloatArray:
    """Most steps of one user at a place [steps], paper A (2)."""
    return data.edge_step_limit if place == EDGE else data.local_step_limit


def time_seconds(data: StepAllocation, steps: FloatArray, place: int) -> FloatArray:
    """Computation time T_{n,r}(s) = s dt_{n,r} [s], paper A (3)."""
    return steps * seconds_per_step(data, place)


def error(data: StepAllocation, steps: FloatArray) -> FloatArray:
    """Average error eps_fwd exp(-C1_n s) [-], paper A (4)."""
    return data.forward_error * quality.ERROR.left(data.error_decay_per_step, steps)


def energy_joules(data: StepAllocation, steps: FloatArray, place: int) -> FloatArray:
    """Energy E_{n,r}(s) = power x time [J], paper A (5) for the device and (6) for the edge."""
    return power_watts(data, place) * time_seconds(data, steps, place)


def utility(data: StepAllocation, steps: FloatArray) -> FloatArray:
    """Utility U_n(s) = 1 - exp(-C2_n s) [-], paper A (7)."""
    return quality.UTILITY.gone(data.utility_decay_per_step, steps)


def cost(data: StepAllocation, steps: FloatArray, place: int) -> FloatArray:
    """Cost R_{n,r}(s) = w1 (c1 T + c2 err + c3 E) - w2 U [-], the summand of paper A (8)."""
    return data.cost_weight * (
        data.time_weight_per_second * time_seconds(data, steps, place)
        + data.error_weight * error(data, steps)
        + data.energy_weight_per_joule * energy_joules(data, steps, place)
    ) - data.utility_weight * utility(data, steps)


def cost_per_step(data: StepAllocation, place: int) -> FloatArray:
    """Linear part lam_{n,r} = w1 dt_{n,r} (c1 + c3 power_{n,r}) of R_{n,r} [1/step].

    Together with :func:`quality_cost`, R_{n,r}(s) = lam_{n,r} s + phi_n(s).
    """
    weight = data.time_weight_per_second + data.energy_weight_per_joule * power_watts(data, place)
    return data.cost_weight * seconds_per_step(data, place) * weight


def error_coefficient(data: StepAllocation) -> FloatArray:
    """Coefficient w1 c2 eps_fwd of exp(-C1_n s) in R_{n,r} [-]."""
    return data.cost_weight * (data.error_weight * data.forward_error)


def quality_cost(data: StepAllocation, steps: FloatArray) -> FloatArray:
    """Convex decreasing part phi_n(s) = w1 c2 err_n(s) - w2 U_n(s), the same at both places [-]."""
    return quality.quality_cost(*_coefficients(data), steps)


def quality_slope(data: StepAllocation, steps: FloatArray) -> FloatArray:
    """Slope phi_n'(s) = w1 c2 err_n'(s) - w2 U_n'(s) [1/step], never positive."""
    return quality.quality_slope(*_coefficients(data), steps)


def quality_curvature(data: StepAllocation, steps: FloatArray) -> FloatArray:
    """Curvature phi_n''(s) [1/step^2], never negative."""
    return quality.quality_curvature(*_coefficients(data), steps)


def quality_worth(data: StepAllocation, steps: FloatArray) -> FloatArray:
    """Most that further steps can bring a user, w1 c2 err_n(s) + w2 (1 - U_n(s)) [-], shape (N,)."""
    return quality.quality_worth(*_coefficients(data), steps)


def _coefficients(data: StepAllocation) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    utility_weight = np.asarray(data.utility_weight)
    return error_coefficient(data), data.error_decay_per_step, utility_weight, data.utility_decay_per_step
