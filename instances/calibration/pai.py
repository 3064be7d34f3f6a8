"""The personalised accuracy index of paper B, section 3.4.2: the metric (1) and the sigmoid fitted to it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import curve_fit
from scipy.special import expit, logit
from scipy.stats import t as student

from formulations.fields import FloatArray

SCALE = 3.0
"""kappa [-] of (1)."""

PERSONALISATION_SLOPE = 30.0
"""a [-] of sigma_P in (1)."""

PERSONALISATION_THRESHOLD = 0.1
"""b [-] of sigma_P in (1), the LPIPS at which personalisation shifts most."""

_SMALLEST_SPAN = 1e-3
"""Steps below which splits are the same; they are whole numbers where they are measured."""


@dataclass(frozen=True)
class AccuracyFit:
    """F(n) = 1 / (1 + exp(-a_F (n - b_F))) fitted to points of the index over the split point.

    Attributes
    ----------
    slope : float
        a_F [1/step].
    threshold : float
        b_F [steps].
    slope_margin_95, threshold_margin_95 : float
        Half-widths of their 95 % confidence intervals; NaN where they are not known.
    r_squared : float
        Share of the variance of the index that the sigmoid explains; NaN where it is not known.
    """

    slope: float
    threshold: float
    slope_margin_95: float = np.nan
    threshold_margin_95: float = np.nan
    r_squared: float = np.nan


PUBLISHED_FIT = AccuracyFit(slope=0.0413, threshold=71.44)
"""The fit of Fig. 4b, over 10 prompts with 20 images each; its points are not published."""


def mean_pairwise(distances: FloatArray) -> FloatArray:
    """LPIPS-bar = E_{i < i'} LPIPS(m_i, m_i') [-] from a matrix of all pairs, shape (..., I, I) to (...).

    Raises
    ------
    ValueError
        If there are fewer than two users or the last two axes differ.
    """
    users = distances.shape[-1]
    if users < 2 or distances.shape[-2:] != (users, users):
        raise ValueError(f"expected a square matrix of at least two users, got shape {distances.shape}")
    first, second = np.triu_indices(users, k=1)
    return np.asarray(distances[..., first, second].mean(axis=-1))


def personalisation(
    mean_lpips: FloatArray,
    slope: float = PERSONALISATION_SLOPE,
    threshold: float = PERSONALISATION_THRESHOLD,
) -> FloatArray:
    """sigma_P(x) = 1 / (1 + exp(-a (x - b))) [-] of x = LPIPS-bar, any shape (section 3.4.2, above (1))."""
    return np.asarray(expit(slope * (mean_lpips - threshold)))


def accuracy_index_measured(clip: FloatArray, mean_lpips: FloatArray, scale: float = SCALE) -> FloatArray:
    """PAI = kappa E_i[CLIP(p_i, m_i)] sigma_P(LPIPS-bar) [-], paper B (1).

    Parameters
    ----------
    clip : FloatArray
        CLIP similarity of each user's prompt and image [-], shape (..., I).
    mean_lpips : FloatArray
        Mean LPIPS distance of the users' images [-], shape (...), see :func:`mean_pairwise`.
    scale : float
        kappa [-].
    """
    return np.asarray(scale * clip.mean(axis=-1) * personalisation(mean_lpips))


def fit_accuracy(split: FloatArray, index: FloatArray) -> AccuracyFit:
    """Least-squares fit of the sigmoid F to points (split, index), with its confidence.

    Parameters
    ----------
    split : FloatArray
        n [steps], shape (points,).
    index : FloatArray
        Personalised accuracy index at n [-], shape (points,).

    Raises
    ------
    ValueError
        If the points do not determine a sigmoid that rises with the split: fewer than three, numbers that are not
        finite, fewer than two distinct splits, or an index that does not rise.
    """
    split, index = np.asarray(split, dtype=np.float64), np.asarray(index, dtype=np.float64)
    if split.ndim != 1 or split.shape != index.shape or split.size < 3:
        raise ValueError(f"expected at least three points, got {min(split.size, index.size)}")
    if not (np.isfinite(split).all() and np.isfinite(index).all()):
        raise ValueError("expected finite numbers, got others")
    if np.ptp(split) < _SMALLEST_SPAN:
        raise ValueError(f"expected at least two different splits, got only {split[0]:g}")
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # MINPACK on a flat curve
        warnings.simplefilter("error")
        try:
            optimum, covariance = curve_fit(_sigmoid, split, index, p0=_start(split, index), jac=_jacobian)
        except (RuntimeError, ValueError, Warning):  # no optimum, numbers beyond every float, splits too far apart
            raise ValueError("expected an index that follows a sigmoid, got points that none fits") from None
    slope, threshold = map(float, optimum)
    if not (slope > 0.0 and np.isfinite(threshold) and np.isfinite(covariance).all()):
        raise ValueError("expected an index that rises with the split as a sigmoid does, got another shape")
    quantile = student.ppf(0.975, split.size - 2)
    margins = quantile * np.sqrt(np.diag(covariance))
    left = float(np.sum((index - _sigmoid(split, slope, threshold)) ** 2))
    total = float(np.sum((index - index.mean()) ** 2))
    return AccuracyFit(
        slope, threshold, float(margins[0]), float(margins[1]), 1.0 - left / total if total > 0.0 else np.nan
    )


def _sigmoid(split: FloatArray, slope: float, threshold: float) -> FloatArray:
    return np.asarray(expit(slope * (split - threshold)))


def _jacobian(split: FloatArray, slope: float, threshold: float) -> FloatArray:
    """Return derivatives of F by a_F and b_F, shape (points, 2)."""
    value = _sigmoid(split, slope, threshold)
    return np.stack([(split - threshold), np.full_like(split, -slope)], axis=-1) * (value * (1.0 - value))[:, None]


def _start(split: FloatArray, index: FloatArray) -> tuple[float, float]:
    """First guess, from a straight line through the log-odds of the index; exact where there is no noise."""
    slope, intercept = np.polyfit(split, logit(np.clip(index, 0.01, 0.99)), 1)
    return float(slope), -float(intercept) / float(slope or 1.0)
