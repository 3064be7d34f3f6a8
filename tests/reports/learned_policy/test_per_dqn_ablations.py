"""The table of the ablations."""

from __future__ import annotations

from pathlib import Path

import pytest

from instances.storage.store import write
from reports.learned_policy import ablations as per_dqn_ablations
from solvers.split_offloading.per_dqn.ablate import ROWS, Row

DOCS = Path(__file__).parents[3] / "docs"


def test_a_row_reads_as_it_was_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = Row("batch 128", "tuned", 2, 40.0, 1234, 0.0025, 0.5, 0.9991, 0.955, 0.997)
    write(tmp_path / "rows.csv", ROWS, {row: row})
    assert per_dqn_ablations.main([str(tmp_path / "rows.csv"), "--format", "markdown"]) == 0
    last = capsys.readouterr().out.rstrip().splitlines()[-1]
    assert last == "| batch 128 | 2 | 40 | 1234 | 0.002500 | 0.500000 | 99.9100 | 95.5 | 99.7 |"


def test_a_file_without_rows_gets_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert per_dqn_ablations.main([str(tmp_path / "missing.csv")]) == 2
    assert "missing.csv: expected records, got none" in capsys.readouterr().err


def test_the_page_holds_what_the_command_makes_of_the_kept_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert per_dqn_ablations.main([str(DOCS / "per_dqn" / "ablations.csv"), "--format", "markdown"]) == 0
    page = (DOCS / "per_dqn.md").read_text(encoding="utf-8")
    _, _, after = page.partition("<!-- what the ablations print -->\n\n")
    held, _, _ = after.partition("\n<!-- to here -->\n")
    assert held == capsys.readouterr().out
