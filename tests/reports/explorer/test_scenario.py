"""What is moved is what is solved: instance, Python lines, methods, prices and curve agree with the public API."""

from __future__ import annotations

import contextlib
import io

import pytest

import diffload
from reports.explorer import pictures
from reports.explorer.answer import Answer, answer, curve
from reports.explorer.scenario import Scenario

PROBLEMS = ("step_allocation", "split_offloading")

MOVED = {
    "step_allocation": {"edge_step_capacity": 400.0, "error_weight": 1.5, "users": 20},
    "split_offloading": {"gpus": 3, "max_batch": 4, "accuracy_weight": 1.5, "users": 20},
}


def scenario(problem: str, **values: float) -> Scenario:
    made = Scenario(diffload.load("n30"), "n30", problem)
    for control in made.controls:
        if control.field in values:
            made = made.with_value(control, values[control.field])
    return made


@pytest.fixture(scope="module", params=PROBLEMS)
def found(request: pytest.FixtureRequest) -> Answer:
    return answer(scenario(request.param, **MOVED[request.param]))


def test_the_optimum_is_that_of_the_instance_moved_by_hand(found: Answer) -> None:
    base = diffload.load("n30").head(20)
    if found.scenario.problem == "step_allocation":
        by_hand = base.replace(edge_step_capacity=400.0, error_weight=1.5)
    else:
        alpha = 1.5 * base.split_offloading.accuracy_weight
        by_hand = base.replace(gpus=3, max_batch=4, accuracy_weight=alpha)
    expected = diffload.solve(by_hand, problem=found.scenario.problem)
    assert found.instance.sha256 == by_hand.sha256
    assert expected.status == "optimal"
    assert (found.optimum.objective, found.optimum.bound) == (expected.objective, expected.bound)
    assert found.verdict.certified


def test_the_python_lines_say_the_same(found: Answer) -> None:
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(found.scenario.python(), names)
    assert f"{found.optimum.objective:.6f}" in said.getvalue()


def test_nothing_moved_is_the_instance_itself() -> None:
    opened = scenario("step_allocation")
    assert opened.instance() is opened.base
    control = opened.controls[0]
    there_and_back = opened.with_value(control, 5.0).with_value(control, control.value)
    assert there_and_back == opened
    assert ".replace" not in opened.python()


def test_no_method_beats_the_bound_and_each_says_how_it_did(found: Answer) -> None:
    records = {record["method"]: record for record in found.methods.records}
    assert len(records) == 6
    assert found.verdict.contradictions == ()
    for record in records.values():
        assert record["status"] in ("optimal", "feasible")


def test_the_price_of_one_more_is_what_solving_again_says(found: Answer) -> None:
    data = found.instance.sections[found.scenario.problem]
    fields = ("edge_step_capacity",) if found.scenario.problem == "step_allocation" else ("max_batch", "gpus")
    better = -1.0 if found.scenario.problem == "step_allocation" else 1.0
    for field, price in zip(fields, found.prices, strict=True):
        more = found.instance.replace(**{field: getattr(data, field) + 1})
        objective = diffload.solve(more, problem=found.scenario.problem).objective
        assert price.gain == pytest.approx(better * (objective - found.optimum.objective), abs=1e-9)


def test_the_scenario_lies_on_every_curve(found: Answer) -> None:
    for control in found.scenario.controls:
        points = dict(curve(found.scenario, control))
        assert points[found.scenario.at(control)].objective == found.optimum.objective
        for measure in pictures.measures(found.scenario.problem):
            line, now = pictures.tradeoff(found, control, measure, list(points.items())).series
            assert dict(zip(line.x, line.y, strict=True))[now.x[0]] == now.y[0]


def test_more_budget_is_never_worse() -> None:
    moved = scenario("step_allocation")
    values = [result.objective for _, result in curve(moved, moved.controls[0])]
    assert values == sorted(values, reverse=True)


def test_a_value_that_is_refused_is_a_sentence() -> None:
    moved = scenario("step_allocation", edge_step_capacity=-1.0)
    with pytest.raises(diffload.InstanceError, match="edge_step_capacity: expected"):
        moved.instance()


def test_the_curve_leaves_out_what_the_instance_refuses():
    made = Scenario(diffload.load("n30_constrained"), "n30_constrained", "step_allocation")
    users = next(control for control in made.controls if control.field == "users")
    left = curve(made, users)
    assert 0 < len(left) < len(list(users.spread(made.at(users))))
