"""What each user gains at each server in a batch of b over staying local: g_ij(b), for all b that can pay.

A gain does not rise with b (docs/theory/multi_edge_offloading, lemma "Larger batches"). Where fewer than b users
gain anything in a batch of b, no larger batch of that server is needed: it is no better than the smaller one
without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.constraints.base import ROUNDING
from formulations.constraints.registry import label, own_types
from formulations.fields import BoolArray, FloatArray
from formulations.multi_edge_offloading.domain import constrained_snapshot, may_lose
from formulations.multi_edge_offloading.latency import LOCAL, transmission_seconds_alone
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.gain import Edge, Users, gain_of, gains
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import SplitRange, best_split, best_splits, split_range

ROWS_AT_ONCE = 16
"""Batches whose gains are computed before it is asked whether larger ones can pay."""

MOST_BYTES = 8 << 30
"""Largest table of gains."""


class NotFalling(ValueError):  # noqa: N818 - an instance that a method does not apply to
    """A further constraint leaves somebody more in a larger batch, so that gains rise; the message says which."""


class GainTable(NamedTuple):
    """g_ij(b) for every server, every batch that can pay, and every user that gains something there when alone.

    Kernels read these arrays. The users that server j reaches are ``users[start[j]:start[j + 1]]``, in ascending
    order; user k of them gains ``values[first[j] + (b - 1) * reach + k]`` in a batch of b, with ``reach`` their
    number.

    Attributes
    ----------
    values : FloatArray
        Gains [s]; minus infinity where a user may not be in that batch.
    first : ndarray of int64
        Where the gains of each server begin, shape (m + 1,).
    users : ndarray of int64
        Users that each server reaches, one server after the other.
    start : ndarray of int64
        Where they begin, shape (m + 1,).
    batches : ndarray of int64
        Largest batch of each server that can pay, shape (m,).
    at_a_loss : BoolArray
        Users that a further constraint may send to a server at which they gain nothing, shape (I,).
    """

    values: FloatArray
    first: NDArray[np.int64]
    users: NDArray[np.int64]
    start: NDArray[np.int64]
    batches: NDArray[np.int64]
    at_a_loss: BoolArray

    def reached(self, server: int) -> NDArray[np.int64]:
        """Users that a server reaches."""
        return self.users[self.start[server] : self.start[server + 1]]

    def of(self, server: int, batch: int) -> FloatArray:
        """Gains of the users that a server reaches in a batch of b >= 1 [s]."""
        reach = int(self.start[server + 1] - self.start[server])
        begin = int(self.first[server]) + (batch - 1) * reach
        return self.values[begin : begin + reach]

    def pays(self, server: int, batch: int) -> BoolArray:
        """Which of these users may be in an optimum: they gain something, or may be there at a loss."""
        values = self.of(server, batch)
        return (values > 0.0) | (self.at_a_loss[self.reached(server)] & np.isfinite(values))


def edge_of(data: MultiEdgeOffloading, server: int) -> Edge:
    """L_ej(b) = per_item b + base of a server."""
    per_item = data.edge_seconds_per_step_per_item[server] / data.gpus[server]
    return Edge(float(per_item), float(data.edge_seconds_per_step_base[server]))


def users_of(data: MultiEdgeOffloading, server: int) -> Users:
    """The users as a server sees them, in fresh writable arrays."""
    return Users(
        weight=data.accuracy_weight.copy(),
        local_seconds=data.local_seconds_per_step.copy(),
        transmission=transmission_seconds_alone(data, server),
    )


def gain_table(data: MultiEdgeOffloading) -> GainTable:
    """Compute every gain that an optimum may need.

    Raises
    ------
    MemoryError
        If the table does not fit.
    NotFalling
        If a further constraint leaves somebody more in a larger batch.
    """
    blocks, reached, at_a_loss = [], [], may_lose(data)
    batches = np.zeros(data.servers, dtype=np.int64)
    for server in range(data.servers):
        users, rows = _of_constrained(data, server, at_a_loss) if data.constraints else _of_server(data, server)
        batches[server] = rows.shape[0]
        blocks.append(rows.reshape(-1))
        reached.append(users)
        if sum(block.nbytes for block in blocks) > MOST_BYTES:
            raise MemoryError(
                f"gains of {data.users} users at {data.servers} servers exceed {MOST_BYTES >> 30} GiB"
            )
    return GainTable(
        values=np.concatenate(blocks),
        first=_offsets(blocks),
        users=np.concatenate(reached),
        start=_offsets(reached),
        batches=batches,
        at_a_loss=at_a_loss,
    )


def _offsets(parts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum([part.size for part in parts])]).astype(np.int64)


def _of_server(data: MultiEdgeOffloading, server: int) -> tuple[NDArray[np.int64], FloatArray]:
    """Users that a server reaches, and their gains in batches of 1, 2, ... that can pay, a row for each."""
    curve, edge, seen = split_range(data), edge_of(data, server), users_of(data, server)
    most = int(data.largest_batch[server])
    alone = np.empty((1, data.users))
    fill_rows(seen, edge, curve, 1, alone[: min(most, 1)])
    users = np.flatnonzero(alone[0] > 0.0) if most else np.empty(0, dtype=np.int64)
    mine = Users(*(np.ascontiguousarray(field[users]) for field in seen))
    blocks = [np.empty((0, users.size))]
    batch, pays = 0, users.size > 0
    while pays and batch < most:
        rows = np.empty((min(ROWS_AT_ONCE, most - batch), users.size))
        filled, pays = fill_rows(mine, edge, curve, batch + 1, rows)
        blocks.append(rows[:filled])
        batch += filled
    return users, np.concatenate(blocks)


def _of_constrained(
    data: MultiEdgeOffloading, server: int, at_a_loss: BoolArray
) -> tuple[NDArray[np.int64], FloatArray]:
    """The same with further constraints, which leave a user fewer splits, or none, the larger the batch is."""
    seen = constrained_snapshot(data, server)
    _refuse_rising(data, seen)
    rows: list[FloatArray] = []
    users = np.arange(data.users)
    for batch in range(1, int(data.largest_batch[server]) + 1):
        row = gains(seen, batch)[users]
        pays = (row > 0.0) | (at_a_loss[users] & np.isfinite(row))
        if batch == 1:
            users, row = users[pays], row[pays]
        if np.count_nonzero(pays) < batch:
            break
        rows.append(row)
    return users, np.array(rows).reshape(len(rows), users.size)


def _refuse_rising(data: MultiEdgeOffloading, seen: SplitOffloading) -> None:
    """Refuse constraints of other packages under which a gain rises with the batch; those of this one do not."""
    brought = [constraint.type for constraint in data.constraints if constraint.type not in _own_types()]
    before = np.full(data.users, np.inf)
    for batch in range(1, seen.largest_batch + 1 if brought else 1):
        row = gains(seen, batch)
        if (row > before + ROUNDING * np.maximum(1.0, np.abs(row))).any():
            names = " and ".join(f"'{name}'" for name in brought)
            raise NotFalling(f"expected constraints that leave no more in a larger batch, got {names}")
        before = row


def _own_types() -> set[str]:
    return {label(kind, "type") for kind in own_types()}


@compiled
def fill_rows(users: Users, edge: Edge, curve: SplitRange, batch: int, rows: FloatArray) -> tuple[int, bool]:
    """Write the gains of batches ``batch``, ``batch`` + 1, ... to ``rows``, until one cannot pay.

    Returns
    -------
    tuple of int and bool
        Rows that can pay, and whether larger batches may pay, too.
    """
    weight, local_seconds, transmission = users
    for row in range(rows.shape[0]):
        size, paying = batch + row, 0
        for i in range(rows.shape[1]):
            rows[row, i] = gain_of(weight[i], local_seconds[i], transmission[i], edge, curve, float(size))
            if rows[row, i] > 0.0:
                paying += 1
        if paying < size:
            return row, False
    return rows.shape[0], True


def solution_of(data: MultiEdgeOffloading, server: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Arrays ``server`` and ``n`` of a choice of servers, each user with its best split in its batch."""
    split = np.full(data.users, float(data.total_steps))
    curve = split_range(data)
    for j in np.unique(server[server != LOCAL]).tolist():
        users, edge = np.flatnonzero(server == j), edge_of(data, j)
        if data.constraints:
            split[users] = best_splits(constrained_snapshot(data, j), users.size, users)
            continue
        advantage = data.local_seconds_per_step[users] - (edge.per_item * users.size + edge.base)
        for i, saved in zip(users.tolist(), advantage.tolist(), strict=True):
            split[i], _ = best_split(float(data.accuracy_weight[i]), saved, curve, True)
    return {"server": server.astype(np.float64), "n": split}
