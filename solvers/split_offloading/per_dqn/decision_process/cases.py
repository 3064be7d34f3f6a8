"""Snapshots as the decision process reads them: padded side by side, with waits, and in the order of handling."""

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

_PER_CASE = ("user_count", "per_item", "base", "max_batch")


class Cases(NamedTuple):
    """S snapshots of up to I users, with what the state needs beyond the gains.

    What a row holds behind its count is padding: no function here reads it into anything else than padding.

    Attributes
    ----------
    snapshots : Snapshots
        Users, edge servers and limits.
    wait : FloatArray
        l_i^R = K - k_i [s], shape (S, I).
    """

    snapshots: Snapshots
    wait: FloatArray

    @property
    def size(self) -> int:
        """S."""
        return int(self.snapshots.user_count.size)

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
            min_local_steps=int(curve.fewest),
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
    """Every array of the cases by its name, one row per case; what is left is F and the range of splits."""
    others = {name: getattr(cases.snapshots, name) for name in _PER_CASE}
    return others | cases.snapshots.users._asdict() | {"wait": cases.wait}


def from_arrays(arrays: Mapping[str, NDArray[Any]], curve: SplitRange) -> Cases:
    """Cases of the arrays that :func:`arrays_of` names."""
    users = Users(*(arrays[name] for name in Users._fields))
    others = {name: arrays[name] for name in _PER_CASE}
    return Cases(Snapshots(users=users, curve=curve, **others), arrays["wait"])


def rows_of(cases: Cases, rows: NDArray[np.int64]) -> Cases:
    """Some of the cases, any of them also several times."""
    return from_arrays({name: array[rows] for name, array in arrays_of(cases).items()}, cases.snapshots.curve)


def handling_order(cases: Cases, order: Order) -> NDArray[np.int64]:
    """Users of each case in the order in which they are handled, padding last, shape (S, I).

    ``gain`` orders by v_i(b) at b = I/2 and ``quarter-gain`` at :func:`quarter`, numbers of the user, the edge and
    the case's size alone: no decision, greedy or optimal, enters into them. Of equal users the first in the list
    comes first.
    """
    if order == "arrival":
        key = -cases.wait
    else:
        key = -gains_of_cases(
            cases, quarter(cases) if order == "quarter-gain" else cases.snapshots.user_count / 2.0
        )
    return np.argsort(np.where(real_places(cases), key, np.inf), axis=1, kind="stable")


def quarter(cases: Cases) -> FloatArray:
    """A batch size that each case may well end with, I / 4 within [1, max(1, B_max)] [users], shape (S,)."""
    snapshots = cases.snapshots
    return np.asarray(np.maximum(1.0, np.minimum(0.25 * snapshots.user_count, snapshots.max_batch)))


def in_order(cases: Cases, order: NDArray[np.int64]) -> Cases:
    """The same cases with their users in the given order, shape (S, I)."""
    users = Users(*(np.take_along_axis(array, order, axis=1) for array in cases.snapshots.users))
    return Cases(cases.snapshots._replace(users=users), np.take_along_axis(cases.wait, order, axis=1))


def real_places(cases: Cases) -> BoolArray:
    """Where a row holds a user and not padding, shape (S, I)."""
    return np.asarray(np.arange(cases.width) < cases.snapshots.user_count[:, None])


def gains_of_cases(cases: Cases, batch: FloatArray) -> FloatArray:
    """v_i(b) [s] of every user in a batch b of its case, 0 in padding, shape (S, I).

    Parameters
    ----------
    cases : Cases
        The cases.
    batch : FloatArray
        b of each case [users], shape (S,); not necessarily whole.
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
