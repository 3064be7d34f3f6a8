"""The bound of the GQAP's branch and bound: what it moves, and that it never exceeds the optimum."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from gqap_enumeration import exact_cost, feasible_assignments, random_gqap
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from formulations.gqap.parameters import GQAP
from solvers.gqap.bounds.branching_node import FORBIDDEN, NEVER, Node, assign, empty_node, lower_room
from solvers.gqap.bounds.dual_ascent import Effort, ascend, spread, workspace
from solvers.gqap.bounds.gap_relaxation import bound_by_prices
from solvers.gqap.bounds.linear_assignment import bound_by_matching
from solvers.gqap.bounds.triple_products import triple_of
from solvers.gqap.bounds.whole_problem import COST_BITS, WholeProblem, whole_problem

NO_TARGET = 1 << (COST_BITS + 1)
"""Above every cost, so that nothing is ruled out but what does not fit."""

seeds = st.integers(0, 10_000)


def random_qap(seed: int, items: int = 4, places: int = 4) -> GQAP:
    ones = {"weight": np.ones(items), "capacity": np.ones(places)}
    return random_gqap(seed, items, places, **ones)


def cost_by_equation(node: Node, places: tuple[int, ...]) -> int:
    """Cost in units of an assignment of the node's items, from its reduced costs and prices."""
    cost, room = int(node.constant[0]), node.room.copy()
    for i, j in enumerate(places):
        cost += int(node.lead[i, j])
        room[j] -= node.weight[i]
        left = node.room.copy()
        left[j] -= node.weight[i]
        for k, q in enumerate(places):
            if k != i:
                cost += int(node.pair[i, k, j, q])
                left[q] -= node.weight[k]
        cost += int((node.price[i, j] * left).sum())
    for i, k, h in itertools.combinations(range(len(places) if node.triple.size else 0), 3):
        cost += int(node.triple[triple_of(i, k, h), places[i], places[k], places[h]])
    return cost + int((node.own_price * room).sum())


def units(problem: WholeProblem, data: GQAP, places: tuple[int, ...]) -> float:
    return problem.units(float(exact_cost(data, places)))


@pytest.mark.parametrize("rounds", [1, 2, 7])
@pytest.mark.parametrize("seed", range(0, 12, 2))
def test_ascent_moves_costs_and_loses_none(seed: int, rounds: int):
    """The equation in branching_node holds for every assignment, before and after, to the last unit."""
    data = random_gqap(seed, items=5, places=3)
    problem = whole_problem(data)
    assert not problem.exclusive
    root = problem.root
    feasible = feasible_assignments(data)
    for step in range(2):
        for places in feasible:
            assert cost_by_equation(root, places) == units(problem, data, places)
        if step == 0:
            ascend(root, False, NO_TARGET, Effort(rounds, -1.0), workspace(5, 3))
    numbers = [root.lead, root.price, root.own_price, root.pair[~np.eye(5, dtype=bool)]]
    assert min(int(array.min()) for array in numbers) >= 0


@pytest.mark.parametrize("seed", range(0, 8, 2))
def test_ascent_loses_no_cost_where_places_take_one_item_each(seed: int):
    data = random_qap(seed)
    problem = whole_problem(data)
    assert problem.exclusive
    ascend(problem.root, True, NO_TARGET, Effort(5, -1.0), workspace(4, 4))
    for places in feasible_assignments(data):
        assert cost_by_equation(problem.root, places) == units(problem, data, places)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, matching=st.booleans(), choices=st.lists(st.integers(0, 100), min_size=3, max_size=3))
def test_no_node_is_bounded_above_its_best_assignment(seed: int, matching: bool, choices: list[int]):
    data = random_qap(seed, 4, 5) if matching else random_gqap(seed, items=5, places=3)
    problem = whole_problem(data)
    node, fixed = problem.root, {}
    remaining = list(range(data.items))
    costs = {places: units(problem, data, places) for places in feasible_assignments(data)}
    bounds = []
    for choice in choices:
        items = len(remaining)
        ascend(node, problem.exclusive, NO_TARGET, Effort(6, 0.0), workspace(items, data.places))
        best = min((cost for p, cost in costs.items() if all(p[i] == j for i, j in fixed.items())), default=np.inf)
        rounding = problem.units(problem.rounding)
        assert (node.constant[0] <= best * (1.0 + 1e-6 * (rounding > 0.0) * np.sign(best))) or (
            node.constant[0] >= FORBIDDEN and best == np.inf
        )
        bounds.append(int(node.constant[0]))
        assert bounds == sorted(bounds)
        allowed = np.argwhere(node.lead < FORBIDDEN)
        if node.constant[0] >= FORBIDDEN or not allowed.size:
            return
        row, place = map(int, allowed[choice % len(allowed)])
        child = empty_node(items - 1, data.places)
        assign(node, row, place, child)
        fixed[remaining.pop(row)] = place
        node = child


