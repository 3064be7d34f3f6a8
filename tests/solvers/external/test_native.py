from __future__ import annotations

import time

import cvxpy as cp
import numpy as np
import pyomo.environ as pyo
import pytest
from builders import step_allocation

import solvers
from formulations.step_allocation.models import p1, p1_convex, p2
from formulations.step_allocation.models.surrogate import cost_shift, subproblem
from instances import Instance
from solvers.core.limits import Limits
from solvers.core.result import Status
from solvers.step_allocation.fixed_offloading import best_steps


def instance(*constraints: dict[str, object]) -> Instance:
    return Instance(
        schema_version=1, name="x", step_allocation=step_allocation(6, seed=2), constraints=list(constraints)
    )


MOST = {"on": "step_allocation", "type": "max_offloaded", "most_users": 1}


@pytest.mark.parametrize("formulation", [p1, p1_convex], ids=["literal", "convex"])
def test_a_constraint_by_hand_gives_what_the_same_one_in_the_file_gives(formulation):
    plain = instance()
    model = formulation.build(plain.step_allocation)
    model.by_hand = pyo.Constraint(expr=pyo.quicksum(model.offload.values()) <= 1)
    model.nothing = pyo.Constraint(model.users, rule=lambda model, n: model.offload[n] <= 1)
    found = solvers.solve_native(model, formulation.solution, plain)
    expected = solvers.solve(instance(MOST), "price-search")
    assert (found.status, expected.status) == (Status.OPTIMAL, Status.OPTIMAL)
    assert found.objective == pytest.approx(expected.objective, rel=2e-6)
    assert found.objective == found.evaluation.objective
    assert found.solver == "by hand"
    assert found.solution["a"].sum() == 1 < solvers.solve(plain, "price-search").solution["a"].sum()
    assert pyo.value(pyo.quicksum(model.offload.values())) == pytest.approx(found.solution["a"].sum())


def test_what_the_instance_says_is_validated():
    model = p1_convex.build(instance().step_allocation)
    result = solvers.solve_native(model, p1_convex.solution, instance(MOST))
    assert result.status is Status.ERROR
    assert "max_offloaded" in result.reason


def test_infeasible_leaves_no_value_behind():
    plain = instance()
    model = p1_convex.build(plain.step_allocation)
    model.steps_asked_for = pyo.Constraint(expr=pyo.quicksum(model.local_steps.values()) >= 1e4)
    for variable in model.component_data_objects(pyo.Var):
        variable.set_value(1.0, skip_validation=True)
    result = solvers.solve_native(model, p1_convex.solution, plain, solver="scip")
    assert result.status is Status.INFEASIBLE
    assert result.objective is None
    assert all(variable.value is None for variable in model.component_data_objects(pyo.Var))


def test_the_limit_is_hard(monkeypatch):
    """Not even the start of the child process fits."""
    monkeypatch.setattr("solvers.core.run.GRACE_SECONDS", -5.0)
    plain = instance()
    model = p1.build(plain.step_allocation)
    began = time.perf_counter()
    result = solvers.solve_native(model, p1.solution, plain, limits=Limits(time_limit=5.05))
    assert result.status is Status.UNKNOWN
    assert "killed" in result.reason
    assert time.perf_counter() - began < 5.0


def test_a_constraint_by_hand_on_p2():
    plain = instance()
    data = plain.step_allocation
    shift = cost_shift(data)
    half = np.full(data.users, 0.5)
    model = p2.build(data, shift)
    p2.load(model, subproblem(data, shift, half, half * data.local_step_limit, half, 0.1))
    extra = cp.sum(model.variables["a"]) <= 1.0
    problem = cp.Problem(model.problem.objective, [*model.problem.constraints, extra])

    def read(_: cp.Problem) -> dict[str, np.ndarray]:
        fractional = model.variables["a"].value
        assert fractional.sum() <= 1.0 + 1e-6
        offload = np.zeros(data.users)
        offload[np.argmax(fractional)] = 1.0
        return {"a": offload, "s": best_steps(data, offload)}

    result = solvers.solve_native(problem, read, plain, bounding=False, name="P2 by hand")
    assert result.status is Status.FEASIBLE
    assert result.bound is None
    assert result.objective >= solvers.solve(instance(MOST), "price-search").objective - 1e-9
    assert result.duals["capacity"] >= 0.0
    # The same problem solved here.
    problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    assert result.raw_objective == pytest.approx(problem.value, rel=1e-8)


def test_anything_else_is_refused():
    with pytest.raises(TypeError, match="expected a Pyomo model or a CVXPY problem, got list"):
        solvers.solve_native([], lambda _: {}, instance())


def test_the_problem_is_named_where_there_are_several():
    from instances import load

    both = load("instances/n30.json")
    model = p1_convex.build(both.step_allocation)
    with pytest.raises(ValueError, match="poses step_allocation and split_offloading: say which"):
        solvers.solve_native(model, p1_convex.solution, both)
    with pytest.raises(ValueError, match="does not pose 'split_offloading'"):
        solvers.solve_native(model, p1_convex.solution, instance(), problem="split_offloading")
