"""Every engine of the price search is exact: by enumeration, by its own certificate, and where users are alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from builders import near_identical, step_allocation
from constrained import StepBox, boxed, instance, optimum
from engines import ENGINES, TAKE_INTERVALS, WRITE_CERTIFICATES
from reference import CORNERS, brute_force

from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome, plain
from solvers.step_allocation import price_search
from solvers.step_allocation.certificates.check import Checked, check

TIGHT = Limits(time_limit=20.0, gap=1e-8)

BOTH_STEPS = pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])


def proven(data: StepAllocation, outcome: Outcome) -> float:
    """Objective of a plan that the engine's bound proves to be optimal."""
    evaluation = evaluate(data, outcome.solution["a"], outcome.solution["s"])
    assert evaluation.feasible
    assert outcome.bound <= evaluation.objective + 1e-12 * max(1.0, abs(evaluation.objective))
    assert evaluation.objective - outcome.bound <= 1e-8 * max(1e-3, abs(evaluation.objective))
    return evaluation.objective


def checked(data: StepAllocation, outcome: Outcome) -> Checked:
    """What the certificate proves once it has been written and read."""
    certificate, solution = json.loads(json.dumps([plain(outcome.certificate), plain(outcome.solution)]))
    return check(data, certificate, solution)


@cache
def of_corner(corner: str, seed: int, integer: bool) -> tuple[StepAllocation, float]:
    """A corner case of few users with its optimum."""
    users = 2 + seed % 4 if seed else 7 if integer else 8
    draw = np.random.default_rng(seed)
    fields = {"edge_step_capacity": float(draw.uniform(5.0, 35.0) * users), "integer_steps": integer}
    data = step_allocation(users, seed, **(fields | CORNERS[corner]))
    return data, brute_force(data)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seeds", [range(1, 5), pytest.param([0, *range(5, 13)], marks=pytest.mark.long)], ids=str)
@BOTH_STEPS
@pytest.mark.parametrize("corner", CORNERS)
def test_equals_enumeration_with_scipy(corner: str, integer: bool, seeds: Sequence[int], engine: str) -> None:
    for seed in seeds:
        data, best = of_corner(corner, seed, integer)
        assert proven(data, ENGINES[engine](data, TIGHT)) == pytest.approx(best, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("engine", WRITE_CERTIFICATES)
@BOTH_STEPS
@pytest.mark.parametrize("corner", CORNERS)
def test_the_certificate_proves_the_bound(corner: str, integer: bool, engine: str) -> None:
    data = step_allocation(25, 3, integer_steps=integer, **({"edge_step_capacity": 300.0} | CORNERS[corner]))
    outcome = WRITE_CERTIFICATES[engine](data, Limits())
    found = checked(data, outcome)
    assert found.bound >= outcome.bound - 1e-12 * max(1.0, abs(outcome.bound))
    assert found.bound <= found.objective


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("users", [20, 100])
@pytest.mark.parametrize("spread", [0.0, 1e-7, 1e-4, 1e-2])
@pytest.mark.parametrize("clusters", [1, 3])
@BOTH_STEPS
def test_near_identical_users_are_certified(
    engine: str, users: int, spread: float, clusters: int, integer: bool
) -> None:
    data = near_identical(users, spread, clusters, integer_steps=integer)
    outcome = ENGINES[engine](data, Limits(time_limit=5.0, gap=1e-8))
    objective = proven(data, outcome)
    if engine in WRITE_CERTIFICATES:
        assert objective - checked(data, outcome).bound <= 1e-8 * abs(objective)


@cache
def in_boxes(seed: int, integer: bool) -> tuple[StepAllocation, float]:
    """Users that must take or may not take some steps at a place, with the optimum: infinite if there is none."""
    data = boxed(instance(2 + seed % 4, seed, integer=integer), seed, whole=integer)
    return data, optimum(data)


@pytest.mark.parametrize("engine", TAKE_INTERVALS)
@pytest.mark.parametrize("seeds", [range(12), pytest.param(range(12, 40), marks=pytest.mark.long)], ids=str)
@BOTH_STEPS
def test_intervals_and_places_that_are_ruled_out_equal_the_slow_way(
    integer: bool, seeds: range, engine: str
) -> None:
    infeasible = 0
    for seed in seeds:
        data, best = in_boxes(seed, integer)
        if best == np.inf:  # which the price search finds before it calls an engine
            infeasible += 1
            assert price_search.solve(data, TIGHT, 0).infeasible
            continue
        outcome = TAKE_INTERVALS[engine](data, TIGHT)
        assert proven(data, outcome) == pytest.approx(best, rel=1e-7, abs=1e-7)
        assert checked(data, outcome).bound >= outcome.bound - 1e-11 * max(1.0, abs(best))
    assert 0 < infeasible < len(seeds)


@pytest.mark.parametrize("engine", TAKE_INTERVALS)
@pytest.mark.parametrize("spread", [0.0, 1e-7, 1e-3])
@BOTH_STEPS
def test_near_identical_users_under_intervals_are_certified(engine: str, spread: float, integer: bool) -> None:
    users = 20
    data = near_identical(users, spread, integer_steps=integer)
    local, edge = (np.array([np.full(users, end) for end in ends]) for ends in ((5.0, 18.0), (25.0, 55.0)))
    limited = data.replaced({"constraints": (StepBox(local=local, edge=edge),)})
    outcome = TAKE_INTERVALS[engine](limited, Limits(time_limit=10.0, gap=1e-8))
    proven(limited, outcome)
    assert checked(limited, outcome).bound >= outcome.bound - 1e-11
