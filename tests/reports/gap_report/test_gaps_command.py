"""The command ``python -m reports.gaps``: what it prints, writes and returns."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import fakes
import pandas as pd
import pytest

import solvers.sweep
from instances import load, save
from reports.gap_report import command as gaps
from reports.gap_report.summary import shifted_geometric_mean
from solvers.comparison.cross_check import cross_check
from solvers.core.result import Sense
from solvers.sweep import ledger
from solvers.sweep.ledger import FILE, Ledger

HEURISTIC = fakes.method("heuristic", "heuristic")
RANDOM = fakes.method("random", "randomised", random=True)
BOUNDING = fakes.method("bounding", "low_bound", exact=True)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    fakes.register(HEURISTIC, RANDOM, BOUNDING, put=monkeypatch.setattr)
    without_page = tuple(report for report in gaps.REPORTS if report is not gaps.write_page)
    monkeypatch.setattr(gaps, "REPORTS", without_page)  # it has tests of its own, and takes its time
    paths = [str(tmp_path / f"{name}.json") for name in ("one", "two")]
    for users, path in enumerate(paths, start=3):
        save(fakes.instance(Path(path).stem, users=users), path)
    return paths


def ran(out: Path, *arguments: str) -> int:
    return gaps.main([*arguments, "--out", str(out), "--scheduler", "none"])


def test_summary_and_files(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert ran(out, *files, "--seeds", "3") == 0
    printed, said = capsys.readouterr()
    where = f"diffload: the files are in {out}\n"
    assert said == f"diffload: 0 of 10 results are in the ledger, 10 to run\n10 of 10 done\n{where}"
    assert printed.startswith("step allocation (P1, paper A): 2 instances\ncertified optimum known for 0 of 2\n")
    assert "shift 1 s" in printed
    assert {path.name for path in out.iterdir()} == {
        FILE,
        "commands.txt",
        "results.csv",
        "results.parquet",
        *(f"summary_step_allocation.{ending}" for ending in ("csv", "tex", "html", "parquet")),
    }

    results = pd.read_parquet(out / "results.parquet")
    assert len(results) == 10
    text = pd.read_csv(out / "results.csv").fillna({"reason": ""})
    pd.testing.assert_frame_equal(results, text, check_dtype=False, rtol=1e-14)
    assert (results["gap"] == (results["objective"] + 1e3).abs() / 1e3).all()

    summary = pd.read_parquet(out / "summary_step_allocation.parquet").set_index("method")
    assert list(summary["runs"][["heuristic", "random", "bounding"]]) == [2, 6, 2]
    by_method = results.groupby("solver")
    for method, rows in by_method:
        assert summary["gap_mean"][method] == pytest.approx(rows["gap"].mean(), rel=1e-12)
        assert summary["gap_worst"][method] == rows["gap"].max()
        time = (rows["seconds"] + 1.0).prod() ** (1 / len(rows)) - 1.0
        assert summary["seconds_shifted_mean"][method] == pytest.approx(time, abs=1e-12)
    with (out / "summary_step_allocation.csv").open() as file:
        assert [row["method"] for row in csv.DictReader(file)] == list(summary.index)


def test_a_second_call_runs_nothing_and_prints_the_same(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert ran(out, *files) == 0
    first = capsys.readouterr().out
    content = (out / FILE).read_bytes()
    assert ran(out, *files) == 0
    second = capsys.readouterr()
    assert second.out == first
    where = f"diffload: the files are in {out}\n"
    assert second.err == f"diffload: 14 of 14 results are in the ledger, 0 to run\n{where}"
    assert (out / FILE).read_bytes() == content


def test_a_bound_that_comes_later_closes_the_gaps(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert ran(out, *files, "--solvers", "heuristic") == 0
    assert pd.read_parquet(out / "results.parquet")["gap"].isna().all()
    assert ran(out, *files, "--solvers", "bounding", "--time-limit", "2") == 0
    assert ran(out, *files, "--solvers", "heuristic") == 0
    results = pd.read_parquet(out / "results.parquet")
    assert list(results["bound_from"]) == ["bounding"] * 2
    found = [item.result for item in ledger.read(out) if item.result.instance == "one"]
    checked, _ = cross_check(found, Sense.MINIMISE)
    assert results["gap"][0] == checked[0].gap


@pytest.mark.parametrize(
    ("function", "sentence"),
    [("too_high_a_bound", "CHECK FAILED: one: the bound"), ("fails", "1 of claiming, error: RuntimeError")],
)
def test_errors_and_contradictions_end_with_status_1(
    files: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    sentence: str,
) -> None:
    fakes.register(HEURISTIC, fakes.method("claiming", function, exact=True), put=monkeypatch.setattr)
    assert ran(tmp_path / "out", files[0]) == 1
    assert sentence in capsys.readouterr().out
    # The contradiction is found again where only the other method is asked for.
    assert ran(tmp_path / "out", files[0], "--solvers", "heuristic") == (1 if function != "fails" else 0)


def test_ctrl_c_reports_what_is_done(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.register(HEURISTIC, fakes.method("stopping", "interrupts"), BOUNDING, put=monkeypatch.setattr)
    assert ran(tmp_path / "out", *files) == 130
    assert "5 results are still missing; the same command goes on with them" in capsys.readouterr().out
    assert len(pd.read_parquet(tmp_path / "out" / "results.parquet")) == 1


def test_a_torn_line_is_dropped_and_run_again(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert ran(out, *files, "--solvers", "random") == 0
    whole = (out / FILE).read_bytes()
    (out / FILE).write_bytes(whole[:-100])
    assert ran(out, *files, "--solvers", "random") == 0
    last = len(whole.splitlines(keepends=True)[-1])
    said = capsys.readouterr().err
    assert f"ledger.jsonl ended in an incomplete line of {last - 100} bytes, which is dropped\n" in said
    assert "9 of 10 results are in the ledger, 1 to run\n" in said
    assert len((out / FILE).read_bytes().splitlines()) == 10


def test_the_same_content_is_run_once(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = str(tmp_path / "copy.npz")
    save(load(files[0]), copy)
    assert ran(tmp_path / "out", files[0], copy, "--solvers", "heuristic") == 0
    assert f"{copy} has the content of {files[0]}, which is run once\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "at least one instance file"),
        (["missing.json"], "missing.json"),
        (["FILE", "--solvers", "nobody"], "unknown method 'nobody'"),
        (["FILE", "--problem", "gqap"], "does not pose 'gqap', expected one of step_allocation"),
        (["FILE", "--problem", "nothing"], "'nothing'"),
        (["FILE", "--time-limit", "auto"], "expected seconds above 0"),
        (["FILE", "--time-limit", "0"], "--time-limit"),
        (["FILE", "--workers", "0"], "--workers"),
        (["FILE", "--scheduler", "nowhere"], "expected auto, local, none, an address"),
        (["FILE", "--scheduler", "tcp://127.0.0.1:9", "--workers", "2"], "--workers only for this machine"),
        (["FILE", "--out", "FILE"], "cannot write to"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert (
        gaps.main(["--out", str(tmp_path / "out"), *(part.replace("FILE", files[0]) for part in arguments)]) == 2
    )
    printed, said = capsys.readouterr()
    assert printed == ""
    assert said.startswith("diffload: ")
    assert said.count("\n") == 1
    assert words in said


def test_a_ledger_that_cannot_be_used_is_one_sentence(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with Ledger(out):
        assert ran(out, *files) == 2
    assert "another run is writing this file" in capsys.readouterr().err
    (out / FILE).write_text("{}\n")
    assert ran(out, *files) == 2
    assert f"{out / FILE}, line 1: expected the record of a result" in capsys.readouterr().err


def test_without_dask_the_sweep_runs_here(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    monkeypatch.delitem(sys.modules, "solvers.sweep.cluster", raising=False)
    monkeypatch.delattr(solvers.sweep, "cluster", raising=False)
    out = str(tmp_path / "out")
    assert gaps.main([*files, "--out", out, "--scheduler", "local"]) == 2
    assert "--scheduler local needs dask.distributed: pip install 'diffload[sweep]'" in capsys.readouterr().err
    assert gaps.main([*files, "--out", out]) == 0


def test_help_imports_nothing_heavy() -> None:
    code = "import sys\nfrom reports.gaps import main\n"
    code += "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
    code += "print(sorted({'numpy', 'pydantic', 'pandas', 'rich', 'dask', 'distributed'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.endswith("[]\n")
    assert "--scheduler" in run.stdout


def test_the_shifted_geometric_mean_of_known_values() -> None:
    assert shifted_geometric_mean([0.0, 3.0], 1.0) == pytest.approx(1.0)
    assert shifted_geometric_mean([10.0, 30.0, 70.0], 10.0) == pytest.approx((20 * 40 * 80) ** (1 / 3) - 10)
    assert shifted_geometric_mean([1e-9], 1.0) == pytest.approx(1e-9, rel=1e-12)
