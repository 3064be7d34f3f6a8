"""Performance profiles against their definition, and against what a reader sees at once."""

from __future__ import annotations

import math

import fakes
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.gap_report.figures.measure import SMALLEST_GAP
from reports.gap_report.figures.profiles import (
    SHORTEST_SECONDS,
    gap_profile,
    performance_ratios,
    share_within,
    time_profile,
)
from reports.gap_report.study import Case, Study
from solvers.comparison.cross_check import cross_check
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Sense, Status
from solvers.sweep.ledger_key import Key
from solvers.sweep.ledger_record import Recorded

INFINITE = math.inf


def study(*cases: list[tuple[str, float, float, float | None, int]]) -> Study:
    """One instance for each list of (method, seconds, objective, bound, seed)."""
    made = []
    for number, rows in enumerate(cases):
        results = [
            fakes.result(
                method,
                Status.OPTIMAL if bound is not None else Status.FEASIBLE,
                instance=f"i{number}",
                objective=objective,
                bound=bound,
                seconds=seconds,
                seed=seed,
                metrics={},
            )
            for method, seconds, objective, bound, seed in rows
        ]
        checked, verdict = cross_check(results, Sense.MINIMISE)
        recorded = tuple(
            Recorded(Key(f"{number}", "step_allocation", r.solver, r.seed, Limits(), ""), r, 10, "host")
            for r in checked
        )
        made.append(Case(f"i{number}", f"{number}", 10, recorded, verdict))
    return Study(registry.problem("step_allocation"), tuple(made))


def test_ratios_of_a_table_done_by_hand() -> None:
    times = {"a": [1.0, 4.0, INFINITE], "b": [2.0, 2.0, INFINITE], "c": [INFINITE, 20.0, INFINITE]}
    ratios = performance_ratios(times)
    assert ratios == {"a": [1.0, 2.0, INFINITE], "b": [2.0, 1.0, INFINITE], "c": [INFINITE, 10.0, INFINITE]}
    assert share_within(ratios["a"], 1.0) == pytest.approx(1 / 3)
    assert share_within(ratios["a"], 2.0) == pytest.approx(2 / 3)
    assert share_within(ratios["c"], 9.9) == 0.0


@given(
    st.integers(1, 5).flatmap(
        lambda count: st.dictionaries(
            st.sampled_from("abcd"),
            st.lists(st.floats(1e-3, 1e3) | st.just(INFINITE), min_size=count, max_size=count),
            min_size=1,
        )
    )
)
def test_some_method_is_the_fastest_wherever_any_solves(times: dict[str, list[float]]) -> None:
    ratios = performance_ratios(times)
    for column, solved in zip(zip(*ratios.values(), strict=True), zip(*times.values(), strict=True), strict=True):
        assert min(column) == (1.0 if min(solved) < INFINITE else INFINITE)
    for method, values in ratios.items():
        assert share_within(values, 1e12) == sum(time < INFINITE for time in times[method]) / len(values)


def test_the_drawn_time_profile_is_the_definition() -> None:
    figure = time_profile(
        study(
            [("exact", 1.0, -2.0, -2.0, 0), ("fast", 0.1, -2.0, None, 0), ("never", 0.1, -1.0, None, 0)],
            [("exact", 3.0, -5.0, -5.0, 0), ("fast", 0.1, -4.0, None, 0), ("never", 0.1, -1.0, None, 0)],
        )
    )
    assert figure is not None
    drawn = {series.label: dict(zip(series.x, series.y, strict=True)) for series in figure.panels[0].series}
    assert drawn["exact"] == {1.0: 50.0, 10.0: 100.0, 13.0: 100.0}
    assert drawn["fast"] == {1.0: 50.0, 13.0: 50.0}
    assert "never" not in drawn
    assert "Not drawn, as they solve none: never." in figure.caption
    assert "Dolan" in figure.caption


def test_a_random_method_counts_by_its_median_and_short_times_as_the_shortest() -> None:
    rows = [("exact", SHORTEST_SECONDS / 7, -2.0, -2.0, 0)]
    rows += [("random", time, -2.0 if solves else -1.0, None, seed) for seed, (time, solves) in enumerate(SEEDS)]
    figure = time_profile(study(rows))
    assert figure is not None
    drawn = {series.label: series.x for series in figure.panels[0].series}
    assert drawn["exact"][0] == 1.0
    assert drawn["random"][1] == pytest.approx(5.0 / SHORTEST_SECONDS)


SEEDS = [(1.0, True), (5.0, True), (0.1, False)]


def test_the_gap_profile_shows_heuristics_alone_and_floors_gaps() -> None:
    figure = gap_profile(
        study(
            [("exact", 1.0, -2.0, -2.0, 0), ("near", 0.1, -2.0, None, 0), ("far", 0.1, -1.0, None, 0)],
            [("exact", 3.0, -5.0, -5.0, 0), ("near", 0.1, -4.0, None, 0), ("far", 0.1, -1.0, None, 0)],
        )
    )
    assert figure is not None
    drawn = {series.label: series for series in figure.panels[0].series}
    assert set(drawn) == {"near", "far"}
    assert drawn["near"].x[:2] == (SMALLEST_GAP, pytest.approx(20.0))
    assert drawn["near"].y == (50.0, 100.0, 100.0)
    assert drawn["far"].x[:3] == (SMALLEST_GAP, pytest.approx(50.0), pytest.approx(80.0))
    assert drawn["far"].y == (0.0, 50.0, 100.0, 100.0)


def test_without_a_bound_there_is_nothing_to_draw() -> None:
    unsolved = study([("near", 0.1, -2.0, None, 0)])
    assert time_profile(unsolved) is None
    assert gap_profile(unsolved) is None
