"""Surroundings that spoil a part of a report: the part is named in a sentence, the rest is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest
from builders import step_allocation

from instances import Instance, save
from reports.drawing import draw
from reports.drawing.figure import Figure, Panel, Series
from reports.gap_report import command as gaps
from reports.gap_report import commands
from reports.gap_report import page as gaps_page

ROOT = Path(__file__).parents[3]

FIGURE = Figure("lines", "Lines", "Two lines", (Panel("", "x", "y", (Series("one", (1, 2), (3.0, 4.0)),)),))


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "large.json"
    save(Instance(schema_version=1, name="large", step_allocation=step_allocation(1001)), path)
    return str(path)


def sweep(file: str, out: Path) -> int:
    return gaps.main([file, "--solvers", "all-local", "--out", str(out), "--scheduler", "none"])


@pytest.mark.parametrize(
    "backend", ["module://matplotlib_inline.backend_inline", pytest.param("nonsense", marks=pytest.mark.long)]
)
def test_a_backend_that_does_not_exist_here(backend: str) -> None:
    program = "import reports.drawing.draw, os; print(os.environ['MPLBACKEND'])"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"MPLBACKEND": backend},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{backend}\n", "")


def test_settings_of_the_user_change_nothing(tmp_path: Path) -> None:
    own = [path.read_bytes() for path in draw.save(FIGURE, tmp_path / "own")]
    with mpl.rc_context(
        {"text.usetex": True, "font.family": "cursive", "axes.facecolor": "red", "savefig.dpi": 7}
    ):
        before = dict(mpl.rcParams)
        theirs = [path.read_bytes() for path in draw.save(FIGURE, tmp_path / "theirs")]
        assert dict(mpl.rcParams) == before
    assert theirs == own


def test_a_figure_that_fails_is_a_note(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken_figure(study: object) -> None:
        raise RuntimeError("no\nink")

    monkeypatch.setattr(gaps_page, "OF_STUDY", (broken_figure,))
    monkeypatch.setattr(gaps_page, "OF_CASE", ())
    assert sweep(file, tmp_path / "out") == 1
    note = "figure broken figure is left out: RuntimeError: no\\nink"
    assert note in capsys.readouterr().err
    text = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert note in text
    assert "<table" in text


def test_damaged_archives_and_commands_are_a_sentence_each(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert sweep(file, out) == 0
    (archive,) = (out / "arrays").iterdir()
    archive.write_bytes(b"PK damaged")
    (out / commands.FILE).write_bytes(b"first\n\xff\n")
    (out / "report.html").unlink()
    (out / "results.csv").unlink()
    capsys.readouterr()
    assert sweep(file, out) == 1
    said = capsys.readouterr().err
    assert "solution picture of large is left out: LedgerError: " in said
    assert "commands.txt: expected text in UTF-8, got byte 6 that is none" in said
    assert "Traceback" not in said
    assert (out / "results.csv").exists()
    assert "\\xff" in (out / "report.html").read_text("utf-8")
    assert (out / commands.FILE).read_bytes().startswith(b"first\n\xff\n")


def test_a_folder_in_the_place_of_a_report_does_not_lose_the_others(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    (out / "results.csv" / "below").mkdir(parents=True)
    assert sweep(file, out) == 2
    assert f"diffload: cannot write to '{out}' " in capsys.readouterr().err
    assert (out / "report.html").exists()


def test_the_lines_of_a_damaged_ledger_that_are_whole_are_reported(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert sweep(file, out) == 0
    ledger = out / "ledger.jsonl"
    damaged = b"{}\n" + ledger.read_bytes() + b"null\n"
    ledger.write_bytes(damaged)
    whole = (out / "results.csv").read_bytes()
    for report in ("report.html", "results.csv"):
        (out / report).unlink()
    capsys.readouterr()
    assert gaps.main([file, "--solvers", "all-local,random", "--out", str(out), "--scheduler", "none"]) == 2
    sentence, where = capsys.readouterr().err.splitlines()
    assert where == f"diffload: the files are in {out}"
    assert "ledger.jsonl, line 1: expected the record of a result, got " in sentence
    assert sentence.endswith(" (2 such lines); nothing is run, and the report holds the other lines")
    assert "all-local" in (out / "report.html").read_text("utf-8")
    assert (out / "results.csv").read_bytes() == whole
    assert ledger.read_bytes() == damaged


@pytest.mark.parametrize("line", [b"[" * 100_000, b"\xff", b"null", b"{}", b"[1]", b'{"ledger_version": 1}'])
def test_a_damaged_ledger_is_one_sentence_and_stays(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: bytes
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "ledger.jsonl").write_bytes(line + b"\n")
    assert sweep(file, out) == 2
    err = capsys.readouterr().err
    assert "ledger.jsonl, line 1: expected the record of a result, got " in err
    assert (out / "ledger.jsonl").read_bytes() == line + b"\n"
