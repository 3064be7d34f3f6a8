"""Grants users one after another while every row sum_i c_i x_i <= limit leaves room for them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray

IntArray = NDArray[np.int64]


class Columns(NamedTuple):
    """Coefficients of rows that are not 0: those of user i are from ``first[i]`` to ``first[i + 1]``."""

    first: IntArray
    """Shape (I + 1,)."""
    row: IntArray
    """Row of each coefficient."""
    value: FloatArray
    """The coefficients."""


def columns_of(users: int, rows: list[tuple[IntArray, FloatArray]]) -> Columns:
    """Columns of rows that are given by their users and coefficients."""
    none = np.zeros(0, dtype=np.int64)
    user = np.concatenate([none, *(members for members, _ in rows)])
    row = np.repeat(np.arange(len(rows)), [members.size for members, _ in rows])
    value = np.concatenate([np.zeros(0), *(values for _, values in rows)])
    order = np.argsort(user, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(user, minlength=users))])
    return Columns(first, row[order], value[order])


def pack(order: IntArray, most: int, columns: Columns, excess: FloatArray) -> IntArray:
    """Of the users in an order, the first ``most`` that break no row when they are granted one after another.

    Parameters
    ----------
    order : ndarray of int
        Users to grant.
    most : int
        Most of them.
    columns : Columns
        The rows.
    excess : FloatArray
        Left side minus limit of every row before the first of them is granted; updated.
    """
    taken = np.empty(min(max(most, 0), order.size), dtype=np.int64)
    return taken[: _pack(order, columns, excess, taken)]


@compiled
def _pack(order: IntArray, columns: Columns, excess: FloatArray, taken: IntArray) -> int:
    count = 0
    for user in order:
        if count == taken.size:
            break
        first, end = columns.first[user], columns.first[user + 1]
        fits = True
        for entry in range(first, end):
            added = columns.value[entry]
            fits = fits and (added <= 0.0 or excess[columns.row[entry]] + added <= 0.0)
        if fits:
            for entry in range(first, end):
                excess[columns.row[entry]] += columns.value[entry]
            taken[count] = user
            count += 1
    return count


def load_kernels() -> None:
    """Run the kernel once, which compiles it or loads it from the cache on disk."""
    user = np.zeros(1, dtype=np.int64)
    pack(user, 1, columns_of(1, [(user, np.ones(1))]), np.zeros(1))
