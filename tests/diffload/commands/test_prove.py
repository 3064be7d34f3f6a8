"""The command for long searches: the same optimum however often it is stopped, and a proof that holds."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from gqap_enumeration import brute_force, exact_cost, feasible_assignments, gqap_text, random_gqap

import diffload
from diffload.commands import main
from diffload.commands.prove import BOUNDS, ROWS
from instances import load
from instances.storage.store import Store, read
from solvers.gqap.bounds import level2_ascent
from solvers.gqap.tree import checkpoint, staged_search
from solvers.gqap.tree.assignment_tree import Incumbent
from solvers.gqap.tree.staged_search import StagedSearch

WEAK = (staged_search.STAGES[0]._replace(effort=staged_search.Effort(1, 1.0), nodes=float("inf")),)


def written(folder: Path, seed: int = 6) -> Path:
    path = folder / "mine.txt"
    path.write_text(gqap_text(random_gqap(seed, 7, 3)))
    return path


@pytest.mark.parametrize("level2", [False, True], ids=["level 1", "level 2"])
def test_a_search_goes_on_from_its_file(tmp_path: Path, level2: bool):
    path = written(tmp_path)
    if level2:
        ones = {"weight": np.ones(7), "capacity": np.ones(7)}
        path.write_text(gqap_text(random_gqap(4, 7, 7, **ones)))
    stages = (staged_search.LAST_STAGE_LEVEL2._replace(level2=staged_search.Effort(1, 1.0)),) if level2 else WEAK
    instance = load(path)
    data = instance.section("gqap")
    search = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    stopped = (stages[0]._replace(nodes=2),)
    assert search.search(float("inf"), stages=stopped) is not None
    checkpoint.save(search, tmp_path / "kept.npz", instance.sha256, 12.5)
    again = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    assert checkpoint.resume(again, tmp_path / "kept.npz", instance.sha256) == 12.5
    assert again.left == search.left
    assert again.frontier is not None
    assert search.frontier is not None
    paths = [
        [(*branch.parent.path, branch.step) for branch in some.frontier.branches()] for some in (search, again)
    ]
    assert sorted(paths[0]) == sorted(paths[1])
    assert again.search(float("inf"), stages=stages) is None
    assert again.incumbent.cost == brute_force(data)
    assert again.nodes > search.nodes


def test_a_search_that_was_kept_at_its_end_is_still_a_proof(tmp_path: Path):
    """What is kept after the last nodes has nothing open."""
    instance = load(written(tmp_path))
    data = instance.section("gqap")
    search = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    search.seen = lambda: checkpoint.save(search, tmp_path / "kept.npz", instance.sha256, 1.0)
    assert search.search(float("inf"), stages=WEAK) is None
    again = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    checkpoint.resume(again, tmp_path / "kept.npz", instance.sha256)
    assert again.search(float("inf"), stages=WEAK) is None
    assert again.nodes == search.nodes
    assert again.incumbent.cost == search.incumbent.cost == brute_force(data)


@pytest.mark.parametrize("turns", [1, 9, 20])
def test_a_stop_while_the_root_is_raised_at_level_2_costs_nothing(
    turns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The file has the root as it is then and no tree of level 1; the search goes on with the same node costs."""
    ones = {"weight": np.ones(9), "capacity": np.ones(9)}
    (tmp_path / "mine.txt").write_text(gqap_text(random_gqap(4, 9, 9, **ones)))
    instance = load(tmp_path / "mine.txt")
    data = instance.section("gqap")
    first = staged_search.STAGES[0]._replace(effort=staged_search.Effort(1, 1.0), nodes=1)
    stages = (first, staged_search.LAST_STAGE_LEVEL2)
    whole = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    assert whole.search(float("inf"), stages=stages) is None
    search = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    clock = iter(range(turns))
    monkeypatch.setattr(level2_ascent, "perf_counter", lambda: 0.0 if next(clock, None) is not None else np.inf)
    assert search.search(1e12, stages=stages) is not None
    monkeypatch.undo()
    assert search.frontier is None
    assert search.tree.root.node.triple.any()
    checkpoint.save(search, tmp_path / "kept.npz", instance.sha256, 1.0)
    again = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    checkpoint.resume(again, tmp_path / "kept.npz", instance.sha256)
    for some in (search, again):
        assert some.search(float("inf"), stages=stages) is None
        assert some.incumbent.cost == whole.incumbent.cost
        assert some.nodes < whole.nodes + 20
    assert search.nodes == again.nodes


