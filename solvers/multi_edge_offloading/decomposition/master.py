"""The master problem of the decomposition: prices from the columns that servers have answered with so far.

Its dual is minimise sum lambda_i + sum v_j subject to v_j >= sum of (g_ij(b) - lambda_i) over the users of
each column of server j, with lambda and v not negative: one row for each column, to which more are added. The
multiplier of a row is the weight of its column. HiGHS solves it by the simplex method from where it was.
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
    weights: FloatArray
    """Weight of each column, in the order in which they were added."""


def column_of(table: GainTable, server: int, batch: int, users: NDArray[np.int64]) -> Column:
    """Column of the users at a level b of a server."""
    position = np.searchsorted(table.reached(server), users)
    return Column(server, batch, users, float(table.of(server, batch)[position].sum()))


class Master:
    """The master problem with the columns added so far."""

    def __init__(self, users: int, servers: int) -> None:
        self._users = users
        self.columns: list[Column] = []
        self._known: set[tuple[int, int, bytes]] = set()
        self._highs = quiet_highs({"presolve": "off", "solver": "simplex", "threads": 1})
        count = users + servers
        self._highs.addVars(count, np.zeros(count), np.full(count, highspy.kHighsInf))
        self._highs.changeColsCost(count, np.arange(count, dtype=np.int32), np.ones(count))

    def add(self, columns: list[Column]) -> int:
        """Add the columns that are new; returns how many."""
        fresh = []
        for column in columns:
            key = (column.server, column.batch, np.sort(column.users).tobytes())
            if key not in self._known:
                self._known.add(key)
                fresh.append(column)
        if fresh:
            rows = [np.append(column.users, self._users + column.server) for column in fresh]
            index = np.concatenate(rows).astype(np.int32)
            start = np.concatenate([[0], np.cumsum([row.size for row in rows[:-1]])]).astype(np.int32)
            gain = np.array([column.gain for column in fresh])
            infinite = np.full(gain.size, highspy.kHighsInf)
            self._highs.addRows(gain.size, gain, infinite, index.size, start, index, np.ones(index.size))
            self.columns += fresh
        return len(fresh)

    def solve(self, seconds: float) -> Prices | None:
        """Optimal prices for the columns at hand; None where HiGHS has not found them in time."""
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(seconds, 0.0))
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found = self._highs.getSolution()
        values = np.maximum(np.array(found.col_value), 0.0)
        return Prices(
            value=float(values.sum()),
            prices=values[: self._users],
            profits=values[self._users :],
            weights=np.abs(np.array(found.row_dual)),
        )
