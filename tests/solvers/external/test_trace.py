"""Incumbents and bounds over time: they never cross, close in, and end where the solve ends."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest
from knapsacks import half_loads

from instances import load
from solvers import solve
from solvers.core.limits import Limits
from solvers.external import backends
from solvers.external.trace import MOST_ROWS, Trace


@pytest.mark.parametrize("sense", [pyo.minimize, pyo.maximize])
@pytest.mark.parametrize("solver", sorted(backends.SOLVERS))
def test_a_solve_closes_in_from_both_sides(solver, sense):
    model = half_loads(sense, 16)
    found = backends.solve(model, solver, time_seconds=20.0, relative_gap=1e-7)
    seconds = [row["seconds"] for row in found.history]
    assert seconds == sorted(seconds)
    assert seconds[-1] <= found.seconds
    objectives = [sense * row["objective"] for row in found.history if row["objective"] is not None]
    bounds = [sense * row["bound"] for row in found.history if row["bound"] is not None]
    assert len(objectives) > 1
    assert objectives == sorted(objectives, reverse=True)
    assert bounds == sorted(bounds)
    assert max(bounds) <= min(objectives) + 1e-6 * abs(objectives[-1])
    assert found.history[-1]["objective"] == pytest.approx(pyo.value(model.value), rel=1e-9)
    assert found.history[-1]["bound"] == found.bound


def test_the_trace_is_in_the_units_of_the_problem():
    instance = load("instances/split_i10_g8.json")
    result = solve(instance, "highs-batch-indexed", limits=Limits(time_limit=10.0))
    assert result.history[-1]["objective"] == pytest.approx(result.objective, rel=1e-6)
    assert result.history[-1]["bound"] == pytest.approx(result.bound, rel=1e-9)
    assert result.build_seconds < result.history[-1]["seconds"] <= result.seconds


def test_a_restriction_shows_no_bound():
    result = solve("instances/split_i5_g1.json", "highs-gqap-fixed-split", limits=Limits(time_limit=10.0))
    assert result.history
    assert all(row["bound"] is None for row in result.history)


def test_numbers_that_do_not_change_are_noted_once_and_infinite_ones_as_none():
    trace = Trace()
    for objective, bound in [(np.inf, -1e20), (np.inf, -3.0), (np.inf, -3.0), (2.0, -3.0), (None, None)]:
        trace.add(objective, bound)
    rows = [(row["objective"], row["bound"]) for row in trace.rows()]
    assert rows == [(None, -3.0), (2.0, -3.0), (None, None)]


def test_a_long_course_is_thinned_out_and_keeps_its_ends():
    trace = Trace()
    for place in range(10 * MOST_ROWS + 7):
        trace.add(-float(place), None)
    objectives = [row["objective"] for row in trace.rows()]
    assert len(objectives) == MOST_ROWS
    assert objectives[0] == 0.0
    assert objectives[-1] == -float(10 * MOST_ROWS + 6)
    assert objectives == sorted(objectives, reverse=True)