@pytest.mark.parametrize("seed", [0, 2, 6, 8])
def test_what_is_cheaper_than_the_target_is_never_ruled_out(seed: int):
    data = random_gqap(seed, items=5, places=3)
    problem = whole_problem(data)
    costs = {places: units(problem, data, places) for places in feasible_assignments(data)}
    target = int(min(costs.values())) + 1
    ascend(problem.root, False, target, Effort(30, 0.0), workspace(5, 3))
    assert problem.root.constant[0] < target
    kept = problem.root.lead < FORBIDDEN
    assert not kept.all()
    for places in (places for places, cost in costs.items() if cost < target):
        assert all(kept[i, j] for i, j in enumerate(places))
        pairs = itertools.permutations(range(5), 2)
        assert all(problem.root.pair[i, k, places[i], places[k]] < FORBIDDEN for i, k in pairs)


def test_a_spread_cost_is_collected_again_whole():
    data = random_gqap(6, items=5, places=3)
    root = whole_problem(data).root
    before = [cost_by_equation(root, places) for places in feasible_assignments(data)]
    for item in range(5):
        spread(root, item)
    assert not root.lead.any()
    assert [cost_by_equation(root, places) for places in feasible_assignments(data)] == before


@settings(max_examples=50, deadline=None)
@given(seed=seeds)
def test_prices_bound_a_linear_assignment_with_capacities(seed: int):
    draw = np.random.default_rng(seed)
    items, places = int(draw.integers(1, 6)), int(draw.integers(1, 4))
    cost = draw.integers(0, 50, (items, places))
    cost[draw.random(cost.shape) < 0.1] = NEVER
    weight = draw.integers(0, 8, items)
    room = draw.integers(0, 2 * max(1, int(weight.sum()) // places) + 2, places)
    before, price = cost.copy(), np.zeros(places, dtype=np.int64)
    by_place = np.ascontiguousarray(cost.T)
    gained = bound_by_prices(by_place, weight, room, price, workspace(items, places).prices)
    cost = by_place.T
    values = []
    for chosen in itertools.product(range(places), repeat=items):
        load = np.bincount(chosen, weight, places)
        value = sum(before[i, j] for i, j in enumerate(chosen))
        if value < FORBIDDEN and (load <= room).all():
            values.append(value)
            reduced = sum(cost[i, j] for i, j in enumerate(chosen))
            assert value == gained + reduced + (price * (room - load)).sum()
    if gained >= FORBIDDEN:
        assert not values
        return
    assert gained <= min(values, default=gained)
    assert price.min() >= 0
    assert cost.min() >= 0


@settings(max_examples=50, deadline=None)
@given(seed=seeds)
def test_matching_is_optimal_with_reduced_costs(seed: int):
    draw = np.random.default_rng(seed)
    items = int(draw.integers(1, 7))
    places = items + int(draw.integers(0, 3))
    cost = draw.integers(0, 30, (items, places))
    cost[draw.random(cost.shape) < 0.2] = NEVER
    before = cost.copy()
    work = workspace(items, places).paths
    gained = bound_by_matching(cost, items, work)
    allowed = np.where(before < FORBIDDEN, before, 10_000)
    rows, columns = linear_sum_assignment(allowed)
    optimum = int(allowed[rows, columns].sum())
    if optimum >= 10_000:
        assert gained == NEVER
        return
    assert gained == optimum
    assert cost.min() >= 0
    assert not cost[np.arange(items), columns].any()


def test_room_that_cannot_be_filled_is_taken_and_its_prices_paid():
    data = random_gqap(6, items=5, places=3)
    problem = whole_problem(data)
    root = problem.root
    spare = root.room.min() // 4
    ascend(root, False, NO_TARGET, Effort(5, -1.0), workspace(5, 3))
    assert root.own_price.any() or root.price.any()
    before = {places: cost_by_equation(root, places) for places in feasible_assignments(data)}
    for place in range(3):
        lower_room(root, place, int(spare))
    weight = root.weight
    fitting = [p for p in before if all(weight[np.array(p) == j].sum() <= root.room[j] for j in range(3))]
    assert fitting
    for places in fitting:
        assert cost_by_equation(root, places) == before[places]
    assert (root.lead[weight[:, None] > root.room] >= FORBIDDEN).all()
