from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.step_allocation.evaluation import evaluate
from solvers.core.limits import Limits
from solvers.step_allocation.price_search import solve

TIGHT = Limits(time_limit=20.0, gap=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_correlated_knapsack_is_closed(seed):
    """Nearly linear quality makes P1 a knapsack whose items all look alike: the hardest case for the price."""
    draw = np.random.default_rng(seed)
    most = draw.uniform(50.0, 80.0, 30)
    data = step_allocation(
        30,
        error_decay_per_step=1e-4,
        utility_decay_per_step=1e-4,
        local_max_steps=most * draw.uniform(0.3, 0.301, 30),
        edge_max_steps=most,
        edge_step_capacity=0.5 * most.sum(),
        time_weight_per_second=0.0,
        energy_weight_per_joule=0.0,
    )
    outcome = solve(data, Limits(time_limit=10.0), 0)
    objective = evaluate(data, outcome.solution["a"], outcome.solution["s"]).objective
    assert objective - outcome.bound <= 1e-8 * abs(objective)


def test_bound_is_valid_when_time_is_over():
    data = step_allocation(30)
    stopped = solve(data, Limits(time_limit=0.0), 0)
    finished = solve(data, TIGHT, 0)
    objective = evaluate(data, finished.solution["a"], finished.solution["s"]).objective
    assert stopped.bound <= objective
    assert stopped.reason == "time limit"
    assert evaluate(data, stopped.solution["a"], stopped.solution["s"]).feasible


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), users=st.integers(1, 40), integer=st.booleans(), factor=st.floats(1.0, 2.0))
def test_more_budget_never_hurts_and_scaling_weights_scales_the_optimum(seed, users, integer, factor):
    data = step_allocation(users, seed, integer_steps=integer)
    optimum = solve(data, TIGHT, 0)
    more = solve(data.replaced({"edge_step_capacity": data.edge_step_capacity * factor}), TIGHT, 0)
    scaled_weights = {"cost_weight": factor * data.cost_weight, "utility_weight": factor * data.utility_weight}
    scaled = solve(data.replaced(scaled_weights), TIGHT, 0)
    cost = evaluate(data, optimum.solution["a"], optimum.solution["s"]).objective
    assert more.bound <= cost + 1e-9
    assert scaled.bound == pytest.approx(factor * optimum.bound, rel=1e-7, abs=1e-9)
