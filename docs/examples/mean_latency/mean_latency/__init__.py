"""Mean latency: the computation times of all users, wherever they run, may not exceed a limit on average."""

from __future__ import annotations

from typing import Literal

import numpy as np

from formulations.constraints.step_allocation.base import TOLERANCE, Row, StepConstraint
from formulations.fields import Positive
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL


class MeanLatency(StepConstraint):
    """(1/N) sum_n (1 - a_n) T_{n,0}(s_n) + a_n T_{n,1}(s_n) <= most_seconds, with the time of paper A (3)."""

    type: Literal["mean_latency"]
    """Which constraint it is."""
    most_seconds: Positive
    """Longest mean computation time [s]."""

    title = "mean latency"
    unit = "s"
    limit = "most_seconds"

    def rows(self, data):
        """Mean of dt_{n,0} (1 - a_n) s_n + dt_{n,1} a_n s_n [s]."""
        share = self.named(data.users) / self.named(data.users).sum()
        local, edge = (share * costs.seconds_per_step(data, place) for place in (LOCAL, EDGE))
        return (Row(np.zeros(data.users), local, edge, self.most_seconds),)

    def violation(self, data, solution):
        """Mean time beyond the limit [s]."""
        local, edge = (costs.time_seconds(data, solution["s"], place) for place in (LOCAL, EDGE))
        taken = (1.0 - solution["a"]) * local + solution["a"] * edge
        return np.mean(taken[self.named(data.users)]) - self.most_seconds

    def tolerance(self, data):
        """Share of the limit that counts as rounding [s]."""
        return TOLERANCE * self.most_seconds
