from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation

from formulations.step_allocation.evaluation import evaluate
from solvers.core.limits import Limits
from solvers.step_allocation.baselines import solve_all_edge, solve_all_local, solve_random


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("capacity", [0.0, 30.0, 1e4])
def test_random_is_feasible_repeatable_and_differs_between_seeds(integer, capacity):
    data = step_allocation(30, integer_steps=integer, edge_step_capacity=capacity)
    solutions = [solve_random(data, Limits(), seed).solution for seed in range(5)]
    for solution in solutions:
        assert evaluate(data, solution["a"], solution["s"]).feasible
    again = solve_random(data, Limits(), 3).solution
    np.testing.assert_array_equal(again["s"], solutions[3]["s"])
    assert not np.array_equal(solutions[0]["a"], solutions[1]["a"])


def test_everybody_at_one_place_takes_the_best_steps_there():
    data = step_allocation(10, edge_step_capacity=100.0)
    local = solve_all_local(data, Limits(), 0).solution
    edge = solve_all_edge(data, Limits(), 0).solution
    assert local["a"].sum() == 0.0
    assert edge["a"].sum() == 10.0
    assert edge["s"].sum() == pytest.approx(100.0)
    draw = np.random.default_rng(0)
    for solution in (local, edge):
        best = evaluate(data, solution["a"], solution["s"]).objective
        for _ in range(50):
            other = solution["s"] * draw.uniform(0.8, 1.0, 10)
            assert evaluate(data, solution["a"], other).objective >= best
