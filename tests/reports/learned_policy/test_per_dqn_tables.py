"""The tables of the measured policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from instances.storage.store import write
from reports.learned_policy import measured as per_dqn
from solvers.split_offloading.per_dqn.measurement import records
from solvers.split_offloading.per_dqn.measurement.records import Measured, Task


def record(method: str, max_batch: str, gap: float, network: str = "", seed: str = "") -> tuple[Task, Measured]:
    task = Task("mixed", "4 to 20", "8", max_batch, method, network, seed, seed, 1000, 0)
    return task, Measured(gap, 3.0 * gap, 1.0 - gap, 1.0 - gap, 2e-4, float("nan"))


RECORDS = dict(
    [
        record("greedy", "1 20", 0.5),
        record("greedy", "1", 0.0),
        record("greedy", "20", 0.25),
        record("greedy-decoding", "1", 0.0004, "general", "0"),
    ]
)


def test_means_are_taken_over_the_cells_of_one_limit() -> None:
    *_, summary, cells = per_dqn.tables(RECORDS, every_cell=True)
    assert [row.cells for row in summary.rows] == [
        ("greedy", "", "", "2", "0.125000", "0.750000", "87.5000", "87.5", "0.2", "-"),
        ("greedy-decoding", "general", "0", "1", "0.000400", "0.001200", "99.9600", "100.0", "0.2", "-"),
    ]
    assert [row.cells[2:7] for row in cells.rows] == [
        ("1 20", "greedy", "", "", "1000"),
        ("1", "greedy", "", "", "1000"),
        ("20", "greedy", "", "", "1000"),
        ("1", "greedy-decoding", "general", "0", "1000"),
    ]


def test_networks_of_one_number_of_gpus_are_one_policy_beside_the_general_one() -> None:
    found = {
        task._replace(set="grid", users="5", gpus=gpus): quality
        for gpus in ("1", "8")
        for task, quality in (
            record("greedy-decoding", "20", 0.1 * float(gpus), "general", "1"),
            record("greedy-decoding", "20", 0.2 * float(gpus), f"gpus {gpus}", "0"),
            record("best-of-16", "20", 0.0, "general", "1"),
        )
    }
    summary, places = per_dqn.tables(found)
    assert [row.cells[1:5] for row in summary.rows] == [
        ("general", "1", "2", "0.450000"),
        ("of each G", "0", "2", "0.900000"),
        ("general", "1", "2", "0"),
    ]
    assert [row.cells[:4] for row in places.rows] == [
        ("5", "1", "0.100000", "90.0"),
        ("5", "8", "0.800000", "20.0"),
    ]
    assert [row.cells[4:] for row in places.rows] == [("0.200000", "80.0"), ("1.600000", "-60.0")]


def test_what_a_training_saw_stands_beside_what_it_did_not() -> None:
    task, quality = record("greedy-decoding", "20", 0.25, "paper general", "1")
    found = {
        task._replace(set="training", instances=2000): quality,
        task._replace(set="training", method="best-of-16", instances=2000): quality._replace(captured_share=0.9),
        task._replace(set="held-out"): quality._replace(captured_share=0.5),
    }
    (table,) = per_dqn.tables(found)
    seen, new = ("2000", "0.250000", "75.0000", "75.0", "90.0000"), ("1000", "0.250000", "50.0000", "75.0", "-")
    assert [row.cells for row in table.rows] == [("paper general", "1", "4 to 20", "8", *seen, *new)]


def test_aims_stand_above_every_training_seed_and_what_is_missed_is_named() -> None:
    found = dict(
        [
            record("greedy-decoding", "1 20", 0.0004, "general", "0"),
            record("best-of-16", "1 20", 0.0, "general", "0"),
            record("greedy-decoding", "1 20", 0.002, "general", "1"),
            record("best-of-16", "1 20", 0.006, "general", "1"),
            record("greedy-decoding", "1 20", 0.01, "tuned-mlp", "3"),
            record("greedy-decoding", "1 20", 0.7, "paper general", "0"),
            record("greedy-decoding", "1", 0.0004, "general", "0"),
            record("best-of-16", "1", 0.0, "general", "0"),
            record("greedy-decoding", "1", 0.06, "general", "1"),
            record("best-of-16", "1", 0.003, "general", "1"),
        ]
    )
    by_seed, by_max_batch, _ = per_dqn.tables(found)
    assert [(row.cells[:3], row.cells[-1]) for row in by_seed.rows] == [
        (("general", "aim", "<= 0.001"), ""),
        (("general", "0", "0.000400"), ""),
        (("general", "1", "0.002000"), "mean gap per user, 95th percentile, captured share, solved by best of 16"),
        (("tuned-mlp", "aim", "<= 0.008"), ""),
        (("tuned-mlp", "3", "0.010000"), "mean gap per user"),
        (("paper general", "0", "0.700000"), ""),
    ]
    assert by_seed.rows[0].cells == ("general", "aim", "<= 0.001", "<= 0.005", ">= 99.95", ">= 95", ">= 99.5", "")
    (worst,) = by_max_batch.rows
    assert worst.cells[:7] == ("general", "2", "1", "0.060000", "0.180000", "94.0000", "94.0")
    assert worst.cells[7] == "99.7"
    assert worst.cells[8] == "mean gap per user, 95th percentile, captured share, solved"


@pytest.mark.parametrize(
    ("form", "line"),
    [("markdown", "| 4 to 20 | 8 | 1 20 | greedy |  |  | 1000 |"), ("table", "mixed: every cell")],
)
def test_the_command_prints_kept_records(
    form: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "measured.csv"
    write(file, records.ROWS, RECORDS)
    assert per_dqn.main([str(file), "--format", form, "--cells"]) == 0
    assert line in capsys.readouterr().out


def test_the_page_holds_what_the_command_makes_of_the_kept_records(capsys: pytest.CaptureFixture[str]) -> None:
    docs = Path(__file__).parents[3] / "docs"
    assert per_dqn.main([str(docs / "per_dqn" / "measured.csv"), "--format", "markdown"]) == 0
    page = (docs / "per_dqn.md").read_text(encoding="utf-8")
    _, _, after = page.partition("<!-- what the command prints -->\n\n")
    held, _, _ = after.partition("\n<!-- to here -->\n")
    assert held == capsys.readouterr().out


def test_a_file_without_records_gets_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert per_dqn.main([str(tmp_path / "missing.csv")]) == 2
    assert "missing.csv: No such file or directory" in capsys.readouterr().err
