"""The compiled loop over batch sizes, and what it writes to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.split_offloading.gain import Edge, Users
from solvers.split_offloading.exact.best_users import first_gains, select_best
from solvers.split_offloading.exact.split_table import SplitTable


class Workspace(NamedTuple):
    """Arrays that the scan of one snapshot writes to."""

    ceiling: FloatArray
    """See :func:`~solvers.split_offloading.exact.best_users.select_best`; shape (I,)."""
    reached: NDArray[np.int32]
    """See :func:`~solvers.split_offloading.exact.split_table.gain_in_table`; shape (I,)."""
    least: FloatArray
    """Gains of the batch at hand as a heap [s]; room for the largest batch, as all below."""
    chosen: NDArray[np.int64]
    """Whose gains they are."""
    granted: NDArray[np.int64]
    """Users of the best batch, in its first places, in no order."""
    gains: FloatArray
    """Largest gain of every batch from 0 on."""


def workspace(users: int, largest: int) -> Workspace:
    """Room for the scan of ``users`` users and batches up to ``largest``."""
    return Workspace(
        np.empty(users),
        np.empty(users, dtype=np.int32),
        np.empty(largest),
        np.empty(largest, dtype=np.int64),
        np.empty(largest, dtype=np.int64),
        np.empty(largest + 1),
    )


@compiled
def scan_kernel(
    users: Users, edge: Edge, table: SplitTable, first: int, last: int, top: int, work: Workspace
) -> tuple[int, int, bool]:
    """Scan the batches ``first`` to ``last``, after those before, of which ``top`` is the best.

    Once the least of the best b gains is not positive, fewer than b users gain anything in a batch of b or more,
    and a batch with a user that does not gain is no better than the smaller one without it: the scan stops.

    Returns
    -------
    tuple of int, int and bool
        The best batch, the number of batches tried so far, and whether larger ones may be better.
    """
    weight, local_seconds, transmission = users
    curve, accuracy, rise = table
    ceiling, reached, least, chosen, granted, gains = work
    if first == 0:
        gains[0] = 0.0
        first_gains(weight, local_seconds, transmission, edge, curve, accuracy, rise, ceiling, reached)
    for batch in range(max(first, 1), last + 1):
        gains[batch] = select_best(
            weight,
            local_seconds,
            transmission,
            edge,
            curve,
            accuracy,
            rise,
            batch,
            ceiling,
            reached,
            least,
            chosen,
        )
        if gains[batch] > gains[top]:
            top = batch
            for place in range(batch):  # a slice would look for an overlap
                granted[place] = chosen[place]
        if least[0] <= 0.0:
            return top, batch + 1, False
    return top, last + 1, True
