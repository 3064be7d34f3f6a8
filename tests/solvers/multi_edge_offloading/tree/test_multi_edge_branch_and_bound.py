from __future__ import annotations

import numpy as np
import pytest
from multi_edge_enumeration import brute_force, random_multi_edge

from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.snapshots import server_snapshot
from formulations.split_offloading.evaluation import evaluate as evaluate_split
from instances import load
from solvers.core.limits import Limits
from solvers.multi_edge_offloading.tree.branch_and_bound import solve
from solvers.split_offloading.exact.batch_scan import solve as batch_scan


@pytest.mark.parametrize("first", range(0, 320, 40))
def test_it_equals_the_enumeration(first):
    for seed in range(first, first + 40):
        data = random_multi_edge(seed)
        found = solve(data, Limits(gap=1e-9), 0)
        evaluated = evaluate_solution(data, found.solution)
        best = brute_force(data)
        size = 1e-9 * max(1.0, evaluated.magnitude)
        assert evaluated.feasible, (seed, evaluated.violations)
        assert evaluated.objective == pytest.approx(best, rel=1e-12, abs=size), seed
        assert best - 1e-12 * abs(best) <= found.bound <= best + size, seed


@pytest.mark.parametrize("seed", range(40))
def test_one_server_gives_the_plan_of_paper_b(seed):
    data = random_multi_edge(seed, most_users=30, most_servers=1)
    data = data.replace(models=1, model_of_user=0.0, model_slots=1.0)
    snapshot = server_snapshot(data, 0)
    one, several = batch_scan(snapshot, Limits(), 0), solve(data, Limits(gap=1e-9), 0)
    x = (several.solution["server"] == 0).astype(np.float64)
    split = evaluate_split(snapshot, x, several.solution["n"])
    assert split.objective == pytest.approx(evaluate_split(snapshot, **renamed(one.solution)).objective, rel=1e-12)
    assert evaluate_solution(data, several.solution).objective == pytest.approx(split.objective, rel=1e-12)
    if np.unique(data.accuracy_weight).size == data.users:  # a tie has several plans
        np.testing.assert_array_equal(x, one.solution["x"])
        np.testing.assert_array_equal(several.solution["n"], one.solution["n"])


@pytest.mark.parametrize("seconds", [0.0, 0.005])
def test_a_time_limit_leaves_a_feasible_plan_and_a_valid_bound(seconds):
    data = load("instances/multi_300x10.json").section("multi_edge_offloading")
    found = solve(data, Limits(time_seconds=seconds), 0)
    evaluated = evaluate_solution(data, found.solution)
    assert evaluated.feasible
    assert evaluated.objective <= -3936.0670057 <= found.bound  # the optimum, which HiGHS proves, too


def renamed(solution):
    return {"granted": solution["x"], "split": solution["n"]}
