"""The tables of the measured policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports import per_dqn
from solvers.split_offloading.per_dqn.measurement import records
from solvers.split_offloading.per_dqn.measurement.records import Measured, Task


def record(method: str, max_batch: str, gap: float, network: str = "") -> tuple[Task, Measured]:
    task = Task("mixed", "4 to 20", "8", max_batch, method, network, "", 1000, 0)
    return task, Measured(gap, 3.0 * gap, 1.0 - gap, 1.0 - gap, 2e-4, float("nan"))


RECORDS = dict(
    [
        record("greedy", "1 20", 0.5),
        record("greedy", "1", 0.0),
        record("greedy", "20", 0.25),
        record("per-dqn", "1", 0.001, "general"),
    ]
)


def test_means_are_taken_over_the_cells_of_one_limit() -> None:
    summary, cells = per_dqn.tables(RECORDS)
    assert [row.cells for row in summary.rows] == [
        ("greedy", "", "2", "0.125000", "0.750000", "87.5000", "87.5", "0.2", "-"),
        ("per-dqn", "general", "1", "0.001000", "0.003000", "99.9000", "99.9", "0.2", "-"),
    ]
    assert [row.cells[2:6] for row in cells.rows] == [
        ("1 20", "greedy", "", "1000"),
        ("1", "greedy", "", "1000"),
        ("20", "greedy", "", "1000"),
        ("1", "per-dqn", "general", "1000"),
    ]


@pytest.mark.parametrize(
    ("form", "line"), [("markdown", "| 4 to 20 | 8 | 1 20 | greedy |  | 1000 |"), ("table", "mixed: every cell")]
)
def test_the_command_prints_kept_records(
    form: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "measured.csv"
    records.write(file, RECORDS)
    assert per_dqn.main([str(file), "--format", form]) == 0
    assert line in capsys.readouterr().out


def test_a_file_without_records_gets_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        per_dqn.main([str(tmp_path / "missing.csv")])
    assert ended.value.code == 2
    assert "missing.csv: expected records, got none" in capsys.readouterr().err
