"""What a method returns, recomputed and named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders import step_allocation
from fakes import method
from hypothesis import given
from hypothesis import strategies as st

from formulations.evaluation import Evaluation
from formulations.step_allocation.evaluation import evaluate
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Result, Sense, Status
from solvers.core.validation import contradicts, relative_gap, validate

DATA = step_allocation(4)
POINT = {"a": np.zeros(4), "s": np.full(4, 10.0)}
EVALUATION = evaluate(DATA, POINT["a"], POINT["s"])
VALUE = EVALUATION.objective


def validated(outcome: Outcome, gap: float = 1e-6) -> Result:
    return validate(method("fake", "heuristic"), "small", "0" * 64, DATA, outcome, Limits(gap=gap), seed=3)


@pytest.mark.parametrize(
    ("bound", "status"),
    [
        (None, Status.FEASIBLE),
        (VALUE, Status.OPTIMAL),
        (VALUE - 0.9e-6 * abs(VALUE), Status.OPTIMAL),
        (VALUE - 1.2e-6 * abs(VALUE), Status.FEASIBLE),
        (VALUE + 0.5e-6 * abs(VALUE), Status.OPTIMAL),
        (VALUE - 0.9e-9 * EVALUATION.magnitude, Status.OPTIMAL),
        (VALUE + 1.1e-6 * EVALUATION.magnitude, Status.ERROR),
    ],
)
def test_status_follows_the_recomputed_objective_and_the_bound(bound: float | None, status: Status) -> None:
    result = validated(Outcome(POINT, bound=bound))
    assert result.status is status
    assert result.objective == VALUE
    assert result.seed == 3


def test_the_gap_asked_for_decides() -> None:
    outcome = Outcome(POINT, bound=VALUE - 0.01 * abs(VALUE))
    assert validated(outcome).status is Status.FEASIBLE
    assert validated(outcome, gap=0.02).status is Status.OPTIMAL


def test_a_violated_constraint_is_an_error_that_names_it() -> None:
    result = validated(Outcome({"a": np.zeros(4), "s": np.full(4, 1000.0)}, bound=-1e9))
    assert result.status is Status.ERROR
    assert "step_limit" in result.reason


def test_a_restriction_solved_to_optimality_is_feasible_only() -> None:
    assert validated(Outcome(POINT, reason="optimal for these steps")).status is Status.FEASIBLE


@pytest.mark.parametrize(
    "solution",
    [
        {"a": np.zeros(4)},
        {"a": np.zeros(3), "s": np.zeros(4)},
        {"a": np.zeros(4), "s": np.full(4, np.nan)},
        {"a": np.zeros(4), "s": np.full(4, np.inf)},
    ],
)
def test_unusable_solutions_are_errors(solution: dict[str, np.ndarray]) -> None:
    result = validated(Outcome(solution))
    assert result.status is Status.ERROR
    assert result.solution is None
    assert result.objective is None


def test_without_a_solution() -> None:
    assert validated(Outcome(None, reason="time limit", bound=-3.0)).status is Status.UNKNOWN
    assert validated(Outcome(None, infeasible=True)).status is Status.INFEASIBLE


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.one_of(st.none(), st.floats(0.0, 1e6)))
def test_a_bound_contradicts_in_one_sense_at_most(objective: float, bound: float, magnitude: float | None) -> None:
    def claimed(value: float) -> Result:
        evaluation = Evaluation(value, magnitude=magnitude)
        return replace(validated(Outcome(POINT)), objective=value, evaluation=evaluation)

    one, mirror = claimed(objective), claimed(-objective)
    assert not (contradicts(one, bound, Sense.MINIMISE) and contradicts(one, bound, Sense.MAXIMISE))
    assert contradicts(one, bound, Sense.MINIMISE) == contradicts(mirror, -bound, Sense.MAXIMISE)


@pytest.mark.parametrize("unit", [1e-12, 1e-5, 1.0, 1e9])
def test_the_verdict_does_not_depend_on_the_unit_of_cost(unit: float) -> None:
    weights = {"cost_weight": 0.5 * unit, "utility_weight": 0.5 * unit}
    data = DATA.replaced(weights)

    def status(bound: float) -> Status:
        outcome = Outcome(POINT, bound=bound * unit)
        return validate(method("fake", "heuristic"), "small", "0" * 64, data, outcome, Limits(), seed=0).status

    assert status(VALUE - 1e-8 * abs(VALUE)) is Status.OPTIMAL
    assert status(VALUE - 1e-3 * abs(VALUE)) is Status.FEASIBLE
    assert status(VALUE + 1e-3 * abs(VALUE)) is Status.ERROR


def test_relative_gap_survives_a_bound_of_zero() -> None:
    assert relative_gap(1.0, 0.0) == pytest.approx(1e9)
    assert relative_gap(0.0, 0.0) == 0.0
    assert relative_gap(-3.0, -4.0) == 0.25


def test_a_constant_counts_as_rounding_alone() -> None:
    """What no decision can change of the objective makes no tolerance larger but that of floats."""
    constant = DATA.replaced(
        {"forward_error": [1.0, 1.0, 1.0, 1e6], "error_decay_per_step": [0.03, 0.03, 0.03, 0.0]}
    )
    small = constant.replaced({"forward_error": 1.0})
    found, without = (evaluate(data, POINT["a"], POINT["s"]) for data in (constant, small))
    assert found.magnitude == without.magnitude
    assert found.rounding == pytest.approx(2.0**-47 * 0.5e6, rel=1e-4)


def test_a_certificate_is_bound_to_the_instance() -> None:
    assert validated(Outcome(POINT, certificate={"version": 2})).certificate == {
        "version": 2,
        "instance_hash": "0" * 64,
    }
