"""Latency deadline: a user's image is there within a given time from its request, the wait included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import ROUNDING, Interval, tolerance_of
from formulations.constraints.split_offloading.base import EDGE, TOLERANCE, SplitConstraint
from formulations.fields import FloatArray, PositivePerUser
from formulations.split_offloading.latency import (
    edge_seconds,
    edge_seconds_per_step,
    latency_seconds,
    transmission_seconds,
)
from formulations.split_offloading.parameters import SplitOffloading


class LatencyDeadline(SplitConstraint):
    """L_i <= most_seconds_i, with the latency of paper B (6): wait, transmission, edge and device."""

    type: Literal["latency_deadline"]
    """Which constraint it is."""
    most_seconds: PositivePerUser
    """Longest latency from the request to the image [s]."""

    title = "latency deadline"
    unit = "s"
    limit = "most_seconds"

    def interval(self, data: SplitOffloading, place: int, batch: int) -> Interval:
        """Splits within the deadline [steps]; a denied user's latency is that of N steps on the device.

        In a batch of b, L_i = l^R + l^T + N L_e(b, G) + n_i (L_i(1) - L_e(b, G)): a step more on the device
        makes it longer where the device is slower than the edge, and shorter where it is faster.
        """
        deadline = self.spread(self.most_seconds, data.users, np.inf)
        at_least, per_step = data.wait_seconds, data.local_seconds_per_step
        if place == EDGE:
            all_at_edge = edge_seconds(data, np.zeros(data.users), batch)
            at_least = data.wait_seconds + transmission_seconds(data, batch) + all_at_edge
            per_step = data.local_seconds_per_step - edge_seconds_per_step(data, batch)
        spare = deadline * (1.0 + ROUNDING) - at_least
        with np.errstate(divide="ignore", invalid="ignore"):
            meets = spare / per_step
        lower = np.where(per_step < 0.0, meets, -np.inf)
        upper = np.where(per_step > 0.0, meets, np.inf)
        never = (per_step == 0.0) & (spare < 0.0)
        return Interval(np.where(never, np.inf, lower), upper)

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Latency above the deadline [s], shape (I,)."""
        latency = latency_seconds(data, solution["x"], solution["n"])
        return latency - self.spread(self.most_seconds, data.users, np.inf)

    def tolerance(self, data: SplitOffloading) -> float:
        return tolerance_of(self.most_seconds, TOLERANCE)
