"""The line L(b) = k b + h through measured times of a denoising step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import linregress
from scipy.stats import t as student

from formulations.fields import FloatArray


class Timing(NamedTuple):
    """One measured step.

    Attributes
    ----------
    batch : int
        Images in the batch.
    repetition : int
        Which repetition, from 1.
    seconds : float
        Time of the step [s].
    """

    batch: int
    repetition: int
    seconds: float


@dataclass(frozen=True)
class LatencyFit:
    """L(b) = k b + h by least squares over all timings (paper B, section 3.3 and Fig. 3).

    Attributes
    ----------
    per_item, base : float
        k and h [s].
    per_item_margin_95, base_margin_95 : float
        Half-widths of their 95 % confidence intervals [s].
    r_squared : float
        Share of the variance of the timings that the line explains.
    """

    per_item: float
    base: float
    per_item_margin_95: float
    base_margin_95: float
    r_squared: float

    def seconds(self, batch: FloatArray | float) -> FloatArray:
        """L(b) [s], any shape."""
        return np.asarray(self.per_item * np.asarray(batch) + self.base)

    @property
    def plausible(self) -> bool:
        """Whether neither k nor h is negative, as a latency model needs."""
        return self.per_item >= 0.0 and self.base >= 0.0


def fit_latency(timings: Sequence[Timing]) -> LatencyFit:
    """Fit the line.

    Raises
    ------
    ValueError
        If there are fewer than three timings or only one batch size.
    """
    batch = np.array([timing.batch for timing in timings], dtype=np.float64)
    seconds = np.array([timing.seconds for timing in timings])
    if batch.size < 3 or np.unique(batch).size < 2:
        raise ValueError("expected at least three timings of at least two batch sizes, got fewer")
    line = linregress(batch, seconds)
    quantile = float(student.ppf(0.975, batch.size - 2))
    return LatencyFit(
        per_item=float(line.slope),
        base=float(line.intercept),
        per_item_margin_95=quantile * float(line.stderr),
        base_margin_95=quantile * float(line.intercept_stderr),
        r_squared=float(line.rvalue) ** 2,
    )


def quartiles(timings: Sequence[Timing], batch: int) -> tuple[float, float, float]:
    """Return the lower quartile, median and upper quartile of the steps at one batch size [s]."""
    seconds = [timing.seconds for timing in timings if timing.batch == batch]
    low, middle, high = np.quantile(seconds, [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)
