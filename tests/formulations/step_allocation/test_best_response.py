from __future__ import annotations

import numpy as np
from builders import step_allocation
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from formulations.step_allocation import costs
from formulations.step_allocation.best_response import best_steps_at_price, place_costs, respond

decay = st.one_of(st.just(0.0), st.floats(1e-6, 3.0))


@settings(max_examples=200, deadline=None)
@given(
    price=st.one_of(st.just(0.0), st.floats(1e-9, 0.1)),
    error_decay=decay,
    utility_decay=decay,
    limit=st.one_of(st.just(0.0), st.floats(0.1, 300.0)),
    integer=st.booleans(),
    place=st.integers(0, 1),
)
def test_no_other_steps_are_better(price, error_decay, utility_decay, limit, integer, place):
    data = step_allocation(
        1,
        error_decay_per_step=error_decay,
        utility_decay_per_step=utility_decay,
        local_max_steps=limit,
        edge_max_steps=limit,
        integer_steps=integer,
    )

    def priced(steps: float) -> float:
        return float(costs.cost(data, np.array([steps]), place)[0]) + price * steps

    ours = float(best_steps_at_price(data, place, price)[0])
    assert 0.0 <= ours <= limit
    if integer:
        assert ours == round(ours)
        others = np.arange(np.floor(limit) + 1.0)
    else:
        found = minimize_scalar(priced, bounds=(0.0, limit), method="bounded", options={"xatol": 1e-9})
        others = np.concatenate([np.linspace(0.0, limit, 50), [found.x]])
    assert priced(ours) <= min(priced(s) for s in others) + 1e-13


def test_value_is_the_priced_cost_at_the_steps():
    data = step_allocation(50)
    for place in (0, 1):
        steps, value = np.empty(50), np.empty(50)
        respond(place_costs(data, place), 0.003, False, steps, value)
        np.testing.assert_allclose(value, costs.cost(data, steps, place) + 0.003 * steps, rtol=1e-13)


def test_use_falls_with_the_price():
    data = step_allocation(40, integer_steps=True)
    uses = [best_steps_at_price(data, 1, price).sum() for price in np.linspace(0.0, 0.05, 200)]
    assert all(np.diff(uses) <= 0.0)
