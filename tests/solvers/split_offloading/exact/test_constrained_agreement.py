"""With further constraints, too: exact methods agree with enumeration, and no method returns what they forbid."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import numpy as np
import pytest
from builders import split_offloading
from numpy.typing import NDArray
from seeds import seeds
from split_constraints import COUPLING, SEPARABLE, random_constraints, with_constraints
from split_enumeration import brute_force, random_snapshot

from formulations.constraints.base import Interval
from formulations.constraints.split_offloading.base import EDGE, SplitConstraint
from formulations.fields import FloatArray
from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.models import batch_indexed
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.units import in_units, natural_unit_seconds
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.result import Result, Status
from solvers.core.validation import validate
from solvers.external import backends

LIMITS = Limits(time_limit=60.0)
METHODS = registry.methods_for("split_offloading")
WITHOUT_CONSTRAINTS = ["highs-batch-lp", "per-dqn"]
"""Methods that refuse them all."""
EXACT = [method.name for method in METHODS if method.exact and method.name not in WITHOUT_CONSTRAINTS]
RESTRICTED = [method.name for method in METHODS if "gqap" in method.name]
LEARNED = ["dqn-tuned", "dqn-tuned-best-of-16"]
HEURISTICS = [
    method.name for method in METHODS if method.name not in EXACT + RESTRICTED + LEARNED + WITHOUT_CONSTRAINTS
]


@cache
def scenario(seed: int) -> SplitOffloading:
    kinds = (SEPARABLE, COUPLING, SEPARABLE + COUPLING)[seed % 3]
    return random_constraints(random_snapshot(seed, 6), seed, kinds)


@cache
def optimum(seed: int) -> float:
    return brute_force(scenario(seed))


def validated(name: str, data: SplitOffloading, limits: Limits = LIMITS) -> Result | None:
    """What a method returns; None where it refuses a constraint, which it names."""
    method = registry.method(name, "split_offloading")
    outcome = run.attempt(method.function, data, limits, 0)
    if isinstance(outcome, run.Failure):
        assert outcome.status is Status.UNSUPPORTED, outcome.reason
        assert any(constraint.type in outcome.reason for constraint in data.constraints)
        return None
    return validate(method, "random", "0" * 64, data, outcome, limits, 0)


@cache
def of_scenario(name: str, seed: int) -> Result | None:
    return validated(name, scenario(seed))


def assert_exact(name: str, data: SplitOffloading, expected: float) -> None:
    result = validated(name, data)
    if result is None:
        assert name == "batch-scan"
    elif expected == -math.inf:
        assert result.status is Status.INFEASIBLE, (name, result.reason)
    else:
        assert result.status in (Status.OPTIMAL, Status.FEASIBLE), (name, result.reason)
        assert result.objective == pytest.approx(expected, rel=1e-6, abs=1e-6), name
        assert result.bound == pytest.approx(expected, rel=1e-6, abs=1e-6), name


@pytest.mark.parametrize("seed", seeds(9, 30))
@pytest.mark.parametrize("name", EXACT)
def test_exact_methods_agree_with_enumeration(name: str, seed: int) -> None:
    assert_exact(name, scenario(seed), optimum(seed))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_exact_methods_agree_with_enumeration_on_300_snapshots(seed: int) -> None:
    for name in EXACT:
        assert_exact(name, scenario(seed), optimum(seed))


def test_the_scenarios_are_of_every_kind() -> None:
    optima = [optimum(seed) for seed in range(36)]
    refused = [validated("batch-scan", scenario(seed)) is None for seed in range(36)]
    assert 6 <= sum(value == -math.inf for value in optima) <= 18
    assert 3 <= sum(refused) <= 12
    binding = [
        value < brute_force(scenario(seed).replaced({"constraints": ()})) - 1e-6
        for seed, value in enumerate(optima[:12])
    ]
    assert 6 <= sum(binding) < 12


@pytest.mark.parametrize("seed", seeds(6, 18))
@pytest.mark.parametrize("name", RESTRICTED)
def test_fixed_splits_reach_the_optimum_of_the_restriction(name: str, seed: int) -> None:
    data = scenario(seed)
    expected = brute_force(data, splits=[data.min_local_steps])
    result = validated(name, data)
    assert result is not None
    if expected == -math.inf:
        assert result.status is Status.UNKNOWN
        assert result.reason == "restriction to n = N_hat: infeasible"
    else:
        assert result.status is Status.FEASIBLE, result.reason
        assert result.objective == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", seeds(6, 18))
@pytest.mark.parametrize("name", HEURISTICS)
def test_heuristics_hand_in_a_feasible_choice_or_none(name: str, seed: int) -> None:
    result = of_scenario(name, seed)
    assert result is not None
    if result.status is Status.FEASIBLE:
        assert result.objective is not None
        assert result.objective <= optimum(seed) + 1e-6 * max(1.0, abs(optimum(seed)))
    else:
        assert result.status is Status.UNKNOWN, result.reason
        assert "allow" in result.reason


@pytest.mark.parametrize("name", LEARNED)
def test_the_learned_policy_refuses_every_further_constraint(name: str) -> None:
    assert of_scenario(name, 0) is None


@pytest.mark.parametrize("count", [6, pytest.param(18, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", ["greedy", "sorted-stop", "genetic", "all-offload-best-split"])
def test_heuristics_mostly_find_a_choice_where_there_is_one(name: str, count: int) -> None:
    feasible = [seed for seed in range(count) if optimum(seed) > -math.inf]
    found = [of_scenario(name, seed) for seed in feasible]
    assert sum(result is not None and result.status is Status.FEASIBLE for result in found) >= len(feasible) - 1


class OddBatches(SplitConstraint):
    """Somebody's own constraint, for which the size of the batch matters in no monotone way.

    Granted in odd batches only, with more steps on the device the larger the batch; denied only beside a batch of
    at most two.
    """

    type: Literal["odd_batches"] = "odd_batches"
    on: Literal["split_offloading"] = "split_offloading"

    title = "odd batches"
    unit = "steps"
    limit = "type"

    def interval(self, data: SplitOffloading, place: int, batch: int) -> Interval:
        allowed = batch % 2 == 1 if place == EDGE else batch <= 2
        fewest = np.full(data.users, 3.0 + batch if place == EDGE else 0.0)
        named = self.named(data.users)
        lower = np.where(named, fewest if allowed else np.inf, -np.inf)
        return Interval(lower, np.where(named & (place == EDGE), data.total_steps - 1.0, np.inf))

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        granted, split, batch = solution["x"] > 0.5, solution["n"], solution["x"].sum()
        outside = np.maximum(3.0 + batch - split, split - (data.total_steps - 1.0))
        at_edge = np.maximum(outside, 9.0 if batch % 2 == 0 else -9.0)
        return np.where(self.named(data.users), np.where(granted, at_edge, 9.0 * (batch - 2.0)), -1.0)

    def tolerance(self, data: SplitOffloading) -> float:
        return 1e-9


@pytest.mark.parametrize("users", [None, (0, 2, 3), (1,)])
@pytest.mark.parametrize("seed", range(2))
def test_a_constraint_of_ones_own_is_honoured_by_every_method(users: tuple[int, ...] | None, seed: int) -> None:
    snapshot = split_offloading(
        4, seed, total_steps=7, min_local_steps=2, pai_threshold=4.0, pai_slope=0.7, bandwidth_hz=1e8
    )
    data = snapshot.replaced({"constraints": (OddBatches(users=users),)})
    expected = -math.inf
    for choice in itertools.product(range(2, 9), repeat=4):  # 8 stands for denial
        granted = np.array(choice) < 8
        evaluation = evaluate(data, granted.astype(float), np.where(granted, choice, 7.0))
        if evaluation.feasible:
            expected = max(expected, evaluation.objective)
    for name in EXACT:
        assert_exact(name, data, expected)
    for name in RESTRICTED + HEURISTICS:
        result = validated(name, data)
        assert result is not None
        assert result.status in (Status.FEASIBLE, Status.UNKNOWN), (name, result.reason)


@pytest.mark.parametrize("seed", [0, 3, 6, 9, 12])
def test_intervals_leave_the_batch_indexed_relaxation_integral(seed: int) -> None:
    data = scenario(seed)
    scaled = in_units(data, natural_unit_seconds(data))
    found = backends.solve(
        batch_indexed.build(scaled, relaxed=True), "highs", time_seconds=30.0, relative_gap=1e-9
    )
    if optimum(seed) == -math.inf:
        assert found.infeasible
        return
    assert found.bound is not None
    value = found.bound * natural_unit_seconds(data) - float(data.wait_seconds.sum())
    assert value == pytest.approx(optimum(seed), rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("seconds", [1e-6, 1e6])
@pytest.mark.parametrize("name", EXACT)
def test_constraints_do_not_depend_on_the_unit_of_time(name: str, seconds: float) -> None:
    snapshot = split_offloading(5, seed=3)
    denied = (snapshot.wait_seconds + 200.0 * snapshot.local_seconds_per_step) * 0.93
    free = validated("batch-scan", snapshot)
    assert free is not None
    assert free.objective is not None
    optima = []
    for unit in (1.0, seconds):
        times = ("accuracy_weight", "local_seconds_per_step", "wait_seconds")
        edge = ("edge_seconds_per_step_per_item", "edge_seconds_per_step_base")
        changes = {field: getattr(snapshot, field) * unit for field in times + edge}
        measured = snapshot.replaced(changes | {"bandwidth_hz": snapshot.bandwidth_hz / unit})
        deadline = {"type": "latency_deadline", "most_seconds": (denied * unit).tolist()}
        result = validated(name, with_constraints(measured, deadline))
        assert result is not None
        assert result.status is Status.OPTIMAL, result.reason
        assert result.objective is not None
        assert result.objective / unit < free.objective - 1e-3
        optima.append(result.objective / unit)
    assert optima[1] == pytest.approx(optima[0], rel=1e-6)


def test_auxiliary_tables_refuse_or_honour() -> None:
    data = with_constraints(split_offloading(5, seed=2), {"type": "pai_floor", "least_accuracy": 0.9})
    refused = run.isolated("solvers.split_offloading.exact.shrinking_batch:compare_models", (data, LIMITS), LIMITS)
    assert isinstance(refused, run.Failure)
    assert refused.status is Status.UNSUPPORTED
    assert "pai_floor" in refused.reason
    rows = registry.load("solvers.split_offloading.mip.gqap_comparison:compare_models")(data, LIMITS)
    # F(N_hat) = 0.59 is below the floor: nobody may be granted with N_hat steps left.
    assert [row.granted for row in rows] == [0, 0]
    hopeless = with_constraints(data, {"type": "min_granted", "least_granted": 6})
    rows = registry.load("solvers.split_offloading.mip.gqap_comparison:compare_models")(hopeless, LIMITS)
    assert [(row.objective, row.termination) for row in rows] == [(None, "infeasible")] * 2


def test_the_captured_share_needs_no_feasible_all_local() -> None:
    """All-local stays the zero of gains where a constraint forbids it; a bound below it leaves no share."""
    from reports.tables.gap_measures import captured_share
    from solvers.comparison.cross_check import cross_check
    from solvers.core.result import Sense

    snapshot = split_offloading(5, seed=2)
    for least, slow, defined in ((2, 1.0, True), (5, 0.01, False)):
        slower = snapshot.replaced({"bandwidth_hz": snapshot.bandwidth_hz * slow})
        data = with_constraints(slower, {"type": "min_granted", "least_granted": least})
        found = [validated(name, data) for name in ("batch-scan", "all-offload-fixed-split", "all-local")]
        results, verdict = cross_check([result for result in found if result is not None], Sense.MAXIMISE)
        assert not verdict.contradictions
        exact, fixed, local = (captured_share(result, data.users) for result in results)
        assert local is None
        assert exact == (pytest.approx(1.0) if defined else None)
        assert fixed is None or fixed < 1.0
        assert (fixed is not None) == defined
