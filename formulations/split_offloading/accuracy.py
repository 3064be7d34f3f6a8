"""The personalised accuracy index over the split point (paper B, section 3.4.2, Fig. 4b)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.special import expit

from formulations.fields import FloatArray


class AccuracyFit(Protocol):
    """Data with the fitted sigmoid, of one server or of several."""

    @property
    def pai_slope(self) -> float:
        """a_F [1/step]."""

    @property
    def pai_threshold(self) -> float:
        """b_F [steps]."""


def accuracy_index(data: AccuracyFit, split: FloatArray) -> FloatArray:
    """F(n) = 1 / (1 + exp(-a_F (n - b_F))) [-], the sigmoid fitted to the index (1); n in steps, any shape."""
    return sigmoid(data.pai_slope, data.pai_threshold, split)


def sigmoid(slope: float, threshold: float, split: FloatArray) -> FloatArray:
    """1 / (1 + exp(-a (n - b))) [-], any shape."""
    return np.asarray(expit(slope * (split - threshold)))


def accuracy_slope(data: AccuracyFit, split: FloatArray) -> FloatArray:
    """F'(n) = a_F F(n) (1 - F(n)) [1/step]; 1 - F is taken from the other side, where it does not cancel."""
    exponent = data.pai_slope * (split - data.pai_threshold)
    return np.asarray(data.pai_slope * expit(exponent) * expit(-exponent))
