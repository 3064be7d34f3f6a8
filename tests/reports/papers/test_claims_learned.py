"""The audit of the learned policy, its training and the genetic algorithm: verdicts from synthetic numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from formulations.split_offloading.evaluation import evaluate_solution
from reports.papers.audit import (
    genetic_algorithm,
    learned_policy,
    learned_scopes,
    split_offloading,
)
from reports.papers.audit.claim import Size, Verdict
from reports.papers.audit.genetic_algorithm import Losses
from reports.papers.audit.learned_policy import OURS, PUBLISHED
from reports.papers.audit.measures import genetic_variants, growth
from solvers.split_offloading.exact.batch_scan import solution_of

SIZE = Size(3)


OPTIMUM = np.array([-1.0, -2.0, -3.0])


def objectives(**lost: float | list[float]) -> Mapping[str, np.ndarray]:
    names = {name: OURS.decider if name == "network" else name.replace("_", "-") for name in lost}
    return {names[name]: OPTIMUM - np.asarray(loss) for name, loss in lost.items()}


def given(monkeypatch: pytest.MonkeyPatch, found: Mapping[str, np.ndarray]) -> None:
    """Give objectives with 5, 10 and 20 users, one snapshot each, and none by the GPUs."""
    monkeypatch.setattr(learned_policy, "by_draw", lambda name, size, users: found[name])
    monkeypatch.setattr(learned_policy, "mean_by_gpus", lambda name, size: np.zeros(0))


THREE = OURS._replace(users=(5, 10, 20))
BASELINES = {"all-offload-best-split": 1.0, "all-offload-fixed-split": 2.0, "all-local": 3.0}


@pytest.mark.parametrize(
    ("network", "verdict"),
    [(0.0, Verdict.HOLDS), ([0.0, 0.0, 2.0], Verdict.PART), (9.0, Verdict.FAILS)],
)
def test_policy_against_baselines(
    network: float | list[float], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {name: OPTIMUM - loss for name, loss in BASELINES.items()}
    given(monkeypatch, {**found, **objectives(network=network, greedy=0.0)})
    finding = learned_policy.outperforms_baselines(SIZE, THREE)
    assert finding.verdict is verdict
    assert f"in {round(3 * finding.evidence['settings'])} of 3 settings" in finding.measured


@pytest.mark.parametrize(
    ("network", "verdict"),
    [(0.0, Verdict.HOLDS), ([0.0, 1e-3, 0.0], Verdict.PART), (1e-3, Verdict.PART), (1.5, Verdict.FAILS)],
)
def test_policy_against_the_optimum(
    network: float | list[float], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = objectives(batch_scan=0.0, network=network, greedy=0.0, sorted_stop=[0.0, 0.0, 0.1])
    given(monkeypatch, {**found, **{name: OPTIMUM - loss for name, loss in BASELINES.items()}})
    finding = learned_policy.reaches_optimality(SIZE, THREE)
    assert finding.verdict is verdict
    assert finding.evidence["greedy"] == 1.0
    assert finding.evidence["sorted-stop"] == pytest.approx(2.0 / 3.0)


@pytest.mark.parametrize(("fixed", "verdict"), [(0.5, Verdict.HOLDS), ([0.5, 0.0, 0.5], Verdict.PART)])
def test_policy_against_branch_and_bound(
    fixed: float | list[float], verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, objectives(network=0.1, greedy=0.0, highs_gqap_fixed_split=fixed))
    found = learned_policy.above_branch_and_bound(SIZE, THREE)
    assert found.verdict is verdict
    assert (
        f"with 5: +0.40 s, 10: {'+0.40' if verdict is Verdict.HOLDS else '-0.10'} s, 20: +0.40 s" in found.measured
    )


@pytest.mark.parametrize(("power", "verdict"), [(1.0, Verdict.HOLDS), (1.6, Verdict.FAILS), (None, Verdict.PART)])
def test_growth_of_the_policys_time(
    power: float | None, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = np.array(learned_policy.MANY_USERS, dtype=np.float64)
    seconds = users**power if power else np.maximum(80.0, users) ** 1.4
    monkeypatch.setattr(learned_policy, "times", lambda name, counts: tuple(seconds[: len(counts)]))
    finding = learned_policy.linear_time(SIZE)
    assert finding.verdict is (Verdict.FAILS if power == 1.6 else Verdict.HOLDS)  # up to 40 users
    assert finding.evidence["exponent"] == pytest.approx(power or 0.0)
    assert finding.ours is not None
    assert finding.ours.verdict is verdict


@pytest.mark.parametrize(
    ("genetic", "tree", "scan", "verdict"),
    [
        (2.0, 3.0, 0.1, Verdict.HOLDS),
        (2.0, 3.0, 10.0, Verdict.HOLDS),
        (0.5, 3.0, 0.1, Verdict.PART),
        (0.5, 0.5, 0.1, Verdict.FAILS),
    ],
)
def test_time_of_the_policy_against_what_the_paper_compares(
    genetic: float, tree: float, scan: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = {OURS.decider: 1.0, "batch-scan": scan, "greedy": 0.1}
    seconds |= {"genetic": genetic, "highs-gqap-fixed-split": tree}
    monkeypatch.setattr(learned_policy, "times", lambda name, counts: (seconds[name],) * len(counts))
    found = learned_policy.viable_for_many_users(SIZE, OURS)
    assert found.verdict is verdict
    assert ("Beside the exact scan" in found.measured) == (scan < 1.0)


@pytest.mark.parametrize(
    ("general", "specific", "scale", "verdict"),
    [
        ([0.1, 0.0], [0.0, 0.0], 20.0, Verdict.HOLDS),
        ([0.1, 0.0], [0.0, 0.0], 1.0, Verdict.PART),
        ([0.0, 0.0], [0.0, 0.0], 20.0, Verdict.PART),
        ([0.0, 0.1], [0.1, 0.0], 20.0, Verdict.PART),
        ([0.0, 0.0], [0.1, 0.1], 20.0, Verdict.FAILS),
    ],
)
def test_scopes_on_the_same_cases(
    general: list[float], specific: list[float], scale: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = dict(zip(learned_scopes.LABELS[OURS], map(np.array, (general, general, specific)), strict=True))
    monkeypatch.setattr(learned_scopes, "_scopes", lambda size: (losses, np.array([scale, scale])))
    assert learned_scopes.specific_is_superior(SIZE, OURS).verdict is verdict
    assert learned_scopes.specific_is_superior(SIZE, PUBLISHED).verdict is Verdict.UNCHECKED


def test_scopes_are_compared_where_all_three_are_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ([0.2, 0.0], [0.1, 0.0], [0.0, np.nan])
    losses = dict(zip(learned_scopes.LABELS[PUBLISHED], map(np.array, values), strict=True))
    monkeypatch.setattr(learned_scopes, "_scopes", lambda size: (losses, np.array([50.0, 50.0])))
    found = learned_scopes.specific_is_superior(SIZE, PUBLISHED)
    assert (found.verdict, found.instances) == (Verdict.HOLDS, 1)


@pytest.mark.parametrize(
    ("genetic", "poorest", "unstable"),
    [
        ([[0.0, 0.0], [0.0, 0.0]], Verdict.OPEN, Verdict.OPEN),  # the authors' is not published
        ([[0.0, 9.0], [9.0, 0.0]], Verdict.HOLDS, Verdict.HOLDS),
    ],
)
def test_genetic_algorithm_beside_the_others(
    genetic: list[list[float]], poorest: Verdict, unstable: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Losses(np.array([0.0, 0.1]), np.array([0.5, 1.0]), {"any": np.array(genetic)})
    monkeypatch.setattr(genetic_algorithm, "losses", lambda size, judged: {10: found})
    assert genetic_algorithm.poorest(SIZE, OURS).verdict is poorest
    assert genetic_algorithm.unstable(SIZE, OURS).verdict is unstable


def test_the_learned_policy_beside_both_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def verdict(genetic: float, other: float, fixed: float) -> Verdict:
        readings = {"kept": np.full((2, 1), genetic), "lost": np.full((2, 1), other)}
        found = Losses(np.array([0.1, 0.1]), np.full(2, fixed), readings)
        monkeypatch.setattr(genetic_algorithm, "losses", lambda size, judged: {10: found, 20: found})
        finding = genetic_algorithm.outperforms_both(SIZE, OURS)
        assert ("lost with 10, 20 users" in finding.measured) == (other > 0.1)
        return finding.verdict

    assert verdict(0.2, 0.3, 0.5) is Verdict.HOLDS
    assert verdict(0.0, 0.3, 0.5) is Verdict.OPEN  # which reading the authors' is would decide
    assert verdict(0.0, 0.0, 0.5) is Verdict.FAILS
    assert verdict(0.2, 0.3, 0.0) is Verdict.FAILS


def test_rounding_is_no_superiority(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = {"level": np.full((2, 1), 0.1 + 1e-15), "lost": np.full((2, 1), 0.3)}
    found = Losses(np.array([0.1, 0.1]), np.full(2, 0.5), readings)
    monkeypatch.setattr(genetic_algorithm, "losses", lambda size, judged: {10: found})
    finding = genetic_algorithm.outperforms_both(SIZE, OURS)
    assert finding.verdict is Verdict.OPEN
    assert "than the genetic algorithm in the readings lost with 10 users. " in finding.measured
    assert finding.measured.endswith(
        "It is level with the genetic algorithm, to 1e-06 s, in the readings level with 10 users."
    )


def test_every_genetic_algorithm_runs_on_the_snapshots_of_the_others() -> None:
    found = genetic_algorithm.losses(Size(1), OURS._replace(users=(10,)))
    assert set(found) == {10}
    shapes = {reading: lost.shape for reading, lost in found[10].genetic.items()}
    assert shapes.pop(genetic_algorithm.OURS_IS) == (2, genetic_algorithm.SEEDS)
    assert set(shapes.values()) == {(2, genetic_algorithm.VARIANT_SEEDS)}
    assert all(
        lost.min() >= -1e-9 for lost in (found[10].network, found[10].fixed_split, *found[10].genetic.values())
    )


def timed(monkeypatch: pytest.MonkeyPatch, seconds: Callable[[int], float], root_up_to: int = 0) -> None:
    """Give times by the users, and trees of one node up to a number of users."""
    monkeypatch.setattr(growth, "seconds_of", lambda solver, draw, limit: seconds(draw.users))
    monkeypatch.setattr(growth, "nodes_of", lambda solver, draw: 1 if draw.users <= root_up_to else 9)


@pytest.mark.parametrize(
    ("doubling", "verdict"), [(0.5, Verdict.HOLDS), (8.0, Verdict.HOLDS), (0.2, Verdict.PART), (1e9, Verdict.PART)]
)
def test_growth_of_branch_and_bound(doubling: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, lambda users: 0.1 * 2.0 ** (users / doubling))
    found = genetic_algorithm.exponential_branch_and_bound(SIZE)
    assert found.verdict is verdict
    assert ("is not exceeded" in found.measured) == (doubling >= 0.5)


def test_the_step_to_branching_is_not_taken_for_exponential_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, lambda users: (0.1 if users <= 40 else 10.0) * (users / 50) ** 1.5, root_up_to=40)
    found = genetic_algorithm.exponential_branch_and_bound(Size(100))
    assert found.verdict is Verdict.PART
    assert found.evidence["branching_from"] == 50
    assert found.evidence["exponent"] == pytest.approx(1.5)
    assert found.evidence["power_law_misses_by"] == pytest.approx(1.0)
    assert "the power law fits better" in found.measured


@pytest.mark.parametrize(
    ("by_exponential", "by_power", "better"),
    [
        (1.18, 1.16, ""),
        (1.16, 1.18, ""),
        (1.05, 1.2, growth.EXPONENTIAL),
        (1.2, 1.05, growth.POWER),
        (1.0, 1.0, ""),
    ],
)
def test_a_law_fits_better_where_it_is_told_apart(by_exponential: float, by_power: float, better: str) -> None:
    assert growth.better_law(by_exponential, by_power) == better


@pytest.mark.parametrize(("power", "verdict"), [(1.0, Verdict.HOLDS), (2.0, Verdict.FAILS)])
def test_growth_of_the_genetic_algorithm(power: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    timed(monkeypatch, lambda users: users**power)
    assert genetic_algorithm.linear_genetic(SIZE).verdict is verdict


def test_variants_of_the_genetic_algorithm_count_what_the_evaluator_counts() -> None:
    data = split_offloading.snapshots(1, users=6)
    drawn = next(data)
    for variant in genetic_variants.VARIANTS:
        users = np.array([[True, False, True, True, False, False]])
        splits = np.full((1, 6), 120)
        worth = genetic_variants._Worth(drawn, variant)(users, splits)[0]
        n = np.where(users[0], 120.0, float(drawn.total_steps))
        solution = (
            {"x": users[0].astype(float), "n": n} if variant.splits else solution_of(drawn, np.array([0, 2, 3]))
        )
        assert worth == pytest.approx(evaluate_solution(drawn, solution).metrics["gain_over_all_local"], rel=1e-9)
