"""Room at servers while users are placed one after another: batch limits, and slots for models."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.multi_edge_offloading.gains import solution_of
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading


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
        free = self.held.sum(axis=1) < self._data.model_slots
        return np.asarray((self.batch < self._data.largest_batch) & (self.held[:, model] | free))

    def place(self, user: int, server: int) -> None:
        """Put a local user at a server that is open to it."""
        self.server[user] = server
        self.batch[server] += 1.0
        self.held[server, int(self._data.model_of_user[user])] = True

    def solution(self) -> dict[str, NDArray[np.float64]]:
        """Arrays of the solution, every user with its best split."""
        arrays = solution_of(self._data, self.server)
        return arrays | ({"models_held": self.held.astype(np.float64)} if self._data.chooses_models else {})
