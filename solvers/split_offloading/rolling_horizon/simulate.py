"""Runs a horizon: a method decides every interval, and each request is followed to its image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from formulations.fields import FloatArray
from formulations.runtime.program import CommandError
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.latency import latency_seconds
from formulations.split_offloading.parameters import SplitOffloading
from instances.calibration.devices import DeviceTable, read_devices
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.core.run import Case, run
from solvers.split_offloading.rolling_horizon.edge import Edge
from solvers.split_offloading.rolling_horizon.horizon import Horizon

if TYPE_CHECKING:
    import pandas as pd

REQUEST = np.dtype(
    [
        ("interval", np.int64),  # in which it was sent, from 1 on
        ("sent_seconds", np.float64),  # when it was sent
        ("granted", np.bool_),  # x_i
        ("split", np.int64),  # n_i [steps]
        ("pai", np.float64),  # F(n_i) [-]
        ("weight", np.float64),  # alpha_i [s]
        ("model_seconds", np.float64),  # L_i of paper B (6), which takes the first batch for all steps
        ("queue_seconds", np.float64),  # from the decision to the first step at the edge, prompt included
        ("latency_seconds", np.float64),  # from the request to the image
    ]
)
"""What is known of a request in the end."""


class Undecided(CommandError, RuntimeError):  # noqa: N818 - as Unsupported, an outcome rather than a fault
    """A method gave no decision for an interval; the message says which and why."""


@dataclass(frozen=True)
class Simulated:
    """A horizon as it went.

    Attributes
    ----------
    method : str
        Who decided.
    requests : ndarray of REQUEST
        Every request, in the order of the intervals.
    decision_seconds : FloatArray
        Time that the method took for each interval with requests [s]; it does not count in any latency.
    busy_seconds, end_seconds : float
        How long some batch ran, and when the last image was there [s].
    """

    method: str
    requests: np.ndarray
    decision_seconds: FloatArray
    busy_seconds: float
    end_seconds: float

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row per request, with units in the names."""
        import pandas as pd

        return pd.DataFrame({name: self.requests[name] for name in REQUEST.names or ()})

    def __str__(self) -> str:
        granted, latency = self.requests["granted"], self.requests["latency_seconds"]
        return (
            f"{self.method}: {granted.size} requests, {granted.sum()} granted\n"
            f"latency    {latency.mean():.3f} s on average, {latency.max(initial=0.0):.3f} s at most\n"
            f"accuracy   {self.requests['pai'].mean():.4f} on average\n"
            f"edge busy  {100.0 * self.busy_seconds / self.end_seconds:.1f} % of {self.end_seconds:.0f} s\n"
            f"decisions  {1e3 * self.decision_seconds.mean():.3f} ms on average"
        )


def simulate(
    horizon: Horizon,
    method_name: str = "batch-scan",
    limits: Limits | None = None,
    devices: DeviceTable | None = None,
    tell: Callable[[int], None] = lambda interval: None,
) -> Simulated:
    """Simulate a horizon with one method of split offloading.

    Parameters
    ----------
    horizon : Horizon
        What is simulated.
    method_name : str
        A method of the registry.
    limits : Limits, optional
        Limits of every decision.
    devices : DeviceTable, optional
        Table in place of ``devices.csv``.
    tell : callable
        Told the number of every interval once it is decided.

    Raises
    ------
    KeyError
        If there is no such method.
    Undecided
        If the method gives no feasible decision for an interval.
    """
    method = registry.method(method_name, "split_offloading")
    clock = simpy.Environment()
    edge = Edge(clock, horizon.gpus_at, alone=horizon.when_busy != "ignore")
    followed: list[np.ndarray] = []
    decision_seconds: list[float] = []

    def intervals() -> Any:
        for number, data in horizon.snapshots(read_devices() if devices is None else devices):
            end = number * horizon.interval_seconds
            yield clock.timeout(end - clock.now)
            if data is None:
                continue
            if horizon.when_busy == "deny" and edge.busy:
                data = data.replaced({"max_batch": 0})
            granted, split, seconds = decide(method, number, data, limits or Limits(), horizon.seed)
            decision_seconds.append(seconds)
            requests = follow(data, granted, split, number, end)
            followed.append(requests)
            tell(number)
            if granted.any():
                clock.process(edge.run(data, granted, split, _notice(requests, data, split, end)))

    clock.process(intervals())
    clock.run()
    requests = np.concatenate(followed) if followed else np.empty(0, dtype=REQUEST)
    finished = requests["sent_seconds"] + requests["latency_seconds"]
    return Simulated(
        method=method.name,
        requests=requests,
        decision_seconds=np.array(decision_seconds),
        busy_seconds=edge.busy_seconds,
        end_seconds=float(finished.max(initial=0.0)),
    )


def decide(
    method: Method, number: int, data: SplitOffloading, limits: Limits, seed: int
) -> tuple[FloatArray, FloatArray, float]:
    """Decision x and n of a method for one interval, checked by the evaluator, and the time that it took [s]."""
    result = run(method, Case(f"interval {number}", "", "split_offloading", data), limits, seed)
    if result.solution is None or result.evaluation is None or not result.evaluation.feasible:
        raise Undecided(f"{method.name} decided nothing for interval {number}: {result.reason or result.status}")
    granted, split = (np.asarray(np.round(result.solution[name]), dtype=np.float64) for name in ("x", "n"))
    return granted, split, result.seconds


def follow(data: SplitOffloading, granted: FloatArray, split: FloatArray, number: int, end: float) -> np.ndarray:
    """Records of an interval's requests; those of granted users are complete once the edge is done with them."""
    requests = np.zeros(data.users, dtype=REQUEST)
    requests["interval"] = number
    requests["sent_seconds"] = end - data.wait_seconds
    requests["granted"] = granted > 0.5
    requests["split"] = split
    requests["pai"] = accuracy_index(data, split)
    requests["weight"] = data.accuracy_weight
    requests["model_seconds"] = latency_seconds(data, granted, split)
    requests["latency_seconds"] = np.where(requests["granted"], np.nan, requests["model_seconds"])
    return requests


def _notice(
    requests: np.ndarray, data: SplitOffloading, split: FloatArray, end: float
) -> Callable[[int, float, float], None]:
    """Complete the record of a user whose latent is back: the steps on its own device are left."""

    def done(user: int, started: float, finished: float) -> None:
        local = float(split[user] * data.local_seconds_per_step[user])
        requests["queue_seconds"][user] = started - end
        requests["latency_seconds"][user] = finished + local - requests["sent_seconds"][user]

    return done
