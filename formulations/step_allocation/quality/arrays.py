"""Error (4) and utility (7) over arrays, the parts of the quality cost phi_n that depend on the steps.

Both are a share that fades with the steps: what is left of the error, and what is missing of full utility. Three
files say how they fade: this one, ``kernels.py`` for compiled kernels and ``models.py`` for models. The checker of
certificates has a copy of its own. Searches rely on a share that falls from 1 towards 0, is convex, has a slope
whose logarithm is convex too, and depends on decay times steps alone.
"""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray


class Exponential:
    """The share exp(-C s): ``decay`` is C [1/step], ``steps`` are s [steps]; all arrays broadcast."""

    def left(self, decay: FloatArray, steps: FloatArray) -> FloatArray:
        """Share that is left after some steps [-]."""
        return np.asarray(np.exp(-decay * steps))

    def gone(self, decay: FloatArray, steps: FloatArray) -> FloatArray:
        """Share that is gone after some steps, without cancellation [-]."""
        return np.asarray(-np.expm1(-decay * steps))

    def fall(self, decay: FloatArray, first: FloatArray, last: FloatArray) -> FloatArray:
        """Share that goes between two numbers of steps, without cancellation [-]."""
        return self.left(decay, first) * self.gone(decay, last - first)

    def slope(self, decay: FloatArray, steps: FloatArray) -> FloatArray:
        """Share that the next steps take away, per step, not negative [1/step]."""
        return decay * self.left(decay, steps)

    def curvature(self, decay: FloatArray, steps: FloatArray) -> FloatArray:
        """Second derivative of the share, not negative [1/step^2]."""
        return decay**2 * self.left(decay, steps)

    def steps_to_leave(self, decay: FloatArray, share: FloatArray) -> FloatArray:
        """Steps after which a share is left [steps]."""
        return -np.log(share) / decay

    def steps_to_lose(self, decay: FloatArray, share: FloatArray) -> FloatArray:
        """Steps after which a share is gone [steps]."""
        return -np.log1p(-share) / decay

    def steps_at_slope(self, decay: FloatArray, slope: FloatArray) -> FloatArray:
        """Steps at which the share falls by ``slope`` per step; negative where it never falls so fast [steps]."""
        return (np.log(decay) - np.log(slope)) / decay


ERROR = Exponential()
"""Share of the error that is left, err_n(s) / eps_fwd, paper A (4)."""

UTILITY = Exponential()
"""Share of full utility that is missing, 1 - U_n(s), paper A (7)."""


def quality_cost(
    error: FloatArray, error_decay: FloatArray, utility: FloatArray, utility_decay: FloatArray, steps: FloatArray
) -> FloatArray:
    """phi(s) = E err(s) / eps_fwd - w2 U(s) [-], with the coefficients E = w1 c2 eps_fwd and w2."""
    return error * ERROR.left(error_decay, steps) - utility * UTILITY.gone(utility_decay, steps)


def quality_slope(
    error: FloatArray, error_decay: FloatArray, utility: FloatArray, utility_decay: FloatArray, steps: FloatArray
) -> FloatArray:
    """phi'(s) [1/step], never positive."""
    return -error * ERROR.slope(error_decay, steps) - utility * UTILITY.slope(utility_decay, steps)


def quality_curvature(
    error: FloatArray, error_decay: FloatArray, utility: FloatArray, utility_decay: FloatArray, steps: FloatArray
) -> FloatArray:
    """phi''(s) [1/step^2], never negative."""
    return error * ERROR.curvature(error_decay, steps) + utility * UTILITY.curvature(utility_decay, steps)


def quality_worth(
    error: FloatArray, error_decay: FloatArray, utility: FloatArray, utility_decay: FloatArray, steps: FloatArray
) -> FloatArray:
    """Most that further steps can bring, whatever they cost [-]."""
    return error * ERROR.left(error_decay, steps) + utility * UTILITY.left(utility_decay, steps)
