"""The command that trains: its files, an interruption at any time, and what it refuses."""

from __future__ import annotations

import csv
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import instances
from instances.generation.generator import generate
from instances.storage.lock import only_writer
from solvers.split_offloading.exact.batch_scan import scan_batches, solution_of
from solvers.split_offloading.heuristics.baselines import earliest
from solvers.split_offloading.heuristics.greedy import add_in_order
from solvers.split_offloading.per_dqn import methods, train
from solvers.split_offloading.per_dqn.network.weights import read_weights

pytest.importorskip("torch")

from solvers.split_offloading.per_dqn.training.run import Training

ARGUMENTS = ("--scope", "case", "--steps", "40", "--seed", "3")


@pytest.fixture
def case(tmp_path: Path) -> str:
    path = tmp_path / "case.json"
    instances.save(generate(problems=("split_offloading",), name="small", users=8, seed=1), path)
    return str(path)


def weights(folder: Path) -> dict[str, np.ndarray]:
    return dict(read_weights(folder / "casesmall.safetensors").policy.weights)


class Killed(BaseException):
    """In place of SIGKILL."""


def stopping(monkeypatch: pytest.MonkeyPatch, rounds: int, stop: Any) -> None:
    """Let the training come to an end in some round, as if from outside."""
    whole, done = Training.round, []

    def some(self: Training) -> None:
        done.append(1)
        if len(done) == rounds:
            stop()
        whole(self)

    monkeypatch.setattr(Training, "round", some)


def test_a_training_that_is_killed_or_interrupted_ends_with_the_same_network(
    tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [*ARGUMENTS, "--instance", case, "--out"]
    assert train.main([*command, str(tmp_path / "whole")]) == 0
    expected = weights(tmp_path / "whole")
    with (tmp_path / "whole" / "curve.csv").open() as file:
        curve = list(csv.DictReader(file))
    steps = [row["step"] for row in curve]
    assert (int(steps[0]), int(steps[-1])) == (0, 40)
    assert [int(row["episodes"]) > 0 for row in curve[:2]] == [False, True]  # once, before the first round
    assert read_weights(tmp_path / "whole" / "casesmall.safetensors").provenance.steps == 40

    def kill() -> None:
        raise Killed

    monkeypatch.setattr(train, "SAVE_SECONDS", 0.0)
    with monkeypatch.context() as patch:
        stopping(patch, 4, kill)
        with pytest.raises(Killed):
            train.main([*command, str(tmp_path / "killed")])
    assert not list((tmp_path / "killed").glob("*.safetensors"))
    with only_writer(tmp_path / "killed"):
        assert train.main([*command, str(tmp_path / "killed")]) == 2
    with (tmp_path / "killed" / "curve.csv").open("a") as file:
        file.write("40,")  # as a kill may leave it
    with monkeypatch.context() as patch:
        stopping(patch, 1, lambda: os.kill(os.getpid(), signal.SIGINT))
        assert train.main([*command, str(tmp_path / "killed")]) == 130
    assert train.main([*command, str(tmp_path / "killed")]) == 0
    assert train.main([*command, str(tmp_path / "killed")]) == 0  # nothing left to do
    assert train.main([*command, str(tmp_path / "killed"), "--steps", "50"]) == 2
    with (tmp_path / "killed" / "curve.csv").open() as file:
        assert [row["step"] for row in csv.DictReader(file)] == steps
    for name, array in weights(tmp_path / "killed").items():
        np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scope", "gpus"], "--gpus: expected a value with --scope gpus"),
        (["--scope", "general", "--gpus", "8"], "--gpus: expected none without --scope gpus"),
        (["--scope", "case"], "--instance: expected a value with --scope case"),
        (["--scope", "case", "--instance", "none.json"], "none.json"),
        (["--scope", "general", "--device", "abacus"], "--device: expected one that torch can use, got 'abacus'"),
        (["--scope", "general", "--minutes", "0"], "expected minutes above 0"),
        (["--scope", "general", "--steps", "x"], "expected a whole number from 1"),
        (
            ["--problem", "multi_edge_offloading", "--scope", "gpus"],
            "--scope: expected general with --problem multi_edge_offloading, got 'gpus'",
        ),
        (
            ["--problem", "multi_edge_offloading", "--configuration", "tuned-mlp"],
            "--configuration: expected one of tuned, paper with --problem multi_edge_offloading, got 'tuned-mlp'",
        ),
    ],
)
def test_what_cannot_be_used_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert train.main([*arguments, "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert error.count("\n") == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"max_batch": 0}, "case.json: split_offloading.max_batch: expected somebody to grant, got 0"),
        (None, "case.json: expected a section split_offloading, got none"),
    ],
)
def test_a_case_in_which_nothing_can_be_decided_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fields: dict[str, Any] | None, message: str
) -> None:
    if fields is None:
        instance = generate(problems=("step_allocation",), users=3)
    else:
        instance = generate(problems=("split_offloading",), users=3)
        assert instance.split_offloading is not None
        instance = instance.model_copy(update={"split_offloading": instance.split_offloading.replaced(fields)})
    instances.save(instance, tmp_path / "case.json")
    assert train.main(["--scope", "case", "--instance", str(tmp_path / "case.json"), "--out", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.long
def test_a_fixed_case_that_every_simple_rule_misses_is_solved(tmp_path: Path) -> None:
    """The specific scope, on 30 users for whom all-local, baseline 1 and the sorted rule all miss the optimum."""
    instance = generate(problems=("split_offloading",), name="missed", users=30, seed=45)
    data = instance.split_offloading
    assert data is not None
    optimum = float(scan_batches(data).gain_of_batch.max())

    def gain(granted: np.ndarray) -> float:
        from formulations.split_offloading.evaluation import evaluate_solution

        return evaluate_solution(data, solution_of(data, granted)).metrics["gain_over_all_local"]

    for granted in (np.array([], dtype=np.int64), earliest(data), add_in_order(data)):
        assert gain(granted) < optimum - 0.1
    instances.save(instance, tmp_path / "missed.json")
    command = ["--scope", "case", "--instance", str(tmp_path / "missed.json"), "--steps", "600"]
    assert train.main([*command, "--out", str(tmp_path)]) == 0
    trained = read_weights(tmp_path / "casemissed.safetensors")
    outcome = methods.solve_with(trained, data, 1, 0)
    assert gain(np.flatnonzero(outcome.solution["x"])) == pytest.approx(optimum, rel=1e-9)
