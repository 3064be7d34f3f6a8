"""The measurement of policies: what it computes, keeps and refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import split_offloading

from formulations.split_offloading.gain import gains
from instances.storage.store import read
from solvers.split_offloading.exact.batch_scan import scan_batches
from solvers.split_offloading.per_dqn.decision_process.cases import (
    arrays_of,
    cases_of,
    handling_order,
    scenarios_of,
)
from solvers.split_offloading.per_dqn.decision_process.draw_cases import MIXED, Distribution, draw_cases, generator
from solvers.split_offloading.per_dqn.measurement import deciders, records
from solvers.split_offloading.per_dqn.measurement.__main__ import (
    Contradiction,
    _jobs,
    _networks,
    fits,
    main,
    measured,
)
from solvers.split_offloading.per_dqn.measurement.deciders import Decided
from solvers.split_offloading.per_dqn.measurement.sets import OWN_SETS, SETS, Cell, held_out
from solvers.split_offloading.per_dqn.network.configuration import PAPER
from solvers.split_offloading.per_dqn.training.scope import fixed_cases, general


def decided(gain: np.ndarray) -> Decided:
    return Decided(gain, 1e-3, float("nan"))


def test_gaps_shares_and_percentiles_by_hand() -> None:
    cases = cases_of([split_offloading(users, users) for users in (1, 2, 4, 5)])
    optimum = np.array([2.0, 4.0, 8.0, 0.0])
    found = measured(decided(optimum - np.array([0.0, 1.0, 1.0, 4e-10])), optimum, cases)
    assert found.gap_per_user == pytest.approx((0.0 + 0.5 + 0.25 + 0.0) / 4.0)
    assert found.gap_per_user_95 == pytest.approx(np.percentile([0.0, 0.5, 0.25, 0.0], 95.0))
    assert found.captured_share == pytest.approx(12.0 / 14.0)
    assert found.solved_share == 0.5
    few = measured(decided(np.array([1.0])), optimum, cases)
    assert (few.gap_per_user, few.captured_share) == (1.0, 0.5)


def test_a_decision_above_the_optimum_is_a_contradiction() -> None:
    cases = cases_of([split_offloading(2), split_offloading(3)])
    with pytest.raises(Contradiction, match=r"snapshot 1 has the certified gain 1.0, and a decision 1.1"):
        measured(decided(np.array([1.0, 1.1])), np.ones(2), cases)


def test_methods_of_the_registry_decide_the_same_problems() -> None:
    cases = draw_cases(MIXED, 30, generator(0, "evaluation"))
    optimum, _ = deciders.optimal(cases)
    np.testing.assert_allclose(deciders.by_method("batch-scan", cases).gain, optimum.gain, rtol=1e-9, atol=1e-9)
    assert np.abs(deciders.by_method("all-local", cases).gain).max() < 1e-11
    for data, gain, granted in zip(scenarios_of(cases), optimum.gain, optimum.granted, strict=True):
        assert scan_batches(data).gain_of_batch.max() == pytest.approx(gain, rel=1e-12)
        mine = granted[: data.users]
        assert gains(data, float(mine.sum()))[mine].sum() == pytest.approx(gain, rel=1e-12)


def test_snapshots_survive_the_way_there_and_back() -> None:
    cases = draw_cases(MIXED, 20, generator(1, "evaluation"))
    again = cases_of(list(scenarios_of(cases)))
    assert again.snapshots.curve == cases.snapshots.curve
    for name, array in arrays_of(again).items():
        np.testing.assert_array_equal(
            array, arrays_of(cases)[name][:, : again.width] if array.ndim == 2 else arrays_of(cases)[name]
        )


@pytest.mark.parametrize("distribution", [MIXED, replace(MIXED, users=(41, 60))], ids=["mixed", "large"])
def test_the_rule_without_a_network_grants_whoever_raises_the_objective(distribution: Distribution) -> None:
    cases = draw_cases(distribution, 40, generator(2, "evaluation"))
    found = deciders.by_rising_objective("quarter-gain", cases).gain
    order = handling_order(cases, "quarter-gain")
    for row, data in enumerate(scenarios_of(cases)):
        granted: list[int] = []
        total = 0.0
        for user in order[row, : data.users].tolist():
            grown = float(gains(data, len(granted) + 1.0)[[*granted, user]].sum())
            if grown > total and len(granted) < data.max_batch:
                granted.append(user)
                total = grown
        assert found[row] == pytest.approx(total, rel=1e-12)


def test_no_cell_is_drawn_twice() -> None:
    labels = [(cell.set, *cell.label.values()) for cells in SETS.values() for cell in cells]
    assert len(set(labels)) == len(labels)
    assert all(cell.set == name for name, cells in SETS.items() for cell in cells)
    one, two = (held_out(SETS["grid"][0], 5, seed).wait for seed in (0, 1))
    assert (one != two).any()


def test_networks_are_measured_where_they_are_meant_to_decide() -> None:
    def cells(name: str) -> list[Cell]:
        (network,) = (each for each in _networks([]) if each.name == name)
        return [cell for each in SETS.values() for cell in each if fits(network, cell)]

    every = [cell for each in SETS.values() for cell in each]
    assert cells("general") == every
    for name, most in (("paper general", 40), ("paper general20", 20)):
        assert cells(name) == [cell for cell in every if cell.distribution.users[1] <= most]
    assert cells("gpus 8") == [cell for cell in SETS["grid"] if cell.distribution.gpus == (8,)]
    assert cells("paper n30") == []


def test_a_network_is_measured_on_what_its_training_saw_and_on_what_it_did_not(tmp_path: Path) -> None:
    file = tmp_path / "measured.csv"
    trained = [each for each in _networks([]) if each.name == "paper general20"]
    seen, new = (list(_jobs(name, 30, 0, trained)) for name in OWN_SETS)
    size = PAPER.training_cases
    assert [(job.task.method, job.task.instances, job.task.seed) for job in (*seen, *new)] == [
        ("greedy-decoding", size, 1),
        ("best-of-16", size, 1),
        ("greedy-decoding", 30, 0),
        ("best-of-16", 30, 0),
    ]
    pool = seen[0].ground.cases
    assert (pool.size, pool.width) == (size, 20)
    np.testing.assert_array_equal(pool.wait, fixed_cases(general(20, 20), 2000, 1).wait)
    assert not list(_jobs("training", 30, 0, [each for each in _networks([]) if each.name == "general"]))
    assert main(["--out", str(file), "--sets", "held-out", "--instances", "5"]) == 0
    assert {task.network for task in read(file, records.ROWS)} >= {"paper general", "paper general20"}


def test_an_interrupted_measurement_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "measured.csv"
    command = ["--out", str(file), "--sets", "large", "--instances", "3"]
    asked: list[str] = []
    real = deciders.by_method

    def until_interrupted(name: str, cases: object) -> Decided:
        if len(asked) == 5:
            raise KeyboardInterrupt
        asked.append(name)
        return real(name, cases)

    monkeypatch.setattr("solvers.split_offloading.per_dqn.measurement.__main__.SHIPPED", tmp_path)
    monkeypatch.setattr("solvers.split_offloading.per_dqn.measurement.__main__.METHODS", ("greedy", "all-local"))
    monkeypatch.setattr("solvers.split_offloading.per_dqn.measurement.__main__.RULES", {})
    monkeypatch.setattr(deciders, "by_method", until_interrupted)
    assert main(command) == 130
    assert "the same command goes on" in capsys.readouterr().err
    half = read(file, records.ROWS)
    assert len(half) == 5
    asked.clear()
    monkeypatch.setattr(deciders, "by_method", lambda name, cases: (asked.append(name), real(name, cases))[1])
    assert main(command) == 0
    whole = read(file, records.ROWS)
    assert len(whole) == 2 * len(SETS["large"]) == len(half) + len(asked)
    assert repr({task: whole[task] for task in half}) == repr(half)  # NaN differs from itself
    asked.clear()
    assert main(command) == 0
    assert asked == []
    greedy = [found for task, found in whole.items() if task.method == "greedy"]
    assert all(found.gap_per_user >= 0.0 and found.captured_share > 0.99 for found in greedy)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--sets", "grids"], "--sets: expected some of grid, mixed, large, training, held-out, got grids"),
        (["--instances", "0"], "--instances: expected a whole number from 1 to 2147483647, got '0'"),
        (["--seed", "-1"], "--seed: expected a whole number from 0 to 2147483647, got '-1'"),
        (["--network", "mine"], "expected NAME=FILE, got 'mine'"),
        (["--network", "mine=nowhere.safetensors"], "nowhere.safetensors: expected a file of weights"),
    ],
)
def test_unusable_arguments_get_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "measured.csv"), *arguments]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


def test_a_file_of_other_columns_or_with_a_broken_row_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "measured.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"measured.csv, line 1: expected the columns set, users"):
        read(file, records.ROWS)
    file.write_text(",".join(records.ROWS.columns) + "\n" + ",".join(["x"] * len(records.ROWS.columns)) + "\n")
    with pytest.raises(ValueError, match=r"measured.csv, line 2: expected one number or text a column"):
        read(file, records.ROWS)
