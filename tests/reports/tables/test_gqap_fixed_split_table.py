"""The table of the GQAP with fixed splits: real rows, and rows that must raise an alarm."""

from __future__ import annotations

import pytest
from builders import split_offloading
from split_enumeration import brute_force

from reports.formats import csv_text
from reports.formats.plain_text import render
from reports.tables.gqap_fixed_split import table
from solvers.core.limits import Limits
from solvers.split_offloading.mip.gqap_comparison import GqapRow, compare_models

SOUND = GqapRow(
    model="quadratic, SCIP",
    objective=-10.0,
    bound=-10.0,
    gap=0.0,
    tolerance=1e-5,
    granted=3,
    nodes=1,
    seconds=0.1,
    termination="gap closed",
)


def test_real_routes_agree_on_the_restriction_and_below_p1() -> None:
    data = split_offloading(8, seed=1)
    rows = compare_models(data, Limits(time_limit=30.0))
    shown = table(rows)
    assert shown.alerts == ()
    assert shown.lead[0].startswith(f"both models agree on the optimum {rows[0].objective:.6f}")
    assert [row.cells[0] for row in shown.rows] == ["quadratic, SCIP", "linearised, HiGHS"]
    for row in rows:
        assert row.bound == pytest.approx(row.objective, rel=1e-6)
        assert row.bound < brute_force(data) - 1.0
        assert row.nodes is not None
    assert len(csv_text.render([shown]).splitlines()) == 3
    assert "these bounds are not bounds of P1" in render([shown])


def test_a_route_without_time_is_shown_as_it_is() -> None:
    shown = table(compare_models(split_offloading(30, seed=1), Limits(time_limit=0.0)))
    assert shown.alerts == ()
    assert shown.lead[0].startswith("not both closed: quadratic, SCIP between ")
    assert {row.cells[-1] for row in shown.rows} == {"time limit"}


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({"bound": -9.9}, "-10.000000 and -9.900000 (gap closed)"),
        ({"objective": -10.1, "gap": 0.01}, "-10.100000 and -10.000000 (gap closed)"),
        ({"bound": None, "gap": None}, "-10.000000 and - (gap closed)"),
    ],
)
def test_a_gap_counts_as_closed_by_its_numbers_alone(change: dict[str, object], known: str) -> None:
    shown = table([SOUND, SOUND._replace(model="linearised, HiGHS", **change)])
    assert shown.lead == (f"not both closed: linearised, HiGHS between {known}",)
    assert shown.alerts == ()
    assert [row.kind for row in shown.rows] == ["optimal", "feasible"]


def test_routes_agree_as_closely_as_was_asked() -> None:
    rows = [SOUND, SOUND._replace(objective=-10.005, bound=-9.996)]
    shown = table([row._replace(tolerance=0.01) for row in rows])
    assert shown.lead[0].startswith("both models agree on the optimum -10.000000, to 5.0e-04")
    assert shown.alerts == ()


@pytest.mark.parametrize(
    ("change", "alarms"),
    [
        ({}, 0),
        ({"objective": -10.0 + 2e-5, "bound": -10.0 + 2e-5}, 2),
        ({"objective": -12.0, "bound": -12.0}, 2),
        ({"objective": -12.0, "bound": -9.0, "termination": "time limit"}, 0),
        ({"objective": -12.0, "bound": -11.0, "termination": "time limit"}, 1),
        ({"objective": None, "bound": -11.0, "gap": None, "granted": None, "termination": "time limit"}, 1),
        ({"objective": None, "bound": None, "gap": None, "granted": None, "nodes": None, "termination": "x"}, 0),
    ],
)
def test_an_alarm_where_the_routes_cannot_both_be_right(change: dict[str, object], alarms: int) -> None:
    shown = table([SOUND, SOUND._replace(model="linearised, HiGHS", **change)])
    assert len(shown.alerts) == alarms
    assert (shown.rows[0].kind == "error") is bool(alarms)
    assert ("agree on the optimum" in shown.lead[0] and "do not" not in shown.lead[0]) is (change == {})
    assert render([shown])


def test_no_solution_is_agreed_on_or_an_alarm() -> None:
    none = SOUND._replace(objective=None, bound=None, gap=None, granted=None, termination="infeasible")
    other = none._replace(model="linearised, HiGHS")
    assert table([none, other]).lead == (
        "both models agree that further constraints leave no choice with fixed splits",
    )
    assert table([none, other]).alerts == ()
    (alert,) = table([SOUND, other]).alerts
    assert alert == "CHECK FAILED: linearised, HiGHS claims that there is no solution, but quadratic, SCIP has one"
