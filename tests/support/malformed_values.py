"""Fields whose value is wrong, of every section and of further constraints."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from malformed_constraints import ON_SPLIT_OFFLOADING, ON_STEP_ALLOCATION
from malformed_file import (
    DOCUMENT,
    GQAP_DOCUMENT,
    SPLIT_DOCUMENT,
    Malformed,
    archive_file,
    changed,
    npz,
    with_field,
)
from malformed_gqap import GQAP, GQAP_OVERFLOWS, WRONG_GQAP_VALUES
from malformed_split import OVERFLOWS, SPLIT_OFFLOADING, WRONG_VALUES


def wrong_values() -> list[Malformed]:
    """Every one of them."""
    return [*_wrong_step_values(), *_wrong_split_values(), *_wrong_gqap_values(), *_wrong_constraints()]


def _wrong_step_values() -> list[Malformed]:
    finite, positive = "expected a finite number >= 0", "expected a finite number > 0"
    cases = [
        ("error_decay_per_step", [0.02, "x", 0.04], "[1]", f'{finite}, got "x"'),
        ("error_decay_per_step", [0.02, 0.03, True], "[2]", f"{finite}, got true"),
        ("error_decay_per_step", [None, 0.03, 0.04], "[0]", f"{finite}, got null"),
        ("error_decay_per_step", [0.02, -0.03, 0.04], "[1]", f"{finite}, got -0.03"),
        ("error_decay_per_step", [0.02, 0.03, float("nan")], "[2]", f"{finite}, got NaN"),
        ("utility_decay_per_step", [0.02, float("inf"), 0.04], "[1]", f"{finite}, got Infinity"),
        ("utility_decay_per_step", [float("-inf"), 0.02, 0.04], "[0]", f"{finite}, got -Infinity"),
        ("utility_decay_per_step", [[0.02], [0.03], [0.04]], "[0]", f"{finite}, got [0.02]"),
        ("error_decay_per_step", [0.02, 0.03], "", "expected 3 numbers, one per user, got 2"),
        ("error_decay_per_step", [0.02] * 4, "", "expected 3 numbers, one per user, got 4"),
        ("error_decay_per_step", [], "", "expected 3 numbers, one per user, got 0"),
        ("error_decay_per_step", "0.02", "", 'expected a number or a list with one number per user, got "0.02"'),
        ("error_decay_per_step", None, "", "expected a number or a list with one number per user, got null"),
        ("error_decay_per_step", {"0": 0.02}, "", "expected a number or a list with one number per user"),
        ("local_seconds_per_step", 0.0, "", f"{positive}, got 0.0"),
        ("edge_seconds_per_step", [0.001, 0.001, 0.0], "[2]", f"{positive}, got 0.0"),
        ("local_cpu_hz", -1.5e9, "", finite),
        ("local_max_steps", [30.0, -1, 50.0], "[1]", f"{finite}, got -1"),
        ("edge_step_capacity", -1.0, "", f"{finite}, got -1.0"),
        ("edge_step_capacity", [100.0, 100.0, 100.0], "", f"{finite}, got [100.0, 100.0, 100.0]"),
        ("edge_step_capacity", float("nan"), "", f"{finite}, got NaN"),
        ("edge_step_capacity", None, "", f"{finite}, got null"),
        ("energy_weight_per_joule", "1e-4", "", f'{finite}, got "1e-4"'),
        ("cost_weight", True, "", f"{finite}, got true"),
        ("users", 0, "", "expected a whole number from 1 to 10000000, got 0"),
        ("users", -3, "", "expected a whole number from 1 to 10000000, got -3"),
        ("users", 3.0, "", "expected a whole number from 1 to 10000000, got 3.0"),
        ("users", 3.5, "", "expected a whole number from 1 to 10000000, got 3.5"),
        ("users", "3", "", 'expected a whole number from 1 to 10000000, got "3"'),
        ("users", True, "", "expected a whole number from 1 to 10000000, got true"),
        ("users", 10**12, "", "expected a whole number from 1 to 10000000, got 1000000000000"),
        ("integer_steps", 1, "", "expected true or false, got 1"),
        ("integer_steps", "no", "", 'expected true or false, got "no"'),
    ]
    return [
        changed(f"{field}={value!r:.30}", f"step_allocation.{field}{index}", expected, with_field(field, value))
        for field, value, index, expected in cases
    ] + [
        changed(
            "a number beyond every float",
            "step_allocation.edge_max_steps[2]",
            f"{finite}, got Infinity",
            with_field("edge_max_steps", [60.0, 70.0, 10**399]),
        ),
        changed(
            "energies that overflow",
            "step_allocation.edge_cpu_hz[1]",
            "expected a finite product with edge_power_coefficient, got an overflow",
            with_field("edge_cpu_hz", [1e10, 1e120, 1e10]),
        ),
    ]


def _wrong_split_values() -> list[Malformed]:
    def split(label: str, field: str, value: Any, place: str, expected: str) -> Malformed:
        document = SPLIT_DOCUMENT | {"split_offloading": SPLIT_OFFLOADING | {field: value}}
        place = f"split_offloading{place}"
        return Malformed(f"split {label}", "broken.json", json.dumps(document).encode(), place, expected)

    without_slope = {name: value for name, value in SPLIT_OFFLOADING.items() if name != "pai_slope"}
    return [
        *(
            split(f"{field}={value!r:.30}", field, value, f".{field}{index}", expected)
            for field, value, index, expected in WRONG_VALUES
        ),
        *(
            split(
                f"{field} that overflows",
                field,
                value,
                f".{field}{index}",
                "expected data whose objective is finite",
            )
            for field, value, index in OVERFLOWS
        ),
        split("unknown field", "gpu", 8, ".gpu", "an unknown one (did you mean gpus?)"),
        Malformed(
            "split missing field",
            "broken.json",
            json.dumps(SPLIT_DOCUMENT | {"split_offloading": without_slope}).encode(),
            "split_offloading.pai_slope",
            "expected a value, got none because the field is missing",
        ),
        archive_file(
            "split device as numbers",
            npz(SPLIT_DOCUMENT | {"split_offloading": SPLIT_OFFLOADING | {"device": [1.0, 2.0, 3.0]}}),
            "split_offloading.device[0]",
            "expected up to 100 printable characters, got 1.0",
        ),
    ]


def _wrong_gqap_values() -> list[Malformed]:
    def with_value(field: str, value: Any) -> dict[str, Any]:
        return GQAP_DOCUMENT | {"gqap": GQAP | {field: value}}

    def gqap(label: str, field: str, value: Any, index: str, expected: str) -> Malformed:
        document = json.dumps(with_value(field, value)).encode()
        return Malformed(f"gqap {label}", "broken.json", document, f"gqap.{field}{index}", expected)

    return [
        *(gqap(f"{field}={value!r:.50}", field, value, *rest) for field, value, *rest in WRONG_GQAP_VALUES),
        *(gqap(f"{field} that overflows", field, value, "", "got an overflow") for field, value in GQAP_OVERFLOWS),
        gqap("unknown field", "flows", [], "", "an unknown one (did you mean flow?)"),
        archive_file(
            "gqap matrix with one axis",
            npz(with_value("flow", np.zeros(9))),
            "gqap.flow",
            "expected a list of rows of numbers",
        ),
        archive_file(
            "gqap matrix of texts",
            npz(with_value("distance", np.array([["a", "b"], ["c", "d"]]))),
            "gqap.distance",
            "expected a list of rows of numbers",
        ),
        archive_file(
            "gqap infinite long double",
            npz(with_value("distance", np.array([[0.0, 1.0], [np.longdouble("1e4000"), 0.0]]))),
            "gqap.distance[1][0]",
            "expected a finite number, got Infinity",
        ),
    ]


def _wrong_constraints() -> list[Malformed]:
    def document(valid: dict[str, Any], constraints: list[Any]) -> bytes:
        return json.dumps(valid | {"constraints": constraints}).encode()

    return [
        Malformed(f"constraint {label}", "broken.json", document(valid, constraints), place, expected)
        for valid, cases in ((DOCUMENT, ON_STEP_ALLOCATION), (SPLIT_DOCUMENT, ON_SPLIT_OFFLOADING))
        for label, constraints, place, expected in cases
    ] + [
        changed(
            "constraint in a section",
            "step_allocation.constraints",
            "expected constraints at the top level of the file",
            with_field("constraints", [{"on": "step_allocation", "type": "error_ceiling", "most_error": 0.1}]),
        ),
        changed(
            "no constraints in a section",
            "step_allocation.constraints",
            "expected constraints at the top level of the file",
            with_field("constraints", []),
        ),
        archive_file(
            "constraint for another user than there are",
            npz(DOCUMENT | {"constraints": [ON_STEP_ALLOCATION[0][1][0] | {"most_error": 0.1, "users": [3]}]}),
            "constraints[0].users[0]",
            "expected a user from 0 to 2, got 3",
        ),
    ]
