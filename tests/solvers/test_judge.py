"""What a method hands in, recomputed and named."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import step_allocation
from fakes import method
from hypothesis import given
from hypothesis import strategies as st

from formulations.step_allocation.evaluation import evaluate
from solvers.judge import contradicts, judge, relative_gap
from solvers.limits import Limits
from solvers.result import Outcome, Result, Sense, Status

DATA = step_allocation(4)
POINT = {"a": np.zeros(4), "s": np.full(4, 10.0)}
VALUE = evaluate(DATA, POINT["a"], POINT["s"]).objective


def judged(outcome: Outcome, gap: float = 1e-6) -> Result:
    return judge(method("fake", "heuristic"), "small", "0" * 64, DATA, outcome, Limits(gap=gap), seed=3)


@pytest.mark.parametrize(
    ("bound", "status"),
    [
        (None, Status.FEASIBLE),
        (VALUE, Status.OPTIMAL),
        (VALUE - 0.9e-6 * abs(VALUE), Status.OPTIMAL),
        (VALUE - 1.2e-6 * abs(VALUE), Status.FEASIBLE),
        (VALUE + 0.5e-6 * abs(VALUE), Status.OPTIMAL),
        (VALUE + 1.1e-6 * max(1.0, abs(VALUE)), Status.ERROR),
    ],
)
def test_status_follows_the_recomputed_objective_and_the_bound(bound: float | None, status: Status) -> None:
    result = judged(Outcome(POINT, bound=bound))
    assert result.status is status
    assert result.objective == VALUE
    assert result.seed == 3


def test_the_gap_asked_for_decides() -> None:
    outcome = Outcome(POINT, bound=VALUE - 0.01 * abs(VALUE))
    assert judged(outcome).status is Status.FEASIBLE
    assert judged(outcome, gap=0.02).status is Status.OPTIMAL


def test_a_violated_constraint_is_an_error_that_names_it() -> None:
    result = judged(Outcome({"a": np.zeros(4), "s": np.full(4, 1000.0)}, bound=-1e9))
    assert result.status is Status.ERROR
    assert "step_limit" in result.reason


def test_a_restriction_solved_to_optimality_is_feasible_only() -> None:
    assert judged(Outcome(POINT, reason="optimal for these steps")).status is Status.FEASIBLE


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
    result = judged(Outcome(solution))
    assert result.status is Status.ERROR
    assert result.solution is None
    assert result.objective is None


def test_without_a_solution() -> None:
    assert judged(Outcome(None, reason="time limit", bound=-3.0)).status is Status.UNKNOWN
    assert judged(Outcome(None, infeasible=True)).status is Status.INFEASIBLE


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_bound_contradicts_in_one_sense_at_most(objective: float, bound: float) -> None:
    assert not (contradicts(objective, bound, Sense.MINIMISE) and contradicts(objective, bound, Sense.MAXIMISE))
    assert contradicts(objective, bound, Sense.MINIMISE) == contradicts(-objective, -bound, Sense.MAXIMISE)


def test_relative_gap_survives_a_bound_of_zero() -> None:
    assert relative_gap(1.0, 0.0) == pytest.approx(1e9)
    assert relative_gap(0.0, 0.0) == 0.0
    assert relative_gap(-3.0, -4.0) == 0.25
