"""The linear programme's dual solution as moves: exact in whole numbers, and as strong as the relaxation."""

from __future__ import annotations

import itertools

import numpy as np
import pyomo.environ as pyo
import pytest
from gqap_enumeration import feasible_assignments, random_gqap
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gqap_bound import NO_TARGET, cost_by_equation, random_qap, units

from formulations.gqap.models import rlt1
from formulations.gqap.parameters import GQAP
from solvers.gqap.bounds import root_multipliers
from solvers.gqap.bounds.branching_node import FORBIDDEN, Node
from solvers.gqap.bounds.cliques import clique, cliques_of, no_cliques
from solvers.gqap.bounds.dual_ascent import Effort, ascend, workspace
from solvers.gqap.bounds.root_multipliers import copy_of, move, programme, raise_to_relaxation
from solvers.gqap.bounds.whole_problem import WholeProblem, whole_problem

HEAVY = {"weight": np.array([5.0, 7.0, 6.0, 9.0, 3.0]), "capacity": np.array([12.0, 11.0, 14.0])}
"""Most pairs of items do not fit in one place."""


def instances() -> list[GQAP]:
    tight = [random_gqap(seed, items=5, places=3) for seed in (0, 2, 4, 6)]
    heavy = [random_gqap(seed, 5, 3, **HEAVY) for seed in (2, 4)]
    return [*tight, *heavy, random_qap(2), random_qap(4), random_qap(6, 4, 5)]


@pytest.fixture
def without_cliques(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(root_multipliers, "cliques_of", no_cliques)


def check_equation(data: GQAP, problem: WholeProblem, node: Node, exact: bool) -> None:
    """The numbers say what every assignment costs, or less where inequalities were used."""
    for places in feasible_assignments(data):
        by_equation, cost = cost_by_equation(node, places), units(problem, data, places)
        assert by_equation == cost if exact else by_equation <= cost


def raised(data: GQAP, rounds: int = 3) -> WholeProblem:
    problem = whole_problem(data)
    work = workspace(data.items, data.places)
    ascend(problem.root, problem.exclusive, NO_TARGET, Effort(rounds, -1.0), work)
    raise_to_relaxation(problem.root, problem.exclusive, NO_TARGET, 60.0, work)
    return problem


@pytest.mark.parametrize("data", instances())
@pytest.mark.usefixtures("without_cliques")
def test_the_equation_holds_to_the_last_unit(data: GQAP):
    problem = raised(data)
    root = problem.root
    assert min(int(array.min()) for array in (root.lead, root.price, root.own_price)) >= 0
    assert int(root.pair[~np.eye(data.items, dtype=bool)].min()) >= 0
    check_equation(data, problem, root, exact=not problem.exclusive or data.items == data.places)


@pytest.mark.parametrize("data", [random_gqap(seed, 5, 3, **HEAVY) for seed in range(0, 12, 2)])
def test_cliques_raise_the_bound_and_no_assignment_costs_less(data: GQAP, monkeypatch: pytest.MonkeyPatch):
    assert feasible_assignments(data)
    problem = raised(data)
    root = problem.root
    assert min(int(array.min()) for array in (root.lead, root.price, root.own_price)) >= 0
    assert int(root.pair[~np.eye(data.items, dtype=bool)].min()) >= 0
    check_equation(data, problem, root, exact=False)
    monkeypatch.setattr(root_multipliers, "cliques_of", no_cliques)
    plain = raised(data)
    best = min(units(problem, data, places) for places in feasible_assignments(data))
    rounding = 1e-6 * abs(best)
    assert plain.root.constant[0] - rounding <= root.constant[0] <= best
    closed = best - plain.root.constant[0] <= rounding
    assert closed or root.constant[0] > plain.root.constant[0]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_of_a_clique_no_two_fit_and_no_other_large_item_is_left_out(seed: int):
    draw = np.random.default_rng(seed)
    items = int(draw.integers(1, 8))
    weight, room = draw.integers(0, 10, items), draw.integers(0, 20, 3)
    allowed = draw.random((3, items)) < 0.8
    for member, free, most in zip(clique(allowed, weight, room), allowed, room, strict=True):
        inside = np.flatnonzero(member)
        assert inside.size != 1
        assert free[inside].all()
        assert all(weight[i] + weight[k] > most for i, k in itertools.combinations(inside, 2))
        large = np.flatnonzero(free & (2 * weight > most))
        assert inside.size == 0 or np.isin(large, inside).all()
        assert inside.size > 0 or large.size < 2


@pytest.mark.parametrize("data", instances())
def test_any_multipliers_keep_the_equation(data: GQAP):
    """Nonsense from a solver costs strength, never validity."""
    problem = whole_problem(data)
    node = copy_of(problem.root)
    members = no_cliques(node) if problem.exclusive else cliques_of(node)
    relaxation = programme(node, problem.exclusive, 1.0, members)
    draw = np.random.default_rng(0)
    size = problem.units(5.0)
    move(node, problem.exclusive, relaxation, draw.uniform(-size, size, relaxation.right_hand_side.size), members)
    assert int(node.price.min()) >= 0
    used = bool(members.at_place.any() or members.given.any())
    exact = data.items == data.places if problem.exclusive else not used
    check_equation(data, problem, node, exact)


@pytest.mark.parametrize("data", instances())
@pytest.mark.usefixtures("without_cliques")
def test_the_bound_is_that_of_the_explicit_model(data: GQAP):
    """The relaxation of RLT-1, built by other code and solved by HiGHS's simplex."""
    model = rlt1.build(data)
    for variable in model.component_data_objects(pyo.Var):
        variable.domain = pyo.NonNegativeReals
    solver = pyo.SolverFactory("appsi_highs")
    solver.solve(model)
    relaxation = float(pyo.value(model.cost))
    problem = raised(data)
    bound = problem.cost(float(problem.root.constant[0]))
    if problem.exclusive:  # the programme multiplies the rows of the places too, which the model has as capacities
        assert bound >= relaxation - 1e-4 * abs(relaxation)
    else:
        assert bound == pytest.approx(relaxation, rel=1e-4)
    best = min(units(problem, data, places) for places in feasible_assignments(data))
    assert problem.root.constant[0] <= best


def test_what_has_no_memory_or_time_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    problem = whole_problem(random_gqap(2))
    before, work = copy_of(problem.root), workspace(5, 3)
    assert not raise_to_relaxation(problem.root, False, NO_TARGET, 0.0, work)
    monkeypatch.setattr(root_multipliers, "MOST_BYTES", 1000)
    assert not raise_to_relaxation(problem.root, False, NO_TARGET, 60.0, work)
    assert all((old == new).all() for old, new in zip(before, problem.root, strict=True))


def test_what_cannot_beat_the_target_is_ruled_out():
    data = random_gqap(0)
    problem = whole_problem(data)
    costs = {places: units(problem, data, places) for places in feasible_assignments(data)}
    target = int(min(costs.values())) + 1
    raise_to_relaxation(problem.root, False, target, 60.0, workspace(5, 3))
    best = min(costs, key=lambda places: costs[places])
    assert all(problem.root.lead[i, j] < FORBIDDEN for i, j in enumerate(best))
