"""Scan, batch-indexed MILP, MINLP and enumeration have the same optimum; a bound is one also when time is up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from builders import split_offloading
from seeds import seeds
from split_enumeration import brute_force, random_snapshot

from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.units import in_units, natural_unit_seconds
from instances import load
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Result, Status, Unsupported
from solvers.core.tolerance import ABSOLUTE_GAP
from solvers.core.validation import validate
from solvers.external.tolerances import SCIP, SHARE_OF_GAP, pruned
from solvers.split_offloading.exact import batch_scan
from solvers.split_offloading.mip import highs_batch_indexed, highs_batch_lp, scip
from solvers.split_offloading.mip.natural_units import uncertainty

EXACT = {
    "batch-scan": batch_scan.solve,
    "scip-minlp": scip.solve,
    "highs-batch-indexed": highs_batch_indexed.solve,
    "highs-batch-lp": highs_batch_lp.solve,
}

LIMITS = Limits(time_limit=60.0)


def judged(
    name: str,
    solve: Callable[[SplitOffloading, Limits, int], Outcome],
    data: SplitOffloading,
    limits: Limits = LIMITS,
) -> Result:
    method = registry.method(name, "split_offloading")
    return validate(method, "random", "0" * 64, data, solve(data, limits, 0), limits, 0)


def width(data: SplitOffloading) -> float:
    """What the tolerances of an external solver may add to its bound, as stated, and the gap it closes [s]."""
    unit = natural_unit_seconds(data)
    return unit * (uncertainty(in_units(data, unit)) + pruned(SCIP) + SHARE_OF_GAP * ABSOLUTE_GAP * data.users)


def assert_bounds(name: str, result: Result, data: SplitOffloading, optimum: float) -> None:
    """The status, and a bound that is on the right side, no further out than the solver's tolerances allow."""
    assert result.bound is not None
    assert result.evaluation is not None
    assert result.bound >= optimum - result.evaluation.rounding, name
    if name == "batch-scan":
        assert result.status is Status.OPTIMAL
        assert result.bound == pytest.approx(optimum, rel=1e-9, abs=1e-9)
        return
    assert result.bound - optimum <= width(data) + SHARE_OF_GAP * LIMITS.gap * abs(optimum), name
    if result.status is not Status.OPTIMAL:
        assert result.status is Status.FEASIBLE
        assert result.reason.startswith("gap closed; ")
        assert result.reason.endswith(" open")
        assert width(data) > 0.5 * LIMITS.gap * min(abs(optimum), result.evaluation.magnitude or 0.0), name


def assert_all_agree(data: SplitOffloading, optimum: float) -> None:
    for name, solve in EXACT.items():
        result = judged(name, solve, data)
        assert result.objective == pytest.approx(optimum, rel=1e-6, abs=1e-6), name
        assert_bounds(name, result, data, optimum)
        if name != "scip-minlp":
            assert result.bound == pytest.approx(optimum, rel=1e-6, abs=1e-6), name


@pytest.mark.parametrize("seed", seeds(5, 12))
def test_all_agree_with_enumeration(seed: int) -> None:
    data = random_snapshot(seed, most_users=6)
    assert_all_agree(data, brute_force(data))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(300))
def test_all_agree_with_enumeration_on_300_snapshots(seed: int) -> None:
    data = random_snapshot(1000 + seed, most_users=10)
    assert_all_agree(data, brute_force(data))


@pytest.mark.parametrize(("users", "gpus"), [(5, 1), (5, 8), (10, 1), (10, 8)])
def test_scip_finishes_the_published_sizes(users: int, gpus: int) -> None:
    data = split_offloading(users, seed=users, gpus=gpus)
    best = judged("batch-scan", batch_scan.solve, data)
    result = judged("scip-minlp", scip.solve, data, Limits(time_limit=15.0))
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(best.objective, rel=1e-6)


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("name", ["scip-minlp", "highs-batch-indexed"])
def test_the_bound_is_an_upper_bound_when_time_is_up(name: str, seconds: float) -> None:
    data = split_offloading(40, seed=3)
    best = judged("batch-scan", batch_scan.solve, data)
    result = judged(name, EXACT[name], data, Limits(time_limit=seconds))
    assert result.status is not Status.ERROR
    assert best.objective is not None
    if result.bound is not None:
        assert result.bound >= best.objective - 1e-6 * abs(best.objective)
    if result.objective is not None:
        assert result.objective <= best.objective + 1e-9 * abs(best.objective)


def test_a_seed_changes_the_search_and_not_the_optimum() -> None:
    data = split_offloading(6, seed=2)
    for name in ("scip-minlp", "highs-batch-indexed"):
        method = registry.method(name, "split_offloading")
        found = [validate(method, "", "", data, EXACT[name](data, LIMITS, seed), LIMITS, seed) for seed in (1, 2)]
        assert found[0].objective == pytest.approx(found[1].objective, rel=1e-9)
        assert {result.status for result in found} == {Status.OPTIMAL}


@pytest.mark.parametrize("seed", range(4))
def test_an_optimum_near_zero_is_not_blurred_by_the_terms_it_is_the_difference_of(seed: int) -> None:
    weighty = split_offloading(6, seed, accuracy_weight=300.0, wait_seconds=0.0)
    optimum = judged("batch-scan", batch_scan.solve, weighty).objective
    assert optimum is not None
    data = split_offloading(6, seed, accuracy_weight=300.0, wait_seconds=optimum / 6.0)
    for name, solve in EXACT.items():
        result = judged(name, solve, data)
        assert result.objective == pytest.approx(0.0, abs=1e-9)
        assert_bounds(name, result, data, 0.0)


def test_flat_ends_of_the_sigmoid_do_not_lower_the_bound() -> None:
    data = split_offloading(
        4, 11, min_local_steps=0, pai_slope=0.1232, pai_threshold=40.57, accuracy_weight=36.09, wait_seconds=0.0
    )
    assert_bounds("scip-minlp", judged("scip-minlp", scip.solve, data), data, brute_force(data))


def test_scip_refuses_a_sigmoid_that_leaves_its_range_of_numbers() -> None:
    data = split_offloading(2, min_local_steps=0, pai_slope=0.5, pai_threshold=100.0)
    with pytest.raises(Unsupported, match=r"exp\(50\)"):
        scip.solve(data, LIMITS, 0)
    others = {name: judged(name, solve, data) for name, solve in EXACT.items() if name != "scip-minlp"}
    for result in others.values():
        assert result.objective == pytest.approx(brute_force(data), rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_steepest_sigmoid_that_scip_takes(seed: int) -> None:
    data = split_offloading(
        4, seed, min_local_steps=0, pai_slope=0.4, pai_threshold=100.0, accuracy_weight=10.0 * seed
    )
    assert_all_agree(data, brute_force(data))


LIBRARY = sorted((Path(__file__).parents[4] / "instances").glob("split_*.json"))


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[] if path.stem.startswith("split_i5_") else pytest.mark.long) for path in LIBRARY],
    ids=lambda path: path.stem,
)
def test_all_agree_on_the_library(path: Path) -> None:
    data = load(path).section("split_offloading")
    assert_all_agree(data, judged("batch-scan", batch_scan.solve, data).objective or 0.0)
