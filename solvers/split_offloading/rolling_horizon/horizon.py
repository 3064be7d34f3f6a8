"""Data of a simulation: how long, who asks how often, and what the edge does while it is still busy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from formulations.errors import require
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.parameters import SplitOffloading
from instances.calibration.devices import DeviceTable
from instances.files.documents import validate
from instances.generation.multi_edge import Plane, drawn_fields
from instances.generation.split_draws import snapshot
from instances.generation.split_scenario import SplitScenario

Snapshot: TypeAlias = SplitOffloading | MultiEdgeOffloading
"""Requests of an interval, for one server or for several."""

WHEN_BUSY = ("queue", "deny", "ignore")
"""What happens to the requests of an interval that ends while an earlier batch still runs."""

_ARRIVALS, _SEEDS = 0, 1
"""Streams of random numbers: how many ask, and the seed of every interval's draws."""


@dataclass(frozen=True)
class Horizon:
    """A run of the periodic mechanism: requests gather for an interval, are decided at its end, and run.

    Attributes
    ----------
    scenario : SplitScenario
        What every interval's users are drawn from; its slots and their length make the interval.
    intervals : int
        Number of intervals in which requests arrive.
    users_per_interval : float
        Mean of the Poisson number of requests in an interval.
    when_busy : str
        ``queue``: a batch waits until the one before it is done. ``deny``: nobody is granted while a batch runs.
        ``ignore``: every batch finds the GPUs free, as the model of the paper has it.
    gpus : tuple of (float, int)
        GPUs G from a time [s] on, in the order of time; what is decided at a time knows the G of that time only.
        Empty for the scenario's G throughout; with several servers it has to be empty.
    plane : Plane, optional
        Several edge servers in place of one: they are drawn once, and users stand anywhere among them. The
        scenario says what users are drawn from, and how long an interval is.
    seed : int
        Seed of arrivals and users.

    Raises
    ------
    InstanceError
        Naming the argument that is out of range.
    """

    scenario: SplitScenario = field(default_factory=lambda: SplitScenario(slots=20, slot_seconds=3.0))
    intervals: int = 60
    users_per_interval: float = 20.0
    when_busy: str = "queue"
    gpus: tuple[tuple[float, int], ...] = ()
    plane: Plane | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        self.scenario.check()
        require("intervals", self.intervals, self.intervals >= 1, "a whole number >= 1")
        users = self.users_per_interval
        require("users_per_interval", users, 0.0 < users <= 1e6, "a number > 0 and <= 1e6")
        require("when_busy", self.when_busy, self.when_busy in WHEN_BUSY, f"one of {', '.join(WHEN_BUSY)}")
        require("seed", self.seed, self.seed >= 0, "a whole number >= 0")
        times = [time for time, _ in self.gpus]
        in_order = all(time >= 0.0 for time in times) and all(one < two for one, two in pairwise(times))
        require("gpus", self.gpus, in_order, "times >= 0 in order, each once")
        require("gpus", self.gpus, all(count >= 1 for _, count in self.gpus), "at least one GPU")

        own = self.plane is None or not self.gpus
        require("gpus", self.gpus, own, "none with several servers, which have theirs")
        if self.plane is not None:
            self.plane.check()

    @property
    def problem(self) -> str:
        """Problem that every interval poses."""
        return "split_offloading" if self.plane is None else "multi_edge_offloading"

    @property
    def interval_seconds(self) -> float:
        """Length K of an interval [s]."""
        return self.scenario.slots * self.scenario.slot_seconds

    def gpus_at(self, seconds: float) -> int:
        """G at a time."""
        current = self.scenario.gpus
        for since, count in self.gpus:
            if since <= seconds:
                current = count
        return current

    def snapshots(self, devices: DeviceTable) -> Iterator[tuple[int, Snapshot | None]]:
        """Every interval's number from 1 on, and the requests that it ends with; None where nobody asked.

        The same seed gives the same users whatever method decides about them.
        """
        counts = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(_ARRIVALS,)))
        seeds = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(_SEEDS,)))
        for interval in range(1, self.intervals + 1):
            users, seed = int(counts.poisson(self.users_per_interval)), int(seeds.integers(2**31))
            if users == 0:
                yield interval, None
                continue
            document = {"schema_version": 1, "name": f"interval {interval}"}
            fields = self._drawn(interval, users, seed, devices)
            yield interval, validate("", document | {self.problem: fields}).section(self.problem)

    def _drawn(self, interval: int, users: int, seed: int, devices: DeviceTable) -> dict[str, Any]:
        """Fields of an interval's snapshot."""
        if self.plane is not None:
            return drawn_fields(replace(self.plane, users=users), seed, self.seed, self.scenario, devices.devices)
        scenario = replace(self.scenario, gpus=self.gpus_at(interval * self.interval_seconds))
        return snapshot(scenario, users, seed, devices.devices, {})[0]
