"""Tabu search for the GQAP: its bookkeeping, its results on small instances, and that it can be repeated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gqap_enumeration import brute_force, random_gqap

from formulations.gqap.evaluation import evaluate_solution
from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT
from solvers.gqap.cost_arrays import cost_arrays, marginal_cost, total_cost
from solvers.gqap.heuristics.elite import Elite, disturbed
from solvers.gqap.heuristics.greedy import assign_by_regret
from solvers.gqap.heuristics.path_relinking import relink
from solvers.gqap.heuristics.tabu import Setting, random_assignment, rules_for, search, solve, start
from solvers.gqap.heuristics.tabu_kernels import (
    BEST_COST,
    COST,
    ITERATION,
    NOBODY,
    best_move,
    random_below,
    walk_on,
)

LIMITS = Limits(time_limit=60.0)


def tight_packing(seed: int, places: int = 8) -> GQAP:
    """Three items for each place, which they fill to the last unit in the one packing that was drawn."""
    draw = np.random.default_rng(seed)
    cuts = np.sort(draw.integers(1, 100, (places, 2)), axis=1)
    weight = np.diff(np.column_stack([np.zeros(places), cuts, np.full(places, 100)]), axis=1).ravel()
    items = weight.size
    return random_gqap(0, items, places, weight=draw.permutation(weight), capacity=np.full(places, 100.0))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("items", "places"), [(1, 1), (1, 3), (5, 1), (7, 2), (5, 4)])
def test_it_finds_the_optimum_of_small_instances(items: int, places: int, seed: int):
    data = random_gqap(seed, items, places)
    optimum = brute_force(data)
    outcome = solve(data, LIMITS, seed)
    assert outcome.bound is None
    if math.isinf(optimum):
        assert outcome.solution is None
        return
    assert outcome.solution is not None
    found = evaluate_solution(data, outcome.solution)
    assert found.feasible
    assert found.objective == pytest.approx(optimum, rel=1e-9, abs=1e-9)


def test_equal_seeds_give_equal_results():
    data = random_gqap(3, 20, 6)
    first, again = (search(data, 5, math.inf) for _ in range(2))
    assert first.place is not None
    assert again.place is not None
    np.testing.assert_array_equal(first.place, again.place)
    assert first.iterations == again.iterations
    assert first.finished
    assert search(data, 6, math.inf).iterations != first.iterations


@pytest.mark.parametrize("seed", range(3))
def test_it_gets_through_where_places_have_to_be_filled_to_the_last_unit(seed: int):
    data = tight_packing(seed)
    assert data.weight.sum() == data.capacity.sum()
    outcome = solve(data, LIMITS, 0)
    assert outcome.solution is not None
    assert evaluate_solution(data, outcome.solution).feasible


@pytest.mark.parametrize("seed", [0, 1])
def test_costs_and_loads_are_kept_up_to_date(seed: int):
    data = random_gqap(seed, 9, 4)
    arrays = cost_arrays(data)
    draw = np.random.default_rng(seed)
    walk = start(arrays, random_assignment(arrays, draw), 5.0, draw)
    walk_on(arrays, walk, rules_for(arrays)._replace(patience=10_000), 300)
    assert walk.counts[ITERATION] == 300
    assert walk.amounts[COST] == pytest.approx(total_cost(arrays, walk.place), rel=1e-9)
    np.testing.assert_allclose(walk.marginal, marginal_cost(arrays, walk.place), rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(walk.load, np.bincount(walk.place, data.weight, 4))
    found = evaluate_solution(data, {"assignment": walk.best})
    assert found.feasible
    assert walk.amounts[BEST_COST] == pytest.approx(found.objective, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_best_move_is_the_best_of_all_shifts_and_swaps(seed: int):
    data = random_gqap(seed, 6, 3)
    arrays = cost_arrays(data)
    draw = np.random.default_rng(seed)
    walk = start(arrays, random_assignment(arrays, draw), 7.0, draw)

    def penalised(place: np.ndarray) -> float:
        excess = np.maximum(np.bincount(place, data.weight, 3) - arrays.limit, 0.0)
        return total_cost(arrays, place) + 7.0 * float(excess.sum())

    neighbours = []
    for i in range(6):
        for j in {0, 1, 2} - {int(walk.place[i])}:
            shifted = walk.place.copy()
            shifted[i] = j
            neighbours.append(penalised(shifted))
        for k in range(i):
            swapped = walk.place.copy()
            swapped[[i, k]] = swapped[[k, i]]
            if walk.place[i] != walk.place[k]:
                neighbours.append(penalised(swapped))
    walk.counts[ITERATION] = 1
    move = best_move(arrays, walk, rules_for(arrays))
    moved = walk.place.copy()
    moved[move.item] = move.place
    if move.other != NOBODY:
        moved[move.other] = walk.place[move.item]
    assert penalised(moved) == pytest.approx(min(neighbours), rel=1e-9)
    assert total_cost(arrays, moved) - total_cost(arrays, walk.place) == pytest.approx(move.cost, abs=1e-6)


def test_what_cannot_fit_is_proven_or_searched_until_patience_ends():
    heavy = random_gqap(0, weight=[9.0, 1.0, 1.0, 1.0, 1.0], capacity=[8.0, 8.0, 8.0])
    assert solve(heavy, LIMITS, 0).infeasible
    no_packing = random_gqap(0, weight=[3.0] * 5, capacity=[5.0, 5.0, 5.0])
    outcome = solve(no_packing, LIMITS, 0)
    assert outcome.solution is None
    assert not outcome.infeasible
    assert outcome.reason != TIME_LIMIT


def test_it_stops_when_time_is_up():
    outcome = solve(random_gqap(0, 40, 10), Limits(time_limit=0.0), 0)
    assert outcome.reason == TIME_LIMIT
    assert outcome.iterations == 0


def test_more_patience_never_finds_worse():
    data = random_gqap(1, 25, 8)
    costs = []
    for patience in (1, 5, 25):
        found = search(data, 4, math.inf, Setting(pool=5, patience=patience))
        assert found.place is not None
        costs.append(evaluate_solution(data, {"assignment": found.place}).objective)
    assert costs == sorted(costs, reverse=True)


def test_the_elite_keeps_the_cheapest_once():
    elite = Elite(2)
    assert elite.best is None
    for cost, places in ((5.0, [0, 1]), (3.0, [1, 1]), (3.0, [1, 1]), (4.0, [0, 0])):
        elite.offer(cost, np.array(places))
    assert elite.is_full
    assert elite.members == [(3.0, (1, 1)), (4.0, (0, 0))]
    one, two = elite.parents(np.random.default_rng(0))
    assert {tuple(one), tuple(two)} == {(1, 1), (0, 0)}


def test_a_disturbance_keeps_the_loads_of_equal_items():
    """Places are exchanged and not drawn anew, so that a permutation stays one."""
    draw = np.random.default_rng(0)
    place = draw.permutation(40)
    changed = [disturbed(place, draw) for _ in range(50)]
    assert all(sorted(each) == list(range(40)) for each in changed)
    assert any((each == place).all() for each in changed)
    assert max(np.count_nonzero(each != place) for each in changed) > 4


@pytest.mark.parametrize("seed", range(8))
def test_path_relinking_takes_the_cheapest_way_and_arrives(seed: int):
    data = random_gqap(seed, 9, 4)
    arrays = cost_arrays(data)
    draw = np.random.default_rng(seed)
    walk = start(arrays, random_assignment(arrays, draw), 7.0, draw)
    goal, rules = random_assignment(arrays, draw), rules_for(arrays)

    def penalised(place: np.ndarray) -> float:
        excess = np.maximum(np.bincount(place, data.weight, 4) - arrays.limit, 0.0)
        return total_cost(arrays, place) + 7.0 * float(excess.sum())

    while (walk.place != goal).any():
        before, steps = walk.place.copy(), []
        for i in np.flatnonzero(before != goal):
            moved = before.copy()
            moved[i] = goal[i]
            steps.append(penalised(moved))
            for k in np.flatnonzero((before == goal[i]) & (goal != goal[i])):
                swapped = moved.copy()
                swapped[k] = before[i]
                steps.append(penalised(swapped))
        assert relink(arrays, walk, rules, goal, 1) == 1
        assert penalised(walk.place) == pytest.approx(min(steps), rel=1e-9)
        assert np.count_nonzero(walk.place != goal) < np.count_nonzero(before != goal)
        np.testing.assert_allclose(walk.marginal, marginal_cost(arrays, walk.place), rtol=1e-9, atol=1e-6)
    assert relink(arrays, walk, rules, goal, 5) == 0


def test_random_numbers_are_even():
    state = np.array([12345], dtype=np.uint64)
    drawn = np.bincount([random_below(state, 6) for _ in range(6000)], minlength=6)
    assert drawn.size == 6
    assert abs(drawn - 1000).max() < 150


def test_enormous_costs_do_not_overflow_the_penalty():
    data = random_gqap(2, 6, 3)
    enormous = data.replaced({"assignment_cost": 1e303 * data.assignment_cost, "cost_factor": 1e303})
    with np.errstate(over="raise", invalid="raise"):
        outcome = solve(enormous, LIMITS, 0)
    assert outcome.solution is not None
    assert evaluate_solution(enormous, outcome.solution).objective == pytest.approx(
        brute_force(enormous), rel=1e-9
    )


def test_it_is_never_worse_than_the_greedy_assignment_that_it_starts_from():
    data = random_gqap(3, items=300, places=12)
    place = assign_by_regret(cost_arrays(data))
    found = solve(data, Limits(time_limit=0.3), 0).solution
    assert place is not None
    assert found is not None
    greedy = evaluate_solution(data, {"assignment": place}).objective
    assert evaluate_solution(data, found).objective <= greedy
