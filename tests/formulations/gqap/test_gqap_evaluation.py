from __future__ import annotations

import math

import numpy as np
import pytest
from gqap_enumeration import exact_cost, feasible_assignments, is_feasible, random_gqap
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.gqap.costs import cost_step, own_cost, pair_cost
from formulations.gqap.evaluation import MOST_TERMS, describe, evaluate, folded
from formulations.gqap.parameters import GQAP


def test_both_orders_and_the_diagonal_count_once_each():
    data = GQAP(
        items=2,
        places=2,
        assignment_cost=[[1.0, 0.0], [0.0, 10.0]],
        flow=[[2.0, 3.0], [5.0, 7.0]],
        distance=[[11.0, 13.0], [17.0, 19.0]],
        cost_factor=100.0,
        weight=[1.0, 1.0],
        capacity=[1.0, 1.0],
    )
    found = evaluate(data, np.array([0, 1]))
    pairs = 100.0 * (2.0 * 11.0 + 3.0 * 13.0 + 5.0 * 17.0 + 7.0 * 19.0)
    assert found.objective == 1.0 + 10.0 + pairs
    assert found.metrics["assignment_cost"] == 11.0
    assert found.metrics["pair_cost"] == pairs
    assert found.metrics["fullest_place"] == 100.0
    assert found.feasible


@settings(max_examples=60, deadline=None, database=None)
@given(st.integers(0, 10_000), st.data())
def test_cost_and_feasibility_are_those_of_exact_arithmetic(seed: int, drawn: st.DataObject):
    data = random_gqap(seed)
    places = drawn.draw(st.lists(st.integers(0, 2), min_size=5, max_size=5))
    found, exact = evaluate(data, np.array(places)), exact_cost(data, places)
    rounding = 0.0 if data.has_whole_costs else found.rounding
    assert abs(found.objective - float(exact)) <= rounding
    assert found.feasible == is_feasible(data, places)
    assert found.rounding >= (1.0 - 1e-12) * 2.0**-47 * abs(found.objective)


@pytest.mark.parametrize("scale", [2.0**40, 2.0**55, 2.0**200])
def test_whole_costs_beyond_exact_floats_are_added_exactly(scale: float):
    draw = np.random.default_rng(0)
    data = random_gqap(
        0,
        flow=draw.integers(-9, 10, (5, 5)) * scale + draw.integers(0, 9, (5, 5)),
        distance=draw.integers(-9, 10, (3, 3)) * scale + 1.0,
    )
    for places in feasible_assignments(data)[:20]:
        assert evaluate(data, np.array(places)).objective == float(exact_cost(data, places))


def test_huge_distances_without_any_flow():
    data = random_gqap(0, flow=np.zeros((5, 5)), distance=np.full((3, 3), 1e300))
    assert evaluate(data, np.zeros(5)).objective == data.assignment_cost[:, 0].sum()


def test_costs_by_item_and_pair_add_up():
    data = random_gqap(1)
    places = (0, 2, 1, 1, 0)
    total = sum(own_cost(data)[i, places[i]] for i in range(5))
    total += sum(pair_cost(data, i, k)[places[i], places[k]] for i in range(5) for k in range(i + 1, 5))
    assert total == pytest.approx(float(exact_cost(data, places)), rel=1e-12)


@pytest.mark.parametrize("seed", range(0, 20, 2))
def test_costs_are_whole_steps_apart(seed: int):
    factor = float(1 + seed % 5)
    data = random_gqap(seed, places=2)
    data = data.replaced({"assignment_cost": 6.0 * data.assignment_cost + 1.0, "cost_factor": 3.0 * factor})
    step = cost_step(data)
    costs = [int(exact_cost(data, places)) for places in feasible_assignments(data)]
    assert step >= 3.0
    assert {(cost - costs[0]) % int(step) for cost in costs} == {0}


def test_step_of_costs_that_are_not_whole_is_not_known():
    assert cost_step(random_gqap(1)) == 0.0


def test_an_excess_of_one_is_seen_among_large_weights():
    data = random_gqap(0, weight=[1e15, 1.0, 1.0, 1.0, 1.0], capacity=[1e15, 1e15, 3.0])
    assert evaluate(data, np.array([0, 2, 2, 2, 1])).feasible
    over = evaluate(data, np.array([0, 0, 2, 2, 1]))
    assert not over.feasible
    assert over.violations["capacity"] == 1.0


def test_a_loaded_place_without_capacity_has_no_share():
    data = random_gqap(0, capacity=[0.0, 1e3, 1e3])
    assert np.isnan(evaluate(data, np.zeros(5)).metrics["fullest_place"])


@pytest.mark.parametrize(
    ("assignment", "sentence"),
    [
        ([0, 1, 2, 3, 0], r"assignment\[3\] is 3, expected a place from 0 to 2"),
        ([0, 1, -1, 0, 0], r"assignment\[2\] is -1, expected a place from 0 to 2"),
        ([0, 1, 0.5, 0, 0], r"assignment\[2\] is 0.5, expected a place from 0 to 2"),
        ([0, 1, np.nan, 0, 0], "holds a value that is not finite"),
        ([0, 1], r"has shape \(2,\), expected \(5,\)"),
        ([[0, 1, 0, 0, 0]], r"has shape \(1, 5\), expected \(5,\)"),
    ],
)
def test_what_is_no_assignment_is_refused(assignment: object, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        evaluate(random_gqap(0), np.array(assignment))


def test_describe_counts():
    data = random_gqap(0, items=1, places=1)
    assert describe(data).startswith("1 item, 1 place, weights of ")


def test_costs_that_no_assignment_can_change_are_not_in_the_magnitude():
    data = random_gqap(3)
    places = np.array([0, 1, 2, 0, 1])
    dearer = data.replaced({"assignment_cost": data.assignment_cost + 1e6})
    found, shifted = evaluate(data, places), evaluate(dearer, places)
    assert shifted.magnitude <= found.magnitude + np.ptp(data.assignment_cost, axis=1).sum() + 1e-6
    assert shifted.rounding > found.rounding


def test_a_sum_of_many_terms_that_cancel_is_that_of_exact_arithmetic() -> None:
    draw = np.random.default_rng(0)
    terms = draw.normal(size=2 * MOST_TERMS + 7) * 10.0 ** draw.uniform(-6.0, 6.0, 2 * MOST_TERMS + 7)
    terms = np.concatenate([terms, draw.permutation(-terms), [1e-3]])
    few = folded(terms)
    assert few.size <= MOST_TERMS + 10
    assert math.fsum(terms) == 1e-3
    assert math.fsum(few) == pytest.approx(1e-3, rel=1e-12)
    assert abs(float(terms.sum()) - 1e-3) > 1e-9  # what the plain sum loses
