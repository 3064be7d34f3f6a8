"""Every trap of the solver libraries that the back ends deal with, one test each, for both solvers."""

from __future__ import annotations

import math
import threading
import time

import numpy as np
import pyomo.environ as pyo
import pytest
from knapsacks import half_loads

from solvers.external import backends

SOLVERS = sorted(backends.SOLVERS)
both = pytest.mark.parametrize("solver", SOLVERS)


def small(sense=pyo.maximize):
    """Optimum 3 at x = 1, y = 1; z is mentioned nowhere."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(domain=pyo.NonNegativeIntegers, bounds=(0, 3))
    model.y = pyo.Var(bounds=(0, 1))
    model.z = pyo.Var(bounds=(2, 5))
    model.limit = pyo.Constraint(expr=model.x + model.y <= 2.5)
    model.value = pyo.Objective(expr=sense * -(model.x + 2 * model.y), sense=sense)
    return model


def knapsack(items=300, rows=20, sense=pyo.maximize):
    """Too hard for a second."""
    weight = np.random.default_rng(0).integers(1000, 2000, (rows, items))
    model = pyo.ConcreteModel()
    model.take = pyo.Var(range(items), domain=pyo.Binary)
    model.limit = pyo.Constraint(
        range(rows),
        rule=lambda m, i: sum(int(weight[i, j]) * m.take[j] for j in range(items)) <= 100_000,
    )
    total = sum(int(weight[:, j].sum()) * model.take[j] for j in range(items))
    model.value = pyo.Objective(expr=-sense * total, sense=sense)
    return model


def solve(model, solver, **changes):
    return backends.solve(model, solver, **({"time_seconds": 20.0, "relative_gap": 1e-7} | changes))


@both
@pytest.mark.parametrize("sense", [pyo.maximize, pyo.minimize])
def test_solution_and_bound_in_the_models_own_sense(solver, sense):
    model = small(sense)
    found = solve(model, solver)
    expected = 3.0 * -sense
    assert found.has_solution
    assert found.termination == "gap closed"
    assert pyo.value(model.value) == pytest.approx(expected)
    assert found.bound == pytest.approx(expected)
    assert (model.x.value, model.y.value) == (pytest.approx(1.0), pytest.approx(1.0))
    assert found.nodes is not None
    assert found.seconds > 0.0
    assert solver in found.log.lower() or "HiGHS" in found.log or "SCIP" in found.log


@both
def test_variable_that_no_constraint_mentions_gets_an_allowed_value(solver):
    model = small()
    solve(model, solver)
    assert model.z.value == 2.0


@both
def test_infeasible_leaves_no_values_of_an_earlier_solve(solver):
    model = small()
    solve(model, solver)
    model.impossible = pyo.Constraint(expr=model.x + model.y >= 3.5)
    found = solve(model, solver)
    assert found.infeasible
    assert found.termination == "infeasible"
    assert not found.has_solution
    assert found.bound is None
    assert model.x.value is None


@both
def test_constraints_without_variables_are_checked_here(solver):
    model = small()
    model.nothing = pyo.Constraint(rule=lambda _: pyo.Constraint.Feasible)
    model.parameter = pyo.Param(initialize=1.0, mutable=True)
    model.number = pyo.Constraint(expr=(0.0, model.parameter, 2.0))
    assert solve(model, solver).has_solution
    assert model.nothing.active
    model.parameter.set_value(3.0)
    found = solve(model, solver)
    assert found.infeasible
    assert not found.has_solution


@both
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_that_are_not_finite_are_refused(solver, bad):
    model = small()
    model.broken = pyo.Constraint(expr=model.x * bad + model.y <= 1.0)
    with pytest.raises(ValueError, match="broken holds a number that is not finite"):
        solve(model, solver)
    model.del_component("broken")
    model.value.set_value(model.x + bad * model.y)
    with pytest.raises(ValueError, match="value holds a number that is not finite"):
        solve(model, solver)


@both
def test_unknown_options_and_impossible_values_are_refused(solver):
    known = {"scip": "limits/gap", "highs": "mip_rel_gap"}[solver]
    for options in ({"no_such_option": 1}, {known: -1.0}):
        with pytest.raises(ValueError, match=f"{solver} has no option '{next(iter(options))}'"):
            solve(small(), solver, options=options)


@both
def test_options_do_not_outlive_their_solve(solver):
    nodes = {"scip": {"limits/nodes": 1}, "highs": {"mip_max_nodes": 0}}[solver]
    quick = {"scip": {"presolving/maxrounds": 0}, "highs": {"presolve": "off"}}[solver]
    model = knapsack(100, 5)
    limited = solve(model, solver, options=nodes | quick, relative_gap=0.0)
    free = solve(model, solver, relative_gap=1e-2)
    assert limited.termination != "gap closed"
    assert free.termination == "gap closed"


@both
@pytest.mark.parametrize("sense", [pyo.maximize, pyo.minimize])
@pytest.mark.parametrize("time_seconds", [0.0, 0.05, 0.4])
def test_bound_is_valid_or_none_at_every_time_limit(solver, sense, time_seconds):
    model = knapsack(sense=sense)
    # Some choice is worth this much, and none more than the 20 rows' capacities together.
    worth = 1_983_000.0
    found = solve(model, solver, time_seconds=time_seconds, relative_gap=0.0)
    assert found.termination == "time limit"
    assert found.seconds < time_seconds + 5.0
    if found.bound is not None:
        assert found.bound >= worth if sense == pyo.maximize else found.bound <= -worth
    if found.has_solution:
        assert abs(pyo.value(model.value)) <= 2_000_000.0
    else:
        assert model.take[0].value is None


@both
def test_asked_gap_is_reached_and_not_a_looser_default(solver):
    model = knapsack(40, 2)
    for variable in model.take.values():
        variable.setub(1)
    tight = solve(model, solver, relative_gap=0.0)
    value = pyo.value(model.value)
    assert tight.bound == pytest.approx(value, rel=1e-9)
    loose = solve(model, solver, relative_gap=0.5)
    assert loose.termination == "gap closed"
    assert (loose.bound - pyo.value(model.value)) <= 0.5 * loose.bound


def test_small_objectives_are_not_closed_by_an_absolute_gap():
    model = knapsack(40, 2)
    model.value.set_value(1e-11 * model.value.expr)
    found = solve(model, "highs", relative_gap=1e-9)
    assert found.bound == pytest.approx(pyo.value(model.value), rel=1e-8)


def test_another_number_of_threads_in_one_process():
    for threads in (1, 2, 1):
        found = solve(small(), "highs", threads=threads)
        assert found.has_solution


@both
def test_two_threads_of_one_process_do_not_hang(solver):
    found = []
    threads = [threading.Thread(target=lambda: found.append(solve(small(), solver))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert len(found) == 3
    assert all(one.has_solution for one in found)


@both
def test_nothing_is_printed(solver, capfd):
    assert solve(small(), solver).log
    assert capfd.readouterr() == ("", "")


@both
def test_fixed_variables_keep_their_values(solver):
    model = small()
    model.x.fix(0)
    solve(model, solver)
    assert model.x.value == 0
    assert model.y.value == pytest.approx(1.0)


@both
def test_constant_objective(solver):
    model = small()
    model.value.set_value(7.0)
    found = solve(model, solver)
    assert found.has_solution
    assert found.bound == pytest.approx(7.0)


@both
def test_time_limit_covers_handing_the_model_over(solver, monkeypatch):
    engine = backends.SOLVERS[solver]
    step = {"scip": "_create_solver_model", "highs": "set_instance"}[solver]
    hand_over = getattr(engine.__mro__[1], step)

    def slowly(*arguments):
        time.sleep(2.0)
        return hand_over(*arguments)

    monkeypatch.setattr(engine.__mro__[1], step, slowly)
    found = solve(small(), solver, time_seconds=1.5)
    assert found.termination == "time limit"
    assert not found.has_solution


@both
@pytest.mark.parametrize("sense", [pyo.minimize, pyo.maximize])
def test_root_bound_is_reported_and_no_better_than_the_bound(solver, sense):
    node_limit = {"scip": "limits/nodes", "highs": "mip_max_nodes"}[solver]
    found = solve(half_loads(sense, 25), solver, options={node_limit: 50})
    assert found.nodes > 1
    assert found.root_bound is not None
    assert sense * found.root_bound <= sense * found.bound + 1e-6 * abs(found.bound)
    assert found.root_bound == pytest.approx(found.bound, rel=0.01)


@both
def test_root_bound_of_a_solve_that_never_branched_is_its_bound(solver):
    found = solve(small(), solver)
    assert found.nodes <= 1
    assert found.root_bound == found.bound == pytest.approx(3.0)


def test_exponentials_reach_scip():
    model = pyo.ConcreteModel()
    model.s = pyo.Var(bounds=(0.0, 50.0))
    model.cost = pyo.Objective(expr=pyo.exp(-0.1 * model.s) + 0.01 * model.s)
    solve(model, "scip")
    best = math.log(10.0) / 0.1
    assert pyo.value(model.cost) == pytest.approx(0.1 + 0.01 * best, abs=1e-6)


@both
def test_a_start_is_kept_where_the_solver_itself_finds_nothing_better(solver: str):
    model = half_loads(pyo.maximize, 25)
    best = solve(model, solver)
    assert best.has_solution
    taken, worth = [round(variable.value) for variable in model.take.values()], pyo.value(model.value)

    def start(model: pyo.ConcreteModel) -> None:
        for variable, value in zip(model.take.values(), taken, strict=True):
            variable.set_value(value)

    once = {"highs": {"mip_max_nodes": 0, "mip_heuristic_effort": 0.0}, "scip": {"limits/nodes": 1}}[solver]
    assert not solve(model, solver, options=once).has_solution or pyo.value(model.value) < worth
    assert solve(model, solver, options=once, start=start).has_solution
    assert pyo.value(model.value) == pytest.approx(worth, rel=1e-9)


@both
def test_a_start_that_is_not_feasible_is_passed_over(solver: str):
    model = small()
    found = solve(model, solver, start=lambda model: model.x.set_value(3))
    assert found.has_solution
    assert pyo.value(model.value) == pytest.approx(3.0)
