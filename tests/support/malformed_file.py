"""A file that is no instance, the valid ones that such files differ from in one respect, and how they are made."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from malformed_gqap import GQAP
from malformed_split import SPLIT_OFFLOADING

from instances.files import npz_format

STEP_ALLOCATION: dict[str, Any] = {
    "users": 3,
    "integer_steps": False,
    "local_seconds_per_step": 0.002,
    "edge_seconds_per_step": 0.001,
    "local_cpu_hz": 1.5e9,
    "edge_cpu_hz": 1e10,
    "local_power_coefficient": 1e-26,
    "edge_power_coefficient": 1e-26,
    "forward_error": 1.0,
    "error_decay_per_step": [0.02, 0.03, 0.04],
    "utility_decay_per_step": [0.03, 0.02, 0.05],
    "local_max_steps": [30.0, 40.0, 50.0],
    "edge_max_steps": [60.0, 70.0, 80.0],
    "edge_step_capacity": 100.0,
    "time_weight_per_second": 1.0,
    "error_weight": 1.0,
    "energy_weight_per_joule": 1e-4,
    "cost_weight": 0.5,
    "utility_weight": 0.5,
}

DOCUMENT: dict[str, Any] = {"schema_version": 1, "name": "small", "step_allocation": STEP_ALLOCATION}
"""A valid instance that the malformed ones differ from in one respect each."""

SPLIT_DOCUMENT: dict[str, Any] = {"schema_version": 1, "name": "small", "split_offloading": SPLIT_OFFLOADING}
"""Another one, which poses split offloading."""

GQAP_DOCUMENT: dict[str, Any] = {"schema_version": 1, "name": "small", "gqap": GQAP}
"""A third one, with matrices."""


@dataclass(frozen=True)
class Malformed:
    """A file that is no instance.

    Attributes
    ----------
    label : str
        What is wrong with it.
    file : str
        Name to give the file.
    data : bytes
        Its content.
    place : str
        Field and index that the sentence has to name, empty where the file as a whole is wrong.
    expected : str
        What the sentence has to say.
    """

    label: str
    file: str
    data: bytes
    place: str
    expected: str


def valid_json() -> bytes:
    """The valid instance as the bytes of a JSON file."""
    return json.dumps(DOCUMENT).encode()


def valid_npz() -> bytes:
    """The valid instance as the bytes of an ``.npz`` file."""
    return npz(deepcopy(DOCUMENT))


DECAY = "step_allocation.error_decay_per_step"
"""A field that much can be wrong with."""


def changed(label: str, place: str, expected: str, change: Callable[[dict[str, Any]], object]) -> Malformed:
    """A file that differs from the valid one by a change of its document."""
    document = deepcopy(DOCUMENT)
    change(document)
    return Malformed(label, "broken.json", json.dumps(document).encode(), place, expected)


def with_field(field: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """The change that gives a field another value."""
    return lambda document: document["step_allocation"].update({field: value})


def json_file(label: str, data: bytes, place: str, expected: str) -> Malformed:
    """A file of these bytes that is called JSON."""
    return Malformed(label, "broken.json", data, place, expected)


def archive_file(label: str, data: bytes, place: str, expected: str) -> Malformed:
    """A file of these bytes that is called an archive."""
    return Malformed(label, "broken.npz", data, place, expected)


def npz(document: dict[str, Any]) -> bytes:
    """The archive of a document."""
    file = BytesIO()
    npz_format.write(file, document)
    return file.getvalue()
