"""Choices of users under further constraints, for heuristics: what a batch leaves, and what breaks.

A heuristic never returns a choice that a constraint forbids: it ends with one that all allow, or with none.
"""

from __future__ import annotations

from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.split_offloading.base import EDGE, SplitConstraint
from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.domain import allowed_splits, batch_sizes, coupling_rows, must_grant
from formulations.split_offloading.gain import gains_at
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from solvers.split_offloading.exact.packing import columns_of, pack

_CACHED_BYTES = 1 << 28

NOTHING_ALLOWED = "it ends without a choice of users that all constraints allow"
"""Reason of a heuristic that returns nothing."""


class Batch(NamedTuple):
    """What a batch of b leaves to every user, shape (I,) each."""

    gain: FloatArray
    """Gain over all-local with the best split left, or with the given one [s]; minus infinity where forbidden."""
    mandatory: BoolArray
    """Whether the user may not be denied."""

    @property
    def grantable(self) -> BoolArray:
        """Users that may be granted."""
        return np.asarray(self.gain > -np.inf)


class Choices:
    """Choices of users of one snapshot, each with its best splits or with one given split for all granted.

    Parameters
    ----------
    data : SplitOffloading
        The snapshot.
    split : float, optional
        The one split of all granted users [steps].
    """

    def __init__(self, data: SplitOffloading, split: float | None = None) -> None:
        rows = [row for row in coupling_rows(data) if not row.of_the_batch]
        members = [np.flatnonzero(row.granted) for row in rows]
        self.rows = [(users, row.granted[users]) for users, row in zip(members, rows, strict=True)]
        """Users in each of the other rows, and their coefficients."""
        self.limits = np.array([row.right_hand_side + row.rounding for row in rows])
        """Limits of the other rows, shape (R,)."""
        self.columns = columns_of(data.users, self.rows)
        """The same coefficients by user."""
        self._user = np.repeat(np.arange(data.users), np.diff(self.columns.first))
        self.users = data.users
        self.sizes = batch_sizes(data)
        """Batch sizes that the rows which count all users the same leave."""
        self.depends_on_batch = any(type(c).interval is not SplitConstraint.interval for c in data.constraints)
        """Whether the users that may be granted, or denied, can differ between batches."""
        self.batch = lru_cache(maxsize=max(2, _CACHED_BYTES // (16 * data.users)))(self._batch)
        """What a batch of b leaves."""
        self._data, self._split = data, split

    def _batch(self, batch: int) -> Batch:
        if self._split is None:
            split = best_splits(self._data, batch)
        else:
            allowed = allowed_splits(self._data, EDGE, batch)
            fits = (allowed.lower <= self._split) & (self._split <= allowed.upper)
            split = np.where(fits, self._split, np.nan)
        return Batch(gains_at(self._data, split, batch), must_grant(self._data, batch))

    def excess(self, granted: BoolArray) -> FloatArray:
        """Excess over the limit of every other row, not positive where it holds; shape (..., R) for (..., I)."""
        found = np.empty((*granted.shape[:-1], self.limits.size))
        for row, (users, coefficients) in enumerate(self.rows):
            found[..., row] = granted[..., users] @ coefficients
        return np.asarray(found - self.limits)

    def shortfall(self, granted: BoolArray) -> float:
        """How far a choice, shape (I,), is from feasible [users]; 0 where all constraints allow it."""
        return float(self.shortfalls(granted[None], int(granted.sum()))[0])

    def shortfalls(self, choices: BoolArray, size: int) -> FloatArray:
        """The same of several choices of one size, shape (P, I): shape (P,)."""
        batch = self.batch(size)
        misplaced = (batch.mandatory & ~choices).sum(axis=1) + (choices & ~batch.grantable).sum(axis=1)
        astray = max(0, size - self.sizes.stop + 1, self.sizes.start - size)
        return np.asarray(misplaced + astray + np.maximum(self.excess(choices), 0.0).sum(axis=1))

    def fitting(self, granted: BoolArray) -> BoolArray:
        """Users, shape (I,), whose grant breaks no row further than this choice does."""
        added = self.columns.value
        breaks = (added > 0.0) & (self.excess(granted)[self.columns.row] + added > 0.0)
        fits = np.ones(self.users, dtype=np.bool_)
        fits[self._user[breaks]] = False
        return fits

    def mending(self, granted: BoolArray, batch: Batch) -> BoolArray:
        """Users, shape (I,), that a larger choice needs: mandatory ones first, then those that mend a row."""
        missing = batch.mandatory & ~granted
        if missing.any():
            return missing
        mends = (self.columns.value < 0.0) & (self.excess(granted) > 0.0)[self.columns.row]
        needed = np.zeros(self.users, dtype=np.bool_)
        needed[self._user[mends]] = True
        return needed


def grow(
    choices: Choices, preference: FloatArray | None = None, deadline: float = np.inf
) -> NDArray[np.int64] | None:
    """Users granted one by one, from the mandatory ones on, as long as the gain rises; None if never feasible.

    A user is added only if it may be granted in the grown batch and breaks no row by it. As long as the choice is
    not feasible, users that mend it come first, whatever they gain.

    Parameters
    ----------
    choices : Choices
        What the constraints allow.
    preference : FloatArray, optional
        Fixed order of the users, the largest first, shape (I,); by default their gain in the grown batch.
    deadline : float
        When to stop with what there is, as ``perf_counter()`` says it.
    """
    granted = mandatory_at_once(choices)
    best: NDArray[np.int64] | None = None
    highest = -np.inf
    while True:
        size = int(granted.sum())
        if choices.shortfall(granted) == 0.0:
            total = float(choices.batch(size).gain[granted].sum())
            if best is not None and total <= highest:
                return best
            best, highest = np.flatnonzero(granted), total
        elif best is not None:
            return best
        if size + 1 >= choices.sizes.stop or perf_counter() >= deadline:
            return best
        grown = choices.batch(size + 1)
        addable = ~granted & grown.grantable & choices.fitting(granted)
        mending = addable & choices.mending(granted, grown)
        candidates = np.flatnonzero(mending if mending.any() else addable)
        if candidates.size == 0:
            return best
        order = grown.gain if preference is None else preference
        granted[candidates[int(np.argmax(order[candidates]))]] = True


def mandatory_at_once(choices: Choices) -> BoolArray:
    """The users that are mandatory in the batch that they make themselves, shape (I,)."""
    granted = np.zeros(choices.users, dtype=np.bool_)
    while (missing := choices.batch(min(int(granted.sum()), choices.users)).mandatory & ~granted).any():
        granted |= missing
    return granted


def first_in_order(
    choices: Choices, order: NDArray[np.int64], deadline: float = np.inf
) -> NDArray[np.int64] | None:
    """The largest feasible batch of the mandatory users and the first others in an order; None without any.

    For every size from the largest down, the mandatory users are granted and then, in the order, those that may be
    granted in a batch of that size and break no row. At ``deadline``, as ``perf_counter()`` says it, the mandatory
    users alone are the batch, if that is feasible.
    """
    size = choices.sizes.stop - 1
    while size >= choices.sizes.start:
        if perf_counter() >= deadline:
            granted = mandatory_at_once(choices)
            return np.flatnonzero(granted) if choices.shortfall(granted) == 0.0 else None
        batch = choices.batch(size)
        granted = batch.mandatory.copy()
        free = size - int(granted.sum())
        others = order[(batch.grantable & ~granted)[order]]
        granted[pack(others, free, choices.columns, choices.excess(granted))] = True
        count = int(granted.sum())
        if count == size and choices.shortfall(granted) == 0.0:
            return np.flatnonzero(granted)
        # Where no batch differs from this one, none between is filled by a part of the same users.
        size = min(count, size - 1) if not choices.depends_on_batch else size - 1
    return None
