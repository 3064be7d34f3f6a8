from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import step_allocation
from gqap_enumeration import random_gqap
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.step_allocation.parameters import StepAllocation
from instances import Instance, InstanceError, load, save
from instances.storage.atomic import replacing


def instance(data: StepAllocation | None = None, **header: object) -> Instance:
    document = {"schema_version": 1, "name": "small", "step_allocation": data or step_allocation()}
    return Instance.model_validate(document | header)


def assert_same(one: Instance, other: Instance) -> None:
    assert (one.schema_version, one.name, one.provenance) == (other.schema_version, other.name, other.provenance)
    for name in StepAllocation.model_fields:
        ours, theirs = getattr(one.step_allocation, name), getattr(other.step_allocation, name)
        assert type(ours) is type(theirs)
        assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes(), name


_NON_NEGATIVE = st.floats(0.0, 1e6) | st.sampled_from([0.0, -0.0, 5e-324, 0.1 + 0.2, 1e-300])
_PER_USER = _NON_NEGATIVE | st.lists(_NON_NEGATIVE, min_size=3, max_size=3)
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_round_trip_is_exact_to_the_last_bit(suffix: str, tmp_path):
    path = tmp_path / f"x.{suffix}"

    @settings(max_examples=100, deadline=None, database=None)
    @given(_PER_USER, _PER_USER, _NON_NEGATIVE, st.booleans(), st.dictionaries(st.text(), _PLAIN, max_size=3))
    def round_trip(decay, limit, capacity, integer_steps, provenance) -> None:
        data = step_allocation(
            3,
            error_decay_per_step=decay,
            edge_max_steps=limit,
            edge_step_capacity=capacity,
            integer_steps=integer_steps,
        )
        saved = instance(data, provenance=provenance, name="é 中 \N{ROCKET}")
        save(saved, path)
        loaded = load(path)
        assert_same(saved, loaded)
        assert loaded.sha256 == saved.sha256

    round_trip()


def test_constant_fields_are_written_as_one_number(tmp_path):
    path = tmp_path / "x.json"
    save(instance(step_allocation(3, forward_error=[1.0, 1.0, 1.0], local_cpu_hz=[1e9, 1e9, 2e9])), path)
    section = json.loads(path.read_text())["step_allocation"]
    assert section["forward_error"] == 1.0
    assert section["local_cpu_hz"] == [1e9, 1e9, 2e9]
    assert "constraints" not in json.loads(path.read_text())


@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_matrices_keep_every_bit_and_constant_vectors_stay_vectors(suffix: str, tmp_path):
    path = tmp_path / f"x.{suffix}"
    weight = np.ones(5)
    data = random_gqap(1, weight=weight, assignment_cost=np.full((5, 3), -0.1))
    saved = Instance.model_validate({"schema_version": 1, "name": "pairs", "gqap": data})
    save(saved, path)
    loaded = load(path)
    assert loaded.sha256 == saved.sha256
    assert loaded.gqap is not None
    for name in type(data).model_fields:
        assert np.asarray(getattr(loaded.gqap, name)).tobytes() == np.asarray(getattr(data, name)).tobytes()


@pytest.mark.parametrize("suffix", ["json", "npz"])
def test_saving_twice_gives_the_same_bytes(suffix: str, tmp_path):
    one, two = tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"
    save(instance(), one)
    save(load(one), two)
    assert one.read_bytes() == two.read_bytes()


def test_archive_holds_plain_arrays_under_the_names_of_the_fields(tmp_path):
    path = tmp_path / "x.npz"
    data = step_allocation(4)
    save(instance(data), path)
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["step_allocation.error_decay_per_step"], data.error_decay_per_step)
        assert arrays["step_allocation.users"] == 4
        assert json.loads(str(arrays["metadata"]))["name"] == "small"


def test_million_users_in_an_archive(tmp_path):
    path = tmp_path / "x.npz"
    saved = instance(step_allocation(1_000_000))
    save(saved, path)
    assert load(path).sha256 == saved.sha256


def test_whole_numbers_are_taken_as_numbers_and_fields_are_immutable(tmp_path):
    path = tmp_path / "x.json"
    save(instance(step_allocation(2, local_max_steps=[3, 4])), path)
    data = load(path).section("step_allocation")
    np.testing.assert_array_equal(data.local_max_steps, [3.0, 4.0])
    with pytest.raises(ValueError, match="read-only"):
        data.local_max_steps[0] = 5.0


def test_section_that_is_not_there():
    assert instance().problems == ("step_allocation",)
    with pytest.raises(KeyError, match="no section 'gqap'"):
        instance().section("gqap")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.txt", r"x\.txt: expected a file name that ends in \.json or \.npz"),
        ("missing/x.json", r"cannot be written \(No such file or directory\)"),
        ("folder.json", r"cannot be written \(Is a directory\)"),
    ],
)
def test_file_that_cannot_be_written(name: str, message: str, tmp_path):
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InstanceError, match=message):
        save(instance(), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.json"]


def test_failure_half_way_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with replacing(path) as file:
            file.write(b"half of the new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_is_replaced_where_a_link_points(tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_bytes(b"old")
    link.symlink_to(target)
    save(instance(), link)
    assert link.is_symlink()
    assert load(target).name == "small"


_KILLED = """
import os, signal, sys
from instances.storage.atomic import replacing
with replacing(sys.argv[1]) as file:
    file.write(b"half of the new")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.json"
    save(instance(), path)
    before = path.read_bytes()
    root = Path(__file__).parents[3]
    finished = subprocess.run(
        [sys.executable, "-c", _KILLED, str(path)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        check=False,
    )
    assert finished.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    save(instance(name="new"), path)
    assert load(path).name == "new"
