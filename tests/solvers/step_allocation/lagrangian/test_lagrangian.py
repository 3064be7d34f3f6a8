from __future__ import annotations

import numpy as np
import pytest
from builders import step_allocation
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import CORNERS, brute_force

from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES
from solvers.step_allocation.lagrangian.dual_function import ascending, bound_at, maximise
from solvers.step_allocation.lagrangian.stopping import NEVER
from solvers.step_allocation.lagrangian.unpriced import at_zero_price
from solvers.step_allocation.price_search import instance_of


def free_users(data):
    """Everybody that offloads at some price, in blocks."""
    return at_zero_price(instance_of(data)).users


def values(users, ranges, prices):
    return np.array(
        [bound_at(users, ranges, p, np.empty(users.free), np.empty(users.free, dtype=np.bool_))[0] for p in prices]
    )


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 5000),
    users=st.integers(1, 30),
    integer=st.booleans(),
    corner=st.sampled_from(sorted(CORNERS)),
    counts=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
)
def test_the_maximum_over_the_price_is_found_from_any_start(seed, users, integer, corner, counts):
    fields = {"edge_step_capacity": 10.0 * users} | CORNERS[corner]
    data = step_allocation(users, seed, integer_steps=integer, **fields)
    found = free_users(data)
    lower, upper = sorted(round(share * found.free) for share in counts)
    ranges = np.array([[0, found.free, lower, upper]], dtype=np.int64)
    top = found.highest
    grid = values(found, ranges, np.linspace(0.0, top, 300))
    for start in (0.0, 0.37 * top, top):
        point = maximise(found, ranges, start, np.inf, 1e-13, NEVER)
        assert point.bound >= grid.max() - 1e-12 * max(1.0, abs(point.bound))
        assert point.use_high <= found.budget <= max(point.use_low, found.budget)


@pytest.mark.parametrize("corner", CORNERS)
def test_every_price_bounds_the_optimum(corner):
    data = step_allocation(5, 11, **({"edge_step_capacity": 60.0} | CORNERS[corner]))
    optimum = brute_force(data)
    bounds = values(free_users(data), NO_RANGES, np.linspace(0.0, 0.05, 100))
    assert bounds.max() <= optimum + 1e-9


@settings(deadline=None)
@given(st.lists(st.floats(-5.0, 5.0).map(lambda x: round(x, 1)), max_size=200))
def test_ascending_sorts(values):
    array = np.array(values, dtype=np.float64)
    order = ascending(array)
    np.testing.assert_array_equal(array[order], np.sort(array))
    np.testing.assert_array_equal(np.sort(order), np.arange(array.size))
