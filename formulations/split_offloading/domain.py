"""Splits and grants that are left once every further constraint of a snapshot is counted in.

Paper B has N_hat <= n_i <= N for a granted user (4) and n_i = N for a denied one (5). A constraint of
:mod:`formulations.constraints.split_offloading` may leave less in a batch of b, or nothing at all: the user may
then not be granted, or not be denied, in such a batch. Without constraints this is (4) and (5) again.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from formulations.constraints.base import ROUNDING, Interval, NativeBound, usable
from formulations.constraints.evaluation import families
from formulations.constraints.split_offloading.base import EDGE, LOCAL, Row, SplitConstraint
from formulations.fields import BoolArray, FloatArray, frozen
from formulations.section import once
from formulations.split_offloading.parameters import SplitOffloading


class CouplingRow(NamedTuple):
    """A row sum_i c_i x_i <= limit of a constraint, divided by its largest coefficient."""

    family: str
    """Constraint that it is of, as the evaluator names it."""
    granted: FloatArray
    """c_i, shape (I,), the largest of them 1 or -1; all 0 where users do not matter."""
    right_hand_side: float

    @property
    def rounding(self) -> float:
        """Excess that rounding alone may make."""
        return ROUNDING * max(1.0, abs(self.right_hand_side))

    @property
    def of_the_batch(self) -> bool:
        """Whether all users count the same, so that the row limits b = sum_i x_i and nothing else."""
        return bool((self.granted == self.granted[0]).all())


def allowed_splits(data: SplitOffloading, place: int, batch: int) -> Interval:
    """Splits that every user may have in a batch of b [steps], whole, shape (I,) each.

    The lower end exceeds the upper one where the user may not be denied (``place`` LOCAL) or granted (EDGE). Asked
    anew for each batch and not kept, because a million users in batches of up to 100 would fill the memory.

    Raises
    ------
    ValueError
        If a constraint gives an end that is not a number, or not one for each user.
    """
    first = data.total_steps if place == LOCAL else data.min_local_steps
    lower, upper = np.full(data.users, float(first)), np.full(data.users, float(data.total_steps))
    for family, constraint in families(data):
        if type(constraint).interval is SplitConstraint.interval:
            continue  # it says nothing of single users
        least, most = usable(family, constraint.interval(data, place, batch), data.users)
        lower = np.maximum(lower, np.ceil(least - _rounding(least)))
        upper = np.minimum(upper, np.floor(most + _rounding(most)))
    return Interval(lower, upper)


def _rounding(end: FloatArray) -> FloatArray:
    """What rounding alone may have moved an end by [steps]; 0 for an infinite one."""
    return np.asarray(ROUNDING * np.where(np.isfinite(end), np.maximum(1.0, np.abs(end)), 0.0))


def may_grant(data: SplitOffloading, batch: int) -> BoolArray:
    """Users that have an allowed split in a batch of b, shape (I,)."""
    return np.asarray(~allowed_splits(data, EDGE, batch).empty)


def must_grant(data: SplitOffloading, batch: int) -> BoolArray:
    """Users that may not do all N steps on their device while a batch of b runs, shape (I,)."""
    return np.asarray(allowed_splits(data, LOCAL, batch).empty)


def coupling_rows(data: SplitOffloading) -> tuple[CouplingRow, ...]:
    """Every row of every further constraint, in the order of the constraints; computed once for a snapshot.

    Raises
    ------
    ValueError
        If a constraint gives a row that is not finite or not about all users.
    """
    return once(_coupling_rows, data) if data.constraints else ()


def _coupling_rows(data: SplitOffloading) -> tuple[CouplingRow, ...]:
    return tuple(
        _scaled(data, family, row) for family, constraint in families(data) for row in constraint.rows(data)
    )


def _scaled(data: SplitOffloading, family: str, row: Row) -> CouplingRow:
    granted = np.asarray(row.granted, dtype=np.float64)
    if granted.shape != (data.users,) or not np.isfinite(granted).all() or not np.isfinite(row.right_hand_side):
        raise ValueError(
            f"constraint '{family}' has a row that is not {data.users} finite numbers and a right-hand side"
        )
    size = float(np.abs(granted).max()) or 1.0
    return CouplingRow(family, frozen(granted / size), row.right_hand_side / size)


def batch_sizes(data: SplitOffloading) -> range:
    """Batch sizes 0..min(I, B_max) (C2) that the rows which count all users the same leave."""
    lower, upper = 0, data.largest_batch
    for row in coupling_rows(data):
        if not row.of_the_batch:
            continue
        if row.granted[0] > 0.0:
            upper = min(upper, math.floor(row.right_hand_side + row.rounding))
        elif row.granted[0] < 0.0:
            lower = max(lower, math.ceil(-row.right_hand_side - row.rounding))
        elif row.right_hand_side < -row.rounding:
            upper = -1
    return range(lower, upper + 1)


def native_bounds(data: SplitOffloading) -> tuple[NativeBound, ...]:
    """The limit that P1 has by itself, with a value at which it limits nothing: B_max, C2 of paper B [users]."""
    return (NativeBound("largest batch", "users", "max_batch", max(data.users, data.max_batch)),)
