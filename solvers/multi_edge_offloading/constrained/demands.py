"""What further constraints demand of a choice of servers, and gains that make the kernels keep to it.

A user that has to be served gains a prize P on top at every server, and one that has to stay local gains minus
infinity. P is so large that an assignment without one of these users is worth less than any with all of them:
P = 4 (t + l), where t is the most that all users can gain, and l the most that they can lose. Without prizes an
assignment gains between -P / 4 and P / 4. With prizes, one that misses such a user is at least P / 2 behind one
that serves them all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.fields import BoolArray, FloatArray
from formulations.multi_edge_offloading.domain import rows_of
from formulations.multi_edge_offloading.gains import GainTable
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.multi_edge_offloading.decomposition.rules import FREE, HELD, NOT_HELD, Rules


class Demands(NamedTuple):
    """Rows sum_i c_ki x_i <= r_k on who is served, and the prize of those who have to be.

    Attributes
    ----------
    rows : FloatArray
        c_ki, shape (R, I).
    right_hand_sides : FloatArray
        r_k, what rounding may add included, shape (R,).
    prize : float
        P [s].
    """

    rows: FloatArray
    right_hand_sides: FloatArray
    prize: float

    @property
    def floor(self) -> float:
        """Every assignment that is allowed gains more than this, none that leaves somebody out does [s]."""
        return -0.5 * self.prize

    def excess(self, served: BoolArray) -> FloatArray:
        """By how much a choice of users exceeds each row, shape (R,); not positive where it holds."""
        return np.asarray(self.rows @ served - self.right_hand_sides)

    def can_hold(self, rules: Rules) -> bool:
        """Whether every row by itself can hold in a branch."""
        least = np.minimum(self.rows, 0.0) @ (rules.user == FREE) + self.rows @ (rules.user == HELD)
        return bool((least <= self.right_hand_sides).all())


def demands_of(data: MultiEdgeOffloading, table: GainTable) -> Demands | None:
    """What the further constraints of an instance demand; None without any."""
    if not data.constraints:
        return None
    found = rows_of(data)
    most, least = np.zeros(data.users), np.zeros(data.users)
    for j, batches in enumerate(table.batches.tolist()):
        for b in range(1, batches + 1):
            gain, reached = table.of(j, b), table.reached(j)
            finite = np.isfinite(gain)
            most[reached[finite]] = np.maximum(most[reached[finite]], gain[finite])
            least[reached[finite]] = np.minimum(least[reached[finite]], gain[finite])
    return Demands(
        rows=np.array([row.granted for row in found]).reshape(len(found), data.users),
        right_hand_sides=np.array([row.right_hand_side + row.rounding for row in found]),
        prize=4.0 * float(most.sum() - least[table.at_a_loss].sum()) or 1.0,
    )


class View(NamedTuple):
    """The gains of a branch with its prizes, and what prizes add to every assignment that is allowed [s]."""

    table: GainTable
    prizes: float


def view(table: GainTable, rules: Rules, demands: Demands | None) -> View:
    """The gains that a branch has; the table itself where nothing is demanded."""
    if demands is None:
        return View(table, 0.0)
    prize = np.where(rules.user == HELD, demands.prize, np.where(rules.user == NOT_HELD, -np.inf, 0.0))
    if not prize.any():
        return View(table, 0.0)
    values = table.values.copy()
    for j in range(table.batches.size):
        reached = table.reached(j)
        rows = values[table.first[j] : table.first[j + 1]].reshape(int(table.batches[j]), reached.size)
        rows += prize[reached]
    return View(table._replace(values=values), demands.prize * int((rules.user == HELD).sum()))
