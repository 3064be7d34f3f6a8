"""Error ceiling: a user's average error may not exceed a limit, wherever its steps run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Interval, tolerance_of
from formulations.constraints.step_allocation.base import TOLERANCE, StepConstraint
from formulations.fields import FloatArray, PositivePerUser
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import StepAllocation
from formulations.step_allocation.quality.arrays import ERROR


class ErrorCeiling(StepConstraint):
    """err_n(s_n) <= most_error_n, with the error of paper A (4)."""

    type: Literal["error_ceiling"]
    """Which constraint it is."""
    most_error: PositivePerUser
    """Largest average error [-]."""

    title = "error ceiling"
    unit = "-"
    limit = "most_error"

    def interval(self, data: StepAllocation, place: int) -> Interval:
        """Smallest number of steps that keeps the error to the ceiling [steps], the same at both places."""
        ceiling = self.spread(self.most_error, data.users, np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            lower = ERROR.steps_to_leave(data.error_decay_per_step, ceiling / data.forward_error)
        lower = np.where(data.forward_error <= ceiling, -np.inf, lower)
        return Interval(lower, np.full(data.users, np.inf))

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Error above the ceiling [-], shape (N,)."""
        return costs.error(data, solution["s"]) - self.spread(self.most_error, data.users, np.inf)

    def tolerance(self, data: StepAllocation) -> float:
        return tolerance_of(self.most_error, TOLERANCE)
