"""Files that a browser sends are limited, and refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import diffload
from reports.explorer import uploads


def sent(tmp_path: Path, **changes: object) -> bytes:
    path = tmp_path / "n10.json"
    diffload.save(diffload.load("n10"), path)
    document = json.loads(path.read_text())
    document["step_allocation"] |= changes
    return json.dumps(document).encode()


def test_an_instance_comes_as_it_is(tmp_path: Path) -> None:
    assert uploads.received("mine.json", sent(tmp_path)).sha256 == diffload.load("n10").sha256


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.npz", b"PK", "a.npz: expected a file name that ends in .json"),
        ("a.json", b"\xff", "a.json: expected text in UTF-8, got byte 0xff"),
        ("a.json", b"{", "a.json: expected JSON, got a syntax error"),
        ("a.json", b"[" * 100_000, "a.json: expected JSON with less nesting, got too much"),
        ("a.json", b" " * (uploads.MOST_BYTES + 1), "a.json: expected at most 4000000 bytes, got 4000001"),
    ],
)
def test_what_is_no_instance_is_a_sentence(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(diffload.InstanceError) as refused:
        uploads.received(name, data)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_a_field_that_is_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        diffload.InstanceError, match=r"m.json: step_allocation.edge_step_capacity: expected .* got -3"
    ):
        uploads.received("m.json", sent(tmp_path, edge_step_capacity=-3))


def test_one_number_for_very_many_users_is_refused_before_they_are_made(tmp_path: Path) -> None:
    with pytest.raises(diffload.InstanceError, match=r"step_allocation.users: expected at most 2000 users"):
        uploads.received("m.json", sent(tmp_path, users=10_000_000))


def test_a_problem_that_cannot_be_explored_is_refused() -> None:
    expected = "multi_20x2: expected step_allocation or split_offloading, got multi_edge_offloading"
    with pytest.raises(diffload.InstanceError, match=expected):
        uploads.checked("multi_20x2", diffload.load("multi_20x2"))
