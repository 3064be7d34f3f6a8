"""Peers of the benchmarks: the same optimum as enumeration and as ours, and what is timed of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from gqap_enumeration import brute_force, random_gqap

from benchmarks import gqap_branch_and_bound_against_highs as against_highs
from benchmarks import gqap_peers, kkt_against_cvxpy, rounds, side_by_side
from benchmarks.ratio import Aim
from benchmarks.side_by_side import Seconds
from formulations.gqap.costs import cost_step
from formulations.step_allocation.models.surrogate import cost_shift
from instances.generation.generator import generate
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Unsupported
from solvers.gqap.mip.explicit_models import STEP_SHARE
from solvers.gqap.tree import branch_and_bound
from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2
from solvers.step_allocation.kkt.p2_validation import example

LIMITS = Limits(time_limit=60.0)

NATIVE = (gqap_peers.solve_compact, gqap_peers.solve_rlt1, gqap_peers.solve_quadratic)


@pytest.mark.parametrize("solve", NATIVE)
@pytest.mark.parametrize("seed", range(6))
def test_the_native_models_of_the_gqap_have_the_optimum_of_enumeration(solve, seed: int) -> None:
    data = random_gqap(seed)
    best = brute_force(data)
    outcome = solve(data, LIMITS, 0)
    assert against_highs.objective(data, outcome) == pytest.approx(best, rel=1e-6)
    open_step = STEP_SHARE * cost_step(data)  # at which a solver may stop, as no cost lies between
    assert best - open_step - 1e-5 * abs(best) <= outcome.bound <= best + 1e-5 * abs(best)
    assert outcome.reason == "gap closed"


@pytest.mark.parametrize("users", [4, 6])
def test_on_drawn_servers_every_peer_agrees_with_branch_and_bound(users: int) -> None:
    data = against_highs.data_of(against_highs.drawn(users, 3, 1))
    assert data.has_whole_costs
    assert data.has_whole_weights
    best = branch_and_bound.solve(data, LIMITS, 0)
    solves = [solve for name, solve in against_highs.PEERS.items() if name != "cp-sat" or find_spec("ortools")]
    for solve in solves:
        outcome = solve(data, LIMITS, 0)
        assert against_highs.objective(data, outcome) == against_highs.objective(data, best)


def test_building_is_the_call_without_time_to_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []

    def solve(_: object, given: Limits, __: int) -> Outcome:
        limits.append(given.time_limit)
        sum(range(20_000))
        if given.time_limit <= rounds.NO_TIME:
            return Outcome(None, reason=TIME_LIMIT)
        sum(range(400_000))
        return Outcome(None, reason="gap closed")

    monkeypatch.setattr(rounds, "TURN", 0.0)
    found = rounds.in_turn(nothing, nothing, {"a": solve}, None, LIMITS).peers["a"]
    assert limits == [1e-9, *(7 * [1e-9, 60.0])]
    assert found.finished
    assert 0.0 < found.solving.processor < found.whole.processor
    late = rounds.in_turn(nothing, nothing, {"a": late_one}, None, LIMITS).peers["a"]
    assert not late.finished
    assert late.whole.less(Seconds(9.0, 9.0)) == Seconds(0.0, 0.0)


def nothing() -> Outcome:
    return Outcome(None)


def late_one(*_: object) -> Outcome:
    return Outcome(None, reason=TIME_LIMIT)


def test_ours_and_the_peers_have_their_turn_in_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []

    def ours(name: str) -> Callable[[], Outcome]:
        return lambda: turns.append(name) or Outcome(None)

    def peer(_: object, given: Limits, __: int) -> Outcome:
        turns.append("build" if given.time_limit == rounds.NO_TIME else "peer")
        return Outcome(None, reason="gap closed")

    monkeypatch.setattr(rounds, "TURN", 0.0)
    rounds.in_turn(ours("own"), ours("user"), {"a": peer, "b": late_one}, None, LIMITS)
    assert turns == ["own", "user", "build", *(7 * ["own", "user", "build", "peer"])]


def test_short_calls_are_repeated_in_their_turn() -> None:
    calls: list[int] = []
    rounds.in_turn(lambda: calls.append(1) or nothing(), nothing, {}, None, LIMITS)
    assert len(calls) > 100 * rounds.ROUNDS


def test_a_ratio_to_a_peer_that_was_cut_off_is_a_lower_bound_and_counts_for_no_aim() -> None:
    times = (Seconds(9.0, 1.0), Seconds(9.0, 2.0))
    both = side_by_side.ratios(
        "a", "speed", times, times, limit="a peer", cut_off=True, aim=Aim("at least", 1.0), context={}
    )
    assert [(ratio.unit, ratio.met) for ratio in both] == [("times at least", None)] * 2


@pytest.mark.parametrize(
    ("own", "theirs", "met"), [(0.04, math.inf, None), (0.0, 0.5, None), (math.inf, 0.5, False)]
)
def test_gaps_make_a_ratio_only_where_there_are_two(own: float, theirs: float, met: bool | None) -> None:
    absent = against_highs.of_gaps("a", own, theirs, LIMITS)
    assert math.isnan(absent.value)
    assert absent.met is met
    assert "no gap" in absent.context["not measured"]


def test_a_gap_is_a_share_of_the_objective() -> None:
    data = random_gqap(0)
    best = branch_and_bound.solve(data, LIMITS, 0)
    assert against_highs.gap(data, replace(best, bound=0.0)) == 1.0
    assert against_highs.gap(data, replace(best, bound=None)) == math.inf


def test_each_ratio_says_what_it_times() -> None:
    ours, theirs = (Seconds(9.0, 1.0), Seconds(9.0, 2.0)), (Seconds(9.0, 10.0), Seconds(9.0, 50.0))
    call, solve = side_by_side.ratios("a", "speed", ours, theirs, limit="a peer", cut_off=False, context={})
    assert (call.name, call.value) == ("a/call", 10.0)
    assert (solve.name, solve.value) == ("a/solve", 25.0)
    assert call.what == "speed: call on loaded data, peer without building"
    assert solve.what == "speed: diffload.solve(), peer with building"
    assert call.context == solve.context
    assert call.context["peer CPU s"] == 50.0
    assert call.context["peer without building CPU s"] == 10.0


def test_short_calls_are_read_together() -> None:
    calls: list[int] = []
    found = side_by_side.seconds(lambda: calls.append(1), 0.01)
    assert 0.0 < found.clock * len(calls) < 1.0
    assert len(calls) > 100
    assert side_by_side.seconds(lambda: calls.clear()).clock < 1.0  # called once at least
    assert not calls
    assert side_by_side.combined([Seconds(1.0, 2.0), Seconds(3.0, 4.0)], sum) == Seconds(4.0, 6.0)


def test_a_peer_that_does_not_take_an_instance_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> Outcome:
        raise Unsupported("not here")

    monkeypatch.setattr(against_highs, "PEERS", {"cp-sat": refuses})
    (absent,) = against_highs.compare("3x2", "drawn", [against_highs.drawn(3, 2, 1)], LIMITS)
    assert np.isnan(absent.value)
    assert absent.context == {"not measured": "not here"}


def test_clarabel_alone_solves_the_subproblem() -> None:
    data = generate(users=5).section("step_allocation")
    raw = kkt_against_cvxpy.solving_alone(CvxpyP2(data, cost_shift(data)), example(data, 1.0))()
    assert str(raw.status) == "Solved"
