"""The batch-indexed MILP: its relaxation has the MILP's optimum, and that is P1's."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
import pytest
from builders import split_offloading
from split_enumeration import brute_force, random_snapshot

from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.models import batch_indexed
from formulations.split_offloading.parameters import SplitOffloading
from solvers.external import backends


def optimum(data: SplitOffloading, relaxed: bool) -> tuple[float, dict[str, Any]]:
    model = batch_indexed.build(data, relaxed=relaxed)
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = backends.solve(model, "highs", time_seconds=30.0, relative_gap=0.0, options=options)
    assert found.termination == "gap closed"
    return float(pyo.value(model.worth)), batch_indexed.solution(model, data)


@pytest.mark.parametrize("seed", range(25))
def test_relaxation_and_milp_have_the_optimum_of_p1(seed: int) -> None:
    data = random_snapshot(seed, most_users=8)
    best = brute_force(data)
    relaxed, _ = optimum(data, relaxed=True)
    whole, solution = optimum(data, relaxed=False)
    evaluation = evaluate_solution(data, solution)
    assert evaluation.feasible
    assert (relaxed, whole, evaluation.objective) == pytest.approx((best, best, best), rel=1e-9, abs=1e-8)


@pytest.mark.parametrize(("users", "overrides"), [(30, {}), (40, {"gpus": 8}), (40, {"max_batch": 5})])
def test_the_relaxation_is_whole_at_the_published_sizes(users: int, overrides: dict[str, object]) -> None:
    data = split_offloading(users, seed=users, **overrides)
    relaxed, _ = optimum(data, relaxed=True)
    whole, solution = optimum(data, relaxed=False)
    assert relaxed == pytest.approx(whole, rel=1e-9)
    assert evaluate_solution(data, solution).objective == pytest.approx(whole, rel=1e-9)


def test_nobody_may_be_granted() -> None:
    data = split_offloading(3, max_batch=0)
    value, solution = optimum(data, relaxed=False)
    assert value == pytest.approx(brute_force(data))
    assert solution["x"].tolist() == [0.0, 0.0, 0.0]
    assert solution["n"].tolist() == [200.0, 200.0, 200.0]
