"""The function I_n of paper A's appendix on drawn subproblems P2; that D_n is monotone is an identity."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from formulations.step_allocation.parameters import StepAllocation
from solvers.step_allocation.kkt.bisection import users_of
from solvers.step_allocation.kkt.kernels import steps_slope
from solvers.step_allocation.kkt.p2_validation import example
from solvers.step_allocation.sca.published import TAU

DELTAS = (0.0, 1e-3, 1.0)
"""Prices of the capacity [1/steps]."""

PENALTIES = (1.0, TAU)
"""Values of tau [-]: one of the size of the costs, and the published one."""

ZETAS = np.concatenate([[0.0], np.geomspace(1e-3, 1e5, 33)])
"""Large enough for the published penalty to let go of a_n."""

ROUNDING = 1e-7


def users_rising(data: StepAllocation) -> int:
    """Return for how many users I_n, a_n clamped, rises in zeta_n somewhere, at any delta and tau."""
    rising = np.zeros(data.users, dtype=bool)
    for tau in PENALTIES:
        users = users_of(example(data, tau))
        for delta in DELTAS:
            rising |= [_rises(user, delta) for user in users]
    return int(rising.sum())


def _rises(user: np.void, delta: float) -> bool:
    quadratic = float(user["quadratic"] + delta / (2.0 * user["z"]))
    gap = float(user["edge_limit"] - user["local_limit"])
    excess = []
    for zeta in ZETAS:
        offload = np.clip((float(user["linear"]) + zeta * gap) / quadratic, 0.0, 1.0)
        limit = float(user["local_limit"]) + offload * gap
        excess.append(_steps(user, delta, zeta) - limit)
    return bool((np.diff(excess) > ROUNDING * (1.0 + np.abs(excess[:-1]))).any())


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
