"""The exact scan of :mod:`solvers.split_offloading.exact.batch_scan` over many snapshots in one call.

Snapshots share F and the range of splits; users, edge server and limit of the batch are their own. Snapshots with
fewer users than others are padded: only the first ``user_count`` users of a row are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled_stoppable
from formulations.fields import NON_NEGATIVE, POSITIVE, BoolArray, FloatArray, as_number, show
from formulations.padded import counts, numbers, padded
from formulations.split_offloading.gain import Edge, Users, edge_of, users_of
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import SplitRange, best_split, split_range
from solvers.split_offloading.exact.scan_kernel import Workspace, scan_kernel, workspace
from solvers.split_offloading.exact.split_table import SplitTable, split_table


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
        Naming what :func:`checked` refuses.
    """
    read = checked(snapshots)
    decisions = all_local(read)
    scan_rows(read, decisions, 0, read.user_count.size)
    return decisions


def all_local(snapshots: Snapshots) -> Decisions:
    """Return the decisions before the scan: all users local."""
    rows, width = snapshots.users.weight.shape
    split = np.full((rows, width), snapshots.curve.total)
    return Decisions(np.zeros((rows, width), dtype=np.bool_), split, np.zeros(rows))


def rows_of(snapshots: Snapshots, rows: slice) -> Snapshots:
    """Some of the snapshots, as views."""
    return Snapshots(
        Users(*(values[rows] for values in snapshots.users)),
        snapshots.user_count[rows],
        snapshots.per_item[rows],
        snapshots.base[rows],
        snapshots.max_batch[rows],
        snapshots.curve,
    )


def scan_rows(snapshots: Snapshots, decisions: Decisions, first: int, last: int) -> None:
    """Write the optima of the snapshots ``first`` to ``last - 1``, which :func:`checked` has read.

    Threads may share the snapshots of one call out: they write to different rows.
    """
    if first < last:
        largest = np.minimum(snapshots.user_count, snapshots.max_batch)
        work = workspace(snapshots.users.weight.shape[1], int(largest[first:last].max()))
        _scan_rows(snapshots, split_table(snapshots.curve), largest, work, decisions, first, last)


def checked(snapshots: Snapshots) -> Snapshots:
    """The same snapshots in the types that compiled code reads, in arrays of their own.

    Raises
    ------
    ValueError
        Naming what does not fit: a shape, a count, a number that is out of range, or data that overflow together.
    """
    shape = np.shape(snapshots.users.weight)
    if len(shape) != 2:
        raise ValueError(f"users.weight: expected an array of shape (snapshots, users), got shape {shape}")
    rows, width = shape
    user_count = counts("user_count", snapshots.user_count, rows, 0, width)
    read = Snapshots(
        users=Users(
            *(
                padded(f"users.{name}", values, user_count, width, _USER_RANGES[name])
                for name, values in snapshots.users._asdict().items()
            )
        ),
        user_count=user_count,
        per_item=numbers("per_item", snapshots.per_item, rows, NON_NEGATIVE),
        base=numbers("base", snapshots.base, rows, NON_NEGATIVE),
        max_batch=counts("max_batch", snapshots.max_batch, rows, 0),
        curve=_checked_curve(snapshots.curve),
    )
    finite = np.isfinite(_largest_terms(read))
    if not finite.all():
        raise ValueError(f"snapshot {int(np.argmin(finite))}: expected data whose gain is finite, got an overflow")
    return read


_USER_RANGES = {"weight": NON_NEGATIVE, "local_seconds": POSITIVE, "transmission": NON_NEGATIVE}


def _checked_curve(curve: SplitRange) -> SplitRange:
    """F and the range of splits, if there are such a function and such a range."""
    for name, value in curve._asdict().items():
        allowed = POSITIVE if name == "slope" else NON_NEGATIVE
        number = as_number(value)
        if number is None or allowed.first_outside(np.array([number])) is not None:
            raise ValueError(f"curve.{name}: expected {allowed.expectation}, got {show(value)}")
    read = SplitRange(*map(float, curve))
    if read.lower > read.total:
        raise ValueError(f"curve.lower: expected at most curve.total = {read.total:g}, got {read.lower:g}")
    return read


def _largest_terms(snapshots: Snapshots) -> FloatArray:
    """More than any sum of gains in a snapshot, and than what they are computed from, shape (S,)."""
    users, curve, most = snapshots.users, snapshots.curve, snapshots.user_count[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        at_edge = snapshots.per_item[:, None] * most + snapshots.base[:, None]
        steps = 1.0 + curve.total
        worth = users.weight * (1.0 + curve.slope)
        each = worth + steps * (users.local_seconds + at_edge) + users.transmission * most
        reach = curve.slope * (steps + curve.threshold)
        return np.asarray(each.sum(axis=1) * most[:, 0] + reach)


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
        for array, values in zip(users, users_of(data), strict=True):
            array[row, : data.users] = values
    edges = np.array([edge_of(data) for data in scenarios])
    return Snapshots(
        users=users,
        user_count=np.array([data.users for data in scenarios], dtype=np.int64),
        per_item=edges[:, 0].copy(),
        base=edges[:, 1].copy(),
        max_batch=np.array([data.max_batch for data in scenarios], dtype=np.int64),
        curve=curves.pop(),
    )


@compiled_stoppable
def _scan_rows(
    snapshots: Snapshots,
    table: SplitTable,
    largest: NDArray[np.int64],
    work: Workspace,
    decisions: Decisions,
    first: int,
    last: int,
) -> None:
    """Scan row by row with one workspace for all."""
    weight, local_seconds, transmission = snapshots.users
    per_item, base, curve = snapshots.per_item, snapshots.base, snapshots.curve
    ceiling, reached, least, chosen, granted, gains = work
    granting, split, gain = decisions
    for row in range(first, last):
        count = snapshots.user_count[row]
        users = Users(weight[row, :count], local_seconds[row, :count], transmission[row, :count])
        room = Workspace(ceiling[:count], reached[:count], least, chosen, granted, gains)
        batch, _, _ = scan_kernel(users, Edge(per_item[row], base[row]), table, 0, largest[row], 0, room)
        gain[row] = gains[batch]
        at_edge = per_item[row] * batch + base[row]
        for place in range(batch):
            i = granted[place]
            granting[row, i] = True
            split[row, i], _ = best_split(weight[row, i], local_seconds[row, i] - at_edge, curve, True)
