from __future__ import annotations

import pytest
from multi_edge_enumeration import brute_force, random_multi_edge

from formulations.multi_edge_offloading.evaluation import evaluate_solution
from solvers.core.limits import Limits
from solvers.multi_edge_offloading.mip import highs_batch_indexed, highs_native, scip

METHODS = {"native": highs_native.solve, "pyomo": highs_batch_indexed.solve}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("first", range(0, 40, 10))
def test_the_milp_equals_the_enumeration(name, first):
    for seed in range(first, first + 10):
        data = random_multi_edge(seed, most_users=5)
        found = METHODS[name](data, Limits(), seed)
        evaluated = evaluate_solution(data, found.solution)
        best = brute_force(data)
        assert evaluated.feasible, (seed, evaluated.violations)
        assert evaluated.objective == pytest.approx(best, rel=1e-6, abs=1e-6 * evaluated.magnitude), seed
        assert found.bound >= best - 1e-9 * abs(best), seed


@pytest.mark.parametrize("first", range(0, 20, 5))
def test_the_minlp_equals_the_enumeration(first):
    for seed in range(first, first + 5):
        data = random_multi_edge(seed, most_users=4, most_servers=2)
        found = scip.solve(data, Limits(), seed)
        evaluated = evaluate_solution(data, found.solution)
        best = brute_force(data)
        assert evaluated.feasible, (seed, evaluated.violations)
        assert evaluated.objective == pytest.approx(best, rel=1e-6, abs=1e-5 * evaluated.magnitude), seed
        assert found.bound >= best - 1e-9 * abs(best), seed
