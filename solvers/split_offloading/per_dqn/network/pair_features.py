"""What a network is given of the user in progress at each of several servers, whatever the numbers of both.

``raw-pair`` is the state as printed, of the user in progress alone, with its transmission time to the server, and
the server's globe sub-state. ``gains-pair`` replaces it by gains. The first are what the user would gain at the
server, now and in the batch that it likely ends with, and what the users there would lose. Then the same follows
for the best other server. The last are the largest gains of pending users at this server over any other. Nothing
here is computed from an optimum or from another method's decisions.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.gain import Edge, gain_of
from solvers.split_offloading.exact.batch_scan_many import Snapshots
from solvers.split_offloading.per_dqn.decision_process.state import GLOBE_FEATURES, IN_PROGRESS, State

CONTENDERS = 6
"""Largest gains of pending users that a server is given, of each of two kinds."""

PAIR_FEATURES: Mapping[str, tuple[int, int]] = {
    "raw-pair": (4, GLOBE_FEATURES),
    "gains-pair": (12, 11 + 2 * CONTENDERS),
}
"""Numbers of the user, and of the server."""

FEW, MANY = 10.0, 20.0
"""What numbers of users are divided by, and the most that are told apart: more say the same on any size."""


def pair_inputs(
    features: str, state: State, scale: FloatArray
) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.float32]]:
    """Numbers of the user, shape (S m, 1, ...), its indicator, and numbers of the server, shape (S m, ...)."""
    rows, cases = len(state.chosen), state.cases
    assert cases.outlook is not None
    of_user, of_server = PAIR_FEATURES[features]
    users = np.zeros((rows, 1, of_user), dtype=np.float32)
    indicator = np.full((rows, 1), IN_PROGRESS, dtype=np.int8)
    servers = np.zeros((rows, of_server), dtype=np.float32)
    fill = _fill_raw if features == "raw-pair" else _fill_gains
    fill(
        cases.snapshots, cases.wait, *cases.outlook, state.chosen, state.steps, scale,
        cases.servers, users[:, 0], servers,
    )  # fmt: skip
    return users, indicator, servers


@compiled
def _fill_raw(
    snapshots: Snapshots,
    wait: FloatArray,
    outlook: FloatArray,
    likely: FloatArray,
    chosen: BoolArray,
    steps: NDArray[np.int64],
    scale: FloatArray,
    servers: int,
    users: NDArray[np.float32],
    whole: NDArray[np.float32],
) -> None:
    weight, local_seconds, transmission = snapshots.users
    for row in range(chosen.shape[0]):
        count, i = snapshots.user_count[row], steps[row // servers]
        granted = 0
        for u in range(min(i, count)):
            granted += chosen[row, u]
        if i < count:
            users[row, 0] = weight[row, i]
            users[row, 1] = local_seconds[row, i]
            users[row, 2] = -wait[row, i]
            users[row, 3] = transmission[row, i]
        whole[row, 0] = snapshots.max_batch[row]
        whole[row, 1] = snapshots.per_item[row]
        whole[row, 2] = snapshots.base[row]
        whole[row, 3] = count - i
        whole[row, 4] = granted
        whole[row, 5] = i - granted


@compiled
def _fill_gains(
    snapshots: Snapshots,
    wait: FloatArray,
    outlook: FloatArray,
    likely: FloatArray,
    chosen: BoolArray,
    steps: NDArray[np.int64],
    scale: FloatArray,
    servers: int,
    users: NDArray[np.float32],
    whole: NDArray[np.float32],
) -> None:
    weight, local_seconds, transmission = snapshots.users
    curve = snapshots.curve
    marginal = np.empty(servers)
    for case in range(steps.size):
        first, i, unit = case * servers, steps[case], 1.0 / scale[case]
        count = snapshots.user_count[first]
        if i >= count:
            continue
        for j in range(servers):
            row = first + j
            marginal[j] = -np.inf
            batch = 0.0
            for u in range(i):
                batch += chosen[row, u]
            if batch >= snapshots.max_batch[row]:
                continue
            edge = Edge(snapshots.per_item[row], snapshots.base[row])
            lost, next_lost = 0.0, 0.0
            for u in range(i):
                if chosen[row, u]:
                    alpha, local, alone = weight[row, u], local_seconds[row, u], transmission[row, u]
                    now = gain_of(alpha, local, alone, edge, curve, batch)
                    then = gain_of(alpha, local, alone, edge, curve, batch + 1.0)
                    lost += now - then
                    next_lost += then - gain_of(alpha, local, alone, edge, curve, batch + 2.0)
            alpha, local, alone = weight[row, i], local_seconds[row, i], transmission[row, i]
            own = gain_of(alpha, local, alone, edge, curve, batch + 1.0)
            following = gain_of(alpha, local, alone, edge, curve, batch + 2.0)
            marginal[j] = own - lost
            users[row, 0] = own * unit
            users[row, 1] = following * unit
            users[row, 2] = (own - lost) * unit
            users[row, 3] = outlook[row, i] * unit
            users[row, 4] = alone * unit
            whole[row, 0] = batch / FEW
            whole[row, 1] = likely[row] / FEW
            whole[row, 2] = (likely[row] - batch) / FEW
            whole[row, 3] = min(snapshots.max_batch[row] - batch, 20.0) / FEW
            whole[row, 5] = (count - i) / count
            whole[row, 6] = lost * unit
            whole[row, 7] = next_lost * unit
            whole[row, 8] = snapshots.per_item[row] * curve.total * unit
        for j in range(servers):
            row = first + j
            if marginal[j] == -np.inf:
                continue
            other, other_now, others = 0.0, 0.0, 0
            for k in range(servers):
                if k != j and marginal[k] > -np.inf:
                    other = max(other, outlook[first + k, i])
                    other_now = max(other_now, marginal[k])
                    others += 1
            users[row, 5] = other * unit
            users[row, 6] = (outlook[row, i] - other) * unit
            users[row, 7] = other_now * unit
            users[row, 8] = (marginal[j] - other_now) * unit
            users[row, 9] = min(others, 4) / 4.0
            _fill_contenders(
                snapshots.max_batch, outlook, first, j, servers, i, count, unit, users[row], whole[row]
            )


@compiled
def _fill_contenders(
    max_batch: NDArray[np.int64],
    outlook: FloatArray,
    first: int,
    server: int,
    servers: int,
    i: int,
    count: int,
    unit: float,
    user: NDArray[np.float32],
    whole: NDArray[np.float32],
) -> None:
    """Write the largest of what pending users would gain over their best other place, and over staying local."""
    over, alone = np.zeros(CONTENDERS), np.zeros(CONTENDERS)
    better, better_over, paying, total, there = 0, 0, 0, 0.0, 0
    for k in range(servers):
        there += max_batch[first + k] > 0
    mine = outlook[first + server, i]
    mine_over = user[6] / unit
    for u in range(i + 1, count):
        value = outlook[first + server, u]
        if value <= 0.0:
            continue
        other = 0.0
        for k in range(servers):
            if k != server and max_batch[first + k] > 0:
                other = max(other, outlook[first + k, u])
        better += value > mine
        _insert(alone, value)
        value -= other
        if value > 0.0:
            better_over += value > mine_over
            paying += 1
            total += value
            _insert(over, value)
    user[10] = min(better, MANY) / FEW
    user[11] = min(better_over, MANY) / FEW
    whole[4] = (count - i) / (FEW * there)
    whole[9] = min(paying, MANY) / FEW
    whole[10] = total * unit / FEW
    for place in range(CONTENDERS):
        whole[11 + place] = over[place] * unit
        whole[11 + CONTENDERS + place] = alone[place] * unit


@compiled
def _insert(largest: FloatArray, value: float) -> None:
    """Keep the largest values, falling."""
    place = largest.size - 1
    if value <= largest[place]:
        return
    while place > 0 and largest[place - 1] < value:
        largest[place] = largest[place - 1]
        place -= 1
    largest[place] = value
