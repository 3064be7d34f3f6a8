"""Ctrl-C in the middle of a search leaves a plan and a bound, and the command shows and keeps them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import diffload
from diffload.commands import main
from formulations.runtime.interrupts import known_by
from solvers.core.result import INTERRUPTED
from solvers.multi_edge_offloading.tree.search import Search


@pytest.fixture
def first_node(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self, *arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "bounded", stopped)


@pytest.mark.parametrize("name", ["multi_100x5", "multi_300x10"])
def test_an_interrupt_brings_a_plan_and_a_bound(name, request):
    best = diffload.solve(name)
    request.getfixturevalue("first_node")
    with pytest.raises(KeyboardInterrupt) as stopped:
        diffload.solve(name)
    known = known_by(stopped.value)
    assert (str(known.status), known.reason) == ("feasible", INTERRUPTED)
    assert known.objective <= best.objective + 1e-9
    assert known.bound >= best.objective - 1e-9


def test_the_command_writes_what_is_known(first_node, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    words = ["solve", "multi_100x5", "--out", str(tmp_path / "out")]
    assert main(words) == 130
    assert INTERRUPTED in capsys.readouterr().out
    (record,) = json.loads((tmp_path / "out" / "results.json").read_text())
    assert record["reason"] == INTERRUPTED
    assert record["solution"]
