"""The three models of P1 say what the evaluator says, whatever the solver."""

from __future__ import annotations

import itertools

import numpy as np
import pyomo.environ as pyo
import pytest
from builders import step_allocation
from reference import CORNERS

from formulations.step_allocation import costs
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.models import p1, p1_convex, p1_tangents, supports
from formulations.step_allocation.parameters import EDGE, LOCAL

CLOSE = 1e-9


def tangents(data, count=6):
    points = (supports.spread_points(data, place, count) for place in (LOCAL, EDGE))
    return p1_tangents.build(data, *points)


def feasible_points(data, draw, count=8):
    """Random offloading with steps inside the limits and the budget, and some outside."""
    for _ in range(count):
        offload = draw.integers(0, 2, data.users).astype(float)
        limit = np.where(offload > 0.5, data.edge_step_limit, data.local_step_limit)
        steps = draw.uniform(0.0, limit) * draw.choice([0.3, 1.0, 1.3])
        yield offload, np.round(steps) if data.integer_steps else steps


def worst_violation(model):
    """Largest violation of any constraint of the model at its values; variable bounds count as constraints."""
    worst = 0.0
    for constraint in model.component_data_objects(pyo.Constraint, active=True):
        worst = max(worst, -constraint.slack())
    for variable in model.component_data_objects(pyo.Var):
        worst = max(worst, variable.lb - variable.value, variable.value - variable.ub)
    return worst


def place(model, data, offload, steps):
    """Put a point of P1 into a convex model or its outer approximation, with the least quality costs."""
    for n in range(data.users):
        model.offload[n].set_value(offload[n])
        model.local_steps[n].set_value((1 - offload[n]) * steps[n], skip_validation=True)
        model.edge_steps[n].set_value(offload[n] * steps[n], skip_validation=True)
        quality = supports.costs.quality_cost(data, steps)[n]
        model.local_quality[n].set_value((1 - offload[n]) * quality)
        model.edge_quality[n].set_value(offload[n] * quality)


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("corner", CORNERS)
def test_literal_model_agrees_with_the_evaluator(corner, integer):
    data = step_allocation(4, 1, **({"integer_steps": integer} | CORNERS[corner]))
    model = p1.build(data)
    for offload, steps in feasible_points(data, np.random.default_rng(0)):
        evaluation = evaluate(data, offload, steps)
        for n in range(data.users):
            model.offload[n].set_value(offload[n])
            model.steps[n].set_value(steps[n], skip_validation=True)
            # Solved for the variable that it bounds from below.
            model.user_cost[n].set_value(0.0, skip_validation=True)
            model.user_cost[n].set_value(pyo.value(model.place_cost[n].body), skip_validation=True)
        if not evaluation.feasible:
            assert worst_violation(model) == pytest.approx(max(evaluation.violations.values()), abs=1e-6)
            continue
        assert worst_violation(model) <= CLOSE
        assert pyo.value(model.cost) == pytest.approx(evaluation.objective, abs=CLOSE)
        solution = p1.solution(model)
        np.testing.assert_array_equal(solution["a"], offload)
        np.testing.assert_array_equal(solution["s"], steps)


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("corner", CORNERS)
def test_convex_model_and_its_outer_approximation_hold_every_point_at_its_cost(corner, integer):
    data = step_allocation(4, 1, **({"integer_steps": integer} | CORNERS[corner]))
    convex, outer = p1_convex.build(data), tangents(data)
    for offload, steps in feasible_points(data, np.random.default_rng(0)):
        evaluation = evaluate(data, offload, steps)
        for model in (convex, outer):
            place(model, data, offload, steps)
            if evaluation.feasible:
                assert worst_violation(model) <= CLOSE
                assert pyo.value(model.cost) == pytest.approx(evaluation.objective, abs=CLOSE)
                np.testing.assert_allclose(p1_convex.solution(model)["s"], steps, atol=CLOSE)
            else:
                assert worst_violation(model) > 1e-6


@pytest.mark.parametrize("corner", CORNERS)
def test_convex_model_charges_no_less_than_the_quality_cost(corner):
    data = step_allocation(3, 2, **CORNERS[corner])
    model = p1_convex.build(data)
    for offload, steps in feasible_points(data, np.random.default_rng(3)):
        place(model, data, offload, steps)
        for n, quality in itertools.product(range(data.users), (model.local_quality, model.edge_quality)):
            kept = quality[n].value
            quality[n].set_value(kept - 1e-4)
            assert worst_violation(model) >= 1e-4 - CLOSE
            quality[n].set_value(kept)


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("corner", CORNERS)
def test_supporting_lines_are_below_and_touch(corner, integer):
    data = step_allocation(5, 3, **({"integer_steps": integer} | CORNERS[corner]))
    for place_ in (LOCAL, EDGE):
        limit = supports.costs.step_limit(data, place_)
        for share in np.linspace(0.0, 1.0, 9):
            touch = np.round(share * limit) if integer else share * limit
            line = supports.supporting_line(data, touch, place_)
            assert line.intercept + line.slope * touch == pytest.approx(
                supports.costs.quality_cost(data, touch), abs=1e-12
            )
            for other in np.linspace(0.0, 1.0, 23):
                steps = np.round(other * limit) if integer else other * limit
                assert np.all(
                    line.intercept + line.slope * steps <= supports.costs.quality_cost(data, steps) + 1e-12
                )


def test_chords_are_stronger_than_tangents_between_integers():
    data = step_allocation(5, 3, integer_steps=True)
    steps = np.full(5, 10.5)
    chord, tangent = supports.chord(data, steps, data.edge_step_limit), supports.tangent(data, steps)
    assert np.all(chord.intercept + chord.slope * steps > tangent.intercept + tangent.slope * steps)


def test_spread_points_lie_denser_where_the_curve_bends():
    data = step_allocation(3, 0)
    points = supports.spread_points(data, EDGE, 9)
    assert points.shape == (9, 3)
    np.testing.assert_allclose(points[0], 0.0)
    np.testing.assert_allclose(points[-1], data.edge_step_limit)
    assert np.all(np.diff(np.diff(points, axis=0), axis=0) > 0.0)


def test_slope_and_curvature_are_derivatives():
    data = step_allocation(4, 5)
    steps, width = np.linspace(5.0, 40.0, 4), 1e-4
    value = supports.costs.quality_cost
    slope = (value(data, steps + width) - value(data, steps - width)) / (2 * width)
    np.testing.assert_allclose(costs.quality_slope(data, steps), slope, rtol=1e-7)
    curvature = (costs.quality_slope(data, steps + width) - costs.quality_slope(data, steps - width)) / (2 * width)
    np.testing.assert_allclose(costs.quality_curvature(data, steps), curvature, rtol=1e-7)
