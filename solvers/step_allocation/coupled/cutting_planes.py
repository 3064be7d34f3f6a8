"""Maximises a concave function of a few multipliers by cutting planes [1]_: a growing linear master problem.

A cut says L(p) <= c + g p. The highest point below all cuts, with the multiplier bounds 0 <= p <= P, is a
linear program in K + 1 variables; its dual has K + 1 rows,

    min sum_i c_i w_i + P t   subject to   sum_i w_i g_i + r - t = 0,   sum_i w_i = 1,   w, r, t >= 0,

and a new cut is one more column, so that a primal simplex method needs a few pivots on a basis of K + 1 columns.
At the maximum the weights w mix the cuts' choices into one that keeps every row: what Lagrangian duality recovers.

References
----------
.. [1] J. E. Kelley, "The cutting-plane method for solving convex programs", Journal of the Society for Industrial
   and Applied Mathematics 8 (1960), 703-712.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled
from formulations.fields import FloatArray
from solvers.step_allocation.lagrangian.dual_function import IntArray
from solvers.step_allocation.lagrangian.stopping import Flag

_ENTERS = 1e-14
"""Reduced cost, relative to the largest coefficient of a column, below which it enters the basis."""

_PIVOT = 1e-12
"""Smallest entry that a pivot may divide by."""

_MOST_VALUED_PIVOTS = 30
"""Pivots on the most negative reduced cost before the first negative one is taken, which cannot cycle."""

_MOST_PIVOTS = 60
"""Pivots after which the basis is taken as it is: the bound never relies on it."""


class Cuts(NamedTuple):
    """Cuts L(p) <= intercept + slope p, the first ``used[0]`` of them in use."""

    intercept: FloatArray
    """c, shape (M,)."""
    slope: FloatArray
    """g, shape (M, K)."""
    used: IntArray
    """Shape (1,)."""


class Master(NamedTuple):
    """Basis of the master: column >= 0 a cut, -1 - k the slack r of row k, -1 - K - k the bound t of row k."""

    basis: IntArray
    """Shape (K + 1,)."""
    weight: FloatArray
    """Value of each basic column, shape (K + 1,)."""
    inverse: FloatArray
    """Of the basis, shape (K + 1, K + 1)."""
    upper: FloatArray
    """P, shape (K,)."""


@compiled
def first_basis(cuts: Cuts, upper: FloatArray) -> Master:
    """Basis of the first cut, with a slack where its slope is not positive and the bound where it is."""
    rows = cuts.slope.shape[1]
    basis, weight = np.zeros(rows + 1, np.int64), np.zeros(rows + 1)
    for k in range(rows):
        basis[k] = -1 - k if cuts.slope[0, k] <= 0.0 else -1 - rows - k
    master = Master(basis, weight, np.zeros((rows + 1, rows + 1)), upper)
    _factorise(cuts, master)
    return master


@compiled
def optimise(cuts: Cuts, master: Master, price: FloatArray, stop: Flag) -> float:
    """Re-solve the master; fill ``price`` with its highest point and return its height."""
    rows = price.size
    height = 0.0
    column, direction = np.empty(rows + 1), np.empty(rows + 1)
    for pivot in range(_MOST_PIVOTS):
        height = _duals(cuts, master, price)
        entering, found = _entering(cuts, master, price, height, pivot > _MOST_VALUED_PIVOTS)
        if not found or stop[0]:
            break
        _column(cuts, rows, entering, column)
        for i in range(rows + 1):
            direction[i] = 0.0
            for j in range(rows + 1):
                direction[i] += master.inverse[i, j] * column[j]
        leaving, step = -1, np.inf
        for i in range(rows + 1):
            if direction[i] > _PIVOT:
                ratio = max(master.weight[i], 0.0) / direction[i]
                if ratio < step or (ratio == step and master.basis[i] < master.basis[leaving]):
                    leaving, step = i, ratio
        if leaving < 0:
            break
        left = master.basis[leaving]
        master.basis[leaving] = entering
        if not _factorise(cuts, master):
            master.basis[leaving] = left
            _factorise(cuts, master)
            break
    for k in range(rows):
        price[k] = min(max(price[k], 0.0), master.upper[k])
    return height


@compiled
def _duals(cuts: Cuts, master: Master, price: FloatArray) -> float:
    """Fill ``price`` with the prices of the basis; return the height of its point."""
    rows = price.size
    height = 0.0
    for j in range(rows + 1):
        dual = 0.0
        for i in range(rows + 1):
            dual += _cost(cuts, master, master.basis[i]) * master.inverse[i, j]
        if j < rows:
            price[j] = -dual
        else:
            height = dual
    return height


@compiled
def _entering(cuts: Cuts, master: Master, price: FloatArray, height: float, first: bool) -> tuple[int, bool]:
    """Column of the most negative reduced cost, or of the first negative one, and whether there is any."""
    rows = price.size
    entering, found, worst = 0, False, 0.0
    for column in range(-2 * rows, cuts.used[0]):
        if column < 0:
            k = -1 - column
            reduced, size = (price[k], price[k]) if k < rows else (master.upper[k - rows] - price[k - rows], 0.0)
            size = max(abs(size), 1e-3 * master.upper[k % rows])
        else:
            reduced, size = cuts.intercept[column] - height, abs(cuts.intercept[column]) + abs(height)
            for k in range(rows):
                reduced += price[k] * cuts.slope[column, k]
                size += abs(price[k] * cuts.slope[column, k])
        if reduced < -_ENTERS * size and reduced < worst:
            inside = False
            for i in range(rows + 1):
                inside |= master.basis[i] == column
            if not inside:
                entering, found, worst = column, True, reduced
                if first:
                    break
    return entering, found


@compiled
def _cost(cuts: Cuts, master: Master, column: int) -> float:
    rows = master.upper.size
    if column >= 0:
        return float(cuts.intercept[column])
    return float(master.upper[-1 - rows - column]) if column < -rows else 0.0


@compiled
def _column(cuts: Cuts, rows: int, column: int, entries: FloatArray) -> None:
    for k in range(rows):
        entries[k] = cuts.slope[column, k] if column >= 0 else 0.0
    entries[rows] = 1.0 if column >= 0 else 0.0
    if column < -rows:
        entries[-1 - rows - column] = -1.0
    elif column < 0:
        entries[-1 - column] = 1.0


@compiled
def _factorise(cuts: Cuts, master: Master) -> bool:
    """Invert the basis by Gauss and Jordan, and renew the weights; whether it is regular."""
    size = master.basis.size
    matrix, entries = np.empty((size, size)), np.empty(size)
    for i in range(size):
        _column(cuts, size - 1, master.basis[i], entries)
        for j in range(size):
            matrix[j, i] = entries[j]
            master.inverse[j, i] = 1.0 if i == j else 0.0
    for i in range(size):
        pivot = i
        for j in range(i + 1, size):
            if abs(matrix[j, i]) > abs(matrix[pivot, i]):
                pivot = j
        if abs(matrix[pivot, i]) <= 1e-200:
            return False
        for j in range(size):
            matrix[i, j], matrix[pivot, j] = matrix[pivot, j], matrix[i, j]
            master.inverse[i, j], master.inverse[pivot, j] = master.inverse[pivot, j], master.inverse[i, j]
        scale = matrix[i, i]
        for j in range(size):
            matrix[i, j] /= scale
            master.inverse[i, j] /= scale
        for row in range(size):
            factor = matrix[row, i]
            if row != i and factor != 0.0:
                for j in range(size):
                    matrix[row, j] -= factor * matrix[i, j]
                    master.inverse[row, j] -= factor * master.inverse[i, j]
    for i in range(size):
        master.weight[i] = master.inverse[i, size - 1]
    return True
