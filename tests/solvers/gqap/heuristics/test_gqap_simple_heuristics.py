"""Greedy construction, and SciPy's heuristics for the QAP."""

from __future__ import annotations

import numpy as np
import pytest
from gqap_enumeration import brute_force, random_gqap

from formulations.gqap.evaluation import evaluate_solution
from solvers.core.limits import Limits
from solvers.core.result import Unsupported
from solvers.gqap.heuristics import greedy, scipy_quadratic_assignment

PERMUTATION = {"weight": np.ones(5), "capacity": np.ones(5), "assignment_cost": np.zeros((5, 5))}


@pytest.mark.parametrize("seed", range(10))
def test_greedy_is_feasible_or_says_that_it_found_nothing(seed: int):
    data = random_gqap(seed)
    outcome = greedy.solve(data, Limits(), 0)
    if outcome.solution is None:
        assert outcome.reason == "an item is left without room"
        return
    found = evaluate_solution(data, outcome.solution)
    assert found.feasible
    assert found.objective >= brute_force(data) - 1e-9


def test_greedy_is_optimal_without_flows_and_with_room():
    data = random_gqap(0, 6, 3, flow=np.zeros((6, 6)), capacity=np.full(3, 1e3))
    outcome = greedy.solve(data, Limits(), 0)
    assert outcome.solution is not None
    np.testing.assert_array_equal(outcome.solution["assignment"], np.argmin(data.assignment_cost, axis=1))


def test_greedy_gives_the_place_to_the_item_with_the_larger_regret():
    cost = [[1.0, 2.0], [3.0, 9.0]]
    data = random_gqap(
        0, 2, 2, assignment_cost=cost, flow=np.zeros((2, 2)), weight=[1.0, 1.0], capacity=[1.0, 1.0]
    )
    outcome = greedy.solve(data, Limits(), 0)
    assert outcome.solution is not None
    assert outcome.solution["assignment"].tolist() == [1, 0]


def test_greedy_reports_an_item_left_without_room():
    data = random_gqap(0, weight=[3.0] * 5, capacity=[5.0, 5.0, 5.0])
    assert greedy.solve(data, Limits(), 0).solution is None


@pytest.mark.parametrize("seed", range(4))
def test_scipy_finds_the_optimum_of_a_small_qap(seed: int):
    data = random_gqap(seed, 5, 5, **PERMUTATION)
    outcome = scipy_quadratic_assignment.solve(data, Limits(), seed)
    assert outcome.solution is not None
    found = evaluate_solution(data, outcome.solution)
    assert found.feasible
    assert found.objective == pytest.approx(brute_force(data), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weight": np.full(5, 0.5)}, "no two items fit"),
        ({"capacity": [1.0, 1.0, 1.0, 1.0, 0.5]}, "every item fits"),
        ({"assignment_cost": np.eye(5)}, "no assignment costs"),
    ],
)
def test_scipy_refuses_what_is_no_qap(changes: dict[str, object], reason: str):
    with pytest.raises(Unsupported, match=reason):
        scipy_quadratic_assignment.solve(random_gqap(0, 5, 5, **PERMUTATION | changes), Limits(), 0)


def test_scipy_refuses_other_numbers_of_items_and_places():
    with pytest.raises(Unsupported, match="5 and 3"):
        scipy_quadratic_assignment.solve(random_gqap(0), Limits(), 0)
