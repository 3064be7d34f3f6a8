"""Solution files beside their instances, and comments in the public formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gqap_enumeration import exact_cost, gqap_text, random_gqap, words

from formulations.gqap.parameters import GQAP
from instances import InstanceError, load
from instances.files.solution_files import load_solution

PERMUTATION = (2, 0, 3, 1)


def qap(folder: Path, name: str = "mine04.dat") -> GQAP:
    first, second = np.random.default_rng(1).integers(0, 9, (2, 4, 4))
    (folder / name).write_text(f"4\n{words(first)}\n{words(second)}\n")
    return load(folder / name).section("gqap")


@pytest.mark.parametrize("listed", [PERMUTATION, tuple(np.argsort(PERMUTATION).tolist())])
@pytest.mark.parametrize("separator", [" ", ", ", "\n"])
def test_a_permutation_is_read_in_either_direction(listed: tuple[int, ...], separator: str, tmp_path: Path):
    data = qap(tmp_path)
    cost = int(exact_cost(data, PERMUTATION))
    assert exact_cost(data, listed) != cost or listed == PERMUTATION
    path = tmp_path / "mine04.sln"
    path.write_text(f"# by hand\n 4 {cost}\n{separator.join(str(place + 1) for place in listed)}\n")
    assert load_solution(path, data).tolist() == list(PERMUTATION)


def test_a_gqap_has_solution_files_too(tmp_path: Path):
    data = random_gqap(2, 4, 3, weight=np.ones(4), capacity=np.full(3, 2.0))
    cost = int(exact_cost(data, (0, 0, 1, 2)))
    (tmp_path / "a.sln").write_text(f"4 {cost}  1 1 2 3")
    assert load_solution(tmp_path / "a.sln", data).tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a text of numbers, got an empty file"),
        ("# 4 10 1 2 3 4", "expected n, the cost and 4 places, got 7 numbers"),
        ("4 10 1 2 3", "expected n, the cost and 4 places, got 5 numbers"),
        ("5 10 1 2 3 4", "expected n = 4 as the instance has items, got 5"),
        ("4 10 1 2 3 5", "expected a place from 1 to 4 for item 4, got 5"),
        ("4 10 1 2 3 0", "expected a place from 1 to 4 for item 4, got 0"),
        ("4 10 1 2 3 3.5", 'expected a whole number as word 6 of the file, got "3.5"'),
        ("4 10 1 2 3 3", "expected loads within the capacities, got more at a place"),
        ("4 1 1 2 3 4", "expected the stated cost 1, got "),
    ],
)
def test_what_is_no_solution_is_said_in_one_sentence(text: str, said: str, tmp_path: Path):
    data = qap(tmp_path)
    path = tmp_path / "wrong.sln"
    path.write_text(text)
    with pytest.raises(InstanceError, match=r"wrong\.sln") as fault:
        load_solution(path, data)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("ending", ["qap", "QAP", "dat", "txt"])
@pytest.mark.parametrize("mark", ["#", "%", "!", "//", "Nugent, Vollmann and Ruml:"])
def test_comments_and_commas_are_passed_over(ending: str, mark: str, tmp_path: Path):
    plain = qap(tmp_path)
    matrices = (tmp_path / "mine04.dat").read_text().split("\n", 1)[1].replace(" ", ", ")
    path = tmp_path / f"said.{ending}"
    inside = "#" if mark[0].isalpha() else mark
    path.write_text(f"{mark} 3 4 numbers\n4 {inside} 5 numbers 7\n  {inside} flows, 7\n{matrices}{inside} end 1")
    assert load(path).section("gqap").flow.tolist() == plain.flow.tolist()
    assert load(path).section("gqap").distance.tolist() == plain.distance.tolist()


def test_a_gqap_with_comments_is_read(tmp_path: Path):
    data = random_gqap(4, 3, 2)
    (tmp_path / "said.txt").write_text("# n m v\n" + gqap_text(data).replace("\n", "  # next\n"))
    assert load(tmp_path / "said.txt").section("gqap").capacity.tolist() == data.capacity.tolist()
