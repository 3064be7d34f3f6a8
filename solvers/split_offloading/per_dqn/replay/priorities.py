"""Prioritised experience replay [1]_: how often each transition is drawn (paper B, sections 5.3.2 and 6.1.2).

References
----------
.. [1] T. Schaul, J. Quan, I. Antonoglou, D. Silver, "Prioritized experience replay", ICLR 2016.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from solvers.split_offloading.per_dqn.replay.sum_tree import SumTree

PRECEDING, TERMINAL = 0, 1
"""Kinds of transitions: the last of an episode, and those before it."""

_EMPTY = 2


@dataclass(frozen=True)
class PrioritySetting:
    """Prioritised experience replay; the defaults are paper B's.

    A transition of temporal-difference error d has the priority (|d| + offset)^exponent. The paper has the offset
    "set to 0.1 of its original value" and gives no original; it is read here as 0.1 in the unit of d.

    Attributes
    ----------
    exponent : float
        0.7; with 0 all transitions of a kind are equally likely.
    importance : float
        0.3, exponent of the weights that correct for unequal probabilities; 1 corrects fully.
    offset : float
        0.1, in the unit of the error.
    terminal_share : float or None
        1/8 of a batch are terminal transitions (1 : 7); None leaves the share to the priorities.
    """

    exponent: float = 0.7
    importance: float = 0.3
    offset: float = 0.1
    terminal_share: float | None = 1 / 8


class Priorities:
    """Priorities of a memory's slots, empty at first."""

    def __init__(self, capacity: int, setting: PrioritySetting) -> None:
        self.setting = setting
        self.largest = 1.0
        """Largest |d| + offset so far, which new transitions are given."""
        self._trees = (SumTree(capacity), SumTree(capacity))
        self._kind = np.full(capacity, _EMPTY, dtype=np.int8)
        self._counts = np.array([0, 0, capacity])

    def enter(self, slots: NDArray[np.int64], terminal: BoolArray) -> None:
        """Put new transitions in distinct slots, whatever was there, with the largest priority so far."""
        kind = np.where(terminal, TERMINAL, PRECEDING)
        self._counts += np.bincount(kind, minlength=3) - np.bincount(self._kind[slots], minlength=3)
        self._kind[slots] = kind
        priority = np.full(slots.size, self.largest**self.setting.exponent)
        for number, tree in enumerate(self._trees):
            tree.update(slots, np.where(kind == number, priority, 0.0))

    def update(self, slots: NDArray[np.int64], error: FloatArray) -> None:
        """Renew the priorities of transitions whose temporal-difference errors [s] are known."""
        size = np.abs(error) + self.setting.offset
        self.largest = max(self.largest, float(size.max(initial=0.0)))
        self._put(slots, size**self.setting.exponent)

    def draw(self, size: int, random: np.random.Generator) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the slots of a random batch, the preceding transitions first, and their importance weights.

        The total priority of a kind is divided into equal sections, and each section gives one transition. If
        there is none of one kind, the whole batch is of the other.

        A weight is (n P)^-importance, divided by the largest of the batch. P is the transition's probability among
        the n transitions of its kind, so that the share of terminal transitions is not corrected away. Where that
        share is left to the priorities, P and n are those among all transitions.

        Returns
        -------
        slots : NDArray of int64
            Shape (size,).
        weight : FloatArray
            Importance weights in (0, 1], shape (size,).

        Raises
        ------
        ValueError
            If there is no transition.
        """
        totals = np.array([tree.total for tree in self._trees])
        numbers = self._counts[:2]
        if totals.sum() == 0.0:
            raise ValueError("expected transitions in the memory, got none")
        share = self.setting.terminal_share
        if totals.min() == 0.0:
            terminal = size if totals[PRECEDING] == 0.0 else 0
        elif share is None:
            terminal = int(random.binomial(size, totals[TERMINAL] / totals.sum()))
        else:
            terminal = round(size * share)
        slots, weights = [], []
        for tree, total, number, wanted in zip(
            self._trees, totals, numbers, (size - terminal, terminal), strict=True
        ):
            found = tree.find((np.arange(wanted) + random.random(wanted)) * (total / max(wanted, 1)))
            among, whole = (numbers.sum(), totals.sum()) if share is None else (number, total)
            slots.append(found)
            weights.append((among * tree.values(found) / whole) ** -self.setting.importance)
        weight = np.concatenate(weights)
        return np.concatenate(slots), weight / weight.max()

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything that is to be kept, by name."""
        every = np.arange(self._kind.size)
        priority = self._trees[PRECEDING].values(every) + self._trees[TERMINAL].values(every)
        return {"kind": self._kind.copy(), "priority": priority, "largest": np.array(self.largest)}

    def restore(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """Take up what :meth:`arrays` kept, from priorities of the same capacity."""
        self.largest = float(arrays["largest"].item())
        self._kind = arrays["kind"].astype(np.int8)
        self._counts = np.bincount(self._kind, minlength=3)
        self._put(np.arange(self._kind.size), arrays["priority"].astype(np.float64))

    def _put(self, slots: NDArray[np.int64], priority: FloatArray) -> None:
        for number, tree in enumerate(self._trees):
            mine = self._kind[slots] == number
            tree.update(slots[mine], priority[mine])
