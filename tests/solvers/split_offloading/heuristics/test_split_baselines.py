"""Paper B's baselines: who is granted, with which split."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from builders import split_offloading, step_allocation

from formulations.split_offloading.evaluation import all_local_objective, evaluate_solution
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from instances import Instance
from solvers import solve
from solvers.core.limits import Limits
from solvers.split_offloading.heuristics import baselines


def test_the_first_requests_are_granted() -> None:
    data = split_offloading(5, max_batch=2, wait_seconds=[0.1, 0.9, 0.3, 0.9, 0.95])
    assert baselines.earliest(data).tolist() == [1, 4]
    assert baselines.earliest(split_offloading(3, max_batch=8)).tolist() == [0, 1, 2]
    assert baselines.earliest(split_offloading(3, max_batch=0)).tolist() == []


@pytest.mark.parametrize("most", [0, 3, 20])
def test_all_offload_takes_the_best_split_of_its_batch(most: int) -> None:
    data = split_offloading(8, seed=3, max_batch=most)
    solution = baselines.solve_all_offload_best_split(data, Limits(), 0).solution
    assert solution is not None
    granted = solution["x"] > 0.5
    assert granted.sum() == min(8, most)
    np.testing.assert_array_equal(solution["n"], np.where(granted, best_splits(data, granted.sum()), 200.0))
    assert evaluate_solution(data, solution).feasible


@pytest.mark.parametrize(
    ("reading", "lower", "split"),
    [
        ("offload N_hat steps", 80, 120.0),
        ("offload N_hat steps", 130, 130.0),  # N - N_hat = 70 would break C3
        ("split at N_hat", 80, 80.0),
        ("split at N_hat", 0, 0.0),
    ],
)
def test_both_readings_of_the_fixed_split(reading: baselines.Reading, lower: int, split: float) -> None:
    data: SplitOffloading = split_offloading(4, min_local_steps=lower)
    solve_one = partial(baselines.solve_all_offload_fixed_split, reading=reading)
    solution = solve_one(data, Limits(), 0).solution
    assert solution is not None
    assert (solution["n"] == split).all()
    assert evaluate_solution(data, solution).feasible


def test_all_local_is_the_zero_of_every_gain() -> None:
    data = split_offloading(6)
    solution = baselines.solve_all_local(data, Limits(), 0).solution
    assert solution is not None
    found = evaluate_solution(data, solution)
    assert found.feasible
    assert found.objective == pytest.approx(all_local_objective(data), rel=1e-14)


def test_a_name_that_both_problems_have_asks_which() -> None:
    both = Instance(
        schema_version=1, name="both", step_allocation=step_allocation(3), split_offloading=split_offloading(3)
    )
    with pytest.raises(
        ValueError, match="solves several problems of instance 'both': expected problem='step_allocation' or"
    ):
        solve(both, "all-local")
    assert solve(both, "all-local", problem="split_offloading").problem == "split_offloading"
    assert solve(both, "all-local", problem="step_allocation").problem == "step_allocation"
