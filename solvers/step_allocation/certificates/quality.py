"""Error (4) and utility (7) as the checker of certificates computes them: written anew, on purpose.

What a method computes wrong must not be computed wrong here, too, so that nothing is imported from
:mod:`formulations.step_allocation.quality`. Steps have the shape (..., N).
"""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray


def error(coefficient: FloatArray, decay: FloatArray, steps: FloatArray) -> FloatArray:
    """Weighted error E exp(-C1 s), where E = w1 c2 eps_fwd [-]."""
    return np.asarray(coefficient * np.exp(-decay * steps))


def error_slope(coefficient: FloatArray, decay: FloatArray, steps: FloatArray) -> FloatArray:
    """Its slope [1/step], not positive."""
    return np.asarray(-coefficient * decay * np.exp(-decay * steps))


def error_lost(coefficient: FloatArray, decay: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """By how much it falls between two numbers of steps [-]."""
    return error(coefficient, decay, lower) * -np.expm1(-decay * (upper - lower))


def steps_to_error(share: FloatArray, decay: FloatArray) -> FloatArray:
    """Steps after which a share of the error is left [steps]."""
    return np.asarray(-np.log(share) / decay)


def utility(weight: float, decay: FloatArray, steps: FloatArray) -> FloatArray:
    """Weighted utility w2 (1 - exp(-C2 s)) [-]."""
    return np.asarray(-weight * np.expm1(-decay * steps))


def utility_slope(weight: float, decay: FloatArray, steps: FloatArray) -> FloatArray:
    """Its slope [1/step], not negative."""
    return np.asarray(weight * decay * np.exp(-decay * steps))


def utility_gained(weight: float, decay: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """By how much it rises between two numbers of steps [-]."""
    return np.asarray(weight * np.exp(-decay * lower) * -np.expm1(-decay * (upper - lower)))


def steps_to_utility(level: FloatArray, decay: FloatArray) -> FloatArray:
    """Steps that bring a utility [steps]."""
    return np.asarray(-np.log1p(-level) / decay)
