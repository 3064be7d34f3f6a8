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

from formulations.constraints.split_offloading.min_granted import MinGranted
from formulations.fields import FloatArray
from formulations.split_offloading.evaluation import all_local_worth
from formulations.split_offloading.gain import edge_of, gains, users_of
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits, split_range
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.core.rounding import lost_in_rounding
from solvers.split_offloading.exact import constrained_scan, packing
from solvers.split_offloading.exact.scan_at_once import scan_at_once
from solvers.split_offloading.exact.scan_kernel import scan_kernel, workspace
from solvers.split_offloading.exact.split_table import split_table

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
    if data.users * data.largest_batch <= USERS_BETWEEN_CLOCKS:
        _load_at_once(_has_table(data))
        return _solve_at_once(data, perf_counter())
    load_kernels_for(data)
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


def _solve_at_once(data: SplitOffloading, started: float) -> Outcome:
    """Solve P1 in one call of compiled code, which knows no clock."""
    most, largest = data.users, data.largest_batch
    offload, split, gain_of_batch = np.empty(most), np.empty(most), np.empty(largest + 1)
    bound, tried = scan_at_once(
        data.accuracy_weight,
        data.local_seconds_per_step,
        data.wait_seconds,
        data.prompt_bits,
        data.latent_bits,
        data.spectral_efficiency * data.bandwidth_hz,
        edge_of(data),
        split_table(split_range(data)),
        offload,
        split,
        gain_of_batch,
    )
    gain_of_batch = gain_of_batch[:tried]
    return Outcome(
        solution={"x": offload, "n": split},
        bound=bound,
        reason="all batch sizes",
        solve_seconds=perf_counter() - started,
        iterations=tried,
        certificate={"gain_of_batch": gain_of_batch},
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
def load_kernels(tabulated: bool = True) -> None:
    """Run every kernel once on a single user, which compiles it or loads it from the cache on disk.

    There are kernels of their own for where there is no table of F.
    """
    data = one_user(tabulated)
    solution_of(data, scan_batches(data).granted)
    _ = gains(data, 1.0)


@cache
def _load_at_once(tabulated: bool) -> None:
    """The same for what solves few users."""
    _solve_at_once(one_user(tabulated), 0.0)


def _has_table(data: SplitOffloading) -> bool:
    return split_table(split_range(data)).rise is not None


@cache
def one_user(tabulated: bool = True) -> SplitOffloading:
    """Return a snapshot of one user, on which kernels are loaded, with a table of F or without."""
    return SplitOffloading(
        users=1,
        total_steps=2,
        min_local_steps=1,
        pai_slope=1.0,
        pai_threshold=1.0 if tabulated else 2.0,
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
        load_kernels(_has_table(data))


@cache
def load_constrained_kernels() -> None:
    """Run every kernel that further constraints need once, on a single user with one that demands nothing."""
    packing.load_kernels()
    nothing = MinGranted(on="split_offloading", type="min_granted", least_granted=0)
    _ = constrained_scan.scan(one_user().replaced({"constraints": (nothing,)}), Limits())
