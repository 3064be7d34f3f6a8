"""Mends a choice of servers that further constraints do not allow: moves of single users, the best one first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.constrained.demands import Demands
from solvers.multi_edge_offloading.decomposition.rules import HELD, Rules

NO_PLAN = "found no plan that all constraints allow"
"""Reason of a heuristic that ends without one."""


def repaired(
    table: GainTable, rules: Rules, demands: Demands, place: NDArray[np.int64], held: BoolArray, *, better: bool
) -> tuple[NDArray[np.int64], BoolArray] | None:
    """A choice that everything allows, with the models held for it, or None where none was found.

    Parameters
    ----------
    table : GainTable
        Gains without prizes.
    rules : Rules
        Who has to be served, and how many models fit.
    demands : Demands
        What is demanded.
    place : ndarray of int64
        0 for local, j + 1 for server j, shape (I,).
    held : BoolArray
        Models that each server holds, shape (m, K); more are taken in while slots are free.
    better : bool
        Whether users are moved in and out afterwards as long as that gains something.
    """
    plan = Plan(table, rules, place.copy(), held.copy())
    plan.send_home_who_cannot_stay()
    if not plan.serve_who_must() or not plan.keep_rows(demands):
        return None
    while better and plan.improve(demands):
        pass
    return plan.place, plan.held


class Plan:
    """A choice of servers while it is mended."""

    def __init__(self, table: GainTable, rules: Rules, place: NDArray[np.int64], held: BoolArray) -> None:
        self.table, self.rules, self.place, self.held = table, rules, place, held
        self.must = rules.user == HELD
        self._rows: dict[tuple[int, int], FloatArray] = {}

    def gains(self, server: int, batch: int) -> FloatArray:
        """Gains of all users in a batch of a server [s], shape (I,); minus infinity where one may not be in it."""
        if (server, batch) not in self._rows:
            row = np.full(self.place.size, -np.inf)
            if 1 <= batch <= self.table.batches[server]:
                row[self.table.reached(server)] = self.table.of(server, batch)
            elif batch == 0:
                row[:] = 0.0
            self._rows[server, batch] = row
        return self._rows[server, batch]

    def members(self, server: int) -> NDArray[np.int64]:
        """Users at a server."""
        return np.flatnonzero(self.place == server + 1)

    def send_home_who_cannot_stay(self) -> None:
        """Take users from a server until the others may be in its batch."""
        for server in range(self.table.batches.size):
            members = self.members(server)
            while members.size:
                gain = self.gains(server, members.size)[members]
                if np.isfinite(gain).all() and members.size <= self.table.batches[server]:
                    break
                if members.size <= self.table.batches[server]:
                    leaves = int(np.argmin(gain))
                else:
                    leaves = int(np.argmin(self.gains(server, 1)[members]))
                self.place[members[leaves]] = 0
                members = np.delete(members, leaves)

    def coming(self) -> FloatArray:
        """What all gain if a local user comes to a server [s], shape (m, I)."""
        found = np.full((self.table.batches.size, self.place.size), -np.inf)
        for server in range(self.table.batches.size):
            members = self.members(server)
            more = self.gains(server, members.size + 1)
            others = more[members].sum() - self.gains(server, members.size)[members].sum()
            free = self.held[server].sum() < self.rules.slots[server]
            fits = (self.place == 0) & (self.held[server, self.rules.model] | free)
            found[server, fits] = more[fits] + others
        return found

    def leaving(self) -> FloatArray:
        """What all gain if a user that need not be served goes home [s], shape (I,)."""
        found = np.full(self.place.size, -np.inf)
        for server in range(self.table.batches.size):
            members = self.members(server)
            if members.size:
                now = self.gains(server, members.size)[members]
                fewer = self.gains(server, members.size - 1)[members]
                found[members] = (fewer - now).sum() - fewer
        found[self.must] = -np.inf
        return found

    def move(self, user: int, place: int) -> None:
        """Move a user to a place, whose server holds its model from then on."""
        self.place[user] = place
        if place:
            self.held[place - 1, self.rules.model[user]] = True

    def serve_who_must(self) -> bool:
        """Bring everybody who has to be served to a server, if need be in place of somebody who has not."""
        while (self.must & (self.place == 0)).any():
            waiting = np.flatnonzero(self.must & (self.place == 0))
            coming = self.coming()[:, waiting]
            servers = np.isfinite(coming).sum(axis=0)
            first = int(np.argmin(servers))
            if servers[first]:
                self.move(int(waiting[first]), int(np.argmax(coming[:, first])) + 1)
            elif not self._replace(int(waiting[first])):
                return False
        return True

    def _replace(self, user: int) -> bool:
        """Put a user in the place of one who need not be served, where that loses least."""
        best, out, place = -np.inf, -1, 0
        for server in range(self.table.batches.size):
            free = [i for i in self.members(server).tolist() if not self.must[i]]
            if not free or not self.held[server, self.rules.model[user]]:
                continue
            gain = self.gains(server, self.members(server).size)
            worst = free[int(np.argmin(gain[free]))]
            if gain[user] - gain[worst] > best:
                best, out, place = float(gain[user] - gain[worst]), worst, server + 1
        if place:
            self.move(out, 0)
            self.move(user, place)
        return bool(place)

    def keep_rows(self, demands: Demands) -> bool:
        """Move users in or out until every row holds, each time where a unit of violation costs least."""
        while True:
            excess = demands.excess(self.place > 0)
            violation = float(np.maximum(excess, 0.0).sum())
            if violation == 0.0:
                return True
            coming, gain = self.coming(), self.leaving()
            local = self.place == 0
            gain[local] = coming.max(axis=0)[local]
            after = excess[:, None] + np.where(local, demands.rows, -demands.rows)
            less = violation - np.maximum(after, 0.0).sum(axis=0)
            helps = (less > 0.0) & np.isfinite(gain)
            if not helps.any():
                return False
            cost = np.where(helps, -gain, np.inf) / np.where(helps, less, 1.0)
            self._turn(int(np.argmin(cost)), coming)

    def improve(self, demands: Demands) -> bool:
        """Move the user in or out that gains most, if one gains anything and keeps the rows."""
        coming, gain = self.coming(), self.leaving()
        local = self.place == 0
        gain[local] = coming.max(axis=0)[local]
        after = demands.excess(~local)[:, None] + np.where(local, demands.rows, -demands.rows)
        gain[(after > 0.0).any(axis=0)] = -np.inf
        user = int(np.argmax(gain))
        if not gain[user] > 1e-12 * (1.0 + abs(float(self.gains(0, 1)[user]))):
            return False
        self._turn(user, coming)
        return True

    def _turn(self, user: int, coming: FloatArray) -> None:
        """Bring a local user to its best server, or send a served one home."""
        self.move(user, int(np.argmax(coming[:, user])) + 1 if self.place[user] == 0 else 0)
