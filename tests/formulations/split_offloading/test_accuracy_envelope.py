"""The concave envelope of F at whole splits against the general construction, and its chords against F."""

from __future__ import annotations

import numpy as np
from builders import split_offloading
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index, accuracy_slope
from formulations.split_offloading.models.accuracy_envelope import envelope_chords, envelope_corners
from formulations.split_offloading.parameters import SplitOffloading

snapshots = st.builds(
    lambda total, share, slope, threshold: split_offloading(
        2, total_steps=total, min_local_steps=int(share * total), pai_slope=slope, pai_threshold=threshold
    ),
    st.integers(1, 250),
    st.floats(0.0, 1.0),
    st.floats(0.01, 0.5),
    st.floats(0.0, 250.0),
)


def splits(data: SplitOffloading) -> FloatArray:
    return np.arange(data.min_local_steps, data.total_steps + 1, dtype=np.float64)


def upper_hull(x: FloatArray, y: FloatArray) -> FloatArray:
    """Values of the least concave function above the points, by Andrew's monotone chain."""
    kept: list[int] = []
    for k in range(x.size):
        while len(kept) > 1:
            i, j = kept[-2:]
            if (y[j] - y[i]) * (x[k] - x[i]) > (y[k] - y[i]) * (x[j] - x[i]):
                break
            kept.pop()
        kept.append(k)
    return np.interp(x, x[kept], y[kept])


@given(snapshots)
def test_the_corners_span_the_convex_hull(data: SplitOffloading) -> None:
    x, corners = splits(data), envelope_corners(data)
    envelope = np.interp(x, corners, accuracy_index(data, corners))
    np.testing.assert_allclose(envelope, upper_hull(x, accuracy_index(data, x)), atol=1e-12)


@given(snapshots, st.integers(1, 300))
def test_every_chord_is_above_f_and_all_of_them_are_the_envelope(data: SplitOffloading, most: int) -> None:
    x, chords = splits(data), envelope_chords(data, most)
    full = float(accuracy_index(data, np.array(float(data.total_steps))))
    lines = full - chords.slope[:, None] * (data.total_steps - x) + chords.intercept[:, None]
    assert chords.slope.size == min(most, envelope_corners(data).size - 1)
    assert (lines >= accuracy_index(data, x) - 1e-12).all()
    if chords.slope.size and most >= x.size:
        np.testing.assert_allclose(lines.min(axis=0), upper_hull(x, accuracy_index(data, x)), atol=1e-12)


def test_with_the_published_fit_the_whole_range_is_concave() -> None:
    data = split_offloading(2)
    assert data.min_local_steps > data.pai_threshold
    np.testing.assert_array_equal(envelope_corners(data), splits(data))


def test_below_the_threshold_the_first_chord_ends_where_it_touches_f() -> None:
    data = split_offloading(2, min_local_steps=0)

    def excess(n: float) -> float:
        at = np.array(n)
        return float(accuracy_index(data, at) - accuracy_index(data, np.array(0.0)) - n * accuracy_slope(data, at))

    touching = brentq(excess, data.pai_threshold, data.total_steps)
    first, second = envelope_corners(data)[:2]
    assert first == 0.0
    assert abs(second - touching) <= 1.0
