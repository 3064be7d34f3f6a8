"""The exact price search over many small snapshots in one call: one edge server per cell, one decision each time.

Each is solved as :mod:`.compiled_search` solves one. A tree has room for 2000 nodes; beyond it the gap is left
open, and said.
Snapshots with fewer users than others are padded: only the first ``user_count`` users of a row are read.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled, compiled_in_blocks
from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts
from solvers.core.limits import Limits
from solvers.core.rounding import SHARE
from solvers.step_allocation.lagrangian.closing import CLOSED_SHARE_OF_GAP, SMALLEST_GAP
from solvers.step_allocation.lagrangian.compiled_search import search
from solvers.step_allocation.lagrangian.snapshots import Snapshots, checked, in_units, stack
from solvers.step_allocation.lagrangian.stopping import Flag, stopping
from solvers.step_allocation.lagrangian.unpriced import Instance
from solvers.step_allocation.large_scale.user_blocks import Threads

__all__ = ["Decisions", "Snapshots", "solve_many", "stack"]

_MOST_NODES = 2_000


class Decisions(NamedTuple):
    """Decisions of S snapshots of up to N users.

    Attributes
    ----------
    offload : FloatArray
        a_n, shape (S, N).
    steps : FloatArray
        s_n [steps], shape (S, N).
    cost : FloatArray
        P1 of the decision [-], shape (S,).
    bound : FloatArray
        What P1 is at least [-], shape (S,).
    price : FloatArray
        delta of an edge step at the root [1/step], shape (S,).
    nodes : NDArray of int64
        Size of the tree, shape (S,); 0 where there was not room or time enough for it: the gap is then open.
    """

    offload: FloatArray
    steps: FloatArray
    cost: FloatArray
    bound: FloatArray
    price: FloatArray
    nodes: NDArray[np.int64]


def solve_many(snapshots: Snapshots, limits: Limits | None = None) -> Decisions:
    """Solve P1 of every snapshot to a proven optimum.

    Parameters
    ----------
    snapshots : Snapshots
        From :func:`stack`, or arrays put together by hand.
    limits : Limits, optional
        Without them there is no time limit. When the time is over, the snapshots that are left get every user's
        best local steps and the bound without a price, with 0 nodes.

    Raises
    ------
    ValueError
        If the shapes do not fit each other, or a number is not one that a scenario may have.
    """
    load_kernels()
    return _solve_many(snapshots, limits or Limits(time_limit=np.inf))


def _solve_many(snapshots: Snapshots, limits: Limits) -> Decisions:
    with stopping(limits.time_limit) as stop, Threads(limits.threads) as threads:
        scaled, unit, constant = in_units(checked(snapshots))
        rows, width = scaled.local.rate.shape
        found = Decisions(
            offload=np.zeros((rows, width)),
            steps=np.zeros((rows, width)),
            cost=np.empty(rows),
            bound=np.empty(rows),
            price=np.empty(rows),
            nodes=np.empty(rows, dtype=np.int64),
        )
        relative = max(CLOSED_SHARE_OF_GAP * limits.gap, SMALLEST_GAP)
        threads.share(rows, lambda first, last: _solve_rows(scaled, relative, stop, found, first, last))
    return found._replace(
        cost=found.cost * unit + constant,
        bound=found.bound * unit + constant - SHARE * constant,
        price=found.price * unit,
    )


@compiled_in_blocks
def _solve_rows(
    snapshots: Snapshots, relative: float, stop: Flag, decisions: Decisions, first: int, last: int
) -> None:
    for row in range(first, last):
        count = snapshots.user_count[row]
        every_user = np.ones(count, np.bool_)
        local, edge = _row(snapshots.local, row, count), _row(snapshots.edge, row, count)
        instance = Instance(local, edge, every_user, every_user, snapshots.budget[row], snapshots.integer)
        found = search(instance, relative, _MOST_NODES, stop)
        decisions.cost[row], decisions.bound[row] = found.cost, found.bound - found.rounding
        decisions.price[row], decisions.nodes[row] = found.price, found.prices.size if found.complete else 0
        for n in range(count):
            decisions.offload[row, n], decisions.steps[row, n] = found.offload[n], found.steps[n]


@compiled
def _row(place: PlaceCosts, row: int, count: int) -> PlaceCosts:
    return PlaceCosts(
        place.rate[row, :count],
        place.error[row, :count],
        place.error_decay[row, :count],
        place.utility[row, :count],
        place.utility_decay[row, :count],
        place.lower[row, :count],
        place.limit[row, :count],
    )


@cache
def load_kernels() -> None:
    """Solve one snapshot of one user, which compiles the kernels or loads them from the cache on disk."""
    one = np.ones((1, 1))
    edge = PlaceCosts(one, one, one, one, one, np.zeros((1, 1)), one)
    one_user = Snapshots(edge, edge, np.ones(1, dtype=np.int64), np.ones(1), False)
    _solve_many(one_user, Limits(time_limit=np.inf))
