"""The master problem of the decomposition: prices from the columns that servers have answered with so far.

Its dual is minimise sum lambda_i + sum v_j subject to v_j >= sum of (g_ij(b) - lambda_i) over the users of
each column of server j, with lambda and v not negative: one row for each column, to which more are added. The
multiplier of a row is the weight of its column. HiGHS solves it by the simplex method from where it was.

Rows sum_i c_ki x_i <= r_k of further constraints add multipliers mu_k >= 0: mu_k r_k to what is minimised, and
mu_k times the sum of c_ki over the users of a column to its row.
"""

from __future__ import annotations

from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.external.native_highs import quiet_highs


class Column(NamedTuple):
    """A batch of a server: the level at which its users gain, the users, and what they gain together [s]."""

    server: int
    batch: int
    users: NDArray[np.int64]
    gain: float


class Prices(NamedTuple):
    """Solution of the master problem."""

    value: float
    """Its optimum [s]; no lower than the best gain of any combination of the columns."""
    prices: FloatArray
    """lambda_i [s], shape (I,)."""
    profits: FloatArray
    """v_j [s], shape (m,)."""
    multipliers: FloatArray
    """mu_k of each row of further constraints [s]."""
    weights: FloatArray
    """Weight of each column, in the order in which they were added."""


def column_of(table: GainTable, server: int, batch: int, users: NDArray[np.int64]) -> Column:
    """Column of the users at a level b of a server."""
    position = np.searchsorted(table.reached(server), users)
    return Column(server, batch, users, float(table.of(server, batch)[position].sum()))


class Master:
    """The master problem with the columns added so far."""

    def __init__(self, users: int, servers: int, rows: FloatArray | None = None) -> None:
        self._users, self._servers = users, servers
        self._rows = np.empty((0, users)) if rows is None else rows
        self.columns: list[Column] = []
        self._known: set[tuple[int, int, bytes]] = set()
        self._highs = quiet_highs({"presolve": "off", "solver": "simplex", "threads": 1})
        count = users + servers
        self._highs.addVars(count, np.zeros(count), np.full(count, highspy.kHighsInf))
        self._highs.changeColsCost(count, np.arange(count, dtype=np.int32), np.ones(count))

    def price_rows(self, right_hand_sides: FloatArray, most: float) -> None:
        """Give every row a multiplier mu_k from 0 to ``most`` [s], which costs mu_k r_k."""
        first, count = self._users + self._servers, right_hand_sides.size
        self._highs.addVars(count, np.zeros(count), np.full(count, most))
        index = np.arange(first, first + count, dtype=np.int32)
        self._highs.changeColsCost(count, index, right_hand_sides)

    def add(self, columns: list[Column]) -> int:
        """Add the columns that are new; returns how many."""
        fresh = []
        for column in columns:
            key = (column.server, column.batch, np.sort(column.users).tobytes())
            if key not in self._known:
                self._known.add(key)
                fresh.append(column)
        if fresh:
            rows = [self._row(column) for column in fresh]
            index = np.concatenate([columns for columns, _ in rows]).astype(np.int32)
            values = np.concatenate([values for _, values in rows])
            rows_only = [columns for columns, _ in rows]
            start = np.concatenate([[0], np.cumsum([row.size for row in rows_only[:-1]])]).astype(np.int32)
            gain = np.array([column.gain for column in fresh])
            infinite = np.full(gain.size, highspy.kHighsInf)
            self._highs.addRows(gain.size, gain, infinite, index.size, start, index, values)
            self.columns += fresh
        return len(fresh)

    def _row(self, column: Column) -> tuple[NDArray[np.int64], FloatArray]:
        """Variables in the row of a column, and their coefficients."""
        variables = np.append(column.users, self._users + column.server)
        values = np.ones(variables.size)
        if self._rows.size:
            shares = self._rows[:, column.users].sum(axis=1)
            counted = np.flatnonzero(shares)
            variables = np.append(variables, self._users + self._servers + counted)
            values = np.append(values, shares[counted])
        return variables, values

    def solve(self, seconds: float) -> Prices | None:
        """Optimal prices for the columns at hand; None where HiGHS has not found them in time."""
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(seconds, 0.0))
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found = self._highs.getSolution()
        values = np.maximum(np.array(found.col_value), 0.0)
        return Prices(
            value=float(self._highs.getInfo().objective_function_value),
            prices=values[: self._users],
            profits=values[self._users : self._users + self._servers],
            multipliers=values[self._users + self._servers :],
            weights=np.abs(np.array(found.row_dual)),
        )
