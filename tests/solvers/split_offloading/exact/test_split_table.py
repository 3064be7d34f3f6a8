"""Gains from the table of F are those of the closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.split_offloading.gain import Edge, gain_of
from formulations.split_offloading.split_point import SplitRange
from solvers.split_offloading.exact.split_table import MOST_SPLITS, first_place, gain_in_table, split_table


def curve_of(slope: float, threshold: float, lower: float, total: float) -> SplitRange:
    at_lower, at_total = (1.0 / (1.0 + np.exp(-slope * (n - threshold))) for n in (lower, total))
    return SplitRange(slope, threshold, lower, total, float(at_lower), float(at_total))


@settings(max_examples=300, deadline=None)
@given(
    slope=st.sampled_from([1e-9, 1e-3, 0.0413, 0.3, 2.0, 40.0]),
    above=st.floats(0.0, 60.0),
    splits=st.integers(0, 200),
    weight=st.sampled_from([0.0, 1e-6, 1.0, 3e3, 1e12]),
    local=st.floats(1e-3, 5.0),
    transmission=st.floats(0.0, 0.1),
    step=st.integers(1, 7),
)
def test_growing_batches_gain_what_the_closed_form_says(slope, above, splits, weight, local, transmission, step):
    lower = 80.0
    curve, edge = curve_of(slope, lower - above, lower, lower + splits), Edge(0.01, 0.03)
    table = split_table(curve)
    reached = np.array([first_place(weight, local - (0.01 * 1 + 0.03), table.rise)], dtype=np.int32)
    for batch in range(1, 600, 13 * step):
        user = weight, local, transmission
        found = gain_in_table(*user, edge, curve, table.accuracy, table.rise, float(batch), reached, 0)
        size = weight * curve.accuracy_at_total + splits * (local + 0.01 * batch + 0.03) + transmission * batch
        assert found == pytest.approx(gain_of(*user, edge, curve, float(batch)), rel=0.0, abs=4e-15 * size)


@pytest.mark.parametrize(
    "curve", [curve_of(0.04, 90.0, 80.0, 200.0), curve_of(0.04, 70.0, 80.0, 81.0 + MOST_SPLITS)]
)
def test_without_a_table_the_closed_form_is_asked(curve):
    table, edge = split_table(curve), Edge(0.01, 0.03)
    assert table.rise is None
    reached = np.zeros(1, dtype=np.int32)
    found = gain_in_table(30.0, 0.4, 0.01, edge, curve, table.accuracy, table.rise, 3.0, reached, 0)
    assert found == gain_of(30.0, 0.4, 0.01, edge, curve, 3.0)
