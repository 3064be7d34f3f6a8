"""Snapshots as the decision process reads them: padded side by side, with waits, and in the order of handling.

A case with several edge servers is as many rows, one after the other: the same users as each server sees them.
With one server, as in paper B, a case is a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.gain import Edge, Users, fill_gains
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import SplitRange
from solvers.split_offloading.exact.batch_scan_many import Snapshots, stack

Order = Literal["arrival", "gain", "quarter-gain"]
"""Who is handled first: those that asked first, as in paper B, or those with the largest v_i(I/2) or v_i(I/4)."""

_PER_ROW = ("user_count", "per_item", "base", "max_batch")


class Outlook(NamedTuple):
    """What servers are likely to end with, see :mod:`.outlook`.

    Attributes
    ----------
    outlook_gain : FloatArray
        v_i(b) [s] of every user in the batch that each server likely ends with, shape (S m, I).
    outlook_batch : FloatArray
        That batch [users], shape (S m,).
    """

    outlook_gain: FloatArray
    outlook_batch: FloatArray


class Cases(NamedTuple):
    """S snapshots of up to I users and m servers each, with what the state needs beyond the gains.

    What a row holds behind its count is padding: no function here reads it into anything else than padding. A case
    with fewer servers has rows of servers that take nobody.

    Attributes
    ----------
    snapshots : Snapshots
        Users, edge servers and limits; row s m + j is server j of case s.
    wait : FloatArray
        l_i^R = K - k_i [s], shape (S m, I).
    servers : int
        m.
    outlook : Outlook, optional
        Of cases with several servers.
    """

    snapshots: Snapshots
    wait: FloatArray
    servers: int = 1
    outlook: Outlook | None = None

    @property
    def size(self) -> int:
        """S."""
        return int(self.snapshots.user_count.size) // self.servers

    @property
    def user_count(self) -> NDArray[np.int64]:
        """Users of each case, shape (S,)."""
        return self.snapshots.user_count[:: self.servers]

    def by_server(self, values: NDArray[Any]) -> NDArray[Any]:
        """Numbers of all rows with an axis for the servers, shape (S, m, ...)."""
        return values.reshape(-1, self.servers, *values.shape[1:])

    def of_rows(self, values: NDArray[Any]) -> NDArray[Any]:
        """Numbers of all cases, one for each of their rows, shape (S m, ...)."""
        return np.repeat(values, self.servers, axis=0)

    @property
    def width(self) -> int:
        """I, places of a row."""
        return int(self.wait.shape[1])


def cases_of(scenarios: Sequence[SplitOffloading]) -> Cases:
    """Put validated snapshots side by side, padded with zeros to the largest number of users.

    Raises
    ------
    ValueError
        If there is none, or if they differ in F or in the range of splits.
    """
    snapshots = stack(scenarios)
    wait = np.zeros(snapshots.users.weight.shape)
    for row, data in enumerate(scenarios):
        wait[row, : data.users] = data.wait_seconds
    return Cases(snapshots, wait)


def scenarios_of(cases: Cases) -> Iterator[SplitOffloading]:
    """Validated snapshots of the same problems, G and the bandwidth contained in k_e and in the bits sent."""
    weight, local_seconds, transmission = cases.snapshots.users
    snapshots, curve = cases.snapshots, cases.snapshots.curve
    for row, count in enumerate(snapshots.user_count.tolist()):
        yield SplitOffloading(
            users=count,
            total_steps=int(curve.total),
            min_local_steps=int(curve.lower),
            pai_slope=curve.slope,
            pai_threshold=curve.threshold,
            accuracy_weight=weight[row, :count],
            local_seconds_per_step=local_seconds[row, :count],
            edge_seconds_per_step_per_item=snapshots.per_item[row],
            edge_seconds_per_step_base=snapshots.base[row],
            gpus=1,
            max_batch=int(snapshots.max_batch[row]),
            prompt_bits=np.zeros(count),
            latent_bits=transmission[row, :count],
            spectral_efficiency=1.0,
            bandwidth_hz=1.0,
            wait_seconds=cases.wait[row, :count],
        )


def arrays_of(cases: Cases) -> dict[str, NDArray[Any]]:
    """Every array of the cases by its name, shape (S, m, ...); what is left is F and the range of splits."""
    others = {name: getattr(cases.snapshots, name) for name in _PER_ROW}
    arrays = others | cases.snapshots.users._asdict() | {"wait": cases.wait}
    if cases.outlook is not None:
        arrays |= cases.outlook._asdict()
    return {name: cases.by_server(array) for name, array in arrays.items()}


def from_arrays(arrays: Mapping[str, NDArray[Any]], curve: SplitRange) -> Cases:
    """Cases of the arrays that :func:`arrays_of` names."""
    servers = arrays["wait"].shape[1]
    rows = {name: array.reshape(-1, *array.shape[2:]) for name, array in arrays.items()}
    users = Users(*(rows[name] for name in Users._fields))
    snapshots = Snapshots(users=users, curve=curve, **{name: rows[name] for name in _PER_ROW})
    outlook = Outlook(*(rows[name] for name in Outlook._fields)) if "outlook_gain" in rows else None
    return Cases(snapshots, rows["wait"], servers, outlook)


def rows_of(cases: Cases, rows: NDArray[np.int64]) -> Cases:
    """Some of the cases, any of them also several times."""
    return from_arrays({name: array[rows] for name, array in arrays_of(cases).items()}, cases.snapshots.curve)


def handling_order(cases: Cases, order: Order) -> NDArray[np.int64]:
    """Users of each case in the order in which they are handled, padding last, shape (S, I).

    ``gain`` orders by v_i(b) at b = I/2 and ``quarter-gain`` at :func:`quarter`, numbers of the user, the edge and
    the case's size alone: no decision, greedy or optimal, enters into them. With several servers the largest of a
    user's gains counts. Of equal users the first in the list comes first.
    """
    if order == "arrival":
        key = -cases.wait
    else:
        key = -gains_of_cases(cases, quarter(cases) if order == "quarter-gain" else share_of_users(cases, 0.5))
    closed = (cases.snapshots.max_batch == 0) & (cases.servers > 1)
    key = np.where(real_places(cases) & ~closed[:, None], key, np.inf)
    return np.argsort(cases.by_server(key).min(axis=1), axis=1, kind="stable")


def quarter(cases: Cases) -> FloatArray:
    """A batch size that each row may well end with, its share of I / 4 within [1, max(1, B_max)], shape (S m,)."""
    return np.asarray(np.maximum(1.0, np.minimum(share_of_users(cases, 0.25), cases.snapshots.max_batch)))


def share_of_users(cases: Cases, share: float) -> FloatArray:
    """A share of the users divided among the servers that take anybody [users], shape (S m,)."""
    taking = cases.by_server(cases.snapshots.max_batch > 0).sum(axis=1)
    return np.asarray(share * cases.snapshots.user_count / cases.of_rows(np.maximum(taking, 1)))


def in_order(cases: Cases, order: NDArray[np.int64]) -> Cases:
    """The same cases with their users in the given order, shape (S, I)."""
    order = cases.of_rows(order)
    users = Users(*(np.take_along_axis(array, order, axis=1) for array in cases.snapshots.users))
    wait, outlook = np.take_along_axis(cases.wait, order, axis=1), cases.outlook
    if outlook is not None:
        outlook = outlook._replace(outlook_gain=np.take_along_axis(outlook.outlook_gain, order, axis=1))
    return Cases(cases.snapshots._replace(users=users), wait, cases.servers, outlook)


def real_places(cases: Cases) -> BoolArray:
    """Where a row holds a user and not padding, shape (S m, I)."""
    return np.asarray(np.arange(cases.width) < cases.snapshots.user_count[:, None])


def gains_of_cases(cases: Cases, batch: FloatArray) -> FloatArray:
    """v_i(b) [s] of every user in a batch b of each row, 0 in padding, shape (S m, I).

    Parameters
    ----------
    cases : Cases
        The cases.
    batch : FloatArray
        b of each row [users], shape (S m,); not necessarily whole.
    """
    values = np.zeros(cases.wait.shape)
    _fill_gain_rows(cases.snapshots, np.ascontiguousarray(batch, dtype=np.float64), values)
    return values


@compiled
def _fill_gain_rows(snapshots: Snapshots, batch: FloatArray, values: FloatArray) -> None:
    weight, local_seconds, transmission = snapshots.users
    for row in range(batch.size):
        count = snapshots.user_count[row]
        users = Users(weight[row, :count], local_seconds[row, :count], transmission[row, :count])
        edge = Edge(snapshots.per_item[row], snapshots.base[row])
        fill_gains(users, edge, snapshots.curve, batch[row], values[row, :count])
