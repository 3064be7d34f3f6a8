"""Cases with several edge servers: those of instances, instances of them, and those that are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import edge_of, users_of
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.gain import Users
from formulations.split_offloading.split_point import SplitRange, split_range
from instances.calibration.devices import read_devices
from instances.generation.multi_edge import Plane, distances_on_grid, edge_choices, spectral_efficiency
from instances.generation.split_scenario import PUBLISHED
from solvers.split_offloading.exact.batch_scan_many import Snapshots
from solvers.split_offloading.per_dqn.decision_process.cases import Cases
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution, place_users
from solvers.split_offloading.per_dqn.decision_process.outlook import with_outlook


def cases_of_instances(scenarios: Sequence[MultiEdgeOffloading]) -> Cases:
    """Put validated instances side by side, padded to the most users and servers.

    Raises
    ------
    ValueError
        If they differ in F or in the range of splits.
    """
    curve = split_range(scenarios[0])
    if any(split_range(data) != curve for data in scenarios):
        raise ValueError("expected instances with the same F and range of splits")
    servers, width = max(data.servers for data in scenarios), max(data.users for data in scenarios)
    cases = _empty(len(scenarios), servers, width, curve)
    snapshots = cases.snapshots
    for number, data in enumerate(scenarios):
        rows = slice(number * servers, (number + 1) * servers)
        snapshots.user_count[rows] = data.users
        cases.wait[rows, : data.users] = data.wait_seconds
        for row, server in enumerate(range(data.servers), number * servers):
            for place, values in zip(snapshots.users, users_of(data, server), strict=True):
                place[row, : data.users] = values
            snapshots.per_item[row], snapshots.base[row] = edge_of(data, server)
            snapshots.max_batch[row] = int(data.largest_batch[server])
    return with_outlook(cases)


def _empty(size: int, servers: int, width: int, curve: SplitRange) -> Cases:
    """Cases without users, of servers that take nobody."""
    rows = size * servers
    users = Users(*(np.zeros((rows, width)) for _ in Users._fields))
    none = np.zeros(rows, dtype=np.int64)
    snapshots = Snapshots(users, none, np.zeros(rows), np.zeros(rows), none.copy(), curve)
    return Cases(snapshots, np.zeros((rows, width)), servers)


def instances_of_cases(cases: Cases) -> Iterator[MultiEdgeOffloading]:
    """Validated instances of the same problems, G and the bandwidth contained in k_j and in the efficiencies."""
    snapshots, curve = cases.snapshots, cases.snapshots.curve
    weight, local_seconds, transmission = (cases.by_server(values) for values in snapshots.users)
    wait, (per_item, base, most) = (
        cases.by_server(cases.wait),
        (cases.by_server(values) for values in (snapshots.per_item, snapshots.base, snapshots.max_batch)),
    )
    for number, count in enumerate(cases.user_count.tolist()):
        there = np.flatnonzero(most[number] > 0)
        yield MultiEdgeOffloading(
            users=count,
            servers=there.size,
            total_steps=int(curve.total),
            min_local_steps=int(curve.lower),
            pai_slope=curve.slope,
            pai_threshold=curve.threshold,
            accuracy_weight=weight[number, 0, :count],
            local_seconds_per_step=local_seconds[number, 0, :count],
            wait_seconds=wait[number, 0, :count],
            prompt_bits=np.zeros(count),
            latent_bits=np.ones(count),
            edge_seconds_per_step_per_item=per_item[number, there],
            edge_seconds_per_step_base=base[number, there],
            gpus=np.ones(there.size),
            max_batch=most[number, there].astype(np.float64),
            bandwidth_hz=np.ones(there.size),
            spectral_efficiency=1.0 / transmission[number, there, :count].T,
        )


def draw_servers(distribution: Distribution, size: int, random: np.random.Generator) -> Cases:
    """Draw S cases with several servers, padded to the most users and servers of the distribution.

    Raises
    ------
    InstanceError
        If the scenario cannot be used, naming the argument.
    """
    assert distribution.servers is not None
    least, most = distribution.users
    least, servers = distribution.servers
    count = random.integers(least, most, size, endpoint=True)
    there = random.integers(least, servers, size, endpoint=True)
    max_batch = np.asarray(distribution.max_batch, dtype=np.int64)[
        random.integers(len(distribution.max_batch), size=size)
    ]
    scenario = distribution.scenario
    asks = place_users(
        scenario, (scenario.gpus,), np.zeros_like(count), count, max_batch, random.random((3, size, most))
    )
    return place_servers(
        distribution, asks, there, random.random((2, size, servers)), random.random((size, most + servers, 2))
    )


def place_servers(
    distribution: Distribution, asks: Cases, there: np.ndarray, edge_share: FloatArray, where: FloatArray
) -> Cases:
    """Turn uniform numbers into servers as :mod:`instances.generation.multi_edge` does.

    Parameters
    ----------
    distribution : Distribution
        Gives the values of G.
    asks : Cases
        The users, and B_max of each case.
    there : NDArray of int64
        Servers of each case, shape (S,).
    edge_share : FloatArray
        Numbers in [0, 1) for the device and the GPUs of every server, shape (2, S, m).
    where : FloatArray
        Numbers in [0, 1) for x and y of the users, then of the servers, shape (S, I + m, 2).
    """
    size, servers = edge_share.shape[1:]
    plane, width = Plane(), asks.width
    choices = edge_choices(plane, read_devices().devices)
    line = np.array([(edge.seconds_per_step_per_item, edge.seconds_per_step_base) for edge in choices])
    device = line[np.floor(edge_share[0] * len(choices)).astype(np.int64)]
    gpus = np.array(distribution.gpus)[np.floor(edge_share[1] * len(distribution.gpus)).astype(np.int64)]
    cases = _empty(size, servers, width, asks.snapshots.curve)
    snapshots = cases.snapshots
    weight, local_seconds, _ = (np.repeat(values, servers, axis=0) for values in asks.snapshots.users)
    transmission = cases.by_server(snapshots.users.transmission)
    bits = float(PUBLISHED["prompt_bits"]) + float(PUBLISHED["latent_bits"])
    for number, (users, stand) in enumerate(zip(asks.user_count.tolist(), there.tolist(), strict=True)):
        drawn = replace(plane, servers=stand)
        metres = distances_on_grid(drawn, where[number, :users], where[number, width : width + stand])
        transmission[number, :stand, :users] = (bits / (spectral_efficiency(drawn, metres) * plane.bandwidth_hz)).T
    is_there = np.arange(servers) < there[:, None]
    placed = Cases(
        snapshots._replace(
            users=Users(weight, local_seconds, snapshots.users.transmission),
            user_count=np.repeat(asks.snapshots.user_count, servers),
            per_item=np.where(is_there, device[:, :, 0] / gpus, 0.0).reshape(-1),
            base=np.where(is_there, device[:, :, 1], 0.0).reshape(-1),
            max_batch=np.where(is_there, asks.snapshots.max_batch[:, None], 0).reshape(-1),
        ),
        np.repeat(asks.wait, servers, axis=0),
        servers,
    )
    return with_outlook(placed)
