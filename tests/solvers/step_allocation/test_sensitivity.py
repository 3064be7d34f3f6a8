from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from builders import step_allocation

from formulations.constraints.base import Interval
from formulations.constraints.step_allocation.base import Row, StepConstraint
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import EDGE, StepAllocation
from instances import Instance, save
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.step_allocation import price_search, sensitivity
from solvers.step_allocation.fixed_offloading import best_steps
from solvers.step_allocation.shadow_prices import analyse, end_per_unit, fixed_multipliers

LIMITS = Limits(time_limit=20.0)

CONSTRAINTS: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "separable": [
        {"type": "latency_deadline", "most_seconds": 0.07},
        {"type": "utility_floor", "least_utility": [0.73, 0.5], "users": [4, 1]},
    ],
    "coupling": [
        {"type": "edge_energy_budget", "most_joules": 1200.0},
        {"type": "max_offloaded", "most_users": 3},
    ],
}


def scenario(name: str, seed: int = 3, **overrides: object) -> StepAllocation:
    fields = {"edge_step_capacity": 150.0, "energy_weight_per_joule": 2e-5} | overrides
    data = step_allocation(6, seed, **fields)
    listed = [{"on": "step_allocation", **fields} for fields in CONSTRAINTS[name]]
    return Instance(schema_version=1, name="x", step_allocation=data, constraints=listed).section(
        "step_allocation"
    )


def cost_with(data: StepAllocation, offload: np.ndarray) -> float:
    """Optimum while a stays."""
    return evaluate(data, offload, best_steps(data, offload)).objective


def with_limit(data: StepAllocation, index: int, factor: float) -> StepAllocation:
    constraint = data.constraints[index]
    changed = constraint.model_copy(update={constraint.limit: getattr(constraint, constraint.limit) * factor})
    return data.replaced({"constraints": tuple(changed if c is constraint else c for c in data.constraints)})


@pytest.mark.parametrize("name", CONSTRAINTS)
@pytest.mark.parametrize("seed", [3, 4])
def test_the_multiplier_of_the_budget_is_a_finite_difference(name: str, seed: int):
    data = scenario(name, seed)
    offload = price_search.solve(data, LIMITS, 0).solution["a"]
    budget, h = data.edge_step_capacity, 1e-3
    less, more = (data.replaced({"edge_step_capacity": budget + change}) for change in (-h, h))
    difference = (cost_with(less, offload) - cost_with(more, offload)) / (2.0 * h)
    assert analyse(data, LIMITS).shared[0].multiplier == pytest.approx(difference, rel=1e-5, abs=1e-9)


def test_the_multiplier_of_a_row_is_a_finite_difference():
    data = scenario("coupling")
    energy, most = analyse(data, LIMITS).shared[1:]
    offload = price_search.solve(data, LIMITS, 0).solution["a"]
    h = 1e-5
    fall = cost_with(with_limit(data, 0, 1.0 - h), offload) - cost_with(with_limit(data, 0, 1.0 + h), offload)
    assert energy.unit == "J"
    assert energy.multiplier == pytest.approx(fall / (2.0 * h * 1200.0), rel=1e-4)
    assert energy.multiplier > 0.0
    assert most.unit == "user"
    assert most.multiplier is None  # says nothing once a is fixed


class LeastEdgeSteps(StepConstraint):
    """sum_n a_n s_n is at least so much, as a row in any unit: what it is worth is said per step all the same."""

    type: Literal["least_edge_steps"] = "least_edge_steps"
    on: Literal["step_allocation"] = "step_allocation"
    least: float
    row_unit: float

    title = "least edge steps"
    unit = "s"  # kept whole, for it is no plural
    limit = "least"

    def rows(self, data):
        nothing = np.zeros(data.users)
        return (Row(nothing, nothing, nothing - self.row_unit, -self.row_unit * self.least),)

    def violation(self, data, solution):
        return np.array(self.least - solution["a"] @ solution["s"])

    def tolerance(self, data):
        return 1e-6


@pytest.mark.parametrize("row_unit", [1.0, 1000.0])
def test_prices_of_a_row_are_per_unit_of_the_limit_that_was_given(row_unit: float):
    data = scenario("none", energy_weight_per_joule=1e-3)
    offload = price_search.solve(with_floor(data, 145.0, row_unit), LIMITS, 0).solution["a"]
    less, more = (cost_with(with_floor(data, 145.0 + h, row_unit), offload) for h in (-1e-3, 1e-3))
    price = analyse(with_floor(data, 145.0, row_unit), LIMITS).shared[1]
    assert price.unit == "s"
    assert (price.limit, price.used) == pytest.approx((145.0, 145.0))
    assert price.multiplier == pytest.approx((less - more) / 2e-3, rel=1e-4)
    assert price.multiplier < 0.0, "a higher floor costs"
    assert price.convexified < 0.0
    assert price.one_more < 0.0


