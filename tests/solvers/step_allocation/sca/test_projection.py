from __future__ import annotations

import numpy as np
from builders import step_allocation
from hypothesis import given
from hypothesis import strategies as st

from formulations.step_allocation.evaluation import evaluate_solution
from solvers.step_allocation.sca.projection import project

noise = st.floats(-1e-8, 1e-8)


@given(st.integers(0, 100), st.lists(noise, min_size=6, max_size=6), st.lists(noise, min_size=6, max_size=6))
def test_solver_noise_is_removed_and_nothing_else(seed, on_offload, on_steps):
    draw = np.random.default_rng(seed)
    offload = draw.integers(0, 2, 6).astype(float)
    data = step_allocation(6, seed)
    steps = draw.uniform(0.0, np.where(offload > 0.5, data.edge_step_limit, data.local_step_limit))
    used = float(np.sum(offload * steps))
    data = step_allocation(6, seed, edge_step_capacity=used)
    solution = project(data, offload + np.array(on_offload), steps + np.array(on_steps))
    evaluation = evaluate_solution(data, solution)
    np.testing.assert_array_equal(solution["a"], offload)
    np.testing.assert_allclose(solution["s"], steps, atol=1e-6)
    assert evaluation.violations["edge_budget"] <= 1e-12 * max(1.0, used)
    assert max(value for name, value in evaluation.violations.items() if name != "edge_budget") == 0.0


def test_whole_steps_are_rounded():
    data = step_allocation(3, integer_steps=True)
    solution = project(data, np.array([0.0, 1.0, 1.0]), np.array([3.0000001, 7.9999999, 0.4]))
    np.testing.assert_array_equal(solution["s"], [3.0, 8.0, 0.0])


def test_a_real_excess_is_left_for_the_evaluator():
    data = step_allocation(3, edge_step_capacity=10.0)
    solution = project(data, np.array([0.0, 1.0, 1.0]), np.array([5.0, 6.0, 5.0]))
    assert not evaluate_solution(data, solution).feasible
    np.testing.assert_array_equal(solution["s"], [5.0, 6.0, 5.0])
