"""``solvers.solve`` and ``solvers.compare`` from Python."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import fakes
import pandas as pd
import pytest

import solvers
from instances import save

HEURISTIC = fakes.method("heuristic", "heuristic")
RANDOM = fakes.method("random", "randomised", random=True)
BOUNDING = fakes.method("bounding", "low_bound", exact=True)


@pytest.fixture(autouse=True)
def _methods(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.register(HEURISTIC, RANDOM, BOUNDING, put=monkeypatch.setattr)


def test_compare_is_a_data_frame(tmp_path: Path) -> None:
    save(fakes.instance("on disk"), tmp_path / "disk.json")
    frame = solvers.compare([fakes.instance("in memory"), tmp_path / "disk.json"], seeds=2)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["solver"]) == ["heuristic", "random", "random", "bounding"] * 2
    assert list(frame["instance"].unique()) == ["in memory", "on disk"]
    assert set(frame["bound_from"]) == {"bounding"}
    assert frame["gap"].to_numpy() == pytest.approx(abs(frame["objective"] + 1e3).to_numpy() / 1e3)
    assert frame["time_seconds"].notna().all()
    assert frame.attrs["contradictions"] == []


def test_one_instance_needs_no_list(tmp_path: Path) -> None:
    save(fakes.instance(), tmp_path / "small.json")
    for instance in (fakes.instance(), str(tmp_path / "small.json"), tmp_path / "small.json"):
        assert list(solvers.compare(instance, ["heuristic"])["status"]) == ["feasible"]


def test_the_module_of_the_same_name_is_the_function() -> None:
    module = importlib.import_module("solvers.compare")
    assert solvers.compare is module
    assert list(solvers.compare(fakes.instance(), ["heuristic"])["solver"]) == ["heuristic"]
    assert callable(module.main)


def test_a_contradiction_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.register(HEURISTIC, fakes.method("wrong", "too_high_a_bound"), put=monkeypatch.setattr)
    with pytest.warns(RuntimeWarning, match="small: the bound 1000000 of wrong lies above"):
        frame = solvers.compare(fakes.instance())
    assert len(frame.attrs["contradictions"]) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"seeds": 0},
        {"gap": 1.0},
        {"gap": float("nan")},
        {"threads": 0},
        {"time_limit": 0.0},
        {"method": ["nobody"]},
    ],
)
def test_unusable_arguments_are_value_errors(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        solvers.compare(fakes.instance(), **options)


def test_a_script_without_a_guard_works(tmp_path: Path) -> None:
    save(fakes.instance(), tmp_path / "small.json")
    script = tmp_path / "script.py"
    script.write_text(
        f"""
import sys
sys.path[:0] = {fakes.SEARCH_PATH}
import solvers
assert "numpy" not in sys.modules
import fakes
fakes.register(fakes.method("isolated", "heuristic", isolated=True), fakes.method("quick", "heuristic"))
first = solvers.compare("small.json")
import solvers.compare
second = solvers.compare(["small.json"])
result = solvers.solve("small.json", "isolated")
assert list(first["solver"]) == list(second["solver"]) == ["isolated", "quick"], first
assert result.objective == first["objective"][0] == second["objective"][1]
print("done")
"""
    )
    ran = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "done\n"), ran.stderr
