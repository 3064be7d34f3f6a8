"""Exact solver of P1: for every batch size the users that gain most, and the best batch size of all.

Everything in P1 depends on who else is granted through the batch b alone. For a given b the best choice is the b
largest gains v_i(b), so trying b = 0, 1, ..., min(I, B_max) solves P1 in O(I B_max)
(docs/theory/split_offloading, section 2).
"""

from __future__ import annotations

from functools import cache
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.constraints.split_offloading.min_granted import MinGranted
from formulations.fields import FloatArray
from formulations.split_offloading.evaluation import all_local_worth
from formulations.split_offloading.gain import Edge, Users, edge_of, gains, users_of
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits, split_range
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.core.rounding import lost_in_rounding
from solvers.split_offloading.exact import constrained_scan, packing
from solvers.split_offloading.exact.best_users import Best, select_best
from solvers.split_offloading.exact.split_table import UNKNOWN, SplitTable, split_table

USERS_BETWEEN_CLOCKS = 2_000_000
"""Users that are looked at, over several batches, before the time is."""


class Scan(NamedTuple):
    """What the scan found.

    Attributes
    ----------
    granted : NDArray of int64
        Users of the best batch, in ascending order.
    gain_of_batch : FloatArray
        Largest gain over all-local of every batch size b = 0, 1, ... that was tried [s].
    most : float
        No batch gains more than this [s]: the largest of ``gain_of_batch`` if the scan is complete.
    complete : bool
        Whether time was enough.
    """

    granted: NDArray[np.int64]
    gain_of_batch: FloatArray
    most: float
    complete: bool


def solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve P1 to its optimum; the seed is not used.

    Compiled kernels are loaded before the clock starts: at most once in a process, and compiled once per machine.
    With further constraints it is the scan of :mod:`solvers.split_offloading.exact.constrained_scan`, which
    refuses some of them.

    Returns
    -------
    Outcome
        Solution, bound, and as certificate the largest gain over all-local of every batch size that was tried.
        Where that stops before min(I, B_max), the least of the best b gains was not positive, and no larger batch
        can be better. If the time is over before that, the bound holds for the batches that were not tried, too.
    """
    if data.constraints:
        return _solve_constrained(data, limits)
    load_kernels()
    started = perf_counter()
    scan = scan_batches(data, limits.time_limit)
    solution = solution_of(data, scan.granted)
    return Outcome(
        solution=solution,
        bound=most_objective(data, scan.most),
        reason="all batch sizes" if scan.complete else TIME_LIMIT,
        solve_seconds=perf_counter() - started,
        iterations=scan.gain_of_batch.size,
        certificate={"gain_of_batch": scan.gain_of_batch},
    )


def _solve_constrained(data: SplitOffloading, limits: Limits) -> Outcome:
    """Solve P1 with its further constraints, or prove that they cannot hold together."""
    load_constrained_kernels()
    started = perf_counter()
    scan = constrained_scan.scan(data, limits)
    found = scan.granted is not None
    infeasible = scan.complete and not found
    return Outcome(
        solution=solution_of(data, scan.granted) if scan.granted is not None else None,
        bound=None if infeasible else most_objective(data, scan.most),
        infeasible=infeasible,
        reason=("all batch sizes" if found else "no batch size is feasible") if scan.complete else TIME_LIMIT,
        solve_seconds=perf_counter() - started,
        iterations=scan.gain_of_batch.size,
        certificate={"gain_of_batch": scan.gain_of_batch},
    )


def scan_batches(data: SplitOffloading, time_seconds: float = np.inf) -> Scan:
    """Scan the batch sizes of one snapshot, in O(I) memory, some at a time until the time is over.

    No gain rises with b (Lemma 3): what is left when time is over gains at most the sum of the largest positive
    gains in the next batch, as many as may be granted.

    Raises
    ------
    Unsupported
        If there are further constraints.
    """
    constrained_scan.refuse_constraints(data, "the plain scan of batch sizes")
    work = workspace(data.users, data.largest_batch)
    users, edge, table = users_of(data), edge_of(data), split_table(split_range(data))
    started = perf_counter()
    best, tried, worthwhile = 0, 0, True
    while worthwhile and tried <= data.largest_batch:
        if tried and perf_counter() - started > time_seconds:
            ceiling = np.sort(np.maximum(gains(data, tried), 0.0))[-data.largest_batch :].sum()
            most = max(float(ceiling), float(work.gains[best]))
            return Scan(np.sort(work.granted[:best]), work.gains[:tried], most, complete=False)
        last = min(tried + max(1, USERS_BETWEEN_CLOCKS // data.users), data.largest_batch)
        best, tried, worthwhile = scan_kernel(users, edge, table, tried, last, best, work)
    return Scan(np.sort(work.granted[:best]), work.gains[:tried], float(work.gains[best]), complete=True)


def most_objective(data: SplitOffloading, most_gain: float) -> float:
    """What no objective exceeds if no batch gains more than this, with what is lost in rounding counted in [s].

    A device so slow that all others are lost in its rounding leaves a bound that says so.
    """
    worth = all_local_worth(data)
    return float(worth.sum()) + most_gain + lost_in_rounding(worth, most_gain)


def solution_of(data: SplitOffloading, granted: NDArray[np.int64]) -> dict[str, FloatArray]:
    """Arrays ``x`` and ``n`` of a choice of users, each with its best split."""
    offload = np.zeros(data.users)
    offload[granted] = 1.0
    split = np.full(data.users, float(data.total_steps))
    split[granted] = best_splits(data, float(granted.size), granted)
    return {"x": offload, "n": split}


@cache
def load_kernels() -> None:
    """Run every kernel once on a single user, which compiles it or loads it from the cache on disk."""
    data = one_user()
    solution_of(data, scan_batches(data).granted)
    _ = gains(data, 1.0)


@cache
def one_user() -> SplitOffloading:
    """A snapshot of one user, on which kernels are loaded."""
    return SplitOffloading(
        users=1,
        total_steps=2,
        min_local_steps=1,
        pai_slope=1.0,
        pai_threshold=1.0,
        accuracy_weight=1.0,
        local_seconds_per_step=1.0,
        edge_seconds_per_step_per_item=0.0,
        edge_seconds_per_step_base=0.0,
        gpus=1,
        max_batch=1,
        prompt_bits=0.0,
        latent_bits=0.0,
        spectral_efficiency=1.0,
        bandwidth_hz=1.0,
        wait_seconds=0.0,
    )


def load_kernels_for(data: SplitOffloading) -> None:
    """Run every kernel that a method needs for this snapshot once, so that its clock does not count it."""
    if data.constraints:
        load_constrained_kernels()
    else:
        load_kernels()


@cache
def load_constrained_kernels() -> None:
    """Run every kernel that further constraints need once, on a single user with one that demands nothing."""
    packing.load_kernels()
    nothing = MinGranted(on="split_offloading", type="min_granted", least_granted=0)
    _ = constrained_scan.scan(one_user().replaced({"constraints": (nothing,)}), Limits())


class Workspace(NamedTuple):
    """Arrays that the scan of one snapshot writes to."""

    ceiling: FloatArray
    """See :func:`~solvers.split_offloading.exact.best_users.select_best`; shape (I,)."""
    reached: NDArray[np.int32]
    """See :func:`~solvers.split_offloading.exact.split_table.gain_in_table`; shape (I,)."""
    best: Best
    """Heap of the batch at hand; room for the largest batch, as all below."""
    granted: NDArray[np.int64]
    """Users of the best batch, in its first places, in no order."""
    gains: FloatArray
    """Largest gain of every batch from 0 on."""


def workspace(users: int, largest: int) -> Workspace:
    """Room for the scan of ``users`` users and batches up to ``largest``."""
    heap = Best(np.empty(largest), np.empty(largest, dtype=np.int64))
    return Workspace(
        np.empty(users),
        np.empty(users, dtype=np.int32),
        heap,
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
    if first == 0:
        work.ceiling[:] = np.inf
        work.reached[:] = UNKNOWN
        work.gains[0] = 0.0
    granted, chosen = work.granted, work.best.user
    for batch in range(max(first, 1), last + 1):
        work.gains[batch] = select_best(users, edge, table, batch, work.ceiling, work.reached, work.best)
        if work.gains[batch] > work.gains[top]:
            top = batch
            for place in range(batch):  # a slice would look for an overlap
                granted[place] = chosen[place]
        if work.best.gain[0] <= 0.0:
            return top, batch + 1, False
    return top, last + 1, True
