"""Values that no snapshot of split offloading has, and what is said about each."""

from __future__ import annotations

from typing import Any

SPLIT_OFFLOADING: dict[str, Any] = {
    "users": 3,
    "total_steps": 200,
    "min_local_steps": 80,
    "pai_slope": 0.0413,
    "pai_threshold": 71.44,
    "accuracy_weight": [10.0, 20.0, 30.0],
    "local_seconds_per_step": [0.1, 0.2, 0.3],
    "device": ["RTX 3080", "RTX 2060", "mine"],
    "edge_seconds_per_step_per_item": 0.016,
    "edge_seconds_per_step_base": 0.033,
    "gpus": 8,
    "max_batch": 20,
    "prompt_bits": 216.0,
    "latent_bits": 4.4e6,
    "spectral_efficiency": 10.0,
    "bandwidth_hz": 1e6,
    "wait_seconds": [0.0, 0.5, 0.1],
}
"""A valid section."""

_FINITE, _POSITIVE = "expected a finite number >= 0", "expected a finite number > 0"
_STEPS, _USERS = "expected a whole number from {} to 1000000", "expected a whole number from {} to 10000000"

WRONG_VALUES: list[tuple[str, Any, str, str]] = [
    ("users", 0, "", f"{_USERS.format(1)}, got 0"),
    ("users", 3.0, "", f"{_USERS.format(1)}, got 3.0"),
    ("total_steps", 0, "", f"{_STEPS.format(1)}, got 0"),
    ("total_steps", 200.5, "", f"{_STEPS.format(1)}, got 200.5"),
    ("total_steps", 10**7, "", f"{_STEPS.format(1)}, got 10000000"),
    ("total_steps", [200, 200, 200], "", _STEPS.format(1)),
    ("min_local_steps", -1, "", f"{_STEPS.format(0)}, got -1"),
    ("min_local_steps", True, "", f"{_STEPS.format(0)}, got true"),
    ("min_local_steps", 201, "", "expected at most total_steps = 200, got 201"),
    ("pai_slope", 0.0, "", f"{_POSITIVE}, got 0.0"),
    ("pai_slope", float("inf"), "", f"{_POSITIVE}, got Infinity"),
    ("pai_threshold", -1.0, "", f"{_FINITE}, got -1.0"),
    ("pai_threshold", None, "", f"{_FINITE}, got null"),
    ("accuracy_weight", [10.0, -0.5, 30.0], "[1]", f"{_FINITE}, got -0.5"),
    ("accuracy_weight", [10.0, 20.0, float("nan")], "[2]", f"{_FINITE}, got NaN"),
    ("accuracy_weight", [10.0, 20.0], "", "expected 3 numbers, one per user, got 2"),
    ("accuracy_weight", "10", "", 'expected a number or a list with one number per user, got "10"'),
    ("local_seconds_per_step", [0.1, 0.0, 0.3], "[1]", f"{_POSITIVE}, got 0.0"),
    ("local_seconds_per_step", [0.1, "fast", 0.3], "[1]", f'{_POSITIVE}, got "fast"'),
    ("device", ["a", "b"], "", "expected 3 texts, one per user, got 2"),
    ("device", ["a", 7, "c"], "[1]", "expected up to 100 printable characters, got 7"),
    ("device", ["a", "b\n", "c"], "[1]", "expected up to 100 printable characters"),
    ("device", ["a", "b" * 101, "c"], "[1]", "expected up to 100 printable characters"),
    ("device", 5, "", "expected a text or a list with one text per user, got 5"),
    ("edge_seconds_per_step_per_item", -0.01, "", f"{_FINITE}, got -0.01"),
    ("edge_seconds_per_step_base", float("nan"), "", f"{_FINITE}, got NaN"),
    ("edge_seconds_per_step_base", [0.03, 0.03, 0.03], "", f"{_FINITE}, got [0.03, 0.03, 0.03]"),
    ("gpus", 0, "", f"{_USERS.format(1)}, got 0"),
    ("gpus", 2.5, "", f"{_USERS.format(1)}, got 2.5"),
    ("max_batch", -1, "", f"{_USERS.format(0)}, got -1"),
    ("max_batch", "20", "", f'{_USERS.format(0)}, got "20"'),
    ("prompt_bits", -216.0, "", f"{_FINITE}, got -216.0"),
    ("latent_bits", [4e6, 4e6, float("inf")], "[2]", f"{_FINITE}, got Infinity"),
    ("spectral_efficiency", 0, "", f"{_POSITIVE}, got 0"),
    ("bandwidth_hz", 0.0, "", f"{_POSITIVE}, got 0.0"),
    ("wait_seconds", [0.0, -0.1, 0.1], "[1]", f"{_FINITE}, got -0.1"),
    ("wait_seconds", [], "", "expected 3 numbers, one per user, got 0"),
]
"""Field, value, index named, and what the sentence says."""

OVERFLOWS: list[tuple[str, Any, str]] = [
    ("latent_bits", [4e6, 1e308, 4e6], "[1]"),
    ("prompt_bits", [216.0, 216.0, 1e308], "[2]"),
    ("local_seconds_per_step", [0.1, 0.2, 1e308], "[2]"),
    ("accuracy_weight", [1.7e308, 1.0, 1.0], "[0]"),
    ("wait_seconds", [0.0, 1e308, 0.0], "[1]"),
    ("edge_seconds_per_step_per_item", 1e308, ""),
    ("edge_seconds_per_step_base", 1e308, ""),
    ("pai_slope", 1e308, ""),
    ("bandwidth_hz", 1e-323, ""),
]
"""Field, value and index of numbers that are finite alone but not in the objective."""
