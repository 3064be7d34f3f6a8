"""Battery budget: the steps on a user's device may not draw more energy than a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Interval, tolerance_of
from formulations.constraints.split_offloading.base import TOLERANCE, SplitConstraint
from formulations.fields import FloatArray, PositivePerUser
from formulations.split_offloading.latency import local_seconds
from formulations.split_offloading.parameters import SplitOffloading


class BatteryBudget(SplitConstraint):
    """n_i L_i(1) P_i <= most_joules_i, with a device that draws P_i while it computes.

    Paper B has no energy; sending and receiving are not counted.
    """

    type: Literal["battery_budget"]
    """Which constraint it is."""
    device_watts: PositivePerUser
    """P_i [W], what the device draws while it computes."""
    most_joules: PositivePerUser
    """Most energy that the denoising steps may take from the device [J]."""

    title = "battery budget"
    unit = "J"
    limit = "most_joules"

    def interval(self, data: SplitOffloading, place: int, batch: int) -> Interval:
        """Splits n_i <= most_joules / (L_i(1) P_i) [steps], whatever the place and the batch."""
        budget = self.spread(self.most_joules, data.users, np.inf)
        return Interval(np.full(data.users, -np.inf), budget / self._joules(data, np.ones(data.users)))

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Energy above the budget [J], shape (I,)."""
        return self._joules(data, solution["n"]) - self.spread(self.most_joules, data.users, np.inf)

    def tolerance(self, data: SplitOffloading) -> float:
        return tolerance_of(self.most_joules, TOLERANCE)

    def _joules(self, data: SplitOffloading, split: FloatArray) -> FloatArray:
        """Energy of the steps on the device [J], shape (I,); 1 W for users that the constraint is not about."""
        return local_seconds(data, split) * self.spread(self.device_watts, data.users, 1.0)
