"""The exact scan of :mod:`solvers.split_offloading.batch_scan` over many snapshots in one call.

Snapshots share F and the range of splits; users, edge server and limit of the batch are their own. Snapshots with
fewer users than others are padded: only the first ``count`` users of a row are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.gain import Edge, Users, edge_of, users_of
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import SplitRange, best_split, split_range
from solvers.split_offloading.batch_scan import Workspace, scan_kernel, workspace


class Snapshots(NamedTuple):
    """S snapshots of up to I users.

    Attributes
    ----------
    users : Users
        Arrays of shape (S, I); what is in a row behind its count is not read.
    user_count : NDArray of int64
        Users of each snapshot, shape (S,).
    per_item, base : FloatArray
        k_e / G and h_e [s], shape (S,).
    max_batch : NDArray of int64
        B_max, shape (S,).
    curve : SplitRange
        F and the range of splits of all snapshots.
    """

    users: Users
    user_count: NDArray[np.int64]
    per_item: FloatArray
    base: FloatArray
    max_batch: NDArray[np.int64]
    curve: SplitRange


class Decisions(NamedTuple):
    """Optimal decisions of S snapshots of up to I users.

    Attributes
    ----------
    granted : BoolArray
        x_i, shape (S, I).
    split : FloatArray
        n_i [steps], shape (S, I).
    gain : FloatArray
        Objective less that of denying everybody [s], shape (S,).
    """

    granted: BoolArray
    split: FloatArray
    gain: FloatArray


def scan_many(snapshots: Snapshots) -> Decisions:
    """Solve P1 of every snapshot to its optimum.

    Raises
    ------
    ValueError
        If the shapes do not fit each other, or a count is larger than a row.
    """
    rows, width = snapshots.users.weight.shape
    check_shapes(snapshots, rows, width)
    decisions = Decisions(np.empty((rows, width), dtype=np.bool_), np.empty((rows, width)), np.empty(rows))
    largest = np.minimum(snapshots.user_count, snapshots.max_batch)
    work = workspace(width, int(largest.max(initial=0)))
    users = Users(*(np.ascontiguousarray(array, dtype=np.float64) for array in snapshots.users))
    _scan_rows(snapshots._replace(users=users), largest, work, decisions)
    return decisions


def check_shapes(snapshots: Snapshots, rows: int, width: int) -> None:
    """Refuse arrays that compiled code would read beyond their end.

    Raises
    ------
    ValueError
        Naming the first that does not fit.
    """
    for name, array in snapshots.users._asdict().items():
        if array.shape != (rows, width):
            raise ValueError(f"users.{name} has shape {array.shape}, expected ({rows}, {width})")
    for name in ("user_count", "per_item", "base", "max_batch"):
        shape = getattr(snapshots, name).shape
        if shape != (rows,):
            raise ValueError(f"{name} has shape {shape}, expected ({rows},)")
    if rows and not 0 <= snapshots.user_count.min() <= snapshots.user_count.max() <= width:
        raise ValueError(f"counts are outside 0 to {width}, the width of a row")


def stack(scenarios: Sequence[SplitOffloading]) -> Snapshots:
    """Put validated snapshots side by side, padded to the largest number of users.

    Raises
    ------
    ValueError
        If there is none, if they differ in F or in the range of splits, or if one has further constraints.
    """
    if any(data.constraints for data in scenarios):
        raise ValueError("expected snapshots without further constraints")
    curves = {split_range(data) for data in scenarios}
    if len(curves) != 1:
        raise ValueError(f"expected snapshots with one F and one range of splits, got {len(curves)}")
    width = max(data.users for data in scenarios)
    users = Users(*(np.zeros((len(scenarios), width)) for _ in Users._fields))
    for row, data in enumerate(scenarios):
        for padded, values in zip(users, users_of(data), strict=True):
            padded[row, : data.users] = values
    edges = np.array([edge_of(data) for data in scenarios])
    return Snapshots(
        users=users,
        user_count=np.array([data.users for data in scenarios], dtype=np.int64),
        per_item=edges[:, 0].copy(),
        base=edges[:, 1].copy(),
        max_batch=np.array([data.max_batch for data in scenarios], dtype=np.int64),
        curve=curves.pop(),
    )


@compiled
def _scan_rows(snapshots: Snapshots, largest: NDArray[np.int64], work: Workspace, decisions: Decisions) -> None:
    """Scan row by row with one workspace for all."""
    weight, local_seconds, transmission = snapshots.users
    curve = snapshots.curve
    for row in range(largest.size):
        count = snapshots.user_count[row]
        users = Users(weight[row, :count], local_seconds[row, :count], transmission[row, :count])
        edge = Edge(snapshots.per_item[row], snapshots.base[row])
        room = Workspace(work.ceiling[:count], work.best, work.granted, work.gains)
        batch, _, _ = scan_kernel(users, edge, curve, 0, largest[row], 0, room)
        decisions.gain[row] = work.gains[batch]
        decisions.granted[row] = False
        decisions.split[row] = curve.total
        for place in range(batch):
            i = work.granted[place]
            advantage = local_seconds[row, i] - (edge.per_item * batch + edge.base)
            decisions.granted[row, i] = True
            decisions.split[row, i], _ = best_split(weight[row, i], advantage, curve, True)
