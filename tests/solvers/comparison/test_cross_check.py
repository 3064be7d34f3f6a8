"""Results held against each other."""

from __future__ import annotations

import math

import pytest
from fakes import result
from hypothesis import given
from hypothesis import strategies as st

from solvers.comparison.cross_check import cross_check
from solvers.core.limits import Limits
from solvers.core.result import Result, Sense, Status

MINIMISE, MAXIMISE = Sense.MINIMISE, Sense.MAXIMISE


def mirrored(item: Result) -> Result:
    return result(
        item.solver,
        item.status,
        objective=None if item.objective is None else -item.objective,
        bound=None if item.bound is None else -item.bound,
    )


def test_gaps_refer_to_the_largest_lower_bound() -> None:
    results = [
        result("loose", objective=-4.0, bound=-5.0),
        result("tight", objective=-3.0, bound=-4.5),
        result("heuristic", objective=-2.0),
    ]
    checked, verdict = cross_check(results, MINIMISE)
    assert [item.bound_from for item in checked] == ["tight"] * 3
    assert [item.absolute_gap for item in checked] == pytest.approx([0.5, 1.5, 2.5])
    assert [item.gap for item in checked] == pytest.approx([0.5 / 4.5, 1.5 / 4.5, 2.5 / 4.5])
    assert (verdict.objective, verdict.objective_from) == (-4.0, "loose")
    assert (verdict.bound, verdict.bound_from) == (-4.5, "tight")
    assert verdict.gap == pytest.approx(0.5 / 4.5)
    assert not verdict.certified
    assert verdict.contradictions == ()


def test_a_bound_of_an_unsolved_method_counts() -> None:
    checked, verdict = cross_check(
        [result("bounding", Status.UNKNOWN, bound=-4.0), result("heuristic", objective=-4.0)], MINIMISE
    )
    assert verdict.certified
    assert verdict.proven_by == ()
    assert (checked[1].gap, checked[1].bound_from) == (0.0, "bounding")
    assert checked[0].gap is None


def test_errors_are_trusted_in_nothing() -> None:
    checked, verdict = cross_check(
        [
            result("broken", Status.ERROR, objective=-9.0, bound=5.0),
            result("exact", Status.OPTIMAL, objective=-4.0, bound=-4.0),
        ],
        MINIMISE,
    )
    assert (verdict.objective, verdict.bound, verdict.contradictions) == (-4.0, -4.0, ())
    assert checked[0].gap is None


def test_without_a_bound_there_is_no_gap() -> None:
    checked, verdict = cross_check([result("heuristic", objective=-4.0)], MINIMISE)
    assert checked[0].gap is None
    assert checked[0].absolute_gap is None
    assert verdict.gap is None
    assert not verdict.certified


def test_an_infinite_bound_is_no_bound() -> None:
    results = [result("vague", objective=-4.0, bound=-math.inf), result("exact", objective=-4.0, bound=-5.0)]
    checked, verdict = cross_check(results[:1], MINIMISE)
    assert (verdict.bound, checked[0].gap) == (None, None)
    checked, verdict = cross_check(results, MINIMISE)
    assert verdict.bound_from == "exact"
    assert checked[0].gap == pytest.approx(0.2)
    _, verdict = cross_check([result("absurd", Status.UNKNOWN, bound=math.inf), results[1]], MINIMISE)
    assert len(verdict.contradictions) == 1


def test_nothing_at_all() -> None:
    checked, verdict = cross_check([], MINIMISE)
    assert checked == ()
    assert verdict.objective is None
    assert not verdict.certified


@pytest.mark.parametrize(("excess", "wrong"), [(0.9e-6, False), (1.1e-6, True)])
@pytest.mark.parametrize("size", [0.5, 1.0, 50.0])
def test_a_bound_on_the_wrong_side_is_reported(size: float, excess: float, wrong: bool) -> None:
    bound = -size + excess * max(1.0, size)
    results = [result("bounding", Status.UNKNOWN, bound=bound), result("heuristic", objective=-size)]
    _, verdict = cross_check(results, MINIMISE)
    assert bool(verdict.contradictions) is wrong
    assert verdict.certified is (not wrong and abs(bound + size) <= 1e-6 * size)
    _, mirror = cross_check([mirrored(item) for item in results], MAXIMISE)
    assert bool(mirror.contradictions) is wrong
    if wrong:
        assert "bounding" in verdict.contradictions[0]
        assert "heuristic" in verdict.contradictions[0]


def test_infeasibility_against_a_feasible_solution_is_reported() -> None:
    results = [result("prover", Status.INFEASIBLE), result("heuristic", objective=-1.0)]
    _, verdict = cross_check(results, MINIMISE)
    assert len(verdict.contradictions) == 1
    _, alone = cross_check(results[:1], MINIMISE)
    assert alone.contradictions == ()
    assert alone.infeasible_by == ("prover",)


@pytest.mark.parametrize(("difference", "wrong"), [(4e-6, False), (6e-6, True)])
def test_two_optima_that_differ_are_reported(difference: float, wrong: bool) -> None:
    results = [
        result("one", Status.OPTIMAL, objective=-5.0, bound=-5.0 - difference),
        result("two", Status.OPTIMAL, objective=-5.0 - difference, bound=-5.0 - difference),
    ]
    _, verdict = cross_check(results, MINIMISE)
    assert bool(verdict.contradictions) is wrong


def test_a_wide_gap_asked_for_lets_optima_differ_by_it() -> None:
    wide = Limits(gap=0.1)
    results = [
        result("one", Status.OPTIMAL, objective=-5.0, bound=-5.2, limits=wide),
        result("two", Status.OPTIMAL, objective=-5.2, bound=-5.2, limits=wide),
    ]
    _, verdict = cross_check(results, MINIMISE)
    assert verdict.contradictions == ()
    assert verdict.proven_by == ("one", "two")


numbers = st.none() | st.floats(-100.0, 100.0)
statuses = st.sampled_from([Status.FEASIBLE, Status.UNKNOWN, Status.ERROR])


@given(st.lists(st.tuples(statuses, numbers, numbers), max_size=6))
def test_maximising_mirrors_minimising(rows: list[tuple[Status, float | None, float | None]]) -> None:
    results = [
        result(f"m{index}", status, objective=objective, bound=bound)
        for index, (status, objective, bound) in enumerate(rows)
    ]
    checked, verdict = cross_check(results, MINIMISE)
    other, mirror = cross_check([mirrored(item) for item in results], MAXIMISE)
    assert [item.gap for item in checked] == [item.gap for item in other]
    assert [item.bound_from for item in checked] == [item.bound_from for item in other]
    assert (verdict.objective_from, verdict.bound_from) == (mirror.objective_from, mirror.bound_from)
    assert (verdict.gap, verdict.certified) == (mirror.gap, mirror.certified)
    assert len(verdict.contradictions) == len(mirror.contradictions)
