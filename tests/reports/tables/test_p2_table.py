"""The table of Algorithm 2 against CVXPY: real rows, and rows that must raise an alarm."""

from __future__ import annotations

import pytest
from builders import step_allocation

from reports.formats import csv_text
from reports.formats.plain_text import render
from reports.tables.p2_validation import table
from solvers.step_allocation.kkt.p2_validation import ValidationRow, validate

SOUND = ValidationRow(
    tau=1.0,
    objective_kkt=10.0,
    objective_cvxpy=10.0,
    relative_difference=-1e-12,
    offload_difference=1e-8,
    steps_difference=1e-6,
    worst_residual=1e-15,
    seconds_kkt=1e-4,
    seconds_cvxpy=5e-3,
    ratio=50.0,
    cvxpy_status="optimal",
    compiled_once=True,
    runs=5,
    printed_loss=0.0,
    printed_capacity_excess=0.0,
    printed_limit_excess=0.0,
    appendix_loss=0.0,
    appendix_capacity_excess=0.0,
    appendix_limit_excess=0.0,
)


def test_a_real_validation_raises_no_alarm() -> None:
    shown = table(validate(step_allocation(5)))
    assert shown.alerts == ()
    assert [row.cells[0] for row in shown.rows] == ["0", "0.1", "1", "10", "100000"]
    assert len(csv_text.render([shown]).splitlines()) == 6
    assert "both agree on the objective" in render([shown])


def test_without_edge_steps_there_is_nothing_to_validate() -> None:
    shown = table(validate(step_allocation(3, edge_step_capacity=0.0)))
    assert shown.rows == ()
    assert "not applicable" in render([shown])


@pytest.mark.parametrize(
    ("change", "alarm"),
    [
        ({}, False),
        ({"worst_residual": 2e-8}, True),
        ({"worst_residual": float("nan")}, True),
        ({"relative_difference": 2e-7}, True),
        ({"relative_difference": float("nan")}, True),
        ({"relative_difference": 2e-7, "cvxpy_status": "optimal_inaccurate"}, False),
        ({"relative_difference": 2e-7, "tau": 1e5}, False),
        ({"worst_residual": 2e-8, "tau": 1e5}, True),
        ({"relative_difference": -1.0}, False),
    ],
)
def test_an_alarm_where_ours_is_not_the_solution(change: dict[str, object], alarm: bool) -> None:
    shown = table([SOUND, SOUND._replace(**change)])
    assert bool(shown.alerts) is alarm
    assert (shown.rows[1].kind == "error") is alarm
