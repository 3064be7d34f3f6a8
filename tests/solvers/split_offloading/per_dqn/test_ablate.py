"""The ablations: what they change exists, and rows are kept and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from formulations.runtime.command_line import names
from instances.storage.store import read, write
from solvers.split_offloading.per_dqn import ablate
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution
from solvers.split_offloading.per_dqn.network.configuration import CONFIGURATIONS
from solvers.split_offloading.per_dqn.training.scope import Scope


def test_every_change_is_one_of_a_shipped_configuration() -> None:
    changed = {name: CONFIGURATIONS[base].replaced(**fields) for name, (base, fields) in ablate.CHANGES.items()}
    assert names(",".join(ablate.CHANGES)) == tuple(ablate.CHANGES)
    assert len({configuration.model_dump_json() for configuration in changed.values()}) == len(changed)
    for name, (base, fields) in ablate.CHANGES.items():
        assert bool(fields.keys() - {"largest_users"}) == (name not in CONFIGURATIONS), base


def test_a_network_as_published_has_a_place_for_each_user_that_it_is_measured_on() -> None:
    of_paper = [fields for base, fields in ablate.CHANGES.values() if base == "paper"]
    assert {fields["largest_users"] for fields in of_paper} == {ablate.MIXED.users[1]}


def test_rows_are_kept_and_not_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    small = Scope("small", distribution=Distribution(users=(3, 5), gpus=(8,), max_batch=(2, 20)))
    quick = CONFIGURATIONS["tuned"].replaced(width=4, batch=8, warm_up=64, episodes_at_once=32)
    monkeypatch.setattr(ablate, "SCOPE", small)
    monkeypatch.setattr(ablate, "CONFIGURATIONS", {"tuned": quick})
    monkeypatch.setattr(ablate, "MIXED", Distribution(users=(3, 5)))
    monkeypatch.setattr(ablate, "CASES", 20)
    command = ["--out", str(tmp_path / "rows.csv"), "--seconds", "0.05", "--changes"]
    assert ablate.main([*command, "tuned"]) == 0
    first = list(read(tmp_path / "rows.csv", ablate.ROWS))
    assert [row.change for row in first] == ["tuned"]
    assert first[0].steps >= 1
    assert 0.0 <= first[0].solved_share <= 1.0
    assert ablate.main([*command, "tuned,squared loss"]) == 0
    second = list(read(tmp_path / "rows.csv", ablate.ROWS))
    assert second[0] == first[0]
    assert [row.change for row in second] == ["tuned", "squared loss"]
    by_steps = ["--out", str(tmp_path / "rows.csv"), "--steps", "3", "--changes", "tuned"]
    for _ in range(2):
        assert ablate.main(by_steps) == 0
    assert [(row.change, row.processor_seconds, row.steps) for row in read(tmp_path / "rows.csv", ablate.ROWS)][
        2:
    ] == [("tuned", 0.0, 3)]


def test_ctrl_c_keeps_every_finished_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def until_asked_twice(change: str, seed: int, seconds: float) -> ablate.Row:
        if change == "squared loss":
            raise KeyboardInterrupt
        return ablate.Row(change, "tuned", seed, seconds, 2, 0.5, 0.6, 0.7, 0.8, 0.9)

    monkeypatch.setattr(ablate, "check_torch", lambda device: None)
    monkeypatch.setattr(ablate, "ablation", until_asked_twice)
    assert ablate.main(["--out", str(tmp_path / "rows.csv"), "--changes", "tuned,squared loss"]) == 130
    assert "the same command goes on" in capsys.readouterr().err
    assert [row.change for row in read(tmp_path / "rows.csv", ablate.ROWS)] == ["tuned"]


def test_what_cannot_be_used_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.csv"
    assert ablate.main(["--out", str(path), "--changes", "magic"]) == 2
    assert "--changes: expected some of tuned; " in capsys.readouterr().err
    path.write_text("a,b\n1,2\n")
    assert ablate.main(["--out", str(path)]) == 2
    assert "expected the columns change, configuration" in capsys.readouterr().err
    row = ablate.Row("tuned", "tuned", 0, 1.0, 2, 0.5, 0.6, 0.7, 0.8, 0.9)
    write(path, ablate.ROWS, {row: row})
    path.write_text(path.read_text().replace("0.7", "many"))
    assert ablate.main(["--out", str(path)]) == 2
    assert "line 2: expected one number or text a column, got ValueError" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--seconds", "-1"], ["--seconds", "nan"], ["--seeds", "0"]])
def test_no_time_and_no_seeds_are_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ablate.main(["--out", str(tmp_path / "rows.csv"), *arguments]) == 2
    assert f"{arguments[0]}: expected " in capsys.readouterr().err
    assert not (tmp_path / "rows.csv").exists()
