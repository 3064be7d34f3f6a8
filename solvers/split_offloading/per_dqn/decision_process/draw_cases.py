"""Draws many snapshots at once, from the distribution of :mod:`instances.generation.generator`.

A network is trained on snapshots of one stream of random numbers and measured on those of another, which no
training can reach whatever its seed; the instances of the library come from neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Literal, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from formulations.fields import FloatArray
from formulations.split_offloading.gain import Users, edge_of, users_of
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import SplitRange, split_range
from instances.calibration.devices import find, read_devices
from instances.generation.split_draws import device_choices, snapshot, weight_intervals
from instances.generation.split_scenario import SplitScenario
from solvers.split_offloading.exact.batch_scan_many import Snapshots
from solvers.split_offloading.per_dqn.decision_process.cases import Cases

Stream = Literal["training", "evaluation"]
"""What random numbers are for."""

Choices = Annotated[tuple[int, ...], Field(min_length=1)]
"""Values to draw from; the annotation is read where a distribution comes from a file."""


@dataclass(frozen=True)
class Distribution:
    """What snapshots are drawn from: numbers of users, GPUs and B_max, and the published scenario for the rest.

    Attributes
    ----------
    users : tuple of int
        Fewest and most users, every number between them equally likely.
    gpus, max_batch : tuple of int
        Values of G and B_max, all equally likely and independent; G of every server, B_max of all of a snapshot.
    servers : tuple of int, optional
        Fewest and most edge servers, every number between them equally likely, of snapshots as
        :mod:`instances.generation.multi_edge` makes them; None for one server, as in paper B.
    scenario : SplitScenario
        Everything else; its own ``gpus`` and ``max_batch`` are not used.
    """

    users: tuple[int, int] = (4, 20)
    gpus: Choices = (1, 2, 4, 8)
    max_batch: Choices = (20,)
    servers: tuple[int, int] | None = None
    scenario: SplitScenario = field(default_factory=SplitScenario)


BINDING = (1, 2, 3, 5, 8, 20)
"""Values of B_max of which the smaller ones bind; the published distribution has B_max = 20, which never does."""

PUBLISHED = Distribution(users=(4, 40))
"""General scope of paper B as published: up to 40 users, B_max = 20."""

MIXED = Distribution(max_batch=BINDING)
"""4 to 20 users, every G, and B_max from one that always binds to one that never does."""


class Devices(NamedTuple):
    """What is drawn per user beside the wait, for each of D devices and one G.

    Attributes
    ----------
    local_seconds : FloatArray
        L_i(1) [s], shape (D,).
    weight_low, weight_high : FloatArray
        Ends of alpha_i's interval [s], shape (D,).
    transmission : float
        (s^p + s^m) / (eta W_max) [s].
    per_item, base : float
        k_e / G and h_e [s].
    curve : SplitRange
        F and the range of splits.
    """

    local_seconds: FloatArray
    weight_low: FloatArray
    weight_high: FloatArray
    transmission: float
    per_item: float
    base: float
    curve: SplitRange


def generator(seed: int, stream: Stream) -> np.random.Generator:
    """Random numbers of a stream: equal for equal seeds, and never those of the other stream with any seed."""
    key = crc32(f"per_dqn.{stream}".encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(key,))))


def draw_cases(distribution: Distribution, size: int, random: np.random.Generator) -> Cases:
    """Draw S cases with one server, padded to the most users of the distribution.

    Raises
    ------
    InstanceError
        If the scenario cannot be used, naming the argument.
    """
    least, most = distribution.users
    count = random.integers(least, most, size, endpoint=True)
    gpus = random.integers(len(distribution.gpus), size=size)
    max_batch = np.asarray(distribution.max_batch, dtype=np.int64)[
        random.integers(len(distribution.max_batch), size=size)
    ]
    share = random.random((3, size, most))
    return place_users(distribution.scenario, distribution.gpus, gpus, count, max_batch, share)


def place_users(
    scenario: SplitScenario,
    gpus: Sequence[int],
    which: NDArray[np.int64],
    count: NDArray[np.int64],
    max_batch: NDArray[np.int64],
    share: FloatArray,
) -> Cases:
    """Turn uniform numbers into users as :func:`instances.generation.split_draws.snapshot` does, but unrounded.

    Parameters
    ----------
    scenario : SplitScenario
        What is the same for all cases.
    gpus : sequence of int
        Values of G.
    which : NDArray of int64
        Position of each case's G among them, shape (S,).
    count, max_batch : NDArray of int64
        I and B_max of each case, shape (S,).
    share : FloatArray
        Numbers in [0, 1) for device, alpha_i and k_i, shape (3, S, I).
    """
    tables = [devices_of(replace(scenario, gpus=number)) for number in gpus]
    local, weight = np.zeros(share.shape[1:]), np.zeros(share.shape[1:])
    for position, table in enumerate(tables):
        rows = which == position
        device = np.floor(share[0, rows] * table.local_seconds.size).astype(np.int64)
        local[rows] = table.local_seconds[device]
        span = table.weight_high - table.weight_low
        weight[rows] = table.weight_low[device] + share[1, rows] * span[device]
    asked = 1.0 + np.floor(share[2] * scenario.slots)
    wait = (scenario.slots - asked) * scenario.slot_seconds
    transmission = np.full(wait.shape, tables[0].transmission)
    real = np.arange(wait.shape[1]) < count[:, None]
    snapshots = Snapshots(
        users=Users(*(np.where(real, array, 0.0) for array in (weight, local, transmission))),
        user_count=count,
        per_item=np.array([table.per_item for table in tables])[which],
        base=np.array([table.base for table in tables])[which],
        max_batch=max_batch,
        curve=tables[0].curve,
    )
    return Cases(snapshots, np.where(real, wait, 0.0))


@cache
def devices_of(scenario: SplitScenario) -> Devices:
    """Read what the scenario gives to users of each device of the table that comes with the package."""
    table = read_devices().devices
    edge_device = find(table, "edge_device", scenario.edge_device)
    names = [device.device for device in device_choices(scenario, table, edge_device)]
    fields, _ = snapshot(scenario, len(names), 0, table, {"device": names})
    data = SplitOffloading.model_validate(fields)
    low, high, _ = weight_intervals(scenario, data)
    edge = edge_of(data)
    transmission = float(users_of(data).transmission[0])
    return Devices(
        data.local_seconds_per_step, low, high, transmission, edge.per_item, edge.base, split_range(data)
    )
