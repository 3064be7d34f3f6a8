"""The constraints on step allocation: what they say to methods is what the evaluator checks."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from builders import step_allocation
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.constraints.base import Interval
from formulations.constraints.registry import constraint_types
from formulations.constraints.step_allocation.base import Row, StepConstraint
from formulations.constraints.view import ConstraintView
from formulations.step_allocation import costs
from formulations.step_allocation.domain import (
    allowed_steps,
    coupling_rows,
    least_use,
    may_be_at,
    model_steps,
    users_without_place,
)
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.units import in_units, natural_units
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.result import Status
from solvers.core.run import Case

USERS = 5


def constraint(kind: str, **fields: Any) -> Any:
    document = {"on": "step_allocation", "type": kind, **fields}
    return constraint_types()["step_allocation", kind].model_validate(document)


def random_constraint(kind: str, draw: np.random.Generator) -> Any:
    """A constraint of a type with random limits, for all users or for some."""
    per_user = {
        "error_ceiling": ("most_error", lambda size: draw.uniform(0.05, 1.2, size)),
        "latency_deadline": ("most_seconds", lambda size: draw.uniform(0.01, 0.1, size)),
        "device_energy_budget": ("most_joules", lambda size: draw.uniform(0.3, 3.0, size)),
        "utility_floor": ("least_utility", lambda size: draw.uniform(0.0, 0.9, size)),
    }
    users = sorted(draw.choice(USERS, int(draw.integers(1, USERS + 1)), replace=False).tolist())
    named = {} if draw.random() < 0.3 else {"users": users}
    if kind in per_user:
        field, limits = per_user[kind]
        one = draw.random() < 0.3
        return constraint(
            kind, **named, **{field: float(limits(1)[0]) if one else limits(len(named.get("users", range(USERS))))}
        )
    if kind == "max_offloaded":
        return constraint(kind, **named, most_users=int(draw.integers(0, 4)))
    return constraint(kind, **named, most_joules=float(draw.uniform(0.0, 2000.0)))


SEPARABLE = ("error_ceiling", "latency_deadline", "device_energy_budget", "utility_floor")
COUPLING = ("edge_energy_budget", "max_offloaded")


def test_every_type_is_tested_here():
    registered = {kind for on, kind in constraint_types() if on == "step_allocation"}
    assert registered == {*SEPARABLE, *COUPLING}


@pytest.mark.parametrize("kind", SEPARABLE)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_steps_are_in_the_interval_where_nothing_is_violated(kind: str, seed: int):
    draw = np.random.default_rng(seed)
    data, item = step_allocation(USERS, seed), random_constraint(kind, draw)
    steps, offload = draw.uniform(0.0, 80.0, USERS), draw.integers(0, 2, USERS).astype(float)
    violation = np.broadcast_to(item.violation(data, {"a": offload, "s": steps}), (USERS,))
    assert not item.rows(data)
    for place in (LOCAL, EDGE):
        lower, upper = item.interval(data, place)
        here = offload == place
        inside = (lower <= steps) & (steps <= upper)
        clear = np.abs(violation) > 1e-9
        assert ((violation <= 0.0) == inside)[here & clear].all()


@pytest.mark.parametrize("kind", COUPLING)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_row_exceeds_its_limit_by_the_violation(kind: str, seed: int):
    draw = np.random.default_rng(seed)
    data, item = step_allocation(USERS, seed), random_constraint(kind, draw)
    steps, offload = draw.uniform(0.0, 80.0, USERS), draw.integers(0, 2, USERS).astype(float)
    (row,) = item.rows(data)
    left = np.sum(
        row.offload * offload + row.local_steps * (1.0 - offload) * steps + row.edge_steps * offload * steps
    )
    assert left - row.right_hand_side == pytest.approx(
        float(item.violation(data, {"a": offload, "s": steps})), abs=1e-9
    )
    for place in (LOCAL, EDGE):
        assert np.isneginf(item.interval(data, place).lower).all()


@pytest.mark.parametrize("kind", [*SEPARABLE, *COUPLING])
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_other_units_change_nothing(kind: str, seed: int):
    draw = np.random.default_rng(seed)
    item = random_constraint(kind, draw)
    data = step_allocation(USERS, seed).replaced({"constraints": (item,)})
    units = natural_units(data)
    measured = in_units(data, units)
    (other,) = measured.constraints
    assert (other.type, other.describe()) == (item.type, item.describe())
    steps, offload = draw.uniform(0.0, 80.0, USERS), draw.integers(0, 2, USERS).astype(float)
    here, there = ({"a": offload, "s": s} for s in (steps, steps / units.steps))
    assert other.violation(measured, there) == pytest.approx(item.violation(data, here), abs=1e-9)
    for place in (LOCAL, EDGE):
        original, scaled = item.interval(data, place), other.interval(measured, place)
        for old, new in zip(original, scaled, strict=True):
            np.testing.assert_allclose(new * units.steps, old, rtol=1e-12)
        # What is cut as useless is never below the fewest steps that are allowed.
        assert (may_be_at(measured, place) == may_be_at(data, place)).all()
    for old, new in zip(item.rows(data), other.rows(measured), strict=True):
        ratios = [
            new.right_hand_side / old.right_hand_side if old.right_hand_side else 1.0,
            *(new.offload[old.offload > 0] / old.offload[old.offload > 0]),
            *(new.edge_steps[old.edge_steps > 0] / old.edge_steps[old.edge_steps > 0] / units.steps),
        ]
        if old.right_hand_side:
            np.testing.assert_allclose(ratios, ratios[0], rtol=1e-12)


def test_intervals_meet_and_whole_steps_have_whole_ends():
    data = step_allocation(
        2, local_max_steps=40.5, edge_max_steps=60.5, error_decay_per_step=0.03, integer_steps=True
    )
    both = (
        constraint("latency_deadline", most_seconds=[0.0703, 0.0203]),
        constraint("error_ceiling", most_error=0.5),
    )
    limited = data.replaced({"constraints": both})
    lower, upper = allowed_steps(limited, LOCAL)
    assert lower.tolist() == [24.0, 24.0]  # ln 2 / 0.03 = 23.1
    assert upper.tolist() == [35.0, 10.0]
    assert may_be_at(limited, LOCAL).tolist() == [True, False]
    assert model_steps(limited, LOCAL) == Interval(*map(pytest.approx, ([24.0, 0.0], [35.0, 0.0])))
    assert users_without_place(limited).tolist() == [1]  # 20 steps at the edge are not enough either


def test_ends_that_cross_by_rounding_alone_meet():
    data = step_allocation(1, error_decay_per_step=0.03)
    steps = 17.3
    both = (
        constraint("latency_deadline", most_seconds=steps * float(data.local_seconds_per_step[0])),
        constraint("error_ceiling", most_error=float(costs.error(data, np.array([steps]))[0]) * (1.0 - 1e-13)),
    )
    lower, upper = allowed_steps(data.replaced({"constraints": both}), LOCAL)
    assert lower[0] <= upper[0]
    assert upper[0] == pytest.approx(steps)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_solution_uses_less_of_a_row_than_the_least(seed: int):
    draw = np.random.default_rng(seed)
    items = tuple(random_constraint(kind, draw) for kind in (*SEPARABLE, "edge_energy_budget"))
    data = step_allocation(USERS, seed).replaced({"constraints": items})
    if users_without_place(data).size:
        assert all(np.isinf(least_use(data, row)) for _, row in coupling_rows(data))
        return
    places = {place: (allowed_steps(data, place), may_be_at(data, place)) for place in (LOCAL, EDGE)}
    for _ in range(5):
        offload = np.where(places[LOCAL][1] & places[EDGE][1], draw.integers(0, 2, USERS), places[EDGE][1])
        lower, upper = (np.where(offload, places[EDGE][0][end], places[LOCAL][0][end]) for end in (0, 1))
        steps = draw.uniform(lower, upper)
        for _, row in coupling_rows(data):
            assert np.sum(offload * (row.offload + row.edge_steps * steps)) >= least_use(data, row) - 1e-9


def test_violations_are_named_by_family_and_numbered():
    twice = (constraint("max_offloaded", most_users=1), constraint("max_offloaded", most_users=0, users=[2]))
    data: StepAllocation = step_allocation(3).replaced({"constraints": twice})
    evaluation = evaluate(data, np.ones(3), np.zeros(3))
    assert evaluation.violations["max_offloaded"] == 2.0
    assert evaluation.violations["max_offloaded 2"] == 1.0
    assert not evaluation.feasible


def test_a_part_of_a_constraint_is_about_its_users_only():
    data = step_allocation(4)
    whole = constraint("latency_deadline", most_seconds=[0.01, 0.02, 0.03, 0.04])
    part = ConstraintView(whole, users=(1, 3))
    _, upper = part.interval(data, LOCAL)
    assert upper.tolist() == pytest.approx([np.inf, 10.0, np.inf, 20.0])
    violation = part.violation(data, {"a": np.zeros(4), "s": np.full(4, 100.0)})
    assert violation.tolist() == pytest.approx([-np.inf, 0.18, -np.inf, 0.16])
    assert part.describe(3) == "latency deadline of user 3 (0.04 s)"


NONE, ALL = np.zeros(USERS), np.ones(USERS)


class Said(StepConstraint):
    """A constraint of one's own that says anything."""

    type: Literal["said"] = "said"
    on: Literal["step_allocation"] = "step_allocation"
    ends: Any = (0.0, np.inf)
    said_rows: Any = ()
    excess: Any = 0.0

    title = "said"
    unit = "-"
    limit = "excess"

    def interval(self, data, place):
        return Interval(*self.ends)

    def rows(self, data):
        return self.said_rows

    def violation(self, data, solution):
        return np.asarray(self.excess)

    def tolerance(self, data):
        return 1e-9


