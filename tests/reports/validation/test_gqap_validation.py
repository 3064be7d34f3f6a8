from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gqap_enumeration import brute_force, gqap_text, random_gqap

from reports.validation.gqap_known import Known, Verdict, files_table, record, summary_table, verdict
from reports.validation.gqap_validation import main, time_limit
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Result, Status

OPTIMUM = Known("mine/a.txt", 100.0, proven=True)
BEST = Known("mine/b.txt", 100.0, proven=False)


def result(status: Status = Status.FEASIBLE, objective: float | None = 100.0, **fields: object) -> Result:
    made = Result("a", "", "gqap", "some-method", "any", status, 0, Limits(), objective=objective)
    return replace(made, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "found", "said"),
    [
        (OPTIMUM, result(Status.OPTIMAL, bound=100.0), Verdict.PROVEN),
        (OPTIMUM, result(bound=90.0), Verdict.REACHED),
        (OPTIMUM, result(objective=101.0), Verdict.SHORT),
        (OPTIMUM, result(objective=99.0), Verdict.IMPOSSIBLE),
        (BEST, result(objective=99.0), Verdict.IMPROVED),
        (BEST, result(Status.OPTIMAL, objective=99.0, bound=99.0), Verdict.IMPROVED),
        (OPTIMUM, result(bound=100.5), Verdict.IMPOSSIBLE),
        (BEST, result(Status.UNKNOWN, None, bound=100.5), Verdict.IMPOSSIBLE),
        (BEST, result(Status.OPTIMAL, objective=101.0, bound=100.0), Verdict.IMPOSSIBLE),
        (BEST, result(Status.UNKNOWN, None, bound=50.0), Verdict.NOTHING),
        (BEST, result(Status.INFEASIBLE, None), Verdict.IMPOSSIBLE),
        (OPTIMUM, result(Status.ERROR, objective=100.0), Verdict.ERROR),
    ],
)
def test_verdicts(known: Known, found: Result, said: Verdict):
    assert verdict(known, found) is said
    assert record(known, found)["verdict"] == said


def test_the_summary_counts_the_worst_seed_of_each_file():
    results = {
        "mine/a.txt": [result(seconds=3.0), result(objective=105.0, seed=1, seconds=7.0)],
        "mine/b.txt": [result(Status.UNKNOWN, None)],
    }
    (row,) = summary_table([OPTIMUM, BEST], results).rows
    assert row.cells == ("mine", "some-method", "2", "0", "0", "0", "1", "1", "0", "7.000")


def test_a_contradiction_is_an_alert():
    table = files_table([OPTIMUM], {"mine/a.txt": [result(objective=99.0), result()]})
    assert table.alerts == ("CHECK FAILED: some-method on mine/a.txt: CONTRADICTS the known value",)
    assert [row.kind for row in table.rows] == ["error", "feasible"]


def test_limits_are_by_method_and_family():
    limits = {
        (method.name, family): time_limit(method, family)
        for method in registry.methods_for("gqap")
        for family in ("lee_ma", "cordeau")
    }
    assert limits["highs-rlt1", "lee_ma"] == 600.0
    assert all(limit >= 60.0 for (_, family), limit in limits.items() if family == "cordeau")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two small instances with their optima."""
    folder = tmp_path / "data"
    (folder / "mine").mkdir(parents=True)
    lines = ["file,n,m,value,status"]
    for seed in (0, 4):
        problem = random_gqap(seed)
        (folder / f"mine/r{seed}.txt").write_text(gqap_text(problem))
        lines.append(f"mine/r{seed}.txt,5,3,{brute_force(problem):g},optimal")
    (folder / "known_values.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_the_command_runs_files_and_resumes(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "out"
    command = ["--data", str(data), "--out", str(out), "--solvers", "highs-rlt1", "--time-limit", "20"]
    assert main([*command, "--files", "*r0*"]) == 0
    first = (out / "ledger.jsonl").read_text()
    assert main(command) == 0
    ledger = (out / "ledger.jsonl").read_text()
    assert ledger.startswith(first)
    assert len(ledger.splitlines()) == 2
    assert np.shape(json.loads(first)["solution"]["assignment"]) == (5,)
    assert (out / "results.csv").read_text().count("proven") == 2
    assert "| mine | highs-rlt1 | 2 | 2 |" in (out / "README.md").read_text()
    assert "2 of 2 done" not in capsys.readouterr().err


def test_a_published_value_that_cannot_be_is_a_failure(data: Path, tmp_path: Path):
    path = data / "known_values.csv"
    lines = path.read_text().splitlines()
    lines[1] = "mine/r0.txt,5,3,1e9,optimal"
    path.write_text("\n".join(lines))
    options = ["--data", str(data), "--out", str(tmp_path / "out"), "--files", "*r0*", "--solvers", "highs-rlt1"]
    assert main(options) == 1
    assert "CHECK FAILED: highs-rlt1 on mine/r0.txt" in (tmp_path / "out" / "README.md").read_text()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--data", "nowhere"], "nowhere/known_values.csv: expected a readable file, got an error (No such file"),
        (["--files", "x*"], "--files: expected a pattern of files in "),
        (["--solvers", "magic"], "unknown method 'magic', expected one of "),
        (["--time-limit", "-3"], "expected seconds above 0"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    options: list[str], sentence: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["--data", str(data), "--out", str(tmp_path / "out"), *options]) == 2
    message = capsys.readouterr().err
    assert sentence in message
    assert message.count("\n") == 1


def test_a_table_without_its_columns_is_refused(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (data / "known_values.csv").write_text("file,value\na.txt,12\n")
    assert main(["--data", str(data), "--out", str(tmp_path)]) == 2
    assert "expected columns file, value (a number) and status" in capsys.readouterr().err
