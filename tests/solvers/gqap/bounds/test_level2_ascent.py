"""Level 2 of the RLT: the equation holds to the last unit, the bound lies between level 1 and the relaxation."""

from __future__ import annotations

import itertools
from time import perf_counter

import numpy as np
import pytest
from gqap_enumeration import feasible_assignments
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from test_gqap_bound import NO_TARGET, cost_by_equation, random_qap, units

from formulations.gqap.parameters import GQAP
from solvers.gqap.bounds.branching_node import FORBIDDEN
from solvers.gqap.bounds.dual_ascent import Effort, ascend, workspace
from solvers.gqap.bounds.level2_ascent import ascend_level2
from solvers.gqap.bounds.whole_problem import WholeProblem
from solvers.gqap.tree.assignment_tree import Branch, Step, Tree, raise_bound

SIZES = [(4, 4), (5, 5), (4, 5), (3, 4)]
"""Items and places: as many, and more places."""


def raised(data: GQAP, rounds: int, target: int = NO_TARGET) -> Tree:
    """A tree whose root has been raised by rounds at both levels."""
    tree = Tree(data)
    assert tree.may_use_level2()
    tree.add_triples()
    root, work = tree.root.node, workspace(data.items, data.places)
    ascend(root, True, target, Effort(3, -1.0), work)
    assert ascend_level2(root, target, Effort(rounds, -1.0), work, np.inf)
    return tree


def check_equation(problem: WholeProblem, data: GQAP, tree: Tree) -> None:
    root = tree.root.node
    apart = ~np.eye(data.items, dtype=bool)
    assert min(int(array.min()) for array in (root.lead, root.triple, root.pair[apart])) >= 0
    for places in feasible_assignments(data):
        by_equation, cost = cost_by_equation(root, places), units(problem, data, places)
        assert by_equation == cost or (data.items < data.places and by_equation <= cost)


@pytest.mark.parametrize("rounds", [1, 2, 7])
@pytest.mark.parametrize(("items", "places"), SIZES)
@pytest.mark.parametrize("seed", [0, 2])
def test_the_equation_holds_to_the_last_unit(seed: int, items: int, places: int, rounds: int):
    data = random_qap(seed, items, places)
    tree = raised(data, rounds)
    check_equation(tree.problem, data, tree)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.sampled_from(SIZES[:3]), choice=st.integers(0, 100))
def test_it_holds_below_a_branch(seed: int, size: tuple[int, int], choice: int):
    """What triples cost goes to pairs and triples of the child."""
    data = random_qap(2 * seed, *size)
    tree = raised(data, 3)
    item, place = choice % data.items, choice // data.items % data.places
    if tree.root.node.lead[item, place] >= FORBIDDEN:
        return
    child = tree.descend(Branch(tree.root, Step(item, place, ()), 0))
    for _ in range(2):
        for places in feasible_assignments(data):
            if places[item] == place:
                rest = tuple(places[i] for i in child.items)
                by_equation, cost = cost_by_equation(child.node, rest), units(tree.problem, data, places)
                assert by_equation == cost or (data.items < data.places and by_equation <= cost)
        raise_bound(child.node, True, NO_TARGET, Effort(2, -1.0), {}, np.inf, Effort(3, -1.0))


@pytest.mark.parametrize("seed", [0, 2, 4, 6])
def test_what_is_cheaper_than_the_target_is_never_ruled_out(seed: int):
    data = random_qap(seed, 5, 5)
    costs = {places: units(Tree(data).problem, data, places) for places in feasible_assignments(data)}
    target = int(sorted(costs.values())[2]) + 1
    root = raised(data, 10, target).root.node
    for places in (places for places, cost in costs.items() if cost < target):
        assert all(root.lead[i, j] < FORBIDDEN for i, j in enumerate(places))
        pairs = itertools.permutations(range(5), 2)
        assert all(root.pair[i, k, places[i], places[k]] < FORBIDDEN for i, k in pairs)
        assert cost_by_equation(root, places) == costs[places]


@pytest.mark.parametrize("seed", [0, 2, 4, 6])
def test_the_bound_lies_between_level_1_and_the_relaxation(seed: int):
    data = random_qap(seed, 5, 5)
    at_level1 = Tree(data)
    ascend(at_level1.root.node, True, NO_TARGET, Effort(200, -1.0), workspace(5, 5))
    tree = raised(data, 100)
    first, second = (t.problem.cost(int(t.root.node.constant[0])) for t in (at_level1, tree))
    relaxation = level2_relaxation(data)
    best = min(units(tree.problem, data, places) for places in feasible_assignments(data))
    assert first <= second <= relaxation + 1e-6 * abs(relaxation)
    assert relaxation <= tree.problem.cost(best) + 1e-6 * abs(relaxation)
    assert relaxation - second <= 0.1 * (relaxation - first) + 1e-9 * abs(relaxation)


def level2_relaxation(data: GQAP) -> float:
    """The relaxation of RLT-2 as a linear programme, term by term; one variable for each unordered product."""
    items, places = range(data.items), range(data.places)
    columns: dict[frozenset[tuple[int, int]], int] = {}
    for size in (1, 2, 3):
        for some in itertools.combinations(items, size):
            for at in itertools.permutations(places, size):
                columns[frozenset(zip(some, at, strict=True))] = len(columns)
    cost = np.zeros(len(columns))
    for i, j in itertools.product(items, places):
        own = data.cost_factor * data.flow[i, i] * data.distance[j, j]
        cost[columns[frozenset({(i, j)})]] += data.assignment_cost[i, j] + own
    for (i, j), (k, q) in itertools.permutations(itertools.product(items, places), 2):
        if i != k and j != q:
            cost[columns[frozenset({(i, j), (k, q)})]] += data.cost_factor * data.flow[i, k] * data.distance[j, q]
    rows: list[dict[int, float]] = []
    right: list[float] = []
    for chosen in [frozenset[tuple[int, int]](), *(c for c in columns if len(c) < 3)]:
        free_items = [i for i in items if i not in {item for item, _ in chosen}]
        free_places = [j for j in places if j not in {place for _, place in chosen}]
        sums = [[(i, j) for j in free_places] for i in free_items] + [
            [(i, j) for i in free_items] for j in free_places
        ]
        for terms in sums:
            row = {columns[chosen | {term}]: 1.0 for term in terms}
            if chosen:
                row[columns[chosen]] = -1.0
            rows.append(row)
            right.append(0.0 if chosen else 1.0)
    matrix = np.zeros((len(rows), len(columns)))
    for number, row in enumerate(rows):
        matrix[number, list(row)] = list(row.values())
    return float(linprog(cost, A_eq=matrix, b_eq=right, method="highs").fun)


def test_a_deadline_leaves_a_valid_node():
    data = random_qap(2, 5, 5)
    tree = Tree(data)
    tree.add_triples()
    assert not ascend_level2(tree.root.node, NO_TARGET, Effort(5, -1.0), workspace(5, 5), perf_counter())
    check_equation(tree.problem, data, tree)


def test_level_2_is_for_places_that_take_one_item_each():
    assert not Tree(random_qap(0).replaced({"capacity": np.full(4, 2.0)})).may_use_level2()
    assert not Tree(random_qap(0, 2, 2)).may_use_level2()