def saying(**said: Any) -> StepAllocation:
    return step_allocation(USERS).replaced({"constraints": (Said(**said),)})


@pytest.mark.parametrize("ends", [(np.nan, np.inf), (0.0, np.append(np.ones(USERS - 1), np.nan)), ([0.0], [9.0])])
def test_an_interval_that_says_nothing_clear_is_refused_and_proves_nothing(ends: Any):
    """A NaN once kept a user from everywhere, so that every method proved the scenario infeasible."""
    data = saying(ends=ends)
    with pytest.raises(ValueError, match="constraint 'said' left an interval"):
        may_be_at(data, LOCAL)
    case = Case("x", "", "step_allocation", data)
    result = run.run(registry.method("price-search", "step_allocation"), case, Limits(), 0)
    assert result.status is Status.ERROR


def test_one_number_or_a_list_of_whole_numbers_are_an_interval():
    for ends in ((2, 30), ([2] * USERS, [30] * USERS), (2.0 * ALL, 30.0 * ALL)):
        for data in (saying(ends=ends), in_units(saying(ends=ends), natural_units(saying(ends=ends)))):
            lower, upper = allowed_steps(data, EDGE)
            assert lower / upper == pytest.approx(np.full(USERS, 2.0 / 30.0))


@pytest.mark.parametrize(
    "row",
    [
        Row(NONE, NONE, np.nan * ALL, 1.0),
        Row(NONE, ALL, NONE, np.inf),
        Row(NONE, ALL, NONE, np.nan),
        Row(NONE[1:], ALL[1:], NONE[1:], 1.0),
        Row(1.0, 0.0, 0.0, 1.0),  # type: ignore[arg-type]
    ],
)
def test_a_row_that_is_not_finite_or_not_about_all_users_is_refused(row: Row):
    with pytest.raises(ValueError, match="constraint 'said' has a row that is not"):
        coupling_rows(saying(said_rows=(row,)))


def test_a_violation_that_is_no_number_does_not_count_as_none():
    data = saying(excess=np.append(np.zeros(USERS - 1), np.nan))
    evaluation = evaluate(data, NONE, NONE)
    assert not evaluation.feasible
    assert evaluation.worst_violation == ("said", np.inf)
