from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation
from hypothesis import given
from hypothesis import strategies as st
from reference import CORNERS
from subproblems import random_subproblem

from formulations.step_allocation.models import surrogate
from formulations.step_allocation.parameters import EDGE, LOCAL

seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("integer", [False, True])
def test_the_shift_makes_one_the_least_cost_on_the_domain(corner: str, integer: bool) -> None:
    data = step_allocation(5, 3, **CORNERS[corner], integer_steps=integer)
    shift = surrogate.cost_shift(data)
    shares = np.linspace(0.0, 1.0, 4001)
    limit = surrogate.largest_steps(data)
    places = [[surrogate.shifted_cost(data, shift, t * limit, r) for t in shares] for r in (LOCAL, EDGE)]
    least = np.min(places, axis=(0, 1))
    assert (least >= surrogate.SMALLEST_SHIFTED_COST - 1e-12).all()
    assert least == pytest.approx(surrogate.SMALLEST_SHIFTED_COST, abs=1e-5)


@given(seeds)
def test_surrogates_bound_cost_and_budget_from_above_and_touch_at_the_iterate(seed: int) -> None:
    data = step_allocation(4, seed % 97)
    draw = np.random.default_rng(seed)
    shift = surrogate.cost_shift(data)
    iterate = draw.uniform(0.01, 0.99, data.users)
    steps = draw.uniform(0.05, 1.0, data.users) * surrogate.mixed_limit(data, iterate)
    p2 = surrogate.subproblem(data, shift, iterate, steps, iterate, 3.0)
    assert surrogate.surrogate_cost(p2, iterate, steps) == pytest.approx(
        surrogate.relaxed_cost(data, iterate, steps) + shift.sum(), rel=1e-12
    )
    assert surrogate.capacity_use(p2, iterate, steps) == pytest.approx(iterate @ steps, rel=1e-12)
    other = draw.uniform(0.0, 1.0, data.users)
    other_steps = draw.uniform(0.0, 1.0, data.users) * surrogate.mixed_limit(data, other)
    bound = surrogate.relaxed_cost(data, other, other_steps) + shift.sum()
    assert surrogate.surrogate_cost(p2, other, other_steps) >= bound * (1.0 - 1e-12)
    assert surrogate.capacity_use(p2, other, other_steps) >= (other @ other_steps) * (1.0 - 1e-12)


@given(seeds)
def test_the_linearised_penalty_lies_below_the_penalty_and_touches_it(seed: int) -> None:
    draw = np.random.default_rng(seed)
    offload, previous = draw.uniform(0.0, 1.0, (2, 7))
    below = surrogate.linearised_penalty(offload, previous)
    assert below <= surrogate.penalty(offload) + 1e-12
    assert surrogate.linearised_penalty(previous, previous) == pytest.approx(surrogate.penalty(previous))
    assert surrogate.penalty(np.round(offload)) == 0.0


@pytest.mark.parametrize("corner", CORNERS)
def test_auxiliaries_stay_positive_and_finite_at_the_ends_of_the_domain(corner: str) -> None:
    data = step_allocation(12, 1, **CORNERS[corner])
    p2 = random_subproblem(data, 5, 1.0)
    for auxiliary in (p2.u, p2.v, p2.z):
        assert (auxiliary > 0.0).all()
        assert np.isfinite(1.0 / auxiliary).all()


def test_the_objective_is_surrogate_minus_tau_times_the_linearised_penalty() -> None:
    data = step_allocation(3, 2)
    p2 = random_subproblem(data, 1, 2.5)
    offload, steps = np.array([0.2, 0.6, 1.0]), np.array([3.0, 0.0, 20.0])
    expected = surrogate.surrogate_cost(p2, offload, steps)
    a = p2.previous_offload
    expected -= 2.5 * np.sum(a * (a - 1.0) + (2.0 * a - 1.0) * (offload - a))
    assert surrogate.objective(p2, offload, steps) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("margins", [surrogate.MARGINS, surrogate.Margins(0.1, 2.0)])
def test_auxiliaries_are_taken_as_far_from_the_ends_as_the_margins_say(margins: surrogate.Margins) -> None:
    data = step_allocation(5, 3)
    shift, none = surrogate.cost_shift(data), np.zeros(data.users)
    p2 = surrogate.subproblem(data, shift, none, none, none, 1.0, margins)
    local, edge = (surrogate.shifted_cost(data, shift, none, place) for place in (LOCAL, EDGE))
    assert p2.v == pytest.approx(margins.offload / (2.0 * edge))
    assert p2.u == pytest.approx((1.0 - margins.offload) / (2.0 * local))
    assert p2.z == pytest.approx(margins.offload / (2.0 * margins.steps))
