"""The public text formats, and what is said of files that hold neither of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from gqap_enumeration import gqap_text, random_gqap, words
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.gqap.evaluation import evaluate
from formulations.gqap.parameters import GQAP
from instances import InstanceError, load, save
from solvers.compare import main


def assert_same(one: GQAP, other: GQAP) -> None:
    for name in GQAP.model_fields:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ending", ["txt", "dat", "TXT"])
def test_a_gqap_file_is_read_whatever_it_is_called(seed: int, ending: str, tmp_path: Path):
    data = random_gqap(seed, items=4, places=3)
    path = tmp_path / f"4X3-A.{ending}"
    path.write_bytes(gqap_text(data).replace("\n", "\r\n\r\n  ").encode())
    instance = load(path)
    assert instance.name == "4X3-A"
    assert instance.provenance == {"file": f"4X3-A.{ending}"}
    assert_same(instance.section("gqap"), data)


@pytest.mark.parametrize("ending", ["txt", "dat"])
def test_a_qaplib_file_is_read_whatever_it_is_called(ending: str, tmp_path: Path):
    draw = np.random.default_rng(0)
    first, second = draw.integers(0, 9, (2, 5, 5))
    path = tmp_path / f"mine05.{ending}"
    path.write_text(f" 5\n\n{words(first)}\n\n{words(second)}\n\n")
    data = load(path).section("gqap")
    permutation = draw.permutation(5)
    cost = sum(first[i, j] * second[permutation[i], permutation[j]] for i in range(5) for j in range(5))
    assert evaluate(data, permutation).objective == cost
    assert evaluate(data, permutation).feasible
    assert not evaluate(data, np.zeros(5)).feasible


@pytest.mark.parametrize("ending", ["txt", "dat", "DAT"])
@pytest.mark.parametrize("value", ["50", "+5.0e1", "50.5", "-7"])
def test_the_known_value_behind_n_is_no_number_of_a_matrix(ending: str, value: str, tmp_path: Path):
    body = "0 1 2\n1 0 3\n2 3 0\n\n0 5 6\n5 0 7\n6 7 0\n"
    plain, valued = tmp_path / "plain.dat", tmp_path / f"valued.{ending}"
    plain.write_text(f"3\n{body}")
    valued.write_text(f"3 {value}\n{body}")
    assert load(valued).sha256 == load(plain).sha256
    assert load(valued).provenance == {"file": valued.name, "known_value": float(value)}
    assert load(plain).provenance == {"file": "plain.dat"}


def test_the_known_value_is_shown_beside_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "valued.txt"
    path.write_text("3 68\n0 1 2\n1 0 3\n2 3 0\n\n0 5 6\n5 0 7\n6 7 0\n")
    assert main([str(path), "--solvers", "branch-and-bound"]) == 0
    assert "known value: 68.000000, as the file says; best found: 68.000000" in capsys.readouterr().out


def test_numbers_are_read_in_every_common_spelling(tmp_path: Path):
    path = tmp_path / "one.txt"
    path.write_text("1 1 +2.5e-1\n.5 -3. 1E3 0 7\n")
    data = load(path).section("gqap")
    assert (data.cost_factor, data.flow[0, 0], data.distance[0, 0]) == (0.25, 0.5, -3.0)
    assert (data.assignment_cost[0, 0], data.weight[0], data.capacity[0]) == (1000.0, 0.0, 7.0)


def test_what_was_read_is_saved_as_json(tmp_path: Path):
    text, document = tmp_path / "a.txt", tmp_path / "a.json"
    text.write_text(gqap_text(random_gqap(0)))
    save(load(text), document)
    assert load(document).sha256 == load(text).sha256


def test_a_name_that_no_instance_may_have_is_made_one(tmp_path: Path):
    path = tmp_path / ("\\" + "x" * 120 + "\n.txt")
    path.write_text(gqap_text(random_gqap(0)))
    assert load(path).name == "x" * 100
    nameless = tmp_path / "\n.txt"
    nameless.write_text(gqap_text(random_gqap(0)))
    assert load(nameless).name == "unnamed"


GOOD = gqap_text(random_gqap(0, items=3, places=2))
COUNT = 3 + 9 + 4 + 6 + 3 + 2
CASES = {
    "empty": ("a.txt", b"", "expected a text of numbers, got an empty file"),
    "blank": ("a.dat", b" \r\n ", "expected a text of numbers, got an empty file"),
    "not UTF-8": ("a.txt", b"3 2 \xff", "expected text in UTF-8, got byte 0xff at position 4"),
    "JSON": (
        "a.txt",
        b'{"schema_version": 1}',
        "expected n, a whole number from 1 to 4000, as word 1 of the file",
    ),
    "text": ("a.dat", b"permutation of five", 'as word 1 of the file, got "permutation"'),
    "null bytes": ("a.dat", bytes(50), "expected n, a whole number"),
    "no places": ("a.txt", b"3", "expected m, a whole number from 1 to 4000, as word 2 of the file, got the end"),
    "zero items": ("a.txt", b"0 2 1", 'as word 1 of the file, got "0"'),
    "negative size": (
        "a.txt",
        b"3 -2 1",
        'expected m, a whole number from 1 to 4000, as word 2 of the file, got "-2"',
    ),
    "fractional size": (
        "a.dat",
        b"3.5",
        'expected n, a whole number from 1 to 4000, as word 1 of the file, got "3.5"',
    ),
    "huge size": ("a.dat", b"5000 1 2", 'got "5000"'),
    "size of many digits": ("a.dat", b"9" * 5000, 'got "9999'),
    "truncated": ("a.txt", GOOD[:-4].encode(), f"expected {COUNT} numbers (n = 3, m = 2, v, matrices of 3 x 3"),
    "size alone": ("a.dat", b"3", "expected 19 numbers (n = 3 and two 3 x 3 matrices), got 1"),
    "too long": ("a.txt", GOOD.encode() + b" 1", f"expected {COUNT} numbers"),
    "second file behind it": ("a.txt", GOOD.encode() * 2, f"expected {COUNT} numbers"),
    "garbage behind it": ("a.txt", GOOD.encode() + b"\nbest known: 12", f"expected {COUNT} numbers"),
    "a word for the known value": (
        "a.dat",
        b"2 best 0 1 1 0 0 1 1 0",
        'expected the known value, a finite number, as word 2 of the file, got "best"',
    ),
    "no matrix behind the known value": ("a.dat", b"2 5 0 1 1 0", "expected 9 numbers (n = 2 and two 2 x 2"),
    "a word among numbers": (
        "a.txt",
        GOOD.encode()[:40] + b" x " + GOOD.encode()[40:],
        "expected a number as word",
    ),
    "NaN": ("a.dat", b"2 0 1 1 0 0 nan 1 0", "expected a number as word 7 of the file (n = 2 and two 2 x 2"),
    "infinity": ("a.dat", b"2 0 1 1 0 0 Infinity 1 0", 'got "Infinity"'),
    "underscores": ("a.dat", b"2 0 1 1 0 0 1_0 1 0", 'got "1_0"'),
    "other digits": ("a.dat", "2 0 1 1 0 0 ٣ 1 0".encode(), "expected a number as word 7"),
    "1e400": ("a.dat", b"2 0 1 1 0 0 1e400 1 0", "gqap.distance[0][1]: expected a finite number, got Infinity"),
    "negative weight": ("a.txt", b"1 1 1 0 0 0 -1 1", "gqap.weight[0]: expected a finite number >= 0, got -1.0"),
    "negative capacity": ("a.txt", b"1 1 1 0 0 0 1 -1", "gqap.capacity[0]: expected a finite number >= 0"),
    "overflow": ("a.txt", b"2 1 1e300 0 1e300 0 0 1 0 0 1 1 1", "got an overflow"),
}


@pytest.mark.parametrize("label", CASES)
def test_a_malformed_file_is_refused_in_one_sentence(
    label: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file, data, expected = CASES[label]
    path = tmp_path / file
    path.write_bytes(data)
    with pytest.raises(InstanceError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert expected in message
    assert message.isprintable()
    assert len(message) < len(str(path)) + 300
    assert main([str(path)]) == 2
    assert capsys.readouterr().err == f"diffload: {message}\n"


@pytest.mark.parametrize("ending", ["txt", "dat"])
def test_no_change_of_a_valid_file_raises_anything_else(ending: str, tmp_path: Path):
    path = tmp_path / f"x.{ending}"
    edits = st.lists(
        st.tuples(
            st.integers(0, 500), st.integers(0, 9), st.sampled_from([b"", b"9", b" ", b"-", b"e9", b"\xff", b"."])
        ),
        min_size=1,
        max_size=3,
    )

    @settings(max_examples=150, deadline=None, database=None)
    @given(edits)
    def mutated(changes: Iterable[tuple[int, int, bytes]]) -> None:
        data = GOOD.encode()
        for position, removed, inserted in changes:
            cut = position % (len(data) + 1)
            data = data[:cut] + inserted + data[cut + removed :]
        path.write_bytes(data)
        try:
            problems = load(path).problems
        except InstanceError:
            return
        assert problems == ("gqap",)

    mutated()
