"""Verdicts on paper A from synthetic numbers: each rule by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from reports.papers.audit import page, step_allocation, step_trends
from reports.papers.audit.claim import WORDS, Size, Verdict
from reports.papers.audit.measures.figure_1 import EQUAL_WEIGHTS, SHARES
from reports.papers.audit.measures.left_open import Gaps
from reports.papers.audit.measures.readings import over_readings
from reports.papers.figures.paper_a import WEIGHTS

SIZE = Size(8)

COUNT, BUDGETS = 2, step_trends.BUDGETS.size

FALLING = np.concatenate([np.linspace(2.0, 1.0, BUDGETS - 3), np.ones(3)])
"""Falls, and levels off where the budget binds no more."""


@pytest.mark.parametrize(
    ("readings", "verdict"),
    [
        ([Verdict.HOLDS, Verdict.HOLDS], Verdict.HOLDS),
        ([Verdict.FAILS, Verdict.HOLDS], Verdict.PART),
        ([Verdict.FAILS, None], Verdict.FAILS),
        ([Verdict.HOLDS, None], Verdict.HOLDS),
        ([None], Verdict.UNCHECKED),
    ],
)
def test_readings_that_can_be_measured_count_alike(readings: Sequence[Verdict | None], verdict: Verdict) -> None:
    assert over_readings(readings) is verdict


@pytest.mark.parametrize(
    ("published", "tried", "verdict"),
    [
        ((0.1, 0.2), {"one": (0.1, 0.1), "other": (0.3, 0.1)}, Verdict.FAILS),
        ((0.1, 0.2), {"one": (0.1, 0.1), "other": (0.0, 0.1)}, Verdict.PART),
        ((0.1, 0.2), {"one": (0.0, 0.0), "other": (0.1, 0.1)}, Verdict.OPEN),
        ((0.0, 0.0), {"one": (0.0, 0.0), "other": (0.1, 0.1)}, Verdict.HOLDS),
    ],
)
def test_line_9_is_judged_by_the_best_of_what_the_paper_leaves_open(
    published: tuple[float, ...],
    tried: dict[str, tuple[float, ...]],
    verdict: Verdict,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(step_allocation, "gaps", lambda name, cases: published)
    each = {name: [Gaps(gap, gap) for gap in found] for name, found in tried.items()}
    monkeypatch.setattr(step_allocation, "sensitivity", lambda drawn: each)
    found = step_allocation.global_optimum_of_p1(SIZE)
    assert found.verdict is verdict
    reached = 50 * sum(gap == 0.0 for gap in tried["one"])
    mean = 50.0 * sum(tried["one"])
    assert "\n\n| choice |" in found.measured
    assert f"\n| one | {mean:.1f} % | {mean:.1f} % | {reached} % |\n" in found.measured
    assert "\n\nBoth gaps of a row agree to 0.1 % on every instance. " in found.measured


def test_choices_whose_steps_can_be_bettered_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_allocation, "gaps", lambda name, cases: (0.1,))
    tried = {"one": [Gaps(0.1, 0.1), Gaps(0.2, 0.1)], "other": [Gaps(0.3, 0.3), Gaps(0.3, 0.3)]}
    monkeypatch.setattr(step_allocation, "sensitivity", lambda drawn: tried)
    found = step_allocation.global_optimum_of_p1(SIZE)
    assert "agree to 0.1 % on every instance, but for: one. " in found.measured


@pytest.mark.parametrize(("rising", "verdict"), [(0, Verdict.HOLDS), (1, Verdict.PART), (30, Verdict.FAILS)])
def test_users_of_the_appendix_count_once(rising: int, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_allocation, "users_rising", lambda data: rising)
    found = step_allocation.monotone(SIZE)
    assert (found.verdict, found.instances) == (verdict, 2)
    assert f"for {60 - 2 * rising} of 60 users" in found.measured
    assert "delta in 0, 0.001 and 1 and tau in 1 and 100000:" in found.measured


def bump(curve: np.ndarray, share: float) -> np.ndarray:
    """Return a falling curve that rises by a share of its start once."""
    risen = curve.copy()
    risen[4:] += (curve[3] - curve[4]) + share * curve[0]
    return risen


@pytest.mark.parametrize(
    ("curve", "verdict"),
    [
        (FALLING, Verdict.HOLDS),
        (bump(FALLING, 0.009), Verdict.HOLDS),
        (bump(FALLING, 0.011), Verdict.PART),
        (FALLING[::-1], Verdict.FAILS),
    ],
)
def test_both_figures_are_judged_by_their_mean_lines(
    curve: np.ndarray, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_trends, "curves_of", lambda name, cases, metric: np.array([curve, curve]))
    monkeypatch.setattr(step_trends, "objectives", lambda name, count, limit: np.array([curve, curve]))
    checks = {claim.name: claim.check for claim in step_trends.CLAIMS}
    for name in ("a-time-falls", "a-fig2"):
        assert checks[name](SIZE).verdict is verdict


@pytest.mark.parametrize(("curve", "verdict"), [(FALLING[::-1], Verdict.HOLDS), (FALLING, Verdict.FAILS)])
def test_energy_has_to_rise(curve: np.ndarray, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_trends, "curves_of", lambda name, cases, metric: np.array([curve, curve]))
    checks = {claim.name: claim.check for claim in step_trends.CLAIMS}
    assert checks["a-energy-rises"](SIZE).verdict is verdict


def test_instances_that_rise_do_not_count_where_their_mean_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    uneven = np.array([bump(FALLING, 0.5), FALLING - (bump(FALLING, 0.5) - FALLING)])
    monkeypatch.setattr(step_trends, "objectives", lambda name, count, limit: uneven)
    found = step_trends.declines_then_stable(SIZE)
    assert found.verdict is Verdict.HOLDS
    assert "Of the single instances 50 % decline without any rise." in found.measured


def test_a_line_that_goes_on_falling_does_not_level_off(monkeypatch: pytest.MonkeyPatch) -> None:
    steep = np.linspace(2.0, 1.0, BUDGETS)
    monkeypatch.setattr(step_trends, "objectives", lambda name, count, limit: np.array([steep, steep]))
    found = step_trends.declines_then_stable(SIZE)
    assert found.verdict is Verdict.PART
    assert "0 level off" in found.measured


def spends(**columns: float) -> np.ndarray:
    """Return what a line spends: 1 of everything but what is named, at all budgets, for all instances."""
    names = ("time", "error", "energy", "sum", "own")
    return np.tile([columns.get(name, 1.0) for name in names], (COUNT, SHARES.size, 1))


def given(monkeypatch: pytest.MonkeyPatch, random: np.ndarray, equal: np.ndarray, *raised: np.ndarray) -> None:
    settings = dict(zip(WEIGHTS, (equal, *raised), strict=True))
    monkeypatch.setattr(
        step_trends, "spent", lambda name, label, count: random if name == "random" else settings[label]
    )


@pytest.mark.parametrize(
    ("random", "verdict"),
    [
        (spends(time=2.0, error=2.0, energy=2.0, own=2.0), Verdict.HOLDS),
        (spends(time=0.5, error=2.0, energy=0.5, own=2.0), Verdict.PART),
        (spends(time=0.5, error=0.5, energy=0.5, own=2.0), Verdict.PART),
        (spends(time=0.5, error=0.5, energy=0.5, own=0.5), Verdict.FAILS),
    ],
)
def test_every_weight_setting_against_the_random_baseline(
    random: np.ndarray, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, random, *[spends()] * 4)
    assert step_trends.better_than_random(SIZE).verdict is verdict


def test_one_raised_weight_below_the_baseline_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, spends(time=2.0, error=2.0, energy=2.0, own=2.0), *[spends()] * 3, spends(error=3.0))
    found = step_trends.better_than_random(SIZE)
    assert found.verdict is Verdict.PART
    assert found.evidence["accuracy"] == 0.75


@pytest.mark.parametrize(
    ("equal", "raised", "verdict"),
    [
        (spends(), [spends(time=2.0, error=2.0, energy=2.0, sum=2.0)] * 3, Verdict.HOLDS),
        (spends(), [spends(time=0.5, error=2.0, energy=2.0, sum=2.0)] * 3, Verdict.PART),
        (spends(), [spends(time=0.5, sum=0.5), spends(time=2.0, sum=0.5), spends(sum=0.5)], Verdict.PART),
        (spends(), [spends(time=0.5, error=0.5, energy=0.5, sum=0.5)] * 3, Verdict.FAILS),
    ],
)
def test_equal_weights_in_three_readings(
    equal: np.ndarray, raised: list[np.ndarray], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, spends(), equal, *raised)
    assert step_trends.equal_weights_best(SIZE).verdict is verdict


def test_equal_weights_between_others_are_never_the_worst() -> None:
    labels = [label for label in WEIGHTS if label != EQUAL_WEIGHTS]
    others = (
        spends(time=0.5, error=2.0, energy=2.0),
        spends(time=2.0, error=0.5, energy=2.0),
        spends(time=2.0, error=2.0, energy=0.5),
    )
    found = step_trends.standing({EQUAL_WEIGHTS: spends(), **dict(zip(labels, others, strict=True))})
    assert found.never_worst.all()
    assert not found.best.any()
    assert (found.raising_helps == 1.0).all()


def test_what_is_ours_is_no_part_of_the_papers_statements() -> None:
    assert "correct" not in WORDS["a-p2-optimum"].heading + WORDS["a-p2-optimum"].statement
    assert WORDS["a-equal-weights"].quote.endswith(
        "as no sacrifice exists in this scenario compared with other lines"
    )
    assert WORDS["a-p1-optimum"].heading.endswith("the optimal solution of P1")


def test_the_page_says_that_some_verdicts_rest_on_no_measurement() -> None:
    assert "; what nothing here can measure is named so, " in page.markdown([], "x")
