from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import EDGE, LOCAL
from formulations.step_allocation.units import in_units, natural_units, useful_limit
from solvers.core.limits import Limits
from solvers.core.registry import load, methods_for
from solvers.step_allocation.fixed_offloading import best_steps
from solvers.step_allocation.price_search import solve

EXACT = [
    method for method in methods_for("step_allocation") if method.exact and method.name != "dynamic-programme"
]


def measured(data, cost, steps):
    """The same decision problem with cost in units of 1 / ``cost`` and steps in units of 1 / ``steps``."""
    return data.replaced(
        {
            "cost_weight": data.cost_weight * cost,
            "utility_weight": data.utility_weight * cost,
            "local_seconds_per_step": data.local_seconds_per_step / steps,
            "edge_seconds_per_step": data.edge_seconds_per_step / steps,
            "error_decay_per_step": data.error_decay_per_step / steps,
            "utility_decay_per_step": data.utility_decay_per_step / steps,
            "local_max_steps": data.local_max_steps * steps,
            "edge_max_steps": data.edge_max_steps * steps,
            "edge_step_capacity": data.edge_step_capacity * steps,
        }
    )


@pytest.mark.parametrize("method", EXACT, ids=lambda m: m.name)
@pytest.mark.parametrize(("cost", "steps"), [(1e-12, 1.0), (1e-6, 1e6), (1e9, 1e-9), (1.0, 1e12)])
def test_exact_methods_do_not_depend_on_the_units_of_an_instance(method, cost, steps):
    data = step_allocation(6, 2)
    found = solve(data, Limits(), 0)
    optimum = cost * evaluate(data, found.solution["a"], found.solution["s"]).objective
    other = measured(data, cost, steps)
    outcome = load(method.function)(other, Limits(), 0)
    evaluation = evaluate(other, outcome.solution["a"], outcome.solution["s"])
    assert evaluation.feasible
    assert evaluation.objective == pytest.approx(optimum, rel=1e-6)
    assert outcome.bound == pytest.approx(optimum, rel=2e-6)


@pytest.mark.parametrize("method", EXACT, ids=lambda m: m.name)
def test_exact_methods_take_a_huge_limit_for_none(method):
    data = step_allocation(6, 2, local_max_steps=1e9, edge_max_steps=1e12)
    outcome = load(method.function)(data, Limits(), 0)
    found = solve(data, Limits(), 0)
    optimum = evaluate(data, found.solution["a"], found.solution["s"]).objective
    assert evaluate(data, outcome.solution["a"], outcome.solution["s"]).objective == pytest.approx(
        optimum, rel=1e-6
    )
    assert outcome.bound == pytest.approx(optimum, rel=2e-6)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1000),
    integer=st.booleans(),
    decay=st.floats(1e-6, 10.0),
    dear=st.sampled_from([0.0, 1e-4, 1e-2]),
    limit=st.floats(0.0, 1e6),
)
def test_useful_limits_cut_no_optimum(seed, integer, decay, dear, limit):
    data = step_allocation(
        5,
        seed,
        integer_steps=integer,
        error_decay_per_step=decay,
        energy_weight_per_joule=dear,
        edge_max_steps=limit,
        local_max_steps=limit,
        edge_step_capacity=1e9,
    )
    for offload, place in ((np.zeros(5), LOCAL), (np.ones(5), EDGE)):
        assert (best_steps(data, offload) <= useful_limit(data, place)).all()


def test_natural_units_are_powers_of_two_and_leave_ordinary_data_alone():
    data = step_allocation(30)
    assert natural_units(data) == (1.0, 1.0)
    assert in_units(data, natural_units(data)).edge_step_capacity == data.edge_step_capacity
    units = natural_units(measured(data, 3e-7, 5e4))
    assert all(np.log2(unit) == round(np.log2(unit)) for unit in units)
