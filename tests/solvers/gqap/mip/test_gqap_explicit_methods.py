"""Every method of the GQAP against enumeration, and against the fixed splits that it generalises."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import split_offloading
from gqap_enumeration import brute_force, exact_cost, feasible_assignments, random_gqap

from formulations.gqap.evaluation import evaluate_solution
from formulations.gqap.parameters import GQAP
from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.models.gqap_reduction import DENIED, GRANTED, as_gqap
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.core.result import TIME_LIMIT, Outcome, Result, Status, Unsupported
from solvers.core.validation import validate
from solvers.gqap.mip import explicit_models
from solvers.split_offloading.mip.gqap_fixed_split import LINEARISED, solve_restriction

LIMITS = Limits(time_limit=10.0)
METHODS = [  # CP-SAT takes whole numbers only, and has tests of its own
    method
    for method in registry.methods_for("gqap")
    if (method.exact or method.name == "tabu") and method.name != "cp-sat"
]
every_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)


def solved(method: Method, data: GQAP) -> Result:
    return validate(method, "random", "", data, method.load()(data, LIMITS, 0), LIMITS, 0)


@every_method
@pytest.mark.parametrize(("items", "places"), [(1, 1), (4, 4), (7, 2)])
@pytest.mark.parametrize("seed", [2, 3])
def test_every_method_equals_enumeration(method: Method, items: int, places: int, seed: int):
    data = random_gqap(seed, items=items, places=places)
    optimum = brute_force(data)
    result = solved(method, data)
    if math.isinf(optimum):
        assert result.objective is None
        assert result.status in (Status.INFEASIBLE, Status.UNKNOWN)
        return
    assert result.objective == pytest.approx(optimum, rel=1e-9, abs=1e-9)
    if method.exact:
        assert result.status is Status.OPTIMAL
        assert result.bound == pytest.approx(optimum, rel=1e-6)


@every_method
def test_no_method_finds_anything_where_nothing_is_feasible(method: Method):
    data = random_gqap(0, weight=[3.0] * 5, capacity=[5.0, 5.0, 5.0])
    assert not feasible_assignments(data)
    result = solved(method, data)
    assert result.status is (Status.INFEASIBLE if method.exact else Status.UNKNOWN)


@every_method
@pytest.mark.parametrize("scale", [1e-6, 1e7])
def test_no_method_minds_the_unit_of_cost(method: Method, scale: float):
    data = random_gqap(4)
    scaled = data.replaced(
        {"assignment_cost": scale * data.assignment_cost, "cost_factor": scale * data.cost_factor}
    )
    assert solved(method, scaled).objective == pytest.approx(scale * brute_force(data), rel=1e-9)


@every_method
def test_no_method_exceeds_a_capacity_by_one_in_a_billion(method: Method):
    """The cheap assignment needs one unit of load more than there is."""
    weight = np.array([1e9, 1.0, 1e9 - 1.0, 1.0])
    data = GQAP(
        items=4,
        places=2,
        assignment_cost=[[0.0, 9.0], [0.0, 9.0], [9.0, 0.0], [9.0, 0.0]],
        flow=np.zeros((4, 4)),
        distance=np.zeros((2, 2)),
        cost_factor=1.0,
        weight=weight,
        capacity=[1e9, 1e9 + 1.0],
    )
    result = solved(method, data)
    assert result.objective == brute_force(data) == 9.0


@pytest.mark.parametrize("seed", range(3))
def test_split_offloading_as_gqap_has_the_optimum_of_its_fixed_split_model(seed: int):
    data = split_offloading(users=7, seed=seed, max_batch=3, gpus=1)
    generic = as_gqap(data)
    optimum = solve_restriction(LINEARISED, data, LIMITS, 0)
    assert -brute_force(generic) == pytest.approx(optimum.bound, rel=1e-6)
    for method in METHODS:
        result = solved(method, generic)
        assert result.solution is not None
        assert result.objective == pytest.approx(-optimum.bound, rel=1e-6)
        granted = (np.asarray(result.solution["assignment"]) == GRANTED).astype(float)
        split = np.where(granted > 0.5, float(data.min_local_steps), float(data.total_steps))
        assert evaluate(data, granted, split).objective == pytest.approx(-result.objective, rel=1e-9)
    assert {GRANTED, DENIED} == {0, 1}


@pytest.mark.parametrize("seed", range(2))
def test_the_root_bound_is_a_bound_and_the_final_one_no_worse(seed: int):
    data = random_gqap(seed, items=6, places=3)
    for route in (explicit_models.STANDARD, explicit_models.RLT1, explicit_models.COMPACT):
        found = explicit_models.solve_explicit(route, data, LIMITS, 0)
        assert found.root_bound is not None
        assert found.bound is not None
        assert found.root_bound <= found.bound + 1e-6 * max(1.0, abs(found.bound))
        assert found.nodes is not None


def test_a_bound_between_two_costs_counts_as_the_upper_one():
    data = random_gqap(2)
    data = data.replaced({"assignment_cost": 100.0 * data.assignment_cost, "cost_factor": 100.0})
    optimum = brute_force(data)
    for route in (explicit_models.RLT1, explicit_models.COMPACT):
        assert explicit_models.solve_explicit(route, data, LIMITS, 0).bound == optimum


def test_a_time_limit_leaves_a_valid_bound_or_none():
    data = random_gqap(3, items=14, places=5)
    for method in METHODS:
        if method.exact:
            outcome = method.load()(data, Limits(time_limit=0.5), 0)
            found = validate(method, "random", "", data, outcome, LIMITS, 0)
            assert found.status is not Status.ERROR


@pytest.mark.parametrize("route", ["QUADRATIC", "STANDARD", "RLT1", "COMPACT"])
@pytest.mark.parametrize("seconds", [0.001, 0.2])
def test_a_short_time_limit_leaves_what_the_tabu_search_found(route: str, seconds: float):
    """Building and handing over 20 items at 5 places takes seconds: where no time is left, neither is done."""
    data = random_gqap(2, 20, 5, capacity=[80.0] * 5)
    limits = Limits(time_limit=seconds)
    outcome = explicit_models.solve_explicit(getattr(explicit_models, route), data, limits, 0)
    assert outcome.solution is not None
    assert evaluate_solution(data, outcome.solution).feasible
    if seconds < 0.01:
        assert outcome.reason == TIME_LIMIT
        assert outcome.solve_seconds == 0.0


def test_a_solver_that_ends_with_less_than_its_start_does_not_lose_it(monkeypatch: pytest.MonkeyPatch):
    data = random_gqap(2)
    optimum = brute_force(data)
    worst = max(feasible_assignments(data), key=lambda places: exact_cost(data, places))
    endings = [Outcome(None), Outcome(None, infeasible=True), Outcome({"assignment": np.array(worst)})]
    for ending in endings:
        monkeypatch.setattr(explicit_models, "solve_model", lambda ending=ending, **_: ending)
        outcome = explicit_models.solve_explicit(explicit_models.RLT1, data, LIMITS, 0)
        assert outcome.solution is not None
        assert evaluate_solution(data, outcome.solution).objective == optimum
        assert not outcome.infeasible


@pytest.mark.parametrize("route", ["QUADRATIC", "STANDARD", "RLT1", "COMPACT"])
def test_a_model_that_does_not_fit_in_memory_is_refused(route: str):
    with pytest.raises(Unsupported, match="holds 3093750 products of two choices, expected at most 1048576"):
        explicit_models.solve_explicit(getattr(explicit_models, route), random_gqap(2, 100, 25), LIMITS, 0)
