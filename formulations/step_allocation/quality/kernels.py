"""Error (4) and utility (7) for compiled kernels, which inline them: what ``arrays.py`` says over arrays."""

from __future__ import annotations

import numpy as np

from formulations.compiled import inlined
from formulations.step_allocation.quality.vector_math import exp_and_expm1


@inlined
def exponential_terms(weight: float, decay: float, steps: float) -> tuple[float, float, float, float, float]:
    """Of w exp(-C s): what is left, the change since no steps, and size of the first three derivatives."""
    left, change = exp_and_expm1(-decay * steps)
    left *= weight
    slope = left * decay
    curvature = slope * decay
    return left, weight * change, slope, curvature, curvature * decay


@inlined
def exponential_start(weight: float, decay: float) -> tuple[float, float]:
    """Size of the first two derivatives of w exp(-C s) at s = 0."""
    slope = weight * decay
    return slope, slope * decay


@inlined
def exponential_step(weight: float, decay: float, steps: float) -> float:
    """Change of w exp(-C s) by one more step, never positive."""
    left, _ = exp_and_expm1(-decay * steps)
    _, change = exp_and_expm1(-decay)
    return weight * left * change


@inlined
def exponential_steps_at(weight: float, decay: float, slope: float) -> float:
    """Steps at which w exp(-C s) falls by ``slope`` > 0 per step, 0 where it never falls so fast [steps]."""
    steepest = weight * decay
    return float(np.log(steepest / slope) / decay) if steepest > slope else 0.0


error_terms, error_start, error_step = exponential_terms, exponential_start, exponential_step
error_steps_at = exponential_steps_at
"""Of the weighted error, paper A (4)."""

utility_terms, utility_start, utility_step = exponential_terms, exponential_start, exponential_step
utility_steps_at = exponential_steps_at
"""Of the weighted utility that is missing, paper A (7)."""


@inlined
def quality_terms(
    error: float, error_decay: float, utility: float, utility_decay: float, steps: float
) -> tuple[float, float, float, float]:
    """phi(s) and the sizes of phi'(s) <= 0, phi''(s) >= 0 and phi'''(s) <= 0.

    Parameters
    ----------
    error, error_decay : float
        w1 c2 eps_fwd [-] and C1 [1/step].
    utility, utility_decay : float
        w2 [-] and C2 [1/step].
    steps : float
        s [steps].
    """
    left, _, slope, curvature, third = error_terms(error, error_decay, steps)
    _, missed, utility_slope, utility_curvature, utility_third = utility_terms(utility, utility_decay, steps)
    return left + missed, slope + utility_slope, curvature + utility_curvature, third + utility_third


@inlined
def quality(error: float, error_decay: float, utility: float, utility_decay: float, steps: float) -> float:
    """Convex decreasing part phi(s) = w1 c2 err(s) - w2 U(s) of the cost [-]."""
    value, _, _, _ = quality_terms(error, error_decay, utility, utility_decay, steps)
    return value


@inlined
def quality_start(error: float, error_decay: float, utility: float, utility_decay: float) -> tuple[float, float]:
    """What the first steps are worth, -phi'(0) [1/step], and phi''(0) [1/step^2]."""
    slope, curvature = error_start(error, error_decay)
    utility_slope, utility_curvature = utility_start(utility, utility_decay)
    return slope + utility_slope, curvature + utility_curvature


@inlined
def first_slope(error: float, error_decay: float, utility: float, utility_decay: float) -> float:
    """What the first steps are worth, -phi'(0) [1/step]."""
    slope, _ = quality_start(error, error_decay, utility, utility_decay)
    return slope


@inlined
def quality_step(error: float, error_decay: float, utility: float, utility_decay: float, steps: float) -> float:
    """Change phi(s + 1) - phi(s) <= 0 that one more whole step brings, without cancellation [-]."""
    return error_step(error, error_decay, steps) + utility_step(utility, utility_decay, steps)


@inlined
def steps_before_slope(
    error: float, error_decay: float, utility: float, utility_decay: float, rate: float
) -> float:
    """Steps, not more than those at which -phi'(s) = rate > 0: those at which one term alone has that slope."""
    of_error = error_steps_at(error, error_decay, rate)
    return max(of_error, utility_steps_at(utility, utility_decay, rate))
