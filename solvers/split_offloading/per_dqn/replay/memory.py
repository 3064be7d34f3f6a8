"""Replay memory: the transitions that the network learns from (paper B, sections 5.3.2 and 6.1.2).

A state follows from the case, the number of users handled and which of them were granted. A transition is stored
as these: a case number, a step and I bits for each server, about 30 bytes for 40 users in place of two states of
500.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.split_point import SplitRange
from solvers.split_offloading.per_dqn.decision_process.case_table import CaseTable
from solvers.split_offloading.per_dqn.decision_process.cases import Cases
from solvers.split_offloading.per_dqn.decision_process.mdp import Episodes
from solvers.split_offloading.per_dqn.decision_process.state import Observation, State, observation
from solvers.split_offloading.per_dqn.replay.priorities import Priorities, PrioritySetting

CAPACITY = 400_000
"""Transitions that the memory holds, section 6.1.2."""


class Transitions(NamedTuple):
    """A batch of n transitions.

    Attributes
    ----------
    slots : NDArray of int64
        Where they stand in the memory, for :meth:`Replay.update`, shape (n,).
    cases : Cases
        Their n cases, the users in the order of handling.
    chosen : BoolArray
        Who had been granted at each server before, in the same order, shape (n m, I).
    steps : NDArray of int64
        How many users had been handled before, shape (n,).
    action : NDArray of int64
        What was done with the user in progress, see :mod:`..decision_process.mdp`, shape (n,).
    reward : NDArray of float32
        r_t [s], shape (n,).
    finished : BoolArray
        Whether the episode ended with it, shape (n,).
    weight : FloatArray
        Importance weight, shape (n,).
    """

    slots: NDArray[np.int64]
    cases: Cases
    chosen: BoolArray
    steps: NDArray[np.int64]
    action: NDArray[np.int64]
    reward: NDArray[np.float32]
    finished: BoolArray
    weight: FloatArray

    def state(self) -> State:
        """Where the episodes stood."""
        return State(self.cases, self.chosen, self.steps, np.zeros_like(self.finished))

    def states(self) -> Observation:
        """s_t."""
        return observation(*self.state())

    def next_states(self) -> Observation:
        """s_(t+1)."""
        return observation(*after(self.state(), self.action))


def after(state: State, action: NDArray[np.int64]) -> State:
    """s_(t+1) of actions, which need not be those that were taken."""
    cases, chosen, steps = state.cases, state.chosen.copy(), state.steps + 1
    rows = np.flatnonzero(action > 0)
    chosen[rows * cases.servers + action[rows] - 1, state.steps[rows]] = True
    following = State(cases, chosen, steps, state.finished)
    return following._replace(finished=(steps == cases.user_count) | ~following.open().any(axis=1))


class Replay:
    """A ring of the last transitions, drawn from by their priorities.

    Parameters
    ----------
    width : int
        Places of a row of a case.
    curve : SplitRange
        F and the range of splits of all cases.
    capacity : int
        Most transitions that are stored.
    setting : PrioritySetting
        How they are drawn.
    servers : int
        m of all cases.
    """

    def __init__(
        self,
        width: int,
        curve: SplitRange,
        capacity: int = CAPACITY,
        setting: PrioritySetting = PrioritySetting(),  # noqa: B008 - frozen
        servers: int = 1,
    ) -> None:
        self.capacity = capacity
        self.servers = servers
        self.priorities = Priorities(capacity, setting)
        self._cases = CaseTable(width, curve, servers)
        self._added = 0
        self._stored: dict[str, NDArray[Any]] = {
            "case": np.zeros(capacity, dtype=np.int64),
            "step": np.zeros(capacity, dtype=np.int32),
            "chosen": np.zeros((capacity, servers, (width + 7) // 8), dtype=np.uint8),
            "action": np.zeros(capacity, dtype=np.int16),
            "reward": np.zeros(capacity, dtype=np.float32),
            "finished": np.zeros(capacity, dtype=np.bool_),
        }

    def __len__(self) -> int:
        return min(self._added, self.capacity)

    def add(self, episodes: Episodes) -> None:
        """Append every transition of finished episodes.

        Raises
        ------
        ValueError
            If they are of another width, F or range of splits, if one still runs, or if there are more transitions
            than the memory holds.
        """
        if not episodes.finished.all():
            running = int(np.argmin(episodes.finished))
            raise ValueError(f"expected finished episodes, got episode {running} that runs")
        rewards = episodes.rewards()
        place = np.arange(episodes.cases.width)
        row, step = np.nonzero(place < episodes.steps[:, None])
        if row.size > self.capacity:
            raise ValueError(f"expected at most {self.capacity} transitions at once, got {row.size}")
        number = self._cases.add(episodes.cases)
        slots = (self._added + np.arange(row.size)) % self.capacity
        finished = step == episodes.steps[row] - 1
        chosen = episodes.cases.by_server(episodes.chosen)
        new = {
            "case": number[row],
            "step": step,
            "chosen": np.packbits(chosen[row] & (place < step[:, None])[:, None], axis=2),
            "action": (chosen[row, :, step] * (1 + np.arange(self.servers))).sum(axis=1),
            "reward": rewards[row, step],
            "finished": finished,
        }
        for name, array in new.items():
            self._stored[name][slots] = array
        self.priorities.enter(slots, finished)
        self._added += row.size
        if self._added > self.capacity:
            self._cases.forget_before(int(self._stored["case"][self._added % self.capacity]))

    def draw(self, size: int, random: np.random.Generator) -> Transitions:
        """Draw a batch, see :meth:`~solvers.split_offloading.per_dqn.replay.priorities.Priorities.draw`.

        Raises
        ------
        ValueError
            If the memory is empty.
        """
        slots, weight = self.priorities.draw(size, random)
        stored = {name: array[slots] for name, array in self._stored.items()}
        width = self._cases.width
        return Transitions(
            slots=slots,
            cases=self._cases.take(stored["case"]),
            chosen=np.unpackbits(stored["chosen"], axis=2, count=width).astype(np.bool_).reshape(-1, width),
            steps=stored["step"].astype(np.int64),
            action=stored["action"].astype(np.int64),
            reward=stored["reward"],
            finished=stored["finished"],
            weight=weight,
        )

    def update(self, slots: NDArray[np.int64], error: FloatArray) -> None:
        """Renew the priorities of transitions whose temporal-difference errors [s] are known."""
        self.priorities.update(slots, error)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that a memory with the same parameters needs to go on from here, by name."""
        return (
            {f"transitions.{name}": array[: len(self)] for name, array in self._stored.items()}
            | {f"cases.{name}": array for name, array in self._cases.arrays().items()}
            | {f"priorities.{name}": array for name, array in self.priorities.arrays().items()}
            | {"added": np.array(self._added)}
        )

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take up what :meth:`arrays` returned."""
        self._added = int(arrays["added"])
        for name, array in _below(arrays, "transitions").items():
            self._stored[name][: len(self)] = array
        self._cases.restore(_below(arrays, "cases"))
        self.priorities.restore(_below(arrays, "priorities"))


def _below(arrays: Mapping[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    return {key.partition(".")[2]: array for key, array in arrays.items() if key.startswith(f"{name}.")}
