"""The exact scan of batch sizes under further constraints that separate by user or count users.

For a given batch b, a constraint that separates by user makes some users mandatory, forbids others and narrows the
splits of the rest; the gains v_i(b) are then those of the splits left. The best choice is the mandatory users and,
of the others that may be granted, those with the largest gains, b users in all. A row that counts all users limits
b. Some rows count groups of users that are apart or nested. The scan keeps them by passing over users whose group
is full. Any other row couples users in a way that a choice by gains cannot see (docs/theory/split_offloading,
section 5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.section import Section
from formulations.split_offloading.domain import CouplingRow, batch_sizes, coupling_rows, must_grant
from formulations.split_offloading.gain import gains, unrestricted_gains
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core.limits import Limits
from solvers.core.result import Unsupported
from solvers.split_offloading.exact.packing import Columns, columns_of, pack


class Group(NamedTuple):
    """Users of whom at most ``right_hand_side`` may be granted, plus ``per_batch`` for each user in the batch."""

    members: NDArray[np.int64]
    """The users, in ascending order."""
    right_hand_side: int
    per_batch: int


class Groups(NamedTuple):
    """Groups that are apart or nested, G of them, by the users in them."""

    right_hand_side: NDArray[np.int64]
    """Shape (G,)."""
    per_batch: NDArray[np.int64]
    """Shape (G,)."""
    columns: Columns
    """The groups of every user."""
    user: NDArray[np.int64]
    """User of every entry of the columns."""

    def room(self, batch: int) -> NDArray[np.int64]:
        """Most users of every group in a batch of b, shape (G,)."""
        return self.right_hand_side + self.per_batch * batch

    def granted(self, chosen: BoolArray) -> NDArray[np.int64]:
        """Users of a choice in every group, shape (G,)."""
        return np.bincount(self.columns.row[chosen[self.user]], minlength=self.right_hand_side.size)


class ConstrainedScan(NamedTuple):
    """What the scan found.

    Attributes
    ----------
    granted : NDArray of int64 or None
        Users of the best batch; None where no choice of users was found feasible.
    gain_of_batch : FloatArray
        Largest gain over all-local of every batch size b = 0, 1, ... up to the last one tried [s]; minus infinity
        where no choice of b users is feasible.
    most : float
        No feasible choice gains more than this [s]: the largest of ``gain_of_batch`` if the scan is complete.
    complete : bool
        Whether time was enough.
    """

    granted: NDArray[np.int64] | None
    gain_of_batch: FloatArray
    most: float
    complete: bool


def scan(data: SplitOffloading, limits: Limits) -> ConstrainedScan:
    """Scan the batch sizes of a snapshot with further constraints, in O(I B_max log I) time and O(I) memory.

    Without constraints no gain rises with b (Lemma 3), so a batch of b or more gains at most the sum of all
    positive unrestricted gains in a batch of b. The scan stops where that is not above the best found. The first
    batch size is tried whatever the time.

    Raises
    ------
    Unsupported
        If a row couples users otherwise than by counting those of groups that are apart or nested.
    """
    started = perf_counter()
    groups = groups_of(data.users, coupling_rows(data))
    granted: NDArray[np.int64] | None = None
    highest = -np.inf
    gain_of_batch = np.full(data.largest_batch + 1, -np.inf)
    tried = 0
    for batch in batch_sizes(data):
        ceiling = float(np.maximum(unrestricted_gains(data, batch), 0.0).sum())
        if ceiling <= highest:
            break
        if tried and perf_counter() - started > limits.time_limit:
            return ConstrainedScan(granted, gain_of_batch[:tried], max(ceiling, highest), complete=False)
        gain = gains(data, batch)
        chosen = best_choice(gain, must_grant(data, batch), batch, groups)
        tried = batch + 1
        if chosen is not None:
            gain_of_batch[batch] = gain[chosen].sum()
        if gain_of_batch[batch] > highest:
            granted, highest = chosen, float(gain_of_batch[batch])
    return ConstrainedScan(granted, gain_of_batch[:tried], highest, complete=True)


def best_choice(gain: FloatArray, mandatory: BoolArray, batch: int, groups: Groups) -> NDArray[np.int64] | None:
    """The b users of largest gain in total, in ascending order, all mandatory ones among them; None without any.

    Choices that leave every one of some nested or separate groups its room are the independent sets of a matroid,
    in which taking the best user that still fits, again and again, is optimal for every number of users [1]_.

    Parameters
    ----------
    gain : FloatArray
        v_i(b) [s], shape (I,); minus infinity for users that may not be granted.
    mandatory : BoolArray
        Users that have to be granted, shape (I,).
    batch : int
        b.
    groups : Groups
        Groups whose members are limited in number.

    References
    ----------
    .. [1] J. Oxley, "Matroid Theory", 2nd edition, Oxford University Press (2011).
    """
    free = batch - int(np.count_nonzero(mandatory))
    order = np.argsort(-gain, kind="stable")
    order = order[~mandatory[order]]
    if groups.right_hand_side.size:
        room = groups.room(batch) - groups.granted(mandatory)
        if (room < 0).any():
            return None
        order = pack(order, free, groups.columns, -room.astype(np.float64))
    if free < 0 or order.size < free:
        return None
    chosen = np.sort(np.concatenate([np.flatnonzero(mandatory), order[:free]]))
    return chosen if bool((gain[chosen] > -np.inf).all()) else None


def groups_of(users: int, coupling: Sequence[CouplingRow]) -> Groups:
    """Groups of users that coupling rows limit in number.

    In a batch of b, at least m users of a group are at most b - m of all others.

    Raises
    ------
    Unsupported
        Naming a constraint that is no such limit, or whose group overlaps another one.
    """
    rows = [row for row in coupling if not row.of_the_batch]
    found = [_group(row) for row in rows]
    groups = [group for group in found if group is not None]
    refused = found.index(None) if None in found else overlapping(users, groups)
    if refused is not None:
        raise Unsupported(
            f"constraint '{rows[refused].family}' couples users otherwise than by counting those of groups apart "
            "or nested, which is all that a scan of batch sizes can heed"
        )
    return by_user(users, groups)


def by_user(users: int, groups: Sequence[Group]) -> Groups:
    """Groups as the choice of a batch reads them."""
    right_hand_side, per_batch = (np.array([group[part] for group in groups], dtype=np.int64) for part in (1, 2))
    columns = columns_of(users, [(group.members, np.ones(group.members.size)) for group in groups])
    return Groups(right_hand_side, per_batch, columns, np.repeat(np.arange(users), np.diff(columns.first)))


def _group(row: CouplingRow) -> Group | None:
    """The group that a row limits, None if it does not count its users all the same."""
    members = row.granted != 0.0
    if (row.granted[members] == 1.0).all():
        return Group(np.flatnonzero(members), math.floor(row.right_hand_side + row.rounding), 0)
    if (row.granted[members] == -1.0).all():
        return Group(np.flatnonzero(~members), math.floor(row.right_hand_side + row.rounding), 1)
    return None


def overlapping(users: int, groups: Sequence[Group]) -> int | None:
    """Position of a group that is neither apart from some other nor one within the other; None if there is none.

    From the largest group down, all users of a group are in the same smallest one so far, or in none.
    """
    smallest = np.full(users, -1)
    for index in sorted(range(len(groups)), key=lambda index: -groups[index].members.size):
        members = groups[index].members
        around = smallest[members]
        if members.size and (around != around[0]).any():
            return index
        smallest[members] = index
    return None


def refuse_constraints(data: Section, what: str) -> None:
    """Refuse any further constraint, for a method that can honour none.

    Raises
    ------
    Unsupported
        Naming ``what`` it is that ignores them, and the first constraint.
    """
    for constraint in data.constraints:
        raise Unsupported(f"{what} knows no further constraints, and the instance has '{constraint.type}'")
