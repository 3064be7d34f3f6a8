"""Instances that several tests share."""

from __future__ import annotations

import numpy as np

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
