"""With further constraints, too: exact methods equal the enumeration, and no method hands in what they forbid."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Literal

import numpy as np
import pyomo.environ as pyo
import pytest
from multi_edge_enumeration import brute_force, brute_force_constrained, random_constraints, random_multi_edge
from seeds import seeds
from split_constraints import COUPLING, SEPARABLE, with_constraints

from formulations.constraints.base import Interval
from formulations.constraints.split_offloading.base import EDGE, SplitConstraint
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.models import batch_indexed
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.evaluation import all_local_objective
from instances import load
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.result import Result, Status
from solvers.core.validation import validate
from solvers.external import backends
from solvers.multi_edge_offloading.constrained.demands import demands_of
from solvers.multi_edge_offloading.constrained.row_bound import row_bound_of
from solvers.multi_edge_offloading.decomposition.rules import all_allowed
from solvers.multi_edge_offloading.gains import gain_table

LIMITS = Limits(time_limit=60.0, gap=1e-7)
METHODS = registry.methods_for("multi_edge_offloading")
OWN = "price-decomposition"
EXACT = [method.name for method in METHODS if method.exact and method.name != OWN]
LEARNED = ["per-dqn", "dqn-tuned"]
HEURISTICS = [method.name for method in METHODS if not method.exact and method.name not in LEARNED]


@cache
def scenario(seed: int) -> MultiEdgeOffloading:
    kinds = (SEPARABLE, COUPLING, SEPARABLE + COUPLING)[seed % 3]
    return random_constraints(random_multi_edge(seed, 4, 3), seed, kinds)


@cache
def optimum(seed: int) -> float:
    return brute_force_constrained(scenario(seed))


def validated(name: str, data: MultiEdgeOffloading, limits: Limits = LIMITS) -> Result:
    method = registry.method(name, "multi_edge_offloading")
    outcome = run.attempt(method.function, data, limits, 0)
    assert not isinstance(outcome, run.Failure), (name, outcome.reason)
    return validate(method, "random", "0" * 64, data, outcome, limits, 0)


def assert_exact(name: str, data: MultiEdgeOffloading, expected: float) -> None:
    result = validated(name, data)
    if expected == -math.inf:
        assert result.status is Status.INFEASIBLE, (name, result.status, result.reason)
        return
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE), (name, result.status, result.reason)
    assert result.evaluation is not None
    equal = pytest.approx(expected, rel=1e-6, abs=1e-6 * max(1.0, result.evaluation.magnitude or 0.0))
    assert result.objective == equal, name
    assert result.bound == equal, name


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_ours_equals_the_enumeration(first: int) -> None:
    for seed in range(first, first + 20):
        assert_exact(OWN, scenario(seed), optimum(seed))


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 1300, 20))
def test_ours_equals_the_enumeration_on_300_instances(first: int) -> None:
    for seed in range(first, first + 20):
        assert_exact(OWN, scenario(seed), optimum(seed))


@pytest.mark.parametrize("seed", seeds(9, 30))
@pytest.mark.parametrize("name", EXACT)
def test_models_equal_the_enumeration(name: str, seed: int) -> None:
    assert_exact(name, scenario(seed), optimum(seed))


def test_the_scenarios_are_of_every_kind() -> None:
    free = [brute_force(scenario(seed)) for seed in range(60)]
    binding = [optimum(seed) < free[seed] - 1e-6 for seed in range(60)]
    refuted = [optimum(seed) == -math.inf for seed in range(60)]
    assert 6 <= sum(refuted) <= 30
    assert sum(binding) - sum(refuted) >= 12
    assert sum(binding) < 60


@pytest.mark.parametrize("name", HEURISTICS)
def test_heuristics_hand_in_a_feasible_plan_or_none(name: str) -> None:
    found = 0
    for seed in range(30):
        result = validated(name, scenario(seed))
        if result.status is Status.FEASIBLE:
            found += 1
            assert result.objective is not None
            assert result.objective <= optimum(seed) + 1e-6 * max(1.0, abs(optimum(seed)))
        else:
            assert result.status is Status.UNKNOWN, result.reason
            assert "allow" in result.reason
    feasible = sum(optimum(seed) > -math.inf for seed in range(30))
    assert found >= (feasible - 2 if name != "all-local" else 1)


@pytest.mark.parametrize("name", LEARNED)
def test_the_learned_policy_refuses_constraints_by_name(name: str) -> None:
    data = next(data for data in map(scenario, range(30)) if data.constraints)
    refused = run.attempt(registry.method(name, "multi_edge_offloading").function, data, Limits(), 0)
    assert isinstance(refused, run.Failure)
    assert refused.status is Status.UNSUPPORTED
    assert "knows no further constraints" in refused.reason


def test_the_bound_with_a_row_equals_the_relaxation_of_the_milp() -> None:
    compared = 0
    for seed in range(12):
        plain = random_multi_edge(seed, 6, 3)
        free = {"models": 1, "model_of_user": np.zeros(plain.users), "model_slots": np.ones(plain.servers)}
        bits = float((plain.prompt_bits + plain.latent_bits).sum())
        row = {"type": "transmission_budget", "most_bits": 0.4 * bits + 1.0}
        data = with_constraints(plain.replaced(free), row)
        table = gain_table(data)
        demands = demands_of(data, table)
        if demands is None or not table.batches.any():
            continue
        rules, prices = all_allowed(data, table), np.zeros(data.users)
        found = row_bound_of(table, rules, demands, prices, -math.inf, 0.0, math.inf)
        model = batch_indexed.build(data, relaxed=True)
        backends.solve(model, "highs", time_seconds=60.0, relative_gap=0.0)
        relaxed = float(pyo.value(model.worth)) - all_local_objective(data)
        assert found.bound == pytest.approx(relaxed, rel=1e-6, abs=1e-6), seed
        compared += 1
    assert compared >= 6


class OddBatches(SplitConstraint):
    """Somebody's own constraint, which allows users more in a larger batch."""

    type: Literal["odd_batches"] = "odd_batches"
    title = "odd batches"
    unit = "users"
    limit = "type"

    def interval(self, data: Any, place: int, batch: int) -> Interval:
        forbidden = place == EDGE and batch % 2 == 0
        return Interval(np.full(data.users, np.inf if forbidden else -np.inf), np.full(data.users, np.inf))

    def violation(self, data: Any, solution: Any) -> FloatArray:
        return np.zeros(1)

    def tolerance(self, data: Any) -> float:
        return 0.0


def test_a_constraint_under_which_gains_rise_is_refused_by_name() -> None:
    data = load("instances/multi_20x2.json").section("multi_edge_offloading")
    data = data.replaced({"constraints": (OddBatches(on="multi_edge_offloading"),)})
    outcome = run.attempt(registry.method(OWN, "multi_edge_offloading").function, data, LIMITS, 0)
    assert isinstance(outcome, run.Failure)
    assert outcome.status is Status.UNSUPPORTED
    assert "'odd_batches'" in outcome.reason
