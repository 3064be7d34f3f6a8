"""Room at servers while users are placed one after another: batch limits, and slots for models."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.multi_edge_offloading.gains import solution_of
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.result import Outcome
from solvers.multi_edge_offloading.constrained.demands import demands_of
from solvers.multi_edge_offloading.constrained.repair import NO_PLAN, repaired
from solvers.multi_edge_offloading.decomposition.rules import all_allowed
from solvers.multi_edge_offloading.gains import gain_table


class Rooms:
    """Servers that users are placed at; every placement keeps the batch limits and the slots.

    Attributes
    ----------
    server : ndarray of int64
        Server of each user, -1 for local, shape (I,).
    batch : FloatArray
        Users of each server, shape (m,).
    held : BoolArray
        Models that each server holds, shape (m, K); all of them where models are not decided.
    """

    def __init__(self, data: MultiEdgeOffloading) -> None:
        self._data = data
        self.server: NDArray[np.int64] = np.full(data.users, LOCAL, dtype=np.int64)
        self.batch: FloatArray = np.zeros(data.servers)
        self.held: BoolArray = np.full((data.servers, data.models), not data.chooses_models)

    def open_to(self, user: int) -> BoolArray:
        """Servers that can take a user, shape (m,): there is room, and its model is held or a slot is free."""
        model = int(self._data.model_of_user[user])
        return np.asarray((self.batch < self._data.largest_batch) & self.may_hold[:, model])

    @property
    def may_hold(self) -> BoolArray:
        """Whether a server holds a model or has a slot free for it, shape (m, K)."""
        free = self.held.sum(axis=1) < self._data.model_slots
        return np.asarray(self.held | free[:, None])

    def place(self, user: int, server: int) -> None:
        """Put a local user at a server that is open to it."""
        self.server[user] = server
        self.batch[server] += 1.0
        self.held[server, int(self._data.model_of_user[user])] = True

    def outcome(self, reason: str, began: float, *, better: bool = False) -> Outcome:
        """The solution, mended where further constraints do not allow it.

        Under these, users that gain nothing at their server go home, too, unless a constraint may need them there.

        Parameters
        ----------
        reason : str
            Why the method stopped.
        began : float
            When, on the clock of ``perf_counter``.
        better : bool
            Whether users are moved in and out once it is mended, as long as that gains something.
        """
        if self._data.constraints and not self._mend(better):
            return Outcome(None, reason=NO_PLAN, solve_seconds=perf_counter() - began)
        return Outcome(self.solution(), reason=reason, solve_seconds=perf_counter() - began)

    def _mend(self, better: bool) -> bool:
        """Whether a plan that all constraints allow was found, which is then taken."""
        table = gain_table(self._data)
        demands, rules = demands_of(self._data, table), all_allowed(self._data, table)
        held = self.held if self._data.chooses_models else np.ones(rules.held.shape, dtype=np.bool_)
        mended = None if demands is None else repaired(table, rules, demands, self.server + 1, held, better=better)
        if mended is None:
            return False
        self.server = mended[0] - 1
        if self._data.chooses_models:
            self.held = mended[1]
        return True

    def solution(self) -> dict[str, NDArray[np.float64]]:
        """Arrays of the solution, every user with its best split."""
        arrays = solution_of(self._data, self.server)
        return arrays | ({"models_held": self.held.astype(np.float64)} if self._data.chooses_models else {})
