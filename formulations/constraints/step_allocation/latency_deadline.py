"""Latency deadline: a user's computation time may not exceed a limit, wherever its steps run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Interval, tolerance_of
from formulations.constraints.step_allocation.base import TOLERANCE, StepConstraint
from formulations.fields import FloatArray, PositivePerUser
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation


class LatencyDeadline(StepConstraint):
    """T_{n,r}(s_n) = s_n dt_{n,r} <= most_seconds_n, with the time of paper A (3)."""

    type: Literal["latency_deadline"]
    """Which constraint it is."""
    most_seconds: PositivePerUser
    """Longest computation time [s]."""

    title = "latency deadline"
    unit = "s"
    limit = "most_seconds"

    def interval(self, data: StepAllocation, place: int) -> Interval:
        """Steps s_n <= most_seconds / dt_{n,r} [steps]."""
        deadline = self.spread(self.most_seconds, data.users, np.inf)
        return Interval(np.full(data.users, -np.inf), deadline / costs.seconds_per_step(data, place))

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Time beyond the deadline [s], shape (N,)."""
        local, edge = (costs.time_seconds(data, solution["s"], place) for place in (LOCAL, EDGE))
        taken = (1.0 - solution["a"]) * local + solution["a"] * edge
        return np.asarray(taken - self.spread(self.most_seconds, data.users, np.inf))

    def tolerance(self, data: StepAllocation) -> float:
        return tolerance_of(self.most_seconds, TOLERANCE)
