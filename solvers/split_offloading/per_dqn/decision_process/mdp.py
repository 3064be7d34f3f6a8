"""The decision process of paper B's section 5.3.1: requests are granted or denied one after another.

With several servers there is one action for each: the request is granted at that server. :class:`Episodes` runs
many at once, for training and for decisions; the gymnasium environment is one of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, Order, handling_order, in_order, rows_of
from solvers.split_offloading.per_dqn.decision_process.rewards import (
    Reward,
    all_local_objectives,
    published_rewards,
    update_set_gains,
)
from solvers.split_offloading.per_dqn.decision_process.state import Observation, State, observation

DENY, GRANT = 0, 1
"""Actions; with several servers ``GRANT + j`` grants at server j."""


class Episodes:
    """S episodes of up to I users and m servers, run in step.

    Every step handles the next user of each episode that still runs. An episode ends when nobody is pending, or
    when B_max users are granted at every server, which denies the rest; with B_max = 0 it has ended before its
    first step.

    Attributes
    ----------
    cases : Cases
        The snapshots, their users in the order of handling.
    order : NDArray of int64
        Number in the snapshot of each user in the order of handling, padding last, shape (S, I).
    chosen : BoolArray
        Who has been granted at each server, in the order of handling, shape (S m, I).
    steps : NDArray of int64
        How many users have been handled, shape (S,).
    finished : BoolArray
        Whether the episode has ended, shape (S,).

    Parameters
    ----------
    cases : Cases
        The snapshots, their users in any order.
    order : {"arrival", "gain"}
        See :func:`~solvers.split_offloading.per_dqn.decision_process.cases.handling_order`.
    reward : {"published", "at-the-end", "incremental"}
        (21); the objective at the last step alone; or the Markov reward r_t = J(S_t) - J(S_(t-1)), where J is the
        gain over all-local with pending users counted as denied. Episodes take the same course with all of them.
    """

    def __init__(self, cases: Cases, order: Order = "arrival", reward: Reward = "published") -> None:
        self.order = handling_order(cases, order)
        self.cases = in_order(cases, self.order)
        self.chosen: BoolArray = np.zeros(cases.wait.shape, dtype=np.bool_)
        self.steps = np.zeros(cases.size, dtype=np.int64)
        self.finished: BoolArray = np.zeros(cases.size, dtype=np.bool_)
        self.finished = (cases.user_count == 0) | ~self.state().open().any(axis=1)
        self.reward = reward
        self._gain = np.zeros(cases.wait.shape[0])
        self._all_local = all_local_objectives(self.cases)
        self._rewards = np.zeros(self.order.shape)

    def observe(self, rows: NDArray[np.int64] | None = None) -> Observation:
        """States of all episodes, or of some."""
        if rows is None:
            return observation(*self.state())
        return observation(*self.state(rows))

    def state(self, rows: NDArray[np.int64] | None = None) -> State:
        """Where all episodes stand, or some."""
        if rows is None:
            return State(self.cases, self.chosen, self.steps, self.finished)
        chosen = self.cases.by_server(self.chosen)[rows].reshape(-1, self.cases.width)
        return State(rows_of(self.cases, rows), chosen, self.steps[rows], self.finished[rows])

    def step(self, actions: NDArray[Any]) -> tuple[FloatArray, BoolArray]:
        """Grant or deny the user in progress of every episode that runs; the others ignore their action.

        Parameters
        ----------
        actions : NDArray of int or bool
            :data:`DENY`, or :data:`GRANT` + j for server j, which must have room; shape (S,).

        Returns
        -------
        reward : FloatArray
            What is known now [s], shape (S,): the incremental reward; or 0 until the end, then the objective,
            which is the sum of the rewards (21) that :meth:`rewards` fills back.
        finished : BoolArray
            Whether the episode has ended, shape (S,).
        """
        rows = np.flatnonzero(~self.finished)
        taken = np.asarray(actions, dtype=np.int64)[rows]
        granting = rows[taken >= GRANT]
        servers = granting * self.cases.servers + taken[taken >= GRANT] - GRANT
        places = self.steps[rows]
        self.chosen[servers, self.steps[granting]] = True
        self.steps[rows] += 1
        before = self.gain()[rows]
        update_set_gains(self.cases, self.chosen, servers, self._gain)
        decided = self.steps[rows] == self.cases.user_count[rows]
        self.finished[rows] = decided | ~self.state().open()[rows].any(axis=1)
        reward = np.zeros(self.steps.size)
        if self.reward == "incremental":
            self._rewards[rows, places] = reward[rows] = self.gain()[rows] - before
        else:
            ended = rows[self.finished[rows]]
            reward[ended] = self.objective()[ended]
        return reward, self.finished.copy()

    def rewards(self) -> FloatArray:
        """Reward of every step taken [s], 0 behind the last, shape (S, I).

        Raises
        ------
        ValueError
            If an episode still runs and the reward is not known before its end.
        """
        if self.reward == "incremental":
            return self._rewards.copy()
        if not self.finished.all():
            running = int(np.argmin(self.finished))
            raise ValueError(f"the reward is known once an episode has ended, and episode {running} runs")
        if self.reward == "published":
            return published_rewards(self.cases, self.chosen, self.steps)
        rewards, begun = np.zeros(self.order.shape), np.flatnonzero(self.steps)
        rewards[begun, self.steps[begun] - 1] = self.objective()[begun]
        return rewards

    def granted(self) -> BoolArray:
        """Who has been granted at each server, in the order of the snapshots, shape (S m, I)."""
        granted = np.zeros_like(self.chosen)
        np.put_along_axis(granted, self.cases.of_rows(self.order), self.chosen, axis=1)
        return granted

    def objective(self) -> FloatArray:
        """Objective of P1, pending users counted as denied [s], shape (S,)."""
        return np.asarray(self._all_local + self.gain())

    def gain(self) -> FloatArray:
        """J, the objective less that of denying everybody [s], shape (S,)."""
        return np.asarray(self.cases.by_server(self._gain).sum(axis=1))
