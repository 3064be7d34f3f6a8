"""The split subproblem P2 of one granted user, in closed form (paper B, section 5.2).

For a given batch b a granted user maximises O(n) = alpha F(n) - dL n over N_hat <= n <= N, where
dL = L_i(1) - L_e(b, G) is what a step on the device costs more than at the edge. With dL > 0 the stationary
points solve alpha a_F F (1 - F) = dL, a quadratic in F, so paper B needs no root finder
(docs/theory/split_offloading, section 1). The explicit model is in :mod:`formulations.split_offloading.models.p2`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.constraints.split_offloading.base import EDGE
from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import AccuracyFit, accuracy_slope, sigmoid
from formulations.split_offloading.domain import allowed_splits
from formulations.split_offloading.latency import edge_seconds_per_step
from formulations.split_offloading.parameters import SplitOffloading


class SplitRange(NamedTuple):
    """F and the range of splits, as the compiled kernels read them."""

    slope: float
    """a_F [1/step]."""
    threshold: float
    """b_F [steps]."""
    lower: float
    """N_hat [steps]."""
    total: float
    """N [steps]."""
    accuracy_at_lower: float
    """F(N_hat) [-]."""
    accuracy_at_total: float
    """F(N) [-]."""


class SplitsOfTasks(AccuracyFit, Protocol):
    """Data with the sigmoid and the range of splits, of one server or of several."""

    @property
    def min_local_steps(self) -> int:
        """N_hat [steps]."""

    @property
    def total_steps(self) -> int:
        """N [steps]."""


def split_range(data: SplitsOfTasks) -> SplitRange:
    """F and the range of splits of a snapshot."""
    return _range_of(data.pai_slope, data.pai_threshold, float(data.min_local_steps), float(data.total_steps))


@lru_cache(maxsize=16)
def _range_of(slope: float, threshold: float, lower: float, total: float) -> SplitRange:
    """The range of splits, kept: snapshots share it, and for a few users it takes as long as their scan."""
    at_lower, at_total = sigmoid(slope, threshold, np.array([lower, total])).tolist()
    return SplitRange(slope, threshold, lower, total, at_lower, at_total)


def advantage_seconds(data: SplitOffloading, batch: float) -> FloatArray:
    """What a step at the edge saves, dL_i(b) = L_i(1) - L_e(b, G) [s], shape (I,); negative on a fast device."""
    return np.asarray(data.local_seconds_per_step - edge_seconds_per_step(data, batch))


def best_splits(
    data: SplitOffloading, batch: float, users: NDArray[np.int64] | None = None, *, whole: bool = True
) -> FloatArray:
    """Optimal n_i [steps] of users that are granted in a batch of b.

    Parameters
    ----------
    data : SplitOffloading
        The snapshot.
    batch : float
        b [users].
    users : ndarray of int, optional
        Which users; all by default.
    whole : bool
        Whether n_i is a whole number, as in P1, or any number in [N_hat, N], as in the relaxation P2.

    Returns
    -------
    FloatArray
        One number for each of ``users``; NaN for a user whom a further constraint leaves no split in that batch.
    """
    advantage = advantage_seconds(data, batch)
    chosen = np.arange(data.users) if users is None else users
    splits = np.empty(chosen.size)
    if data.constraints:
        lower, upper = (end[chosen] for end in allowed_splits(data, EDGE, int(batch)))
        weight = data.accuracy_weight[chosen]
        fill_splits_within(weight, advantage[chosen], split_range(data), lower, upper, whole, splits)
        return splits
    fill_splits(data.accuracy_weight[chosen], advantage[chosen], split_range(data), whole, splits)
    return splits


def weight_range(data: SplitOffloading, batch: float) -> tuple[FloatArray, FloatArray]:
    """Range of alpha_i [s] within which a user trades accuracy for latency, paper B Remark 1.

    Below dL / F'(N_hat) the best split is N_hat, above dL / F'(N) it is N. This needs N_hat >= b_F: below b_F
    the objective is not concave, and where dL <= 0 every weight is above the range, which is then not positive.

    Returns
    -------
    tuple of FloatArray
        Lower and upper end, each of shape (I,).
    """
    advantage = advantage_seconds(data, batch)
    steepest, flattest = accuracy_slope(data, np.array([data.min_local_steps, data.total_steps], dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):  # F' underflows to 0 far from b_F
        return advantage / steepest, advantage / flattest


@compiled
def stationary_split(weight: float, advantage: float, curve: SplitRange) -> float:
    """Larger root of alpha F'(n) = dL [steps], the only local maximum of O; NaN where there is none.

    With q = dL / (alpha a_F) and w = sqrt(1 - 4 q), F = (1 + w) / 2 and 1 - F = 2 q / (1 + w), so that
    n = b_F + ln(F / (1 - F)) / a_F = b_F + ln((1 + w)^2 / (4 q)) / a_F without cancellation.

    Parameters
    ----------
    weight, advantage : float
        alpha_i [s] and dL > 0 [s].
    curve : SplitRange
        a_F, b_F.
    """
    steepest = 0.25 * weight * curve.slope
    if steepest < advantage:
        return np.nan
    ratio = advantage / steepest
    if ratio == 0.0:
        return np.inf
    odds = np.log((1.0 + np.sqrt(1.0 - ratio)) ** 2 / ratio)
    return float(curve.threshold + odds / curve.slope)


@compiled
def best_split(weight: float, advantage: float, curve: SplitRange, whole: bool) -> tuple[float, float]:
    """Split that maximises O(n) = alpha F(n) - dL n over [N_hat, N] [steps], and F there; of two, the larger.

    The objective falls, rises to the stationary point and falls again (or does only the last of these), so the
    best split is an end of the range or the stationary point; where splits are whole, one of the two whole numbers
    around it. For N_hat >= b_F the first fall is missing, and the lower end need not be compared.

    Parameters
    ----------
    weight, advantage : float
        alpha_i [s] and dL [s].
    curve : SplitRange
        a_F, b_F, N_hat and N.
    whole : bool
        Whether n is a whole number.
    """
    if advantage <= 0.0:
        return curve.total, curve.accuracy_at_total
    top = stationary_split(weight, advantage, curve)
    if np.isnan(top):
        return curve.lower, curve.accuracy_at_lower
    split, value = curve.total, curve.accuracy_at_total
    if top < curve.total:
        split = max(np.ceil(top) if whole else top, curve.lower)
        value = accuracy(curve, split)
        below = np.floor(top)
        if whole and curve.lower <= below < split:
            other = accuracy(curve, below)
            if weight * (value - other) < advantage * (split - below):
                split, value = below, other
    falls_first = curve.lower < curve.threshold
    if falls_first and weight * (value - curve.accuracy_at_lower) < advantage * (split - curve.lower):
        return curve.lower, curve.accuracy_at_lower
    return split, value


@compiled
def accuracy(curve: SplitRange, split: float) -> float:
    """F(n) = 1 / (1 + exp(-a_F (n - b_F))) [-]."""
    return float(1.0 / (1.0 + np.exp(-curve.slope * (split - curve.threshold))))


@compiled
def fill_splits(
    weight: FloatArray, advantage: FloatArray, curve: SplitRange, whole: bool, splits: FloatArray
) -> None:
    """Write the best split of every user to ``splits``, see :func:`best_split`."""
    for i in range(splits.size):
        splits[i], _ = best_split(weight[i], advantage[i], curve, whole)


@compiled
def fill_splits_within(
    weight: FloatArray,
    advantage: FloatArray,
    curve: SplitRange,
    lower: FloatArray,
    upper: FloatArray,
    whole: bool,
    splits: FloatArray,
) -> None:
    """Write the best split of every user within its own interval to ``splits``; NaN where that is empty."""
    for i in range(splits.size):
        splits[i] = np.nan
        if lower[i] <= upper[i]:
            first, total = lower[i], upper[i]
            own = SplitRange(
                curve.slope, curve.threshold, first, total, accuracy(curve, first), accuracy(curve, total)
            )
            splits[i], _ = best_split(weight[i], advantage[i], own, whole)
