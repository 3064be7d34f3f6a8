"""Utility floor: every user gets at least some utility, so that nobody pays for the others (fairness)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Interval, tolerance_of
from formulations.constraints.step_allocation.base import TOLERANCE, StepConstraint
from formulations.fields import FloatArray, SharePerUser
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import StepAllocation
from formulations.step_allocation.quality.arrays import UTILITY


class UtilityFloor(StepConstraint):
    """U_n(s_n) >= least_utility_n, with the utility of paper A (7)."""

    type: Literal["utility_floor"]
    """Which constraint it is."""
    least_utility: SharePerUser
    """Smallest utility [-], below 1."""

    title = "utility floor"
    unit = "-"
    limit = "least_utility"

    def interval(self, data: StepAllocation, place: int) -> Interval:
        """Smallest number of steps that reaches the floor [steps], the same at both places."""
        floor = self.spread(self.least_utility, data.users, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            lower = UTILITY.steps_to_lose(data.utility_decay_per_step, floor)
        return Interval(np.where(floor > 0.0, lower, -np.inf), np.full(data.users, np.inf))

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Utility that is missing [-], shape (N,)."""
        return self.spread(self.least_utility, data.users, -np.inf) - costs.utility(data, solution["s"])

    def tolerance(self, data: StepAllocation) -> float:
        return tolerance_of(self.least_utility, TOLERANCE)