def test_a_resume_ends_in_time(tmp_path: Path):
    instance = load(written(tmp_path))
    data = instance.section("gqap")
    search = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    search.search(float("inf"), stages=(WEAK[0]._replace(nodes=20),))
    checkpoint.save(search, tmp_path / "kept.npz", instance.sha256, 1.0)
    again = StagedSearch(data, 0.0, Incumbent(None, float("inf")))
    checkpoint.resume(again, tmp_path / "kept.npz", instance.sha256, deadline=0.0)
    assert again.search(float("inf"), stages=WEAK) is None
    assert again.incumbent.cost == brute_force(data)


def test_what_is_no_search_of_this_instance_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path, out = written(tmp_path), tmp_path / "out"
    out.mkdir()
    (out / "search.npz").write_bytes(b"nothing")
    assert main(["prove", str(path), "--out", str(out)]) == 2
    assert "search.npz: expected a search that was kept" in capsys.readouterr().err
    data = load(path).section("gqap")
    checkpoint.save(StagedSearch(data, 0.0, Incumbent(None, float("inf"))), out / "search.npz", "another", 0.0)
    assert main(["prove", str(path), "--out", str(out)]) == 2
    assert "expected a search of this instance, got one of another" in capsys.readouterr().err
    np.savez(out / "search.npz", facts=np.array(json.dumps({"version": 2})))
    assert main(["prove", str(path), "--out", str(out)]) == 2
    assert "expected a search that was kept in layout 3, got one of layout 2" in capsys.readouterr().err


def test_the_command_proves_writes_bounds_and_a_certificate_that_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path, out = written(tmp_path), tmp_path / "out"
    data = load(path).section("gqap")
    best = min(feasible_assignments(data), key=lambda places: exact_cost(data, places))
    start = tmp_path / "mine.sln"
    start.write_text(f"7 {int(exact_cost(data, best))} " + " ".join(str(j + 1) for j in best))
    words = ["prove", str(path), "--out", str(out), "--start", str(start), "--certificate", "--threads", "2"]
    assert main(words) == 0
    record = json.loads((out / "results.json").read_text())[0]
    assert (record["status"], record["objective"]) == ("optimal", brute_force(data))
    assert record["versions"]["diffload"] == diffload.__version__
    with (out / "bounds.csv").open() as file:
        assert float(list(csv.DictReader(file))[-1]["bound"]) == brute_force(data)
    capsys.readouterr()
    assert main(["check", str(path), str(out / "results.json")]) == 0
    assert "holds" in capsys.readouterr().out
    record["objective"] = record["bound"] = record["bound"] + 1.0
    (out / "results.json").write_text(json.dumps([record]))
    assert main(["check", str(path), str(out / "results.json")]) == 1


def test_a_run_that_is_too_short_says_so_and_the_next_one_ends_it(tmp_path: Path):
    path, out = written(tmp_path, 8), tmp_path / "out"
    assert main(["prove", str(path), "--out", str(out), "--time-limit", "1e-9"]) == 1
    assert main(["prove", str(path), "--out", str(out)]) == 0
    record = json.loads((out / "results.json").read_text())[0]
    assert record["objective"] == record["bound"] == brute_force(load(path).section("gqap"))


def test_an_instance_without_an_assignment_is_said_to_have_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    data = random_gqap(6, 7, 3)
    path, out = tmp_path / "full.txt", tmp_path / "out"
    path.write_text(gqap_text(data.model_copy(update={"capacity": data.capacity * 0.0 + data.weight.max()})))
    assert main(["prove", str(path), "--out", str(out)]) == 0
    assert json.loads((out / "results.json").read_text())[0]["status"] == "infeasible"
    assert "best inf, bound inf" in capsys.readouterr().err
    (row,) = read(out / BOUNDS, ROWS)
    assert (row.objective, row.bound) == (float("inf"), float("inf"))


def test_one_run_at_a_time_writes_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path, out = written(tmp_path), tmp_path / "out"
    with Store(out / BOUNDS, ROWS):
        assert main(["prove", str(path), "--out", str(out)]) == 2
    assert "bounds.csv: another run is writing this file, expected one at a time" in capsys.readouterr().err
