"""Runs a horizon: a method decides every interval, and each request is followed to its image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.multi_edge_offloading import latency as several
from formulations.multi_edge_offloading.snapshots import server_snapshot
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
from solvers.split_offloading.rolling_horizon.horizon import Horizon, Snapshot

if TYPE_CHECKING:
    import pandas as pd

REQUEST = np.dtype(
    [
        ("interval", np.int64),  # in which it was sent, from 1 on
        ("sent_seconds", np.float64),  # when it was sent
        ("granted", np.bool_),  # x_i
        ("server", np.int64),  # where, counted from 0; -1 on the device
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


@dataclass(frozen=True, repr=False, eq=False)
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
        How long a batch of a server ran, on average over the servers, and when the last image was there [s].
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

    def __repr__(self) -> str:
        return f"<Simulated {self.method!r}: {self.requests.size} requests>"

    def __str__(self) -> str:
        granted, latency = self.requests["granted"], self.requests["latency_seconds"]
        if not granted.size:
            return f"{self.method}: no requests"
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
    """Simulate a horizon with one method of split offloading, with one server or several.

    Parameters
    ----------
    horizon : Horizon
        What is simulated.
    method_name : str
        A method of the problem that the horizon poses.
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
    method = registry.method(method_name, horizon.problem)
    clock = simpy.Environment()
    edges: list[Edge] = []
    followed: list[np.ndarray] = []
    decision_seconds: list[float] = []

    def intervals() -> Any:
        for number, data in horizon.snapshots(read_devices() if devices is None else devices):
            end = number * horizon.interval_seconds
            yield clock.timeout(end - clock.now)
            if data is None:
                continue
            edges.extend(_idle(clock, horizon, data) if not edges else ())
            if horizon.when_busy == "deny":
                data = without_busy(data, edges)
            server, split, seconds = decide(method, number, data, limits or Limits(), horizon.seed)
            decision_seconds.append(seconds)
            requests = follow(data, server, split, number, end)
            followed.append(requests)
            tell(number)
            for place in np.unique(server[server >= 0]).tolist():
                seen = data if isinstance(data, SplitOffloading) else server_snapshot(data, place)
                here = (server == place).astype(np.float64)
                clock.process(edges[place].run(seen, here, split, _notice(requests, data, split, end)))

    clock.process(intervals())
    clock.run()
    requests = np.concatenate(followed) if followed else np.empty(0, dtype=REQUEST)
    finished = requests["sent_seconds"] + requests["latency_seconds"]
    return Simulated(
        method=method.name,
        requests=requests,
        decision_seconds=np.array(decision_seconds),
        busy_seconds=float(np.mean([edge.busy_seconds for edge in edges])) if edges else 0.0,
        end_seconds=float(finished.max(initial=0.0)),
    )


def _idle(clock: simpy.Environment, horizon: Horizon, data: Snapshot) -> list[Edge]:
    """The servers before the first batch."""
    alone = horizon.when_busy != "ignore"
    if isinstance(data, SplitOffloading):
        return [Edge(clock, horizon.gpus_at, alone=alone)]
    return [Edge(clock, partial(_always, int(gpus)), alone=alone) for gpus in data.gpus]


def _always(gpus: int, seconds: float) -> int:
    """GPUs of a server that keeps them."""
    return gpus


def without_busy(data: Snapshot, edges: Sequence[Edge]) -> Snapshot:
    """The snapshot in which no server takes anybody that is still busy with an earlier batch."""
    if isinstance(data, SplitOffloading):
        return data.replaced({"max_batch": 0}) if edges[0].busy else data
    busy = np.array([edge.busy for edge in edges])
    return data.replaced({"max_batch": np.where(busy, 0.0, data.max_batch)})


def decide(
    method: Method, number: int, data: Snapshot, limits: Limits, seed: int
) -> tuple[NDArray[np.int64], FloatArray, float]:
    """Server of each user, -1 for none, and n of a method for one interval, and the time that it took [s].

    Both are checked by the evaluator.
    """
    result = run(method, Case(f"interval {number}", "", data.problem, data), limits, seed)
    if result.solution is None or result.evaluation is None or not result.evaluation.feasible:
        raise Undecided(f"{method.name} decided nothing for interval {number}: {result.reason or result.status}")
    split = np.asarray(np.round(result.solution["n"]), dtype=np.float64)
    if data.problem == "split_offloading":
        return np.round(result.solution["x"]).astype(np.int64) - 1, split, result.seconds
    return np.round(result.solution["server"]).astype(np.int64), split, result.seconds


def follow(data: Snapshot, server: NDArray[np.int64], split: FloatArray, number: int, end: float) -> np.ndarray:
    """Records of an interval's requests; those of granted users are complete once the edge is done with them."""
    requests = np.zeros(data.users, dtype=REQUEST)
    requests["interval"] = number
    requests["sent_seconds"] = end - data.wait_seconds
    requests["granted"] = server >= 0
    requests["server"] = server
    requests["split"] = split
    requests["pai"] = accuracy_index(data, split)
    requests["weight"] = data.accuracy_weight
    if isinstance(data, SplitOffloading):
        requests["model_seconds"] = latency_seconds(data, (server >= 0).astype(np.float64), split)
    else:
        requests["model_seconds"] = several.latency_seconds(data, server, split)
    requests["latency_seconds"] = np.where(requests["granted"], np.nan, requests["model_seconds"])
    return requests


def _notice(
    requests: np.ndarray, data: Snapshot, split: FloatArray, end: float
) -> Callable[[int, float, float], None]:
    """Complete the record of a user whose latent is back: the steps on its own device are left."""

    def done(user: int, started: float, finished: float) -> None:
        local = float(split[user] * data.local_seconds_per_step[user])
        requests["queue_seconds"][user] = started - end
        requests["latency_seconds"][user] = finished + local - requests["sent_seconds"][user]

    return done
