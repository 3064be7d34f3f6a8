"""SCIP on both models and HiGHS on its outer approximations, against enumeration with SciPy and each other."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from builders import step_allocation
from reference import CORNERS, brute_force

import instances
from formulations.step_allocation import costs
from formulations.step_allocation.best_response import best_steps_at_price
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import EDGE, LOCAL
from solvers.core.limits import GRACE_SECONDS, Limits
from solvers.core.tolerance import ABSOLUTE_GAP
from solvers.external import tolerances
from solvers.step_allocation import price_search
from solvers.step_allocation.mip import highs_outer_approximation, scip, scip_reduced

METHODS = {
    "scip-convex": scip.solve_convex,
    "scip-literal": scip.solve_literal,
    "scip-reduced": scip_reduced.solve,
    "highs-outer-approximation": highs_outer_approximation.solve,
}
GAP = 1e-6

every_method = pytest.mark.parametrize("method", METHODS)
both_kinds_of_steps = pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])


def solve(method, data, **limits):
    outcome = METHODS[method](data, Limits(**({"time_limit": 30.0} | limits)), 0)
    assert outcome.solution is not None
    evaluation = evaluate_solution(data, outcome.solution)
    assert evaluation.feasible
    return outcome, evaluation.objective


def closed(data, objective):
    """The closed gap of validation, and what SCIP's own tolerance per user and place can add to it."""
    feasibility = tolerances.SCIP_EPIGRAPH["numerics/feastol"]
    return max(GAP * abs(objective), (ABSOLUTE_GAP + 2 * feasibility) * data.users)


def widest(data):
    """What a bound is given away at most for tolerances, where a user is worth 1."""
    return 4 * tolerances.BOUND * data.users + tolerances.pruned(tolerances.HIGHS)


def assert_optimal(method, data, optimum):
    outcome, objective = solve(method, data)
    tolerance = closed(data, optimum)
    assert objective == pytest.approx(optimum, abs=tolerance)
    assert outcome.bound <= optimum + 1e-9 * max(1.0, abs(optimum))
    assert objective - outcome.bound <= tolerance + widest(data)
    assert outcome.reason.startswith("gap closed")
    assert not outcome.infeasible


@cache
def of_corner(corner, integer):
    data = step_allocation(3, 4, **({"edge_step_capacity": 50.0, "integer_steps": integer} | CORNERS[corner]))
    return data, brute_force(data)


@every_method
@both_kinds_of_steps
@pytest.mark.parametrize("corner", CORNERS)
def test_equals_enumeration_with_scipy(method, corner, integer):
    assert_optimal(method, *of_corner(corner, integer))


@cache
def whole_steps_for_utility(seed):
    draw = np.random.default_rng(seed)
    users = int(draw.integers(2, 7))
    capacity = float(draw.uniform(5.0, 35.0) * users)
    data = step_allocation(
        users, seed, **({"edge_step_capacity": capacity, "integer_steps": True} | CORNERS["utility only"])
    )
    return data, brute_force(data)


@every_method
@pytest.mark.parametrize("seed", [2, 7])
def test_integer_instances_on_which_tight_tolerances_broke_highs(method, seed):
    assert_optimal(method, *whole_steps_for_utility(seed))


@every_method
@both_kinds_of_steps
def test_one_user(method, integer):
    data = step_allocation(1, 7, integer_steps=integer)
    assert_optimal(method, data, brute_force(data))


@pytest.mark.parametrize("integer", [False, pytest.param(True, marks=pytest.mark.long)])
def test_all_agree_on_thirty_users(integer):
    data = step_allocation(30, 5, edge_step_capacity=450.0, integer_steps=integer)
    found = {method: solve(method, data) for method in METHODS}
    best = min(objective for _, objective in found.values())
    for outcome, objective in found.values():
        assert objective == pytest.approx(best, rel=GAP)
        assert outcome.bound <= best + 1e-9
        assert outcome.bound == pytest.approx(best, rel=GAP)


@every_method
@pytest.mark.parametrize("time_limit", [0.0, 0.3, 1.0])
def test_interrupted_bounds_are_valid(method, time_limit):
    data = step_allocation(60, 5, integer_steps=True, edge_step_capacity=900.0)
    outcome = METHODS[method](data, Limits(time_limit=time_limit), 0)
    optimum = price_search.solve(data, Limits(), 0)
    assert outcome.build_seconds + outcome.solve_seconds < time_limit + GRACE_SECONDS
    if outcome.bound is not None:
        assert outcome.bound <= evaluate_solution(data, optimum.solution).objective + 1e-9
    if outcome.solution is not None:
        evaluation = evaluate_solution(data, outcome.solution)
        assert evaluation.feasible
        assert evaluation.objective >= optimum.bound - 1e-9


def test_history_of_the_rounds_closes_in_from_both_sides():
    outcome, objective = solve("highs-outer-approximation", step_allocation(12, 3))
    bounds = [row["bound"] for row in outcome.history]
    objectives = [row["objective"] for row in outcome.history]
    assert bounds == sorted(bounds)
    assert objectives == sorted(objectives, reverse=True)
    assert objectives[-1] == objective
    assert outcome.iterations == len(outcome.history)


@pytest.mark.parametrize("method", ["scip-convex", "scip-literal"])
def test_log_and_work_are_reported(method):
    outcome, _ = solve(method, step_allocation(5, 1))
    assert "SCIP Status" in outcome.log
    assert outcome.nodes >= 0


@pytest.mark.long
@every_method
@both_kinds_of_steps
@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("seed", range(4))
def test_equals_enumeration_on_many_instances(method, corner, integer, seed):
    draw = np.random.default_rng(seed)
    users = int(draw.integers(2, 7))
    fields = {"edge_step_capacity": float(draw.uniform(5.0, 35.0) * users), "integer_steps": integer}
    data = step_allocation(users, seed, **(fields | CORNERS[corner]))
    assert_optimal(method, data, brute_force(data))


@pytest.mark.parametrize("method", ["scip-convex", "scip-reduced"])
def test_users_for_whom_the_edge_never_pays_leave_no_gap(method):
    """Their quality cost at the edge, which is negative here, once lowered the bound of the reduced model."""
    data = instances.load("n30_heterogeneous").section("step_allocation")
    best = price_search.solve(data, Limits(time_limit=30.0), 0)
    free = costs.cost(data, best_steps_at_price(data, EDGE, 0.0), EDGE)
    never = free >= costs.cost(data, best_steps_at_price(data, LOCAL, 0.0), LOCAL)
    assert never.sum() == 17
    assert_optimal(method, data, evaluate_solution(data, best.solution).objective)
