"""PAI floor: a user's personalised accuracy index may not fall below a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from formulations.constraints.base import Interval, tolerance_of
from formulations.constraints.split_offloading.base import TOLERANCE, SplitConstraint
from formulations.fields import FloatArray, SharePerUser
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.parameters import SplitOffloading


class PaiFloor(SplitConstraint):
    """F(n_i) >= least_accuracy_i, with the sigmoid F of paper B, section 3.4.2."""

    type: Literal["pai_floor"]
    """Which constraint it is."""
    least_accuracy: SharePerUser
    """Least personalised accuracy index F [-], which stays below 1."""

    title = "PAI floor"
    unit = "-"
    limit = "least_accuracy"

    def interval(self, data: SplitOffloading, place: int, batch: int) -> Interval:
        """Splits n_i >= b_F + ln(f / (1 - f)) / a_F for a floor f [steps], whatever the place and the batch."""
        floor = self.spread(self.least_accuracy, data.users, 0.0)
        lower = data.pai_threshold + logit(floor) / data.pai_slope
        return Interval(lower, np.full(data.users, np.inf))

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Accuracy index below the floor [-], shape (I,)."""
        return self.spread(self.least_accuracy, data.users, 0.0) - accuracy_index(data, solution["n"])

    def tolerance(self, data: SplitOffloading) -> float:
        return tolerance_of(self.least_accuracy, TOLERANCE)
