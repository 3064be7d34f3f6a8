"""Numbers in tables."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulations.evaluation import Metric
from reports.tables import numbers


@pytest.mark.parametrize(
    ("gap", "text"),
    [(None, "-"), (0.0, "0"), (2e-9, "2.0e-07"), (0.189104, "18.9104"), (1e-6, "0.0001"), (5e5, "5.0e+07")],
)
def test_a_gap_in_per_cent(gap: float | None, text: str) -> None:
    assert numbers.gap_percent(gap) == text


@given(st.floats(1e-300, 1e300))
def test_no_gap_but_zero_reads_as_zero(gap: float) -> None:
    for text, value in ((numbers.gap_percent(gap), 100.0 * gap), (numbers.absolute_gap(gap), gap)):
        if math.isfinite(value):
            assert float(text) == pytest.approx(value, rel=0.5)
            assert len(text) <= 14


@given(st.floats(-1e300, 1e300))
def test_an_objective_keeps_six_decimals_or_ten_digits(value: float) -> None:
    assert float(numbers.objective(value)) == pytest.approx(value, rel=1e-9, abs=0.5000001e-6)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0042, "0.0042"), (1.25, "1.250"), (12.345, "12.3"), (1e4, "10000")]
)
def test_a_run_time(value: float, text: str) -> None:
    assert numbers.seconds(value) == text


def test_a_metric() -> None:
    count, share = Metric("k", "k", "users", "d"), Metric("u", "u", "%", ".1f")
    assert numbers.metric(7.0, count) == "7"
    assert numbers.metric(7.4, count) == "7.4"
    assert numbers.metric(99.96, share) == "100.0"
    assert numbers.metric(math.nan, share) == numbers.metric(None, count) == "-"
    assert numbers.metric(-0.04, share) == "0.0"
    assert numbers.metric(-0.06, share) == "-0.1"


@pytest.mark.parametrize(
    ("share", "text"), [(None, "-"), (math.inf, "-"), (1.0, "100.0000"), (-1e-9, "0.0000"), (-0.5, "-50.0000")]
)
def test_a_share(share: float | None, text: str) -> None:
    assert numbers.share_percent(share) == text


@pytest.mark.parametrize("value", [5e-324, -3.4e-12, -4.9e-7, 2.5e-6, -4.99e-5])
def test_a_tiny_objective_keeps_its_sign_and_its_size(value: float) -> None:
    assert float(numbers.objective(value)) == pytest.approx(value, rel=1e-6, abs=0.0)


def test_an_objective_of_zero_has_no_sign() -> None:
    assert numbers.objective(-0.0) == numbers.objective(0.0) == "0.000000"
