"""The table of the ablations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from instances.storage.store import write
from reports.learned_policy import ablations as per_dqn_ablations
from solvers.split_offloading.per_dqn.ablate import ROWS, Row
from solvers.split_offloading.per_dqn.network.weights import SHIPPED

DOCS = Path(__file__).parents[3] / "docs"


def test_a_row_reads_as_it_was_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = Row("batch 128", "tuned", 2, 40.0, 1234, 0.0025, 0.5, 0.9991, 0.955, 0.997)
    write(tmp_path / "rows.csv", ROWS, {row: row})
    assert per_dqn_ablations.main([str(tmp_path / "rows.csv"), "--format", "markdown"]) == 0
    last = capsys.readouterr().out.rstrip().splitlines()[-1]
    assert last == "| batch 128 | 2 | 40 | 1234 | 0.002500 | 0.500000 | 99.9100 | 95.5 | 99.7 |"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.csv", "missing.csv: No such file or directory"),
        ("empty.csv", "empty.csv: expected records, got none"),
        (".", "Is a directory"),
    ],
)
def test_a_file_without_rows_gets_one_sentence(
    name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.csv").touch()
    assert per_dqn_ablations.main([str(tmp_path / name)]) == 2
    assert said in capsys.readouterr().err


def row_of(change: str, seed: int, captured: float, steps: int = 200_000) -> Row:
    return Row(change, "paper", seed, 0.0, steps, 0.5, 1.0, captured, 0.2, 0.4)


def test_a_change_is_held_against_the_same_seeds_and_steps_without_it() -> None:
    rows = [row_of("paper", seed, 0.8 + 0.01 * seed) for seed in range(3)]
    rows += [row_of("paper without it", seed, 0.7 + 0.03 * seed) for seed in range(3)]
    rows += [row_of("paper without it", 3, 0.1), row_of("paper without it", 0, 0.1, 60_000)]  # nothing to compare
    (effect,) = per_dqn_ablations.effects(rows)
    assert (effect.change, effect.steps, effect.seeds) == ("paper without it", 200_000, 3)
    assert effect.captured_share == pytest.approx(0.73)
    assert effect.difference == pytest.approx(-0.08)  # of -0.10, -0.08 and -0.06
    assert effect.half_width == pytest.approx(4.303 * 0.02 / np.sqrt(3.0), rel=1e-3)


@pytest.mark.parametrize(
    ("file", "mark"),
    [
        (DOCS / "per_dqn" / "ablations.csv", "what the ablations print"),
        (SHIPPED / "paper_ablations.csv", "what the paper's ablations print"),
        (SHIPPED / "tuned_ablations.csv", "what our ablations print"),
    ],
)
def test_the_page_holds_what_the_command_makes_of_the_kept_rows(
    file: Path, mark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert per_dqn_ablations.main([str(file), "--format", "markdown"]) == 0
    page = (DOCS / "per_dqn.md").read_text(encoding="utf-8")
    _, _, after = page.partition(f"<!-- {mark} -->\n\n")
    held, _, _ = after.partition("\n<!-- to here -->\n")
    assert held == capsys.readouterr().out
