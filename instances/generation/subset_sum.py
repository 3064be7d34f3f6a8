"""Instances of paper A's P1 that hide a subset-sum problem, which proves it NP-hard (docs/theory/hardness).

Given whole numbers w_n and a target S, no step costs anything by itself, there is no utility, and all users share
the error weight E. User n saves exactly w_n where it gets w_n edge steps, and less per step with any other
number, so that the edge saves S if and only if some of the w_n add up to S.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import lambertw

from formulations.fields import FloatArray
from instances.generation.presets import uniform

LEAST, MOST = 25, 50
"""Ends of half a weight."""

PARTICULAR_WEIGHT = 3.0
"""E over its least value: e max w where steps are continuous, about e (max w)^2 where they are whole."""


def weights_of(users: int, seed: int, spread: float) -> FloatArray:
    """Return even weights, drawn; an odd target can then not be met, which no bound on costs sees, shape (N,)."""
    middle = (LEAST + MOST) / 2.0
    half = middle + spread * (uniform("subset_sum_weight", users, seed) - 0.5) * (MOST - LEAST)
    return 2.0 * np.round(half)


def fields(weights: FloatArray, target: float, *, integer_steps: bool) -> dict[str, Any]:
    """Return fields whose optimum saves ``target`` if and only if a subset of the weights adds up to it.

    Parameters
    ----------
    weights : FloatArray
        w_n, whole numbers >= 1, shape (N,).
    target : float
        S, a whole number >= 0.
    integer_steps : bool
        Whether steps are whole numbers; both kinds are hard.
    """
    largest = float(weights.max())
    scale = PARTICULAR_WEIGHT * (largest**2 if integer_steps else largest)
    decay = np.array([_decay(float(weight), scale, integer_steps) for weight in weights])
    continuous = -np.log(np.exp(-decay * weights) + weights / scale) / decay
    local = weights - 1.0 if integer_steps else continuous
    return {
        "users": weights.size,
        "integer_steps": integer_steps,
        "local_seconds_per_step": 1 / 500,
        "edge_seconds_per_step": 1 / 1000,
        "local_cpu_hz": 1.5e9,
        "edge_cpu_hz": 10e9,
        "local_power_coefficient": 1e-26,
        "edge_power_coefficient": 1e-26,
        "forward_error": 1.0,
        "error_decay_per_step": decay,
        "utility_decay_per_step": 0.03,
        "local_max_steps": local,
        "edge_max_steps": weights,
        "time_weight_per_second": 0.0,
        "error_weight": scale,
        "energy_weight_per_joule": 0.0,
        "cost_weight": 1.0,
        "utility_weight": 0.0,
        "edge_step_capacity": target,
    }


def _decay(weight: float, scale: float, integer_steps: bool) -> float:
    """C_n [1/step]: larger root of E C exp(-C w) = 1, for whole steps of E exp(-C w) (exp(C) - 1) = w."""
    if not integer_steps:
        return float(-lambertw(-weight / scale, k=-1).real / weight)
    if weight == 1.0:
        return float(-np.log1p(-1.0 / scale))
    peak = np.log(weight / (weight - 1.0))

    def saving(decay: float) -> float:
        return float(scale * np.exp(-decay * weight) * np.expm1(decay) - weight)

    return float(brentq(saving, peak, peak + 1.0 + np.log(scale), xtol=1e-16, rtol=1e-15))
