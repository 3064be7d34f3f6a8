"""The linear programme's dual solution as moves: exact in whole numbers, and as strong as the relaxation."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest
from gqap_enumeration import feasible_assignments, random_gqap
from test_gqap_bound import NO_TARGET, cost_by_equation, random_qap, units

from formulations.gqap.models import rlt1
from formulations.gqap.parameters import GQAP
from solvers.gqap.bounds import root_multipliers
from solvers.gqap.bounds.branching_node import FORBIDDEN
from solvers.gqap.bounds.dual_ascent import Effort, ascend, workspace
from solvers.gqap.bounds.root_multipliers import copy_of, move, programme, raise_to_relaxation
from solvers.gqap.bounds.whole_problem import WholeProblem, whole_problem


def instances() -> list[GQAP]:
    tight = [random_gqap(seed, items=5, places=3) for seed in (0, 2, 4, 6)]
    return [*tight, random_qap(2), random_qap(4), random_qap(6, 4, 5)]


def raised(data: GQAP, rounds: int = 3) -> WholeProblem:
    problem = whole_problem(data)
    work = workspace(data.items, data.places)
    ascend(problem.root, problem.exclusive, NO_TARGET, Effort(rounds, -1.0), work)
    raise_to_relaxation(problem.root, problem.exclusive, NO_TARGET, 60.0, work)
    return problem


@pytest.mark.parametrize("data", instances())
def test_the_equation_holds_to_the_last_unit(data: GQAP):
    problem = raised(data)
    root = problem.root
    assert min(int(array.min()) for array in (root.lead, root.price, root.own_price)) >= 0
    assert int(root.pair[~np.eye(data.items, dtype=bool)].min()) >= 0
    for places in feasible_assignments(data):
        by_equation, cost = cost_by_equation(root, places), units(problem, data, places)
        assert by_equation == cost or (problem.exclusive and data.items < data.places and by_equation <= cost)


@pytest.mark.parametrize("data", instances())
def test_any_multipliers_keep_the_equation(data: GQAP):
    """Nonsense from a solver costs strength, never validity."""
    problem = whole_problem(data)
    node = copy_of(problem.root)
    relaxation = programme(node, problem.exclusive, 1.0)
    draw = np.random.default_rng(0)
    size = problem.units(5.0)
    move(node, problem.exclusive, relaxation, draw.uniform(-size, size, relaxation.right_hand_side.size))
    assert int(node.price.min()) >= 0
    for places in feasible_assignments(data):
        by_equation, cost = cost_by_equation(node, places), units(problem, data, places)
        assert by_equation == cost or (problem.exclusive and data.items < data.places and by_equation <= cost)


@pytest.mark.parametrize("data", instances())
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
