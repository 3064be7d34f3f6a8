from __future__ import annotations

import errno
import json
import os
import random
import warnings
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed import malformed_instances
from malformed_file import DOCUMENT, GQAP_DOCUMENT, SPLIT_DOCUMENT, Malformed, valid_json, valid_npz

from instances import Instance, InstanceError, load

CASES = malformed_instances()


@pytest.mark.parametrize("case", CASES, ids=[case.label for case in CASES])
def test_malformed_file_is_refused_in_one_sentence(case: Malformed, tmp_path):
    path = tmp_path / case.file
    path.write_bytes(case.data)
    with pytest.raises(InstanceError) as caught, warnings.catch_warnings(action="error"):
        load(path)
    message = str(caught.value)
    place = f"{case.place}: " if case.place else ""
    assert message.startswith(f"{path}: {place}expected ")
    assert case.expected in message
    assert message.isprintable(), "a line break or a control character would tear the sentence"
    assert len(message) < len(str(path)) + 300
    message.encode()


def test_there_are_more_than_forty_malformed_files_and_no_two_alike():
    assert len(CASES) > 40
    assert len({(case.file, case.data) for case in CASES}) == len(CASES)
    assert len({case.label for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.json", "No such file or directory"),
        ("missing.npz", "No such file or directory"),
        (".", "Is a directory"),
        ("a\0b.json", "embedded null byte"),
        ("x" * 300 + ".json", "File name too long"),
    ],
)
def test_file_that_cannot_be_read(name: str, reason: str, tmp_path):
    with pytest.raises(InstanceError, match="expected a readable file, got an error") as caught:
        load(os.path.join(tmp_path, name))
    assert reason in str(caught.value)
    assert str(caught.value).isprintable()


def test_file_without_permission(tmp_path, monkeypatch):
    """Raised here by hand, because root may read everything."""

    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InstanceError) as caught:
        load(tmp_path / "secret.json")
    assert str(caught.value).endswith("secret.json: expected a readable file, got an error (Permission denied)")


def test_name_with_a_line_break_stays_one_line(tmp_path):
    with pytest.raises(InstanceError) as caught:
        load(tmp_path / "two\nlines.json")
    assert "two\\nlines.json: expected a readable file" in str(caught.value)


def test_byte_order_mark_is_passed_over(tmp_path):
    plain, marked = tmp_path / "plain.json", tmp_path / "marked.json"
    plain.write_bytes(valid_json())
    marked.write_bytes(b"\xef\xbb\xbf" + valid_json())
    assert load(marked).sha256 == load(plain).sha256


def _loads_or_refuses(path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        assert isinstance(load(path), Instance)
    except InstanceError as error:
        message = str(error)
        assert message.startswith(f"{path}: ")
        assert message.isprintable()
        message.encode()


_EDITS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 8),
        st.one_of(
            st.binary(max_size=4),
            st.sampled_from(
                [
                    b"null",
                    b"NaN",
                    b"-",
                    b"1e999",
                    b"{}",
                    b"[[",
                    b'"',
                    b"\\ud800",
                    b"\xff",
                    b"9" * 5000,
                    b",",
                    b"-0",
                ]
            ),
        ),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    ("file", "valid"), [("x.json", valid_json()), ("x.npz", valid_npz())], ids=["json", "npz"]
)
def test_no_change_of_a_valid_file_raises_anything_else(file: str, valid: bytes, tmp_path):
    path = tmp_path / file

    @settings(max_examples=250, deadline=None, database=None)
    @given(_EDITS)
    def mutated(edits: list[tuple[int, int, bytes]]) -> None:
        data = valid
        for position, removed, inserted in edits:
            cut = position % (len(data) + 1)
            data = data[:cut] + inserted + data[cut + removed :]
        _loads_or_refuses(path, data)

    mutated()


@pytest.mark.parametrize("file", ["x.json", "x.npz"])
def test_no_arbitrary_bytes_raise_anything_else(file: str, tmp_path):
    path = tmp_path / file

    @settings(max_examples=100, deadline=None, database=None)
    @given(st.binary(max_size=200))
    def arbitrary(data: bytes) -> None:
        _loads_or_refuses(path, data)

    arbitrary()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=5),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("valid", "section"),
    [(DOCUMENT, "step_allocation"), (SPLIT_DOCUMENT, "split_offloading"), (GQAP_DOCUMENT, "gqap")],
)
def test_no_value_in_any_field_raises_anything_else(valid: dict[str, Any], section: str, tmp_path):
    path = tmp_path / "x.json"
    fields = ["schema_version", "name", "provenance", section, "constraints"]

    @settings(max_examples=100, deadline=None, database=None)
    @given(st.dictionaries(st.sampled_from(fields), _JSON), st.data())
    def assigned(values: dict[str, object], data: st.DataObject) -> None:
        document = deepcopy(valid) | values
        if isinstance(document[section], dict):
            name = data.draw(st.sampled_from(sorted(valid[section])))
            document[section][name] = data.draw(_JSON)
        _loads_or_refuses(path, json.dumps(document).encode("utf-8", "surrogatepass"))

    assigned()


@pytest.mark.long
def test_every_single_flipped_bit_of_an_archive(tmp_path):
    valid = valid_npz()
    for position in random.Random(0).sample(range(8 * len(valid)), 5_000):
        flipped = bytearray(valid)
        flipped[position // 8] ^= 1 << position % 8
        _loads_or_refuses(tmp_path / "x.npz", bytes(flipped))