def with_floor(data: StepAllocation, least: float, row_unit: float) -> StepAllocation:
    return data.replaced({"constraints": (LeastEdgeSteps(least=least, row_unit=row_unit),)})


def test_a_limit_of_0_moves_its_end_too():
    data = step_allocation(3).replaced({"constraints": (TwiceTheLimit(most=0.0),)})
    assert end_per_unit(data, data.constraints[0], EDGE, 1, 0) == pytest.approx(2.0)


class TwiceTheLimit(StepConstraint):
    """At most twice as many steps as the limit says."""

    type: Literal["twice"] = "twice"
    on: Literal["step_allocation"] = "step_allocation"
    most: float

    title = "twice"
    unit = "-"
    limit = "most"

    def interval(self, data, place):
        return Interval(np.zeros(data.users), np.full(data.users, 2.0 * self.most))


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_one_more_is_what_an_external_solver_finds_too(name: str):
    data = scenario(name)
    (method,) = [m for m in registry.methods_for("step_allocation") if m.name == "highs-outer-approximation"]
    one_more = data.replaced({"edge_step_capacity": data.edge_step_capacity + 1.0})
    before, after = (
        evaluate(d, s["a"], s["s"]).objective
        for d in (data, one_more)
        for s in (run.attempt(method.function, d, LIMITS, 0).solution,)
    )
    assert analyse(data, LIMITS).shared[0].one_more == pytest.approx(before - after, abs=2e-6)


def test_the_convexified_price_is_another_number():
    data = scenario("none")
    budget = analyse(data, LIMITS).shared[0]
    assert budget.convexified == price_search.solve(data, LIMITS, 0).duals["delta"]
    assert abs(budget.convexified - budget.multiplier) > 1e-3 * budget.multiplier


def test_prices_of_single_users_are_finite_differences():
    data = scenario("separable", edge_step_capacity=100.0, time_weight_per_second=9.5)
    found = analyse(data, LIMITS)
    offload = price_search.solve(data, LIMITS, 0).solution["a"]
    assert {end.title.split(" of ")[0] for end in found.ends} >= {"latency deadline", "utility floor"}
    for end in found.ends:
        title, h = end.title.split(" of ")[0], 1e-5
        if title.endswith("step limit"):
            field = f"{end.place}_max_steps"
            change = np.zeros(data.users)
            change[end.user] = h
            less, more = (data.replaced({field: getattr(data, field) + sign * change}) for sign in (-1.0, 1.0))
            size = 1.0
        else:
            (index,) = [i for i, c in enumerate(data.constraints) if c.title == title]
            constraint = data.constraints[index]
            size = constraint.spread(getattr(constraint, constraint.limit), data.users, np.nan)[end.user]
            factor = np.ones(data.users)
            factor[end.user] += h
            named = factor if constraint.users is None else factor[list(constraint.users)]
            less, more = (with_limit(data, index, 2.0 - named), with_limit(data, index, named))
        fall = (cost_with(less, offload) - cost_with(more, offload)) / (2.0 * h * size)
        assert end.per_unit == pytest.approx(fall, rel=1e-4, abs=1e-8)
    assert any(end.per_step < 0.0 for end in found.ends), "a lower end costs"


def test_whole_steps_have_no_derivatives():
    found = analyse(scenario("separable", integer_steps=True), LIMITS)
    assert found.ends == ()
    assert found.shared[0].multiplier is None
    assert found.shared[0].one_more >= 0.0


def test_without_a_solution_there_are_no_prices():
    data = scenario("separable", local_max_steps=1.0, edge_max_steps=1.0)
    assert analyse(data, LIMITS) is None


def test_a_budget_that_does_not_bind_is_worth_nothing():
    data = step_allocation(4, edge_step_capacity=1e4)
    assert fixed_multipliers(data, np.ones(4)) == {"delta": 0.0}
    assert analyse(data, LIMITS).shared[0].one_more == pytest.approx(0.0, abs=1e-12)


def test_the_command_prints_both_tables(tmp_path, capsys):
    path = tmp_path / "x.json"
    constraints = [{"on": "step_allocation", **fields} for fields in CONSTRAINTS["separable"]]
    data = scenario("none")
    save(Instance(schema_version=1, name="small", step_allocation=data, constraints=constraints), path)
    assert sensitivity.main([str(path)]) == 0
    printed = capsys.readouterr().out
    assert "it is not that derivative" in printed
    assert "edge budget" in printed
    assert "latency deadline of user" in printed
    assert sensitivity.main([str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err.startswith("diffload: ")
