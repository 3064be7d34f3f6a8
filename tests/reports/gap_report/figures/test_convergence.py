"""Traces of solvers and of the SCA algorithms, from histories whose picture is known."""

from __future__ import annotations

import fakes
import pytest

from reports.drawing.figure import OPTIMUM
from reports.gap_report.figures.convergence import sca_convergence, solver_convergence
from reports.gap_report.figures.measure import MOST_PICTURED, SMALLEST_GAP, pictured
from reports.gap_report.study import Case, Study
from solvers.comparison.cross_check import cross_check
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Result, Sense, Status
from solvers.sweep.ledger_key import Key
from solvers.sweep.ledger_record import Recorded


def study(*results: Result, problem: str = "step_allocation", users: int = 10) -> Study:
    checked, verdict = cross_check(results, Sense.MINIMISE)
    key = Key("0", problem, "any", 0, Limits(), "")
    recorded = tuple(Recorded(key, result, users, "host") for result in checked)
    return Study(registry.problem(problem), (Case("small", "0", users, recorded, verdict),))


SOLVER = fakes.result(
    "scip",
    Status.OPTIMAL,
    objective=-4.0,
    bound=-4.0,
    seconds=3.0,
    metrics={},
    history=(
        {"seconds": 0.5, "objective": None, "bound": -8.0},
        {"seconds": 1.0, "objective": -2.0, "bound": -5.0},
        {"seconds": 2.0, "objective": -4.0, "bound": -4.0},
    ),
)

SCA = fakes.result(
    "sca",
    objective=-3.9,
    metrics={},
    history=(
        {"outer": 1, "objective": -4.5, "penalty": 1.25},
        {"outer": 2, "objective": -3.9, "penalty": 0.0},
    ),
)


def test_incumbents_and_bounds_close_in_on_the_best_known() -> None:
    found = study(SOLVER, SCA)
    figure = solver_convergence(found, found.cases[0], "small")
    assert figure is not None
    incumbent, bound = (panel.series for panel in figure.panels)
    assert [series.label for series in incumbent] == ["scip"]
    assert incumbent[0].x == (1.0, 2.0, 3.0)
    assert incumbent[0].y == pytest.approx((50.0, SMALLEST_GAP, SMALLEST_GAP))
    assert bound[0].x == (0.5, 1.0, 2.0, 3.0)
    assert bound[0].y == pytest.approx((100.0, 25.0, SMALLEST_GAP, SMALLEST_GAP))


def test_gaps_per_user_where_the_objective_may_be_near_zero() -> None:
    found = study(SOLVER, problem="split_offloading")
    figure = solver_convergence(found, found.cases[0], "small")
    assert figure is not None
    assert figure.panels[0].y_label == "gap per user [s]"
    assert figure.panels[0].series[0].y == pytest.approx((0.2, SMALLEST_GAP, SMALLEST_GAP))


def test_iterates_of_the_sca_algorithms_beside_the_optimum() -> None:
    found = study(SOLVER, SCA)
    figure = sca_convergence(found, found.cases[0], "small")
    assert figure is not None
    objective, penalty = (panel.series for panel in figure.panels)
    assert [(series.label, series.y) for series in objective] == [(OPTIMUM, (-4.0, -4.0)), ("sca", (-4.5, -3.9))]
    assert [(series.label, series.y) for series in penalty] == [("sca", (1.25, 0.0))]


def test_nothing_is_drawn_of_methods_without_a_history() -> None:
    found = study(fakes.result("quick", objective=-1.0, metrics={}))
    assert solver_convergence(found, found.cases[0], "small") is None
    assert sca_convergence(found, found.cases[0], "small") is None


def test_pictured_instances_span_all_sizes() -> None:
    case = study(SOLVER).cases[0]
    cases = [
        Case(f"i{users}", "0", users, case.results, case.verdict) for users in (5, 90, 20, 7, 40, 60, 30, 10, 8)
    ]
    sizes = [case.users for case in pictured(cases)]
    assert len(sizes) == MOST_PICTURED
    assert sizes[0] == 5
    assert sizes[-1] == 90
    assert sizes == sorted(set(sizes))
