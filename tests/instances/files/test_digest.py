from __future__ import annotations

import struct
from hashlib import sha256
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from builders import step_allocation
from malformed_file import DOCUMENT, STEP_ALLOCATION

from instances import Instance, load, save


def document(**fields: Any) -> dict[str, Any]:
    return DOCUMENT | {"step_allocation": STEP_ALLOCATION | fields}


def sha(**fields: Any) -> str:
    return Instance.model_validate(document(**fields)).sha256


def test_canonical_form_is_the_documented_one():
    """The bytes written out by hand, as the docstring of ``digest`` defines them."""
    records = {"schema_version": [1.0]} | {
        f"step_allocation.{name}": value if isinstance(value, list) else [value] * (3 if name in _PER_USER else 1)
        for name, value in STEP_ALLOCATION.items()
        if name != "integer_steps"
    }
    content = b""
    for name, numbers in sorted(records.items()):
        shape = "3" if name.removeprefix("step_allocation.") in _PER_USER else ""
        content += f"{name}\t{shape}\n".encode() + struct.pack(f"<{len(numbers)}d", *numbers)
    assert sha() == sha256(content).hexdigest()


_PER_USER = {
    "local_seconds_per_step",
    "edge_seconds_per_step",
    "local_cpu_hz",
    "edge_cpu_hz",
    "local_power_coefficient",
    "edge_power_coefficient",
    "forward_error",
    "error_decay_per_step",
    "utility_decay_per_step",
    "local_max_steps",
    "edge_max_steps",
}


def test_what_does_not_decide_the_answer_does_not_change_it(tmp_path):
    plain = sha()
    assert Instance.model_validate(document() | {"name": "other", "provenance": {"by": "hand"}}).sha256 == plain
    assert Instance.model_validate(document() | {"constraints": []}).sha256 == plain
    assert sha(forward_error=[1.0, 1.0, 1.0]) == plain
    assert sha(forward_error=1, time_weight_per_second=1) == plain
    assert sha(local_max_steps=np.array([30, 40, 50])) == plain
    assert sha(integer_steps=False) == plain
    assert sha(error_weight=0.0) == sha(error_weight=-0.0)
    assert sha(error_decay_per_step=[0.0, 1, 2]) == sha(error_decay_per_step=[-0.0, 1, 2])
    without_default = {name: value for name, value in STEP_ALLOCATION.items() if name != "integer_steps"}
    assert Instance.model_validate(DOCUMENT | {"step_allocation": without_default}).sha256 == plain


def test_every_field_decides_the_answer():
    nudge = 1 + 2**-52
    changed = {
        name: sha(**{name: not value if isinstance(value, bool) else np.multiply(value, nudge).tolist()})
        for name, value in STEP_ALLOCATION.items()
        if name != "users"
    }
    assert set(changed) == set(STEP_ALLOCATION) - {"users"}
    assert len({sha(), *changed.values()}) == len(changed) + 1


def constrained(*constraints: dict[str, Any]) -> str:
    return Instance.model_validate(DOCUMENT | {"constraints": list(constraints)}).sha256


CEILING = {"on": "step_allocation", "type": "error_ceiling", "most_error": 0.5}


def test_constraints_decide_the_answer():
    floor = {"on": "step_allocation", "type": "utility_floor", "least_utility": 0.5}
    shas = [
        sha(),
        constrained(CEILING),
        constrained(CEILING | {"most_error": 0.4}),
        constrained(CEILING | {"most_error": [0.4, 0.5, 0.5]}),
        constrained(CEILING | {"users": [0]}),
        constrained(CEILING | {"users": [1]}),
        constrained(CEILING, CEILING),
        constrained(CEILING, floor),
    ]
    assert len(set(shas)) == len(shas)


@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_a_constraint_said_in_other_ways_is_the_same(suffix: str, tmp_path):
    spelt_out = Instance.model_validate(
        DOCUMENT | {"constraints": [CEILING | {"most_error": [0.5, 0.5, 0.5], "users": None}]}
    )
    assert spelt_out.sha256 == constrained(CEILING)
    save(spelt_out, tmp_path / f"x.{suffix}")
    assert load(tmp_path / f"x.{suffix}").sha256 == spelt_out.sha256


def test_constraints_are_replaced_and_hashed_anew():
    plain = Instance.model_validate(DOCUMENT)
    assert plain.sha256 == sha()
    limited = Instance.model_validate(DOCUMENT | {"constraints": [CEILING]})
    assert plain.with_constraints(*limited.constraints).sha256 == limited.sha256
    assert limited.with_constraints().sha256 == plain.sha256


def test_number_of_users_decides_the_answer():
    fields = {name: value for name, value in STEP_ALLOCATION.items() if not isinstance(value, list)}
    fields |= {"error_decay_per_step": 0.02, "utility_decay_per_step": 0.03}
    fields |= {"local_max_steps": 30.0, "edge_max_steps": 60.0}
    shas = {
        Instance.model_validate(DOCUMENT | {"step_allocation": fields | {"users": users}}).sha256
        for users in (1, 2, 3)
    }
    assert len(shas) == 3


def test_swapped_users_and_fields_are_other_instances():
    assert sha(local_max_steps=[40.0, 30.0, 50.0]) != sha()
    swapped = sha(
        error_decay_per_step=STEP_ALLOCATION["utility_decay_per_step"],
        utility_decay_per_step=STEP_ALLOCATION["error_decay_per_step"],
    )
    assert swapped != sha()


@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_file_format_does_not_change_it(suffix: str, tmp_path):
    instance = Instance.model_validate(document(local_cpu_hz=[1e9, 2e9, 3e9]))
    save(instance, tmp_path / f"x.{suffix}")
    assert load(tmp_path / f"x.{suffix}").sha256 == instance.sha256


def test_million_users_are_hashed_in_a_moment():
    instance = Instance.model_validate(DOCUMENT | {"step_allocation": step_allocation(1_000_000)})
    start = perf_counter()
    assert len(instance.sha256) == 64
    assert perf_counter() - start < 5.0
