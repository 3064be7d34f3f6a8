"""Explicit models by name: every one is built, documented, solved, read and exported alike."""

from __future__ import annotations

from typing import ClassVar

import pyomo.environ as pyo
import pytest
from pyomo.opt import SolverResults

import diffload
from solvers.core.limits import Limits
from solvers.external import native
from solvers.external.explicit import MODELS

INSTANCES = {
    "step_allocation": ("n10", "n30_constrained"),
    "split_offloading": ("split_i5_g1", "split_i10_g8_deadline", "split_i10_g8_groups"),
    "gqap": ("edge_servers_8x3",),
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_part_of_a_model_says_what_it_is(model):
    for name in INSTANCES[model.problem]:
        built = diffload.build(model.name, name)
        for kind in (pyo.Var, pyo.Constraint, pyo.Objective):
            for part in built.component_objects(kind):
                assert part.doc, part.name
                assert "[" in part.doc, part.name


@pytest.mark.parametrize(
    "model", [model for model in MODELS if "p1" not in model.short and "quadratic" not in model.name],
    ids=lambda model: model.name,
)  # fmt: skip
def test_models_are_solved_and_read_alike(model):
    name = "split_i5_g1" if model.problem == "split_offloading" else "edge_servers_8x3"
    built = diffload.build(model.name, name)
    solver = "scip" if model.short == "split-gqap" else "highs"
    result = diffload.solve_native(built, solver, time_limit=60)
    best = diffload.solve(name)
    assert set(diffload.solution(built)) == set(best.solution)
    if model.bounding:
        assert result.objective == pytest.approx(best.objective, rel=1e-6)
        assert result.status is diffload.Status.OPTIMAL
    else:  # fixed splits: no better than the optimum, and no bound on it
        assert result.objective <= best.objective + 1e-9
        assert result.bound is None


@pytest.mark.parametrize(
    ("solver", "sentence"),
    [
        ("highs", "highs cannot take the model: "),
        ("gurobi", "solver 'gurobi' is not installed here"),
        ("gurbi", "Pyomo knows no solver 'gurbi'"),
    ],
)
def test_a_solver_that_is_absent_or_unfit_is_a_sentence(solver, sentence):
    result = diffload.solve_native(diffload.build("step_allocation/p1-convex", "n10"), solver)
    assert result.status is diffload.Status.UNSUPPORTED
    assert result.reason.startswith(sentence)


def test_other_solvers_of_pyomo_are_taken_by_name():
    model = diffload.build("step_allocation/p1-tangents", "n10")
    one, other = (diffload.solve_native(model, name) for name in ("highs", "appsi_highs"))
    assert other.objective == pytest.approx(one.objective, rel=1e-5)
    assert other.bound <= one.objective


def test_a_model_changed_by_hand_is_solved_as_it_is():
    model = diffload.build("step_allocation/p1-convex", "n10")
    model.few = pyo.Constraint(expr=pyo.quicksum(model.offload.values()) <= 2)
    result = diffload.solve_native(model)
    limited = diffload.solve(diffload.load("n10").with_constraint("max_offloaded", most_users=2))
    assert diffload.solution(model)["a"].sum() == 2
    assert result.objective == pytest.approx(limited.objective, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "instance"),
    [
        ("gqap/rlt1", "edge_servers_8x3"),
        ("step_allocation/p1", "n10"),
        ("split_offloading/p1", "split_i5_g1"),
        ("split_offloading/batch-indexed", "split_i5_g1"),
    ],
)
def test_a_model_without_values_has_no_solution(name, instance):
    with pytest.raises(ValueError, match="expected a model that has been solved"):
        diffload.solution(diffload.build(name, instance))


def test_a_solver_of_a_package_that_has_a_part_for_pyomo_is_known(tmp_path, monkeypatch):
    folder = tmp_path / "ownsolver"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "pyomo.py").write_text(
        "from pyomo.environ import SolverFactory\n"
        "SolverFactory.register('ownsolver')(SolverFactory.get_class('appsi_highs'))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    result = diffload.solve_native(diffload.build("split_offloading/batch-indexed", "split_i5_g1"), "ownsolver")
    assert result.objective == pytest.approx(diffload.solve("split_i5_g1").objective)


class Reversed:
    """A solver that loads its solution itself, and swaps objective and bound, as discopt does."""

    options: ClassVar[dict] = {}

    def available(self, exception_flag=True):
        return True

    def solve(self, model, load_solutions=True):
        assert load_solutions
        pyo.SolverFactory("appsi_highs").solve(model)
        (objective,) = model.component_data_objects(pyo.Objective, active=True)
        results = SolverResults()
        results.solver.termination_condition = "optimal"
        results.problem.lower_bound, results.problem.upper_bound = (
            pyo.value(objective) + 1e-3,
            pyo.value(objective),
        )
        return results


def test_the_bound_of_a_solver_that_loads_its_solution_itself_is_the_outer_one(monkeypatch):
    monkeypatch.setattr(native, "_register", lambda solver: True)
    monkeypatch.setattr("pyomo.opt.SolverFactory", lambda name: Reversed())
    model = diffload.build("split_offloading/batch-indexed", "split_i5_g1")
    solved = native.attempt_by_name(model, "reversed", {}, Limits())
    assert solved.outcome.bound >= diffload.solve("split_i5_g1").objective + 1e-3
    assert solved.values is not None
