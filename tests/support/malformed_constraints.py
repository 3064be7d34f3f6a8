"""Constraints that no instance has, and what is said about each."""

from __future__ import annotations

from typing import Any

_CEILING = {"on": "step_allocation", "type": "error_ceiling", "most_error": 0.1}
_MOST = {"on": "step_allocation", "type": "max_offloaded", "most_users": 2}
_JOULES = {"on": "step_allocation", "type": "edge_energy_budget", "most_joules": 10.0}

_POSITIVE, _NOT_NEGATIVE = "expected a finite number > 0", "expected a finite number >= 0"

ON_STEP_ALLOCATION: list[tuple[str, list[Any], str, str]] = [
    (
        "with a limit of text",
        [_CEILING | {"most_error": "low"}],
        "constraints[0].most_error",
        "expected a number or a list",
    ),
    ("with a limit of 0", [_CEILING | {"most_error": 0.0}], "constraints[0].most_error", f"{_POSITIVE}, got 0.0"),
    (
        "with a limit that is NaN",
        [_JOULES | {"most_joules": float("nan")}],
        "constraints[0].most_joules",
        "got NaN",
    ),
    (
        "with a limit that is negative",
        [_JOULES | {"most_joules": -1}],
        "constraints[0].most_joules",
        _NOT_NEGATIVE,
    ),
    ("with a list for one limit", [_JOULES | {"most_joules": [1.0]}], "constraints[0].most_joules", "got [1.0]"),
    (
        "with one bad limit of three",
        [_CEILING | {"most_error": [0.1, float("inf"), 0.1]}],
        "constraints[0].most_error[1]",
        f"{_POSITIVE}, got Infinity",
    ),
    (
        "with limits for other users",
        [_CEILING | {"most_error": [0.1, 0.2]}],
        "constraints[0].most_error",
        "expected 3 numbers, one per user that it is about, got 2",
    ),
    (
        "with three limits for two users",
        [_CEILING | {"users": [0, 2], "most_error": [0.1, 0.2, 0.3]}],
        "constraints[0].most_error",
        "expected 2 numbers, one per user that it is about, got 3",
    ),
    (
        "with a utility of 1",
        [{"on": "step_allocation", "type": "utility_floor", "least_utility": [0.0, 0.5, 1.0]}],
        "constraints[0].least_utility[2]",
        f"{_NOT_NEGATIVE} and < 1, got 1.0",
    ),
    (
        "with half a user",
        [_MOST | {"most_users": 1.5}],
        "constraints[0].most_users",
        "expected a whole number from 0 to",
    ),
    (
        "with true users",
        [_MOST | {"most_users": True}],
        "constraints[0].most_users",
        "expected a whole number from 0 to",
    ),
    (
        "with fewer users than none",
        [_MOST | {"most_users": -1}],
        "constraints[0].most_users",
        "expected a whole number",
    ),
    (
        "for user 3 of 3",
        [_CEILING, _CEILING | {"users": [1, 3]}],
        "constraints[1].users[1]",
        "expected a user from 0 to 2",
    ),
    ("for user -1", [_CEILING | {"users": [-1]}], "constraints[0].users[0]", "expected a whole number, got -1"),
    ("for user 1.0", [_CEILING | {"users": [1.0]}], "constraints[0].users[0]", "expected a whole number, got 1.0"),
    (
        "for user 10^9",
        [_CEILING | {"users": [10**9]}],
        "constraints[0].users[0]",
        "expected a whole number, got 1000000000",
    ),
    (
        "for a user twice",
        [_CEILING | {"users": [1, 1]}],
        "constraints[0].users[1]",
        "expected every user once, got 1 twice",
    ),
    ("for nobody", [_CEILING | {"users": []}], "constraints[0].users", "expected at least one user, got none"),
    ("for one number", [_CEILING | {"users": 1}], "constraints[0].users", "expected a list, got 1"),
    (
        "without its limit",
        [{"on": "step_allocation", "type": "error_ceiling"}],
        "constraints[0].most_error",
        "is missing",
    ),
    (
        "with another field",
        [_CEILING | {"most_eror": 1.0}],
        "constraints[0].most_eror",
        "(did you mean most_error?)",
    ),
    (
        "without a type",
        [{"on": "step_allocation"}],
        "constraints[0].type",
        "expected one of device_energy_budget, edge",
    ),
    (
        "without a problem",
        [{"type": "error_ceiling"}],
        "constraints[0].on",
        "expected one of multi_edge_offloading, split",
    ),
    ("of an unknown type", [_CEILING | {"type": "magic"}], "constraints[0].type", 'utility_floor, got "magic"'),
    ("of a listed type", [_CEILING | {"type": ["error_ceiling"]}], "constraints[0].type", "got ['error_ceiling']"),
    (
        "on an unknown problem",
        [_CEILING | {"on": "tea"}],
        "constraints[0].on",
        'split_offloading, step_allocation, got "tea"',
    ),
    ("on no problem", [_CEILING | {"on": None}], "constraints[0].on", "got null"),
    ("that is a text", [_CEILING, "error_ceiling"], "constraints[1]", 'expected an object, got "error_ceiling"'),
    ("that is null", [None], "constraints[0]", "expected an object, got null"),
    (
        "on a problem that is not posed",
        [{"on": "split_offloading", "type": "pai_floor", "least_accuracy": 0.5}],
        "constraints[0].on",
        "expected a problem that the file poses, got split_offloading",
    ),
]
"""Label, constraints, field and what is said, in a file that poses step allocation for three users."""

ON_SPLIT_OFFLOADING: list[tuple[str, list[Any], str, str]] = [
    (
        "of the other problem",
        [{"on": "split_offloading", "type": "error_ceiling", "most_error": 0.1}],
        "constraints[0].type",
        'got "error_ceiling"',
    ),
    (
        "on the other problem",
        [_CEILING],
        "constraints[0].on",
        "expected a problem that the file poses, got step_allocation",
    ),
]
"""The same in a file that poses split offloading for three users."""
