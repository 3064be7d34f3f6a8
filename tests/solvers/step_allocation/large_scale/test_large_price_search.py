from __future__ import annotations

import numpy as np
import pytest
from builders import near_identical, step_allocation
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import CORNERS, brute_force

from formulations.constraints.step_allocation.error_ceiling import ErrorCeiling
from formulations.step_allocation.evaluation import evaluate
from solvers.core.limits import Limits
from solvers.step_allocation import price_search
from solvers.step_allocation.certificates.check import check
from solvers.step_allocation.lagrangian import multiplier_bracket as price_bracket
from solvers.step_allocation.large_scale import large_price_search, undecided_users
from solvers.step_allocation.large_scale.decided_sums import DecidedSums
from solvers.step_allocation.large_scale.user_blocks import Response, Threads

ASKED = Limits(time_limit=20.0, gap=1e-8)


def objective_of(data, outcome):
    evaluation = evaluate(data, outcome.solution["a"], outcome.solution["s"])
    assert evaluation.feasible
    return evaluation.objective


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 5000),
    users=st.sampled_from([1, 2, 3, 8, 40, 130]),
    integer=st.booleans(),
    corner=st.sampled_from(sorted(CORNERS)),
    budget=st.floats(0.0, 45.0),
)
def test_many_users_are_solved_as_few_are(seed, users, integer, corner, budget):
    fields = {"edge_step_capacity": budget * users} | CORNERS[corner]
    data = step_allocation(users, seed, integer_steps=integer, **fields)
    few, many = price_search.solve(data, ASKED, 0), large_price_search.solve(data, ASKED)
    objective, size = objective_of(data, many), max(1e-3, abs(many.bound))
    assert objective - many.bound <= 1e-8 * size
    assert objective == pytest.approx(objective_of(data, few), rel=1e-8, abs=1e-11)
    assert many.bound <= objective_of(data, few) + 1e-11 * size
    checked = check(data, many.certificate, many.solution)
    assert checked.bound >= many.bound - 1e-10 * size


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
def test_threads_change_nothing(integer):
    data = step_allocation(5000, 2, integer_steps=integer)
    one, three = (large_price_search.solve(data, Limits(gap=1e-9, threads=count)) for count in (1, 3))
    assert one.bound == three.bound
    for name in ("a", "s"):
        np.testing.assert_array_equal(one.solution[name], three.solution[name])


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
def test_the_command_hands_many_users_over(integer):
    data = step_allocation(large_price_search.USERS, 1, integer_steps=integer)
    outcome = price_search.solve(data, Limits(gap=1e-9), 0)
    objective = objective_of(data, outcome)
    assert objective - outcome.bound <= 1e-9 * abs(objective)
    checked = check(data, outcome.certificate, outcome.solution)
    assert objective - checked.bound <= 1e-9 * abs(objective)


def test_the_bound_holds_when_time_is_over():
    data = step_allocation(
        200, 3, error_decay_per_step=0.03, utility_decay_per_step=0.04, edge_step_capacity=3001.0
    )
    stopped = large_price_search.solve(data, Limits(time_limit=0.0, gap=1e-9))
    assert stopped.reason == "time limit"
    finished = large_price_search.solve(data, ASKED)
    assert stopped.bound <= finished.bound
    assert objective_of(data, stopped) >= finished.bound


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("kinds", [1, 3])
@pytest.mark.parametrize("users", [2, 3, 10, 300, 2500, 20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_identical_users_are_certified_whatever_their_number(users, kinds, integer):
    data = near_identical(users, 0.0, kinds, edge_step_capacity=11.3 * users + 0.4, integer_steps=integer)
    outcome = large_price_search.solve(data, Limits(time_limit=60.0, gap=1e-6))
    objective = objective_of(data, outcome)
    assert objective - outcome.bound <= 1e-6 * abs(objective)
    checked = check(data, outcome.certificate, outcome.solution)
    assert objective - checked.bound <= 1e-6 * abs(objective)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 5000),
    users=st.integers(2, 5),
    integer=st.booleans(),
    alike=st.booleans(),
    budget=st.floats(0.0, 45.0),
)
def test_few_users_cost_what_enumeration_says(seed, users, integer, alike, budget):
    fields = {"edge_step_capacity": budget * users} | (CORNERS["identical users"] if alike else {})
    data = step_allocation(users, seed, integer_steps=integer, **fields)
    outcome = large_price_search.solve(data, Limits(time_limit=20.0, gap=1e-6))
    best = brute_force(data)
    assert objective_of(data, outcome) == pytest.approx(best, rel=1e-6, abs=1e-7)
    assert outcome.bound <= best + 1e-7


@pytest.mark.parametrize("integer", [False, True], ids=["continuous", "integer"])
@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5, 2.5, 4.5, 7.5, 12.5])
def test_whenever_the_clock_stops_it_a_plan_and_a_bound_are_there(monkeypatch, seconds, integer):
    data = step_allocation(3000, 7, integer_steps=integer, edge_step_capacity=40_000.3)
    finished = large_price_search.solve(data, Limits(gap=1e-9))
    ticks = iter(range(10_000))
    for module in (large_price_search, price_bracket, undecided_users):
        monkeypatch.setattr(module, "perf_counter", lambda: float(next(ticks)))
    stopped = large_price_search.solve(data, Limits(time_limit=seconds, gap=1e-9))
    objective = objective_of(data, stopped)
    assert stopped.bound <= objective_of(data, finished)
    assert finished.bound <= objective
    assert next(ticks) < 60 + 5 * seconds


def test_users_that_may_not_offload_stay():
    ceiling = ErrorCeiling(on="step_allocation", type="error_ceiling", most_error=0.6)
    data = step_allocation(300, edge_max_steps=1.0).replaced({"constraints": (ceiling,)})
    outcome = large_price_search.solve(data, ASKED)
    assert not outcome.solution["a"].any()
    assert objective_of(data, outcome) == pytest.approx(outcome.bound, rel=1e-12)


def test_threads_share_everything_out_once():
    seen = np.zeros(1001, dtype=np.int64)

    def count(first, last):
        seen[first:last] += 1

    with Threads(3) as threads:
        threads.share(seen.size, count)
    assert (seen == 1).all()


def test_decided_sums_are_asked_for_only_where_the_chord_is_far():
    asked = []

    def sums(price):
        asked.append(price)
        return Response(1.0 - (price - 2.0) ** 2, -2.0 * (price - 2.0))

    known = DecidedSums(sums, 1.0)
    ends = [known(1.0), known(1.0 + 1e-9)]
    between = known(1.0 + 5e-10)
    assert asked == [1.0, 1.0 + 1e-9]
    assert ends[0].saving <= between.saving <= ends[1].saving
    assert between.saving <= 1.0 - (5e-10 - 1.0) ** 2 + 1e-15
    known(1.5)
    known(1.2)
    assert asked[2:] == [1.5, 1.2]
