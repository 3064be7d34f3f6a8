"""Split offloading in instance files: every malformed field refused in one sentence, and round trips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import split_offloading

from instances import Instance, InstanceError, load, save
from reports.comparison.command import main

DOCUMENT: dict[str, Any] = {
    "schema_version": 1,
    "name": "small",
    "split_offloading": {
        "users": 3,
        "total_steps": 200,
        "min_local_steps": 80,
        "pai_slope": 0.0413,
        "pai_threshold": 71.44,
        "accuracy_weight": [10.0, 20.0, 30.0],
        "local_seconds_per_step": [0.1, 0.2, 0.3],
        "device": ["RTX 4090", "RTX 3080", "RTX 2060"],
        "edge_seconds_per_step_per_item": 0.016,
        "edge_seconds_per_step_base": 0.033,
        "gpus": 8,
        "max_batch": 20,
        "prompt_bits": 216,
        "latent_bits": 4.4e6,
        "spectral_efficiency": 10,
        "bandwidth_hz": 1e6,
        "wait_seconds": 0.5,
    },
}

MALFORMED: list[tuple[str, Any, str, str]] = [
    ("users", 0, "users", "a whole number from 1 to 10000000, got 0"),
    ("users", 2.5, "users", "a whole number"),
    ("users", True, "users", "a whole number"),
    ("total_steps", 0, "total_steps", "a whole number from 1 to 1000000, got 0"),
    ("total_steps", "200", "total_steps", "a whole number"),
    ("min_local_steps", -1, "min_local_steps", "a whole number from 0 to 1000000, got -1"),
    ("min_local_steps", 201, "min_local_steps", "at most total_steps = 200, got 201"),
    ("pai_slope", 0.0, "pai_slope", "a finite number > 0, got 0.0"),
    ("pai_slope", float("nan"), "pai_slope", "a finite number > 0, got NaN"),
    ("pai_threshold", -1, "pai_threshold", "a finite number >= 0"),
    ("accuracy_weight", [10.0, 20.0], "accuracy_weight", "3 numbers, one per user, got 2"),
    ("accuracy_weight", [10.0, -1.0, 3.0], "accuracy_weight[1]", "a finite number >= 0, got -1.0"),
    ("local_seconds_per_step", [0.1, 0.0, 0.3], "local_seconds_per_step[1]", "a finite number > 0"),
    ("device", ["a", "b"], "device", "3 texts, one per user, got 2"),
    ("device", ["a", 5, "c"], "device[1]", "characters, got 5"),
    ("device", "a\nb", "device", "printable characters"),
    ("device", "x" * 101, "device", "up to 100 printable characters"),
    ("device", {"a": 1}, "device", "a text or a list with one text per user"),
    ("edge_seconds_per_step_per_item", float("inf"), "edge_seconds_per_step_per_item", "got Infinity"),
    ("edge_seconds_per_step_base", -0.1, "edge_seconds_per_step_base", "a finite number >= 0"),
    ("gpus", 0, "gpus", "a whole number from 1"),
    ("max_batch", -1, "max_batch", "a whole number from 0"),
    ("max_batch", None, "max_batch", "a whole number"),
    ("prompt_bits", [1.0, float("nan"), 2.0], "prompt_bits[1]", "a finite number >= 0, got NaN"),
    ("latent_bits", "much", "latent_bits", "a number or a list"),
    ("spectral_efficiency", 0, "spectral_efficiency", "a finite number > 0"),
    ("bandwidth_hz", -5, "bandwidth_hz", "a finite number > 0"),
    ("wait_seconds", [0.0, 0.0, -1e-9], "wait_seconds[2]", "a finite number >= 0"),
    ("latent_bits", [1.0, 1e308, 1.0], "latent_bits[1]", "data whose objective is finite"),
    ("bandwidth_hz", 1e-323, "bandwidth_hz: ", "finite together with spectral_efficiency, got an overflow"),
    ("pai_slope", 1e308, "pai_slope: ", "finite together with pai_threshold and total_steps, got an overflow"),
    ("accuracy_wieght", 1.0, "accuracy_wieght", "did you mean accuracy_weight?"),
]


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "small.json"
    path.write_text(json.dumps(DOCUMENT | {"split_offloading": DOCUMENT["split_offloading"] | changes}))
    return path


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("field", "value", "place", "expected"), MALFORMED)
def test_a_malformed_field_is_named_in_one_sentence(
    tmp_path: Path, field: str, value: Any, place: str, expected: str
) -> None:
    path = written(tmp_path, **{field: value})
    with pytest.raises(InstanceError) as refusal:
        load(path)
    message = str(refusal.value)
    assert message.startswith(f"{path}: split_offloading")
    assert place in message
    assert expected in message
    assert "\n" not in message


def test_the_command_ends_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(written(tmp_path, gpus=0))]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "split_offloading.gpus" in printed.err
    assert len(printed.err.strip().splitlines()) == 1


@pytest.mark.parametrize("device", [(), "RTX 4090", ["a", "", "Géforce"]])
@pytest.mark.parametrize("ending", ["json", "npz"])
def test_files_give_back_what_was_saved(tmp_path: Path, ending: str, device: Any) -> None:
    data = split_offloading(3, device=device)
    instance = Instance(schema_version=1, name="saved", split_offloading=data)
    path = tmp_path / f"saved.{ending}"
    save(instance, path)
    back = load(path)
    assert back.sha256 == instance.sha256
    section = back.section("split_offloading")
    assert section.device == data.device
    assert len(section.device) in (0, 3)
    np.testing.assert_array_equal(section.accuracy_weight, data.accuracy_weight)


def test_what_a_device_is_called_does_not_change_the_hash_and_its_speed_does() -> None:
    def digest(**overrides: object) -> str:
        data = split_offloading(3, **overrides)
        return Instance(schema_version=1, name="any", split_offloading=data).sha256

    assert digest() == digest(device=["a", "b", "c"])
    assert digest() != digest(local_seconds_per_step=0.2)


def test_data_cannot_be_changed() -> None:
    data = split_offloading(3)
    with pytest.raises(ValueError, match="read-only"):
        data.accuracy_weight[0] = 1.0
    with pytest.raises(AttributeError, match="immutable"):
        data.gpus = 3
