from __future__ import annotations

import math

import numpy as np
import pytest
from builders import step_allocation
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import CORNERS, edge_by_milp, edge_by_slsqp

from formulations.step_allocation import costs
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import EDGE
from solvers.step_allocation.fixed_offloading import best_steps


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
def test_equals_scipy(corner, integer):
    solve_edge = edge_by_milp if integer else edge_by_slsqp
    for seed in range(4):
        fields = {"edge_step_capacity": 40.0 + 60.0 * seed} | CORNERS[corner]
        data = step_allocation(6, seed, integer_steps=integer, **fields)
        offload = np.array([1.0, 1.0, 0.0, 1.0, 1.0, 0.0])
        steps = best_steps(data, offload)
        assert evaluate(data, offload, steps).feasible
        at_edge = np.flatnonzero(offload)
        ours = float(costs.cost(data, steps, EDGE)[at_edge].sum())
        assert ours == pytest.approx(solve_edge(data, at_edge), rel=1e-9, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10_000), users=st.integers(1, 60), integer=st.booleans(), share=st.floats(0.0, 1.0))
def test_steps_are_feasible_and_a_binding_budget_is_spent(seed, users, integer, share):
    draw = np.random.default_rng(seed)
    data = step_allocation(
        users, seed, integer_steps=integer, edge_step_capacity=float(draw.uniform(0, 80) * users)
    )
    offload = (draw.random(users) < share).astype(float)
    steps = best_steps(data, offload)
    assert evaluate(data, offload, steps).feasible
    free = best_steps(data.replaced({"edge_step_capacity": 1e9}), offload)
    if float(offload @ free) > data.edge_step_budget:
        assert float(offload @ steps) == pytest.approx(data.edge_step_budget, rel=1e-9)
    else:
        np.testing.assert_array_equal(steps, free)


@pytest.mark.parametrize("users", [1_000, 30_000, 100_000])
def test_many_users_meet_the_budget_as_closely_as_few(users: int) -> None:
    data = step_allocation(users, edge_step_capacity=20.0 * users)
    steps = best_steps(data, np.ones(users))
    assert math.fsum(steps) == pytest.approx(data.edge_step_budget, rel=2e-14)
