"""Every explicit model has the cost of every assignment, and its relaxation bounds the optimum."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyomo.environ as pyo
import pytest
from gqap_enumeration import brute_force, exact_cost, feasible_assignments, random_gqap

from formulations.gqap.models import compact, quadratic, rlt1, standard_linearisation
from formulations.gqap.models.assignment import solution
from formulations.gqap.models.interaction_bounds import half_pair_costs, interaction_bounds
from formulations.gqap.parameters import GQAP
from formulations.gqap.units import capacity_rows, cost_unit, in_cost_units
from solvers.external import backends

LINEARISATIONS = [standard_linearisation.build, rlt1.build, compact.build]
BUILDERS = [quadratic.build, *LINEARISATIONS]
every_model = pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__module__.split(".")[-1])
Builder = Callable[[GQAP], pyo.ConcreteModel]


def fix(model: pyo.ConcreteModel, places: Sequence[int]) -> None:
    for (i, j), variable in model.assign.items():
        variable.fix(float(places[i] == j))


def least_cost(model: pyo.ConcreteModel) -> float | None:
    """Optimum of what is left of a model, as a linear programme."""
    found = backends.solve(model, "highs", time_seconds=20.0, relative_gap=0.0)
    return float(pyo.value(model.cost)) if found.has_solution else None


def relaxation(model: pyo.ConcreteModel) -> float:
    pyo.TransformationFactory("core.relax_integer_vars").apply_to(model)
    value = least_cost(model)
    assert value is not None
    return value


@every_model
@pytest.mark.parametrize("seed", range(2))
def test_a_model_has_the_cost_of_every_feasible_assignment(build: Builder, seed: int):
    data = random_gqap(seed, items=4, places=2)
    model = build(data)
    for places in feasible_assignments(data):
        fix(model, places)
        assert least_cost(model) == pytest.approx(float(exact_cost(data, places)), rel=1e-7, abs=1e-6)
        np.testing.assert_array_equal(solution(model, data)["assignment"], places)


@every_model
def test_a_model_refuses_what_exceeds_a_capacity(build: Builder):
    data = random_gqap(0, items=4, places=2, weight=[3.0, 3.0, 2.0, 2.0], capacity=[5.0, 5.0])
    model = build(data)
    for places in ((0, 0, 1, 1), (0, 1, 1, 1), (1, 1, 1, 1)):
        fix(model, places)
        assert least_cost(model) is None
    fix(model, (0, 1, 0, 1))
    assert least_cost(model) is not None


@pytest.mark.parametrize("seed", range(6))
def test_relaxations_bound_the_optimum_and_rlt1_is_the_strongest(seed: int):
    data = random_gqap(seed, items=5, places=3)
    standard, level1, small = (relaxation(build(data)) for build in LINEARISATIONS)
    optimum = brute_force(data)
    assert max(standard, small) <= level1 + 1e-6
    assert level1 <= optimum + 1e-6
    assert standard < optimum


@pytest.mark.parametrize("seed", range(4))
def test_interaction_bounds_hold_for_every_assignment(seed: int):
    data = random_gqap(seed, items=5, places=3)
    bounds = interaction_bounds(data)
    halves = [half_pair_costs(data, i) for i in range(5)]
    possible = np.zeros((5, 3), dtype=bool)
    for places in feasible_assignments(data):
        for i in range(5):
            others = [k for k in range(5) if k != i]
            interaction = [sum(halves[i][row, j, places[k]] for row, k in enumerate(others)) for j in range(3)]
            possible[i, places[i]] = True
            assert bounds.least[i, places[i]] <= interaction[places[i]] + 1e-7
            fitting = np.isfinite(bounds.least[i])
            assert (np.array(interaction)[fitting] <= bounds.most[i, fitting] + 1e-7).all()
    assert not (np.isinf(bounds.least) & possible).any()


def test_an_item_that_fits_nowhere_is_infeasible_in_every_model():
    data = random_gqap(0, weight=[50.0, 1.0, 1.0, 1.0, 1.0], capacity=[9.0, 9.0, 9.0])
    for build, solver in zip(BUILDERS, ["scip", "highs", "highs", "highs"], strict=True):
        found = backends.solve(build(data), solver, time_seconds=10.0, relative_gap=0.0)
        assert found.infeasible


def test_units_change_no_cost():
    data = random_gqap(1, cost_factor=1e6)
    unit = cost_unit(data)
    scaled = in_cost_units(data, unit)
    assert np.log2(unit) == round(np.log2(unit))
    places = (0, 1, 2, 0, 1)
    assert float(exact_cost(scaled, places)) * unit == pytest.approx(float(exact_cost(data, places)), rel=1e-15)


def test_whole_weights_are_divided_and_capacities_rounded_down():
    weight, limit = capacity_rows(random_gqap(0, weight=[4.0, 8.0, 12.0, 4.0, 20.0], capacity=[7.9, 23.0, 24.0]))
    np.testing.assert_array_equal(weight, [1.0, 2.0, 3.0, 1.0, 5.0])
    np.testing.assert_array_equal(limit, [1.0, 5.0, 6.0])


def test_weights_of_nothing_need_no_capacity():
    data = random_gqap(0, weight=np.zeros(5), capacity=np.zeros(3))
    for build in LINEARISATIONS:
        model = build(data)
        assert len(model.within_capacity) == 0
