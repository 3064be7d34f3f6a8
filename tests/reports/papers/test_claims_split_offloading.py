"""The audit of paper B's model: verdicts from synthetic numbers, and checks of what measures them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from instances.calibration.devices import read_devices
from reports.papers.audit import best_split, image_models, split_offloading
from reports.papers.audit.claim import Size, Verdict
from reports.papers.audit.measures import averages, enumerations, linearity
from reports.papers.audit.measures.averages import BASELINE_1, BASELINE_2, GPUS, USERS, Gains
from reports.papers.audit.measures.outcomes import evaluated
from reports.papers.figures.decisions import Draw, snapshot

ONE = Size(1)
SIZE = Size(3)

FALLING = np.arange(0.0, -len(USERS), -1.0)[:, None]
TURNING = np.where(np.arange(len(USERS))[:, None] > 2, 0.0, FALLING)
RISING = np.arange(float(len(GPUS)))[:, None]


@pytest.mark.parametrize(
    ("with_20", "with_40", "level", "verdict"),
    [
        (FALLING, FALLING, 1.0, Verdict.HOLDS),
        (TURNING, FALLING, 1.0, Verdict.OPEN),
        (TURNING, TURNING, 1.0, Verdict.PART),
        (FALLING, FALLING, 1.1, Verdict.PART),
    ],
)
def test_a_trend_that_differs_by_the_unpublished_largest_batch_depends_on_it(
    with_20: np.ndarray, with_40: np.ndarray, level: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_users(name: str, cases: int, max_batch: int) -> np.ndarray:
        if name == averages.ALL_LOCAL:
            return np.array([-1.0, -1.0, -1.0, -1.0, -level])[:, None]
        return with_20 if max_batch == 20 else with_40

    monkeypatch.setattr(split_offloading, "by_users", by_users)
    monkeypatch.setattr(split_offloading, "by_gpus", lambda name, cases: RISING)
    assert split_offloading.trends(ONE).verdict is verdict


@pytest.mark.parametrize(
    ("by_users", "by_gpus", "verdict"),
    [
        ([1.0, 1.1, 1.2, 1.5, 2.0], [1.0] * 5, Verdict.HOLDS),
        ([1.0, 1.1, 1.2, 1.5, 2.1], [1.0] * 5, Verdict.PART),
        ([5.0, 4.0, 3.0, 2.0, 1.0], [9.0, 5.0, 3.0, 2.0, 1.0], Verdict.PART),
        ([1.0, 1.0, 1.0, 1.0, -1.0], [9.0, 5.0, 3.0, 2.0, 1.0], Verdict.FAILS),
    ],
)
def test_a_gap_is_stable_where_it_varies_little(
    by_users: list[float], by_gpus: list[float], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(name: str, gaps: list[float]) -> np.ndarray:
        return np.array(gaps if name == BASELINE_1 else [0.0] * len(gaps))[:, None]

    monkeypatch.setattr(averages, "by_users", lambda name, cases, max_batch: of(name, by_users))
    monkeypatch.setattr(averages, "by_gpus", lambda name, cases: of(name, by_gpus))
    assert split_offloading.first_above_second(ONE).verdict is verdict
    negative = 2 * sum(gap < 0.0 for gap in by_users)
    assert averages.gap_above(BASELINE_2, 1).above == pytest.approx(1.0 - negative / 15)


@pytest.mark.parametrize(
    ("accuracy", "verdict"),
    [(-0.5, Verdict.HOLDS), (0.5, Verdict.HOLDS), (2.0, Verdict.FAILS), (-2.0, Verdict.FAILS)],
)
def test_latency_outweighs_what_the_accuracy_changes_by(
    accuracy: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    gains = Gains(np.ones(3), np.full(3, accuracy))
    monkeypatch.setattr(split_offloading, "gains_of_fewer_users", lambda cases: gains)
    monkeypatch.setattr(split_offloading, "gains_of_more_gpus", lambda cases: gains)
    assert split_offloading.latency_outweighs(ONE).verdict is verdict


def test_gains_are_of_the_same_users() -> None:
    data = next(averages.snapshots(1, 40))
    parts = [averages.only(data, range(first, first + 5)) for first in range(0, 40, 5)]
    alone = sum(evaluated("all-local", part).objective for part in parts)
    assert alone == pytest.approx(evaluated("all-local", data).objective, rel=1e-12)
    gains = averages.gains_of_fewer_users(1)
    assert gains.latency.shape == (3,)
    whole = evaluated("batch-scan", data).objective
    best = sum(evaluated("batch-scan", part).objective for part in parts)
    assert 40 * float(gains.latency.sum() + gains.accuracy.sum()) == pytest.approx(best - whole, rel=1e-9)


def test_joint_splits_beat_splits_that_are_not_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    data = next(averages.snapshots(1, users=3, gpus=4, max_batch=3))
    assert enumerations.largest_loss_of_nesting(data) == 0.0

    def worse(data: SplitOffloading, batch: float) -> np.ndarray:
        right = best_splits(data, batch)
        return np.where(right > 150.0, right - 10.0, right + 10.0)

    monkeypatch.setattr(enumerations, "best_splits", worse)
    assert enumerations.largest_loss_of_nesting(data) > 1e-6
    assert split_offloading.nesting(ONE).verdict is Verdict.PART


def test_each_rewriting_of_the_reduction_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    right = enumerations.quadratic_form
    monkeypatch.setattr(split_offloading, "quadratic_form", lambda data: 1.01 * right(data))
    assert split_offloading.reduction(ONE).verdict is Verdict.PART


def test_the_scan_in_rational_numbers_finds_the_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    data = next(averages.snapshots(1, users=5, gpus=3, max_batch=3))
    exact = enumerations.rational_scan(data)
    assert exact == enumerations.rational_enumeration(data)
    assert float(exact) == pytest.approx(evaluated("batch-scan", data).objective, rel=1e-12)
    assert split_offloading.np_hard(ONE).verdict is Verdict.FAILS
    monkeypatch.setattr(split_offloading, "rational_scan", lambda data: exact + 1)
    assert split_offloading.np_hard(ONE).verdict is Verdict.PART


def test_splits_at_exponent_one_are_the_best_splits() -> None:
    data = snapshot(Draw(10, 8, 0))
    found = best_split.best_splits_at_power(data, 8.0, 1.0, 1.0)
    np.testing.assert_array_equal(found, best_splits(data, 8.0, whole=True))


@pytest.mark.parametrize(("moves_at", "verdict"), [((1.5,), Verdict.HOLDS), ((), Verdict.FAILS)])
def test_other_latencies_count_once_an_exponent_lets_them_move_the_split(
    moves_at: Sequence[float], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        best_split,
        "best_splits_at_power",
        lambda data, batch, power, factor: data.wait_seconds * (power in moves_at),
    )
    assert best_split.other_latency(ONE).verdict is verdict


def test_other_latencies_that_move_the_split_at_exponent_one_contradict_the_remark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(best_split, "best_splits_at_power", lambda data, batch, power, factor: data.wait_seconds)
    assert best_split.other_latency(ONE).verdict is Verdict.PART


def test_the_batch_matters_more_with_few_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    assert best_split.few_gpus(ONE).verdict is Verdict.HOLDS
    steps = best_split.offloaded()[::-1]
    monkeypatch.setattr(best_split, "offloaded", lambda: steps)
    assert best_split.few_gpus(ONE).verdict is Verdict.PART


def test_devices_faster_than_the_edge_have_no_interval_of_emphases() -> None:
    devices = [best_split.within_the_interval(gpus).devices for gpus in GPUS]
    assert devices == sorted(devices)
    assert devices[0] >= 1


def test_measurements_of_the_series_are_not_pooled_once_more() -> None:
    table = read_devices().devices.values()
    twice = [row.device for row in table if linearity.source_of(row.source) in linearity.sources()]
    assert twice == ["H100 PCIe (Lambda)"]
    found = image_models.linear_latency(ONE)
    assert "(Lambda)" not in found.measured
    assert found.instances == sum(row.has_line for row in table) - 1 + len(linearity.lines())


@pytest.mark.parametrize(("power", "verdict"), [(1.0, Verdict.HOLDS), (1.5, Verdict.PART)])
def test_a_series_that_is_a_line_is_linear(
    power: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    series = pd.DataFrame({"place": "edge", "batch": batch, "seconds": 0.5 + 0.2 * batch**power})
    line = linearity._line("any", series)
    monkeypatch.setattr(image_models, "lines", lambda: [line])
    found = image_models.linear_latency(SIZE)
    straight = line.largest_error <= 1e-12
    assert found.verdict is verdict
    assert f"on {int(straight)} of 1 GPUs" in found.measured
    assert line.constant_share == pytest.approx(2.5) if straight else line.largest_error > 0.1


def test_the_line_through_the_series_of_the_h100_pcie_is_that_of_the_device_table() -> None:
    (line,) = (each for each in linearity.lines() if each.device == "H100 PCIe")
    row = read_devices().devices["H100 PCIe (Lambda)"]
    assert line.constant_share == pytest.approx(
        row.seconds_per_step_base / row.seconds_per_step_per_item, rel=1e-3
    )


@pytest.mark.parametrize(
    ("bandwidth", "verdict"), [(1e9, Verdict.HOLDS), (1e6, Verdict.PART), (2e5, Verdict.FAILS)]
)
def test_transmission_by_bandwidth(bandwidth: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list(split_offloading.snapshots(3))
    changed = [data.replaced({"bandwidth_hz": bandwidth}) for data in drawn]
    monkeypatch.setattr(split_offloading, "snapshots", lambda cases: iter(changed))
    assert split_offloading.transmission_is_small(SIZE).verdict is verdict


def test_emphases_beyond_the_interval_of_remark_1(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Size(1)
    assert best_split.emphasis_limits(one).verdict is Verdict.HOLDS
    right = best_split.interval_of_emphases
    monkeypatch.setattr(
        best_split,
        "interval_of_emphases",
        lambda data, batch: (2.0 * right(data, batch)[0], right(data, batch)[1]),
    )
    assert best_split.emphasis_limits(one).verdict is Verdict.PART


def test_fixed_splits_are_the_gqap_of_18() -> None:
    assert split_offloading.reduction(Size(1)).verdict is Verdict.HOLDS


def test_best_splits_move_as_read_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert best_split.trends(SIZE).verdict is Verdict.HOLDS
    steps = best_split.offloaded()[::-1]
    monkeypatch.setattr(best_split, "offloaded", lambda: steps)
    assert best_split.trends(SIZE).verdict is Verdict.PART
