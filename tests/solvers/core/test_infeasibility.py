from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from builders import split_offloading, step_allocation
from constrained import with_row
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.runtime.progress import Progress
from instances import Instance
from solvers.comparison import methods as comparison
from solvers.comparison.methods import compare_methods, plans
from solvers.core import registry
from solvers.core.infeasibility import Piece, Scenario, explain, smallest_conflict
from solvers.core.limits import Limits
from solvers.core.result import Status

LIMITS = Limits(time_limit=30.0)


def scenario(data: Any, *constraints: dict[str, Any]) -> Any:
    listed = [{"on": data.problem, **fields} for fields in constraints]
    return Instance(schema_version=1, name="x", **{data.problem: data}, constraints=listed).section(data.problem)


def deadline(seconds: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "latency_deadline", "most_seconds": seconds, **fields}


def ceiling(most: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "error_ceiling", "most_error": most, **fields}


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 12), st.lists(st.sets(st.integers(0, 11), min_size=1, max_size=4), min_size=1, max_size=4))
def test_the_smallest_conflict_is_one_of_those_that_are_there(size: int, conflicts: list[set[int]]):
    pieces = [Piece(None, index, None) for index in range(size)]

    def infeasible(kept: Sequence[Piece]) -> bool:
        indices = {piece.source_index for piece in kept}
        return any(conflict <= indices for conflict in conflicts)

    if infeasible(pieces):
        found = {piece.source_index for piece in smallest_conflict(pieces, infeasible)}
        assert found in conflicts
        assert not any(conflict < found for conflict in conflicts)


def test_a_deadline_and_an_error_ceiling_of_one_user():
    data = scenario(step_allocation(12), deadline(0.05), ceiling([0.5, 0.05], users=[3, 7]))
    found = explain("step_allocation", data, LIMITS)
    assert found.minimal
    assert found.sentence == (
        "latency deadline of user 7 (0.05 s) and error ceiling of user 7 (0.05) cannot both hold"
    )


def test_a_constraint_beyond_the_limits_of_the_problem_names_them():
    data = scenario(step_allocation(6, local_max_steps=30.0, edge_max_steps=40.0), ceiling(1e-4, users=[2]))
    assert explain("step_allocation", data, LIMITS).sentence == (
        "error ceiling of user 2 (0.0001), local step limit of user 2 (30 steps) and "
        "edge step limit of user 2 (40 steps) cannot all hold"
    )


def test_a_row_that_asks_for_more_steps_than_there_are_names_the_step_limits():
    """Limits left out have to leave room for what rows ask for, or the row alone would seem impossible."""
    data = step_allocation(3, edge_step_capacity=1e6)
    asks = with_row(data, 0.0, 0.0, -1.0, -1e5)  # at least 1e5 edge steps altogether
    found = explain("step_allocation", asks, LIMITS)
    assert found.minimal
    assert [piece.source.title for piece in found.pieces] == ["row"] + 3 * ["edge step limit"]


def test_users_that_only_the_edge_serves_exceed_its_budget():
    slow_devices = {"type": "device_energy_budget", "most_joules": 0.1}
    floor = {"type": "utility_floor", "least_utility": 0.5}
    data = scenario(step_allocation(4, utility_decay_per_step=0.03, edge_step_capacity=50.0), slow_devices, floor)
    found = explain("step_allocation", data, LIMITS)
    assert found.minimal  # three users need 23.1 steps each
    families = {(piece.source.title, piece.user) for piece in found.pieces}
    assert sum(title == "utility floor" for title, _ in families) == 3
    assert ("edge budget", None) in families
    assert "edge budget (50 steps)" in found.sentence


HAND_MADE = {
    "at most one offloaded": (
        "step_allocation",
        lambda: scenario(
            step_allocation(3, utility_decay_per_step=0.03, local_max_steps=20.0),
            {"type": "utility_floor", "least_utility": 0.5},
            {"type": "max_offloaded", "most_users": 1},
        ),
        {"utility floor", "limit on offloaded users", "local step limit"},
    ),
    "granted and excluded": (
        "split_offloading",
        lambda: scenario(
            split_offloading(6, gpus=8),
            {"type": "min_granted", "least_granted": 4},
            {"type": "exclusive_users", "users": [0, 1, 2, 3], "most_granted": 1},
        ),
        {"minimum number granted", "exclusive users"},
    ),
    "granted beyond the largest batch": (
        "split_offloading",
        lambda: scenario(split_offloading(6, max_batch=2), {"type": "min_granted", "least_granted": 3}),
        {"minimum number granted", "largest batch"},
    ),
}


@pytest.mark.parametrize("name", HAND_MADE)
def test_another_exact_method_confirms_that_the_set_is_infeasible_and_minimal(name: str):
    problem, make, titles = HAND_MADE[name]
    data = make()
    found = explain(problem, data, LIMITS)
    assert found.minimal
    assert {piece.source.title for piece in found.pieces} == titles
    another = Scenario(problem, data, LIMITS)
    another.methods = [method for method in another.methods if method.name.startswith("highs")]
    assert another.infeasible(found.pieces)
    for left_out in found.pieces:
        assert not another.infeasible([piece for piece in found.pieces if piece is not left_out])
    assert another.decided


def test_what_is_feasible_has_no_conflict():
    assert explain("step_allocation", scenario(step_allocation(4), deadline(10.0)), LIMITS) is None


def test_without_time_nothing_is_claimed():
    data = scenario(step_allocation(4), deadline(0.01), ceiling(0.01))
    assert explain("step_allocation", data, Limits(time_limit=0.0)) is None


def test_the_comparison_names_the_conflict():
    instance = Instance(
        schema_version=1,
        name="x",
        step_allocation=step_allocation(5),
        constraints=[
            {"on": "step_allocation", **deadline(0.05)},
            {"on": "step_allocation", **ceiling(0.05, users=[4])},
        ],
    )
    (plan,) = plans(instance, ["price-search"], None, range(1))
    compared = compare_methods(plan, LIMITS, Progress())
    assert compared.results[0].status is Status.INFEASIBLE
    assert compared.conflict.startswith("latency deadline of user 4 (0.05 s) and error ceiling of user 4 (0.05)")
    assert compared.consistent


def test_a_feasible_comparison_asks_nobody(monkeypatch):
    monkeypatch.setattr(comparison, "_conflict", lambda *_: pytest.fail("asked"))
    instance = Instance(schema_version=1, name="x", step_allocation=step_allocation(3))
    (plan,) = plans(instance, ["all-local"], None, range(1))
    assert compare_methods(plan, LIMITS, Progress()).conflict == ""


@pytest.mark.parametrize("problem", [p for p in registry.PROBLEMS if p.native_bounds], ids=lambda p: p.name)
def test_relaxed_limits_are_values_of_their_fields(problem):
    make = {"step_allocation": step_allocation, "split_offloading": split_offloading}[problem.name]
    data = make(4)
    for limit in registry.load(problem.native_bounds)(data):
        relaxed = data.replaced({limit.field: limit.relaxed})
        assert (np.asarray(getattr(relaxed, limit.field)) >= np.asarray(getattr(data, limit.field))).all()
