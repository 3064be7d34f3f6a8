"""What a notebook shows of everything that the front door returns."""

from __future__ import annotations

import re

import pytest

import diffload

RESULT = diffload.solve("n10")


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda: diffload.load("n10"), "10 users"),
        (lambda: RESULT, "6 of 10 users at the edge"),
        (lambda: RESULT.duals, ">delta</th><td class=\"words\">0.00171813 1/step<"),
        (lambda: diffload.solve("n10", "all-local").duals, "no multipliers"),
        (lambda: diffload.compare("n10", "price-search"), "certified optimum -2.547696"),
        (lambda: diffload.solve_many(["n10", "n10"]), ">objective</th><td class=\"words\">-2.547696 on average<"),
        (lambda: diffload.sensitivity("n10"), ">edge budget</th><td>step</td>"),
        (lambda: diffload.simulate(intervals=2, users_per_interval=3), ">edge busy</th>"),
        (lambda: diffload.simulate(intervals=1, users_per_interval=1e-9), "batch-scan: no requests"),
        (lambda: diffload.check_certificate("n10", RESULT), "certificate holds, with 2 leaves"),
    ],
)  # fmt: skip
def test_everything_that_is_returned_has_html(make, shown):
    text = make()._repr_html_()
    assert shown in text
    assert re.findall(r"<table", text)


def test_shadow_prices_are_a_table():
    found = diffload.sensitivity("n10")
    frame = found.to_frame()
    assert list(frame) == ["limit", "unit", "multiplier", "convexified", "one_more"]
    assert len(frame) == len(found.shared) + len(found.ends)
    assert frame["multiplier"].notna().all()
    assert frame["one_more"].iloc[0] == found.shared[0].one_more
