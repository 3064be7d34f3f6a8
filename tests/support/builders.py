"""Instances that several tests share."""

from __future__ import annotations

import numpy as np

from formulations.split_offloading.parameters import SplitOffloading
from formulations.step_allocation.parameters import StepAllocation


def step_allocation(users: int = 6, seed: int = 0, **overrides: object) -> StepAllocation:
    """A contended instance in the ranges of the ``paper`` preset; ``overrides`` replace fields."""
    draw = np.random.default_rng(seed)
    fields: dict[str, object] = {
        "users": users,
        "local_seconds_per_step": 1 / 500,
        "edge_seconds_per_step": 1 / 1000,
        "local_cpu_hz": 1.5e9,
        "edge_cpu_hz": 10e9,
        "local_power_coefficient": 1e-26,
        "edge_power_coefficient": 1e-26,
        "forward_error": 1.0,
        "error_decay_per_step": draw.uniform(0.02, 0.05, users),
        "utility_decay_per_step": draw.uniform(0.02, 0.05, users),
        "local_max_steps": draw.uniform(30.0, 50.0, users),
        "edge_max_steps": draw.uniform(50.0, 80.0, users),
        "edge_step_capacity": 25.0 * users,
        "time_weight_per_second": 1.0,
        "error_weight": 1.0,
        "energy_weight_per_joule": 1e-4,
        "cost_weight": 0.5,
        "utility_weight": 0.5,
    }
    return StepAllocation.model_validate(fields | overrides)


def near_identical(users: int, spread: float, clusters: int = 1, **overrides: object) -> StepAllocation:
    """Step allocation of users of a few kinds, whose errors decay almost alike within each."""
    kind = np.arange(users) % clusters
    fields: dict[str, object] = {
        "error_decay_per_step": 0.03 + 0.004 * kind + spread * 0.03 * np.random.default_rng(users).random(users),
        "utility_decay_per_step": 0.04,
        "local_max_steps": 20.0 + kind,
        "edge_max_steps": 60.0 + 2.0 * kind,
        "edge_step_capacity": 11.3 * users,
    }
    return step_allocation(users, **(fields | overrides))


def split_offloading(users: int = 6, seed: int = 0, **overrides: object) -> SplitOffloading:
    """A snapshot with paper B's constants and weights; ``overrides`` replace fields.

    Devices are drawn between a fast and a slow one, alpha from the interval of section 6.1.1 at b_hat = 20, as if
    the device were at least 2 ms a step slower than the edge, so that alpha is there for every device.
    """
    draw = np.random.default_rng(seed)
    local = draw.uniform(0.05, 0.5, users)
    slope, threshold, total, lower, gpus = 0.0413, 71.44, 200, 80, 4
    per_item, base = 0.01609, 0.0329
    advantage = np.maximum(local - per_item * 20 / gpus - base, 0.002)
    at_lower, at_all = (1.0 / (1.0 + np.exp(-slope * (n - threshold))) for n in (lower, total))
    low = advantage / (slope * at_lower * (1.0 - at_lower))
    high = 0.05 * advantage / (slope * at_all * (1.0 - at_all))
    fields: dict[str, object] = {
        "users": users,
        "total_steps": total,
        "min_local_steps": lower,
        "pai_slope": slope,
        "pai_threshold": threshold,
        "accuracy_weight": draw.uniform(np.minimum(low, high), np.maximum(low, high)),
        "local_seconds_per_step": local,
        "edge_seconds_per_step_per_item": per_item,
        "edge_seconds_per_step_base": base,
        "gpus": gpus,
        "max_batch": 20,
        "prompt_bits": 216.0,
        "latent_bits": 4.4e6,
        "spectral_efficiency": 10.0,
        "bandwidth_hz": 1e6,
        "wait_seconds": draw.uniform(0.0, 1.0, users),
    }
    return SplitOffloading.model_validate(fields | overrides)
