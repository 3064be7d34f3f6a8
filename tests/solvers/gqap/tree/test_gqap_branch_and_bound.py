"""Branch and bound for the GQAP: exact on small instances of every kind, valid when it is cut short."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from gqap_enumeration import brute_force, exact_cost, random_gqap
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.gqap.evaluation import evaluate_solution
from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Unsupported
from solvers.gqap.tree.branch_and_bound import solve

LIMITS = Limits(time_limit=60.0)


def check_exact(data: GQAP) -> Outcome:
    """Solve and compare with enumeration; whole data must agree to the last digit."""
    optimum = brute_force(data)
    outcome = solve(data, LIMITS, 0)
    if math.isinf(optimum):
        assert outcome.infeasible
        assert outcome.solution is None
        assert outcome.bound is None
        return outcome
    assert outcome.solution is not None
    assert outcome.bound is not None
    found = evaluate_solution(data, outcome.solution)
    assert found.feasible
    if data.has_whole_costs and found.magnitude < 2.0**40:
        assert found.objective == outcome.bound == optimum
    else:
        size = found.magnitude or 1.0
        assert found.objective == pytest.approx(optimum, rel=1e-9, abs=1e-9 * size)
        assert outcome.bound <= found.objective
        assert outcome.bound == pytest.approx(optimum, rel=1e-8, abs=1e-9 * size)
    return outcome


@st.composite
def problems(draw: st.DrawFn) -> GQAP:
    """Small and awkward: ties, zeros, negative numbers, diagonals, weights of 0, places without capacity."""
    items = draw(st.integers(1, 5))
    places = draw(st.integers(1, 4 if items < 5 else 3))

    def numbers(low: int, high: int, *shape: int) -> Any:
        count = math.prod(shape)
        values = draw(st.lists(st.integers(low, high), min_size=count, max_size=count))
        return np.array(values, dtype=float).reshape(shape)

    return GQAP(
        items=items,
        places=places,
        assignment_cost=numbers(-3, 5, items, places),
        flow=numbers(-1, 3, items, items),
        distance=numbers(-1, 3, places, places),
        cost_factor=float(draw(st.integers(-1, 2))),
        weight=numbers(0, 3, items),
        capacity=numbers(0, 6, places),
    )


@settings(max_examples=60, deadline=None)
@given(data=problems())
def test_it_equals_enumeration(data: GQAP):
    check_exact(data)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("items", "places"), [(7, 2), (6, 3)])
def test_it_equals_enumeration_where_capacities_bind(items: int, places: int, seed: int):
    check_exact(random_gqap(seed, items, places))


@pytest.mark.parametrize("seed", range(6))
def test_it_equals_enumeration_of_permutations(seed: int):
    check_exact(random_gqap(seed, 5, 5, weight=np.ones(5), capacity=np.ones(5)))
    check_exact(random_gqap(seed, 4, 6, weight=[3.0, 2.0, 3.0, 2.0], capacity=[3.0, 3.0, 2.5, 3.0, 3.9, 2.0]))


@pytest.mark.parametrize("scale", [2.0**-30, 2.0**30])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_takes_numbers_of_any_size(seed: int, scale: float):
    data = random_gqap(seed)
    check_exact(data.replaced({"flow": scale * data.flow, "distance": scale * data.distance}))
    check_exact(data.replaced({"weight": scale * data.weight, "capacity": scale * data.capacity}))


def test_it_takes_weights_that_are_not_whole():
    for seed in range(4):
        data = random_gqap(seed, 6, 3)
        draw = np.random.default_rng(seed)
        check_exact(data.replaced({"weight": data.weight * draw.uniform(0.7, 1.1, 6)}))


def test_proofs_of_infeasibility():
    nowhere = random_gqap(2, weight=[9.0, 1.0, 1.0, 1.0, 1.0], capacity=[8.0, 8.0, 8.0])
    too_heavy = random_gqap(2, weight=[3.0] * 5, capacity=[6.0, 3.0, 5.5])
    no_packing = random_gqap(2, weight=[3.0] * 5, capacity=[5.0, 5.0, 5.0])
    for data in (nowhere, too_heavy, no_packing):
        assert check_exact(data).infeasible


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), draw=st.randoms(use_true_random=False))
def test_the_order_of_items_and_places_changes_nothing(seed: int, draw: Any):
    data = random_gqap(2 * seed, 6, 3)
    items, places = (np.array(draw.sample(range(size), size)) for size in (6, 3))
    shuffled = data.replaced(
        {
            "assignment_cost": data.assignment_cost[np.ix_(items, places)],
            "flow": data.flow[np.ix_(items, items)],
            "distance": data.distance[np.ix_(places, places)],
            "weight": data.weight[items],
            "capacity": data.capacity[places],
        }
    )
    assert solve(shuffled, LIMITS, 0).bound == solve(data, LIMITS, 0).bound


@pytest.mark.parametrize("seconds", [0.0, 0.02])
@pytest.mark.parametrize("seed", [4, 5])
def test_a_time_limit_leaves_a_bound_below_the_optimum(seed: int, seconds: float):
    data = random_gqap(seed, 14, 6)
    optimum = solve(data, LIMITS, 0)
    short = solve(data, Limits(time_limit=seconds), 0)
    assert optimum.bound is not None
    assert short.bound is not None
    assert short.bound <= optimum.bound
    assert short.reason == TIME_LIMIT or short.bound == optimum.bound
    assert not short.infeasible


def test_a_time_limit_without_any_assignment_leaves_a_number_for_a_bound():
    """Costs that are not whole, in places that only one known packing fills."""
    draw = np.random.default_rng(1)
    weight, packing = draw.integers(40, 100, 30).astype(float), np.arange(30) % 6
    capacity = np.bincount(packing, weight)
    data = random_gqap(1, 30, 6, weight=weight, capacity=capacity)
    short = solve(data, Limits(time_limit=0.0), 0)
    assert short.solution is None
    assert short.bound is not None
    assert short.bound <= exact_cost(data, packing.tolist())
    assert not short.infeasible


@pytest.mark.parametrize("factor", [0.3, -0.3, 0.0])
def test_a_cost_of_zero_is_proven_though_other_costs_are_rounded(factor: float):
    """Item 0 and item 1 cost nothing apart, and no assignment has a term below 0."""
    flow = np.array([[0.0, 0.7], [0.1, 0.0]])
    data = random_gqap(
        1,
        2,
        2,
        assignment_cost=[[0.0, 1.1], [1.3, 0.0]],
        flow=flow if factor > 0.0 else -flow,
        distance=np.diag([1.7, 0.9]),
        cost_factor=factor,
        capacity=[99.0, 99.0],
    )
    outcome = check_exact(data)
    assert outcome.bound == brute_force(data) == 0.0


def test_own_costs_that_cancel_beyond_float64_are_not_taken_as_exact():
    """(2^30 + 13)^2 is rounded up by 87: the other place looks cheaper by 56 and is dearer by 31."""
    large = 2.0**30 + 13.0
    data = random_gqap(
        2,
        2,
        2,
        assignment_cost=[[-(2.0**60), 13 * 2.0**31 + 200], [0.0, 0.0]],
        flow=[[large, 0.0], [0.0, 0.0]],
        distance=[[large, 0.0], [0.0, 0.0]],
        cost_factor=1.0,
        capacity=[99.0, 99.0],
    )
    outcome = solve(data, LIMITS, 0)
    assert outcome.bound is not None
    assert outcome.bound <= brute_force(data)


def test_a_root_bound_and_nodes_are_reported():
    outcome = solve(random_gqap(2, 9, 3), LIMITS, 0)
    assert outcome.nodes is not None
    assert outcome.root_bound is not None
    assert outcome.bound is not None
    assert outcome.nodes >= 1
    assert outcome.root_bound <= outcome.bound


def test_what_does_not_fit_in_memory_is_refused():
    with pytest.raises(Unsupported, match=r"\(items x places\)\^2"):
        solve(random_gqap(2, 60, 50), LIMITS, 0)
