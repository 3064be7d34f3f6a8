"""The monotone functions of paper A's appendix, D_n and I_n, evaluated on drawn subproblems P2."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from formulations.step_allocation.parameters import StepAllocation
from solvers.step_allocation.kkt.bisection import users_of
from solvers.step_allocation.kkt.kernels import steps_slope
from solvers.step_allocation.kkt.p2_validation import example

ZETAS = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 25)])

ROUNDING = 1e-7


def counts(data: StepAllocation, tau: float, delta: float) -> tuple[int, int, int]:
    """Return users, and those of them for whom D_n falls in a_n or I_n rises in zeta_n somewhere on a grid."""
    p2 = example(data, tau)
    users = users_of(p2)
    falling = rising = 0
    for n in range(data.users):
        user = users[n]
        quadratic = float(user["quadratic"] + delta / (2.0 * user["z"]))
        gap = float(user["edge_limit"] - user["local_limit"])
        grid = np.linspace(0.0, 1.0, 11)
        derivative = quadratic * grid - float(user["linear"])
        falling += bool((np.diff(derivative) < 0.0).any())
        excess = []
        for zeta in ZETAS:
            offload = np.clip((float(user["linear"]) + zeta * gap) / quadratic, 0.0, 1.0)
            limit = float(user["local_limit"]) + offload * gap
            excess.append(_steps(user, delta, zeta) - limit)
        rising += bool((np.diff(excess) > ROUNDING * (1.0 + np.abs(excess[:-1]))).any())
    return data.users, falling, rising


def _steps(user: np.void, delta: float, zeta: float) -> float:
    """s_n of (18b): the root of h'(s) + 2 delta z s + zeta, monotone in s, of any sign [steps]."""

    def slope(steps: float) -> float:
        return float(steps_slope(user, delta, steps)[0]) + zeta

    low, high = -1.0, 1.0
    while slope(low) > 0.0 and low > -1e6:
        low *= 2.0
    while slope(high) < 0.0 and high < 1e6:
        high *= 2.0
    return (
        float(brentq(slope, low, high)) if slope(low) < 0.0 < slope(high) else (low if slope(low) >= 0.0 else high)
    )
