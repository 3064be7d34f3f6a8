from __future__ import annotations

import numpy as np
import pytest
from multi_edge_enumeration import brute_force, random_multi_edge

from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.gains import gain_table, solution_of
from formulations.split_offloading.evaluation import all_local_objective
from instances import load
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Unsupported
from solvers.multi_edge_offloading.decomposition.rules import all_allowed
from solvers.multi_edge_offloading.heuristics.genetic import fill_fitness, positions

HEURISTICS = [m for m in registry.methods_for("multi_edge_offloading") if not m.exact]
LIBRARY = load("instances/multi_40x4.json").section("multi_edge_offloading")


@pytest.mark.parametrize("method", HEURISTICS, ids=lambda method: method.name)
def test_it_is_feasible_and_no_better_than_the_optimum(method):
    solve = method.load()
    for seed in range(25):
        data = random_multi_edge(seed, most_users=5)
        if method.formulation == "decision process" and data.chooses_models:
            with pytest.raises(Unsupported, match="no models"):
                solve(data, Limits(), seed)
            continue
        found = solve(data, Limits(), seed)
        evaluated = evaluate_solution(data, found.solution)
        assert evaluated.feasible, (seed, evaluated.violations)
        assert evaluated.objective - brute_force(data) <= evaluated.rounding, seed
        assert found.bound is None


@pytest.mark.parametrize("name", ["local-search", "transportation", "genetic", "greedy"])
def test_an_optimising_heuristic_is_no_worse_than_all_local(name):
    solve = registry.method(name, "multi_edge_offloading").load()
    for seed in range(10):
        data = random_multi_edge(seed)
        objective = evaluate_solution(data, solve(data, Limits(), seed).solution).objective
        assert objective >= all_local_objective(data) - 1e-9 * abs(objective)


@pytest.mark.parametrize("name", ["local-search", "transportation"])
def test_local_search_is_optimal_on_this_instance(name):
    """Its optimum, 221.69685 s above all-local, is proven by HiGHS and by the decomposition."""
    found = registry.method(name, "multi_edge_offloading").load()(LIBRARY, Limits(), 0)
    gain = evaluate_solution(LIBRARY, found.solution).objective - all_local_objective(LIBRARY)
    assert gain == pytest.approx(221.69685032, abs=1e-6)


@pytest.mark.parametrize("method", [m for m in HEURISTICS if m.random], ids=lambda method: method.name)
def test_equal_seeds_give_equal_results(method):
    one, two = (method.load()(LIBRARY, Limits(), 3).solution for _ in range(2))
    np.testing.assert_array_equal(one["server"], two["server"])


def test_the_fitness_is_the_gain_that_the_evaluator_finds():
    draw = np.random.default_rng(0)
    table = gain_table(LIBRARY)
    choices = draw.integers(0, LIBRARY.servers + 1, (5, LIBRARY.users))
    fitness = np.empty(5)
    order = np.arange(LIBRARY.users)
    fill_fitness(table, all_allowed(LIBRARY, table), positions(table, LIBRARY.users), choices, order, fitness)
    for choice, value in zip(choices, fitness, strict=True):
        objective = evaluate_solution(LIBRARY, solution_of(LIBRARY, choice - 1)).objective
        assert value == pytest.approx(objective - all_local_objective(LIBRARY), abs=1e-9)
