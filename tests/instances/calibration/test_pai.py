from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from builders import split_offloading
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.split_offloading.accuracy import accuracy_index
from instances.calibration.pai import (
    PUBLISHED_FIT,
    accuracy_index_measured,
    fit_accuracy,
    mean_pairwise,
    personalisation,
)

SPLITS = np.arange(0.0, 201.0, 20.0)


def index_at(split: np.ndarray, slope: float, threshold: float) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-slope * (split - threshold)))


def test_index_by_hand():
    """Equation (1) with two users: kappa (0.25 + 0.35) / 2 sigma(0.2), sigma(0.2) = 1 / (1 + exp(-3))."""
    value = accuracy_index_measured(np.array([0.25, 0.35]), np.array(0.2))
    assert float(value) == pytest.approx(3.0 * 0.3 / (1.0 + math.exp(-3.0)), rel=1e-14)


def test_personalisation_is_one_half_at_its_threshold_and_steepest_there():
    assert float(personalisation(np.array(0.1))) == 0.5
    values = personalisation(np.linspace(0.0, 0.2, 201))
    steps = np.diff(values)
    assert (steps > 0.0).all()
    assert steps.argmax() in (99, 100)
    assert steps.max() == pytest.approx(30.0 / 4.0 * 0.001, rel=1e-3)


def test_mean_over_pairs_is_that_of_a_loop_over_pairs():
    draw = np.random.default_rng(0)
    distances = draw.uniform(0.0, 0.7, (4, 5, 5))
    for matrix, value in zip(distances, mean_pairwise(distances), strict=True):
        pairs = [matrix[i, j] for i, j in itertools.combinations(range(5), 2)]
        assert value == pytest.approx(sum(pairs) / 10.0, rel=1e-14)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (3,)])
def test_no_pairs_to_average(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match=r"expected a square matrix|not enough values"):
        mean_pairwise(np.zeros(shape))


def test_many_splits_at_once():
    draw = np.random.default_rng(1)
    clip, lpips = draw.uniform(0.2, 0.4, (11, 7)), draw.uniform(0.0, 0.4, 11)
    together = accuracy_index_measured(clip, lpips)
    alone = [float(accuracy_index_measured(clip[k], np.array(lpips[k]))) for k in range(11)]
    np.testing.assert_allclose(together, alone, rtol=1e-14)


@settings(max_examples=60, deadline=None, database=None)
@given(st.floats(0.01, 0.3), st.floats(20.0, 180.0))
def test_fit_finds_the_sigmoid_that_the_points_lie_on(slope: float, threshold: float):
    fit = fit_accuracy(SPLITS, index_at(SPLITS, slope, threshold))
    assert fit.slope == pytest.approx(slope, rel=1e-6)
    assert fit.threshold == pytest.approx(threshold, rel=1e-6)
    assert fit.r_squared == pytest.approx(1.0, abs=1e-9)


def test_published_fit_is_found_again_and_is_the_accuracy_index_of_the_models():
    fit = fit_accuracy(SPLITS, index_at(SPLITS, PUBLISHED_FIT.slope, PUBLISHED_FIT.threshold))
    assert (fit.slope, fit.threshold) == pytest.approx((0.0413, 71.44), rel=1e-9)
    data = split_offloading(pai_slope=fit.slope, pai_threshold=fit.threshold)
    np.testing.assert_allclose(accuracy_index(data, SPLITS), index_at(SPLITS, 0.0413, 71.44), rtol=1e-8)


def test_fit_is_a_least_squares_optimum():
    """No fit of a fine grid around it has a smaller sum of squares."""
    draw = np.random.default_rng(2)
    noisy = index_at(SPLITS, 0.0413, 71.44) + draw.normal(0.0, 0.03, SPLITS.size)
    fit = fit_accuracy(SPLITS, noisy)

    def squares(slope: float, threshold: float) -> float:
        return float(np.sum((noisy - index_at(SPLITS, slope, threshold)) ** 2))

    best = squares(fit.slope, fit.threshold)
    for slope in fit.slope * np.linspace(0.5, 2.0, 41):
        for threshold in fit.threshold * np.linspace(0.5, 2.0, 41):
            assert squares(slope, threshold) >= best - 1e-12


def test_confidence_intervals_hold_what_they_promise():
    """Over 400 noisy sets of points the 95 % intervals hold the truth in 95 % of them, within 3 deviations."""
    draw = np.random.default_rng(3)
    truth = index_at(SPLITS, 0.0413, 71.44)
    held = np.zeros(2)
    for _ in range(400):
        fit = fit_accuracy(SPLITS, truth + draw.normal(0.0, 0.02, SPLITS.size))
        held += (
            abs(fit.slope - 0.0413) <= fit.slope_margin_95,
            abs(fit.threshold - 71.44) <= fit.threshold_margin_95,
        )
    allowed = 3.0 * math.sqrt(400 * 0.95 * 0.05)
    assert (np.abs(held - 380.0) <= allowed).all()


@pytest.mark.parametrize(
    ("split", "index", "sentence"),
    [
        ([80.0, 120.0], [0.5, 0.9], "expected at least three points, got 2"),
        ([80.0, 120.0, 160.0], [0.5, 0.9], "expected at least three points, got 2"),
        ([80.0, 80.0, 80.0], [0.5, 0.6, 0.7], "expected at least two different splits, got only 80"),
        ([0.0, 100.0, 200.0], [0.1, np.nan, 0.9], "expected finite numbers"),
        ([0.0, 50.0, 100.0, 200.0], [0.9, 0.7, 0.5, 0.1], "expected an index that rises with the split"),
    ],
)
def test_points_that_determine_no_sigmoid(split: list[float], index: list[float], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        fit_accuracy(np.array(split), np.array(index))


@settings(max_examples=200, deadline=None, database=None)
@given(st.lists(st.tuples(st.floats(0.0, 200.0), st.floats(-1.0, 2.0)), min_size=3, max_size=8))
def test_any_points_give_a_rising_sigmoid_or_a_sentence(points: list[tuple[float, float]]):
    split, index = np.array(points).T
    try:
        fit = fit_accuracy(split, index)
    except ValueError as error:
        message = str(error)
    else:
        message = "expected "
        assert fit.slope > 0.0
        assert np.isfinite([fit.threshold, fit.slope_margin_95, fit.threshold_margin_95]).all()
    assert message.startswith("expected ")
