"""Solve many snapshots of step allocation or split offloading, given as instances or as padded arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.parameters import StepAllocation
from instances.from_data import as_instance
from solvers.comparison.several import Source, listed
from solvers.core import registry
from solvers.core.limits import Limits, limits_of
from solvers.core.result import TIME_LIMIT, Outcome, Result, Sense
from solvers.core.run import Case, run
from solvers.core.solve import case_of, posed_problem, with_data, with_own_gap
from solvers.core.validation import validate
from solvers.snapshots import arrays
from solvers.snapshots.arrays import Snapshots
from solvers.snapshots.results import Numbered, Results
from solvers.split_offloading.exact import batch_scan_many
from solvers.split_offloading.exact.batch_scan import most_objective
from solvers.step_allocation.lagrangian import many
from solvers.step_allocation.lagrangian import snapshots as step_snapshots
from solvers.step_allocation.large_scale.user_blocks import Threads

METHODS = {"step_allocation": "price-search", "split_offloading": "batch-scan"}
"""Exact method of each problem that takes many snapshots at once."""

ROWS_BETWEEN_CLOCKS = 1_000
"""Snapshots that are scanned between two looks at the clock."""


def solve_many(
    instances: Iterable[Source] | Snapshots,
    *,
    problem: str | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    limits: Limits | None = None,
) -> Results:
    """Solve many small instances of one problem to proven optima in one call, and validate every result.

    Parameters
    ----------
    instances : iterable of Instance, path, name or mapping, or Snapshots
        Instances of either problem; or, for those who have millions, the padded arrays of
        :class:`solvers.step_allocation.lagrangian.snapshots.Snapshots` or
        :class:`solvers.split_offloading.exact.batch_scan_many.Snapshots`.
    problem : str, optional
        Which problem of the instances; needed only where they pose several.
    time_limit : float, optional
        Seconds for all of them together; unlimited by default.
    gap : float, optional
        Relative gap at which a snapshot counts as optimal, as a fraction; 1e-6 by default.
    threads : int, optional
        Threads that share the snapshots; 1 by default.
    limits : Limits, optional
        Time, gap and threads at once.

    Returns
    -------
    Results
        A sequence of results whose fields are arrays, too: ``results[0]``, ``results.objective.mean()``.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used, or a number of the arrays is NaN, infinite or out of its range.

    Examples
    --------
    >>> import diffload
    >>> n10 = diffload.load("n10")
    >>> results = diffload.solve_many(n10.replace(edge_step_capacity=c) for c in (100, 200, 300))
    >>> results.status.tolist()
    ['optimal', 'optimal', 'optimal']
    """
    allowed = limits_of(limits, time_limit=time_limit, gap=gap, threads=threads, usual_seconds=inf)
    began = perf_counter()
    if isinstance(instances, many.Snapshots):
        return _steps_of_arrays(instances, allowed, began)
    if isinstance(instances, batch_scan_many.Snapshots):
        return _splits_of_arrays(instances, allowed, began)
    loaded = [as_instance(item) for item in listed(instances)]
    if not loaded:
        raise ValueError("instances: expected at least one, got none")
    names = {posed_problem(instance, problem) for instance in loaded}
    if len(names) != 1 or not names <= METHODS.keys():
        expected = " or ".join(METHODS)
        raise ValueError(f"instances: expected all of {expected}, got {' and '.join(sorted(names))}")
    (name,) = names
    cases = [case_of(instance, name) for instance in loaded]
    rows = _solved(cases, name, allowed, began)
    return Results.of(rows, allowed, perf_counter() - began)


def _solved(cases: Sequence[Case], name: str, limits: Limits, began: float) -> list[Result]:
    """The result of every case: those that fit side by side in one call each, the others one by one."""
    rows: dict[int, Result] = {}
    groups: dict[Any, list[int]] = {}
    for place, case in enumerate(cases):
        groups.setdefault(_group(case), []).append(place)
    for key, places in groups.items():
        mine = [cases[place] for place in places]
        if key is None:
            found = [_alone(case, limits, began) for case in mine]
        else:
            found = (_steps if name == "step_allocation" else _splits)(mine, _left(limits, began))
        rows.update(zip(places, found, strict=True))
    return [rows[place] for place in range(len(cases))]


def _group(case: Case) -> Any:
    """What cases have in common that can be solved in one call; None for one that has to be solved by itself."""
    data = case.data
    if data.constraints:
        return None
    if isinstance(data, StepAllocation):
        return data.integer_steps
    return data.pai_slope, data.pai_threshold, data.min_local_steps, data.total_steps


def _left(limits: Limits, began: float) -> Limits:
    return Limits(max(limits.time_limit - (perf_counter() - began), 0.0), limits.gap, limits.threads)


def _alone(case: Case, limits: Limits, began: float) -> Result:
    method = registry.method(METHODS[case.problem], case.problem)
    return with_data(with_own_gap(run(method, case, _left(limits, began), 0)), case.data)


def _validated(case: Case, outcome: Outcome, limits: Limits) -> Result:
    method = registry.method(METHODS[case.problem], case.problem)
    found = validate(method, case.instance, case.instance_hash, case.data, outcome, limits, 0)
    return with_data(with_own_gap(found), case.data)


def _steps(cases: Sequence[Case], limits: Limits) -> list[Result]:
    began = perf_counter()
    decided = many.solve_many(many.stack([case.data for case in cases]), limits)
    each = (perf_counter() - began) / len(cases)
    rows = []
    for row, case in enumerate(cases):
        count = case.data.users
        outcome = Outcome(
            solution={"a": decided.offload[row, :count].copy(), "s": decided.steps[row, :count].copy()},
            bound=float(decided.bound[row]),
            reason="gap closed" if decided.nodes[row] else _cut(limits),
            nodes=int(decided.nodes[row]),
            solve_seconds=each,
            duals={"delta": float(decided.price[row])},
        )
        rows.append(_validated(case, outcome, limits))
    return rows


def _cut(limits: Limits) -> str:
    return "no room for more nodes" if limits.time_limit == inf else f"{TIME_LIMIT} or no room for more nodes"


def _splits(cases: Sequence[Case], limits: Limits) -> list[Result]:
    began = perf_counter()
    stacked = batch_scan_many.stack([case.data for case in cases])
    decided, scanned = _scanned(batch_scan_many.checked(stacked), limits)
    each = (perf_counter() - began) / len(cases)
    rows = []
    for row, case in enumerate(cases):
        count = case.data.users
        outcome = Outcome(
            solution={
                "x": decided.granted[row, :count].astype(np.float64),
                "n": decided.split[row, :count].copy(),
            },
            bound=most_objective(case.data, float(decided.gain[row])) if scanned[row] else None,
            reason="all batch sizes" if scanned[row] else TIME_LIMIT,
            solve_seconds=each,
        )
        rows.append(_validated(case, outcome, limits))
    return rows


def _scanned(snapshots: batch_scan_many.Snapshots, limits: Limits) -> tuple[batch_scan_many.Decisions, BoolArray]:
    """Decisions of checked snapshots, and which were scanned in time; in the others nobody is granted."""
    began = perf_counter()
    decisions, scanned = batch_scan_many.all_local(snapshots), np.zeros(snapshots.user_count.size, dtype=np.bool_)

    def scan(first: int, last: int) -> None:
        for begin in range(first, last, ROWS_BETWEEN_CLOCKS):
            if perf_counter() - began >= limits.time_limit:
                break
            end = min(begin + ROWS_BETWEEN_CLOCKS, last)
            batch_scan_many.scan_rows(snapshots, decisions, begin, end)
            scanned[begin:end] = True

    with Threads(limits.threads) as threads:
        threads.share(scanned.size, scan)
    return decisions, scanned


def _steps_of_arrays(snapshots: many.Snapshots, limits: Limits, began: float) -> Results:
    read = step_snapshots.checked(snapshots)
    decided = many.solve_many(read, limits)
    return _of_arrays(
        "step_allocation",
        limits,
        began,
        read,
        decided.bound,
        {"a": decided.offload, "s": decided.steps},
        np.where(decided.nodes > 0, "gap closed", _cut(limits)),
    )


def _splits_of_arrays(snapshots: batch_scan_many.Snapshots, limits: Limits, began: float) -> Results:
    read = batch_scan_many.checked(snapshots)
    decided, scanned = _scanned(read, limits)
    return _of_arrays(
        "split_offloading",
        limits,
        began,
        read,
        np.where(scanned, decided.gain, np.nan),
        {"x": decided.granted.astype(np.float64), "n": decided.split},
        np.where(scanned, "all batch sizes", TIME_LIMIT),
    )


def _of_arrays(
    name: str,
    limits: Limits,
    began: float,
    snapshots: Snapshots,
    bound: FloatArray,
    solution: dict[str, FloatArray],
    reason: NDArray[np.str_],
) -> Results:
    """Validated results of checked snapshots whose search ends now; ``began`` is a reading of the clock [s]."""
    seconds = perf_counter() - began
    chosen, steps = solution.values()
    with Threads(limits.threads) as threads:
        found = arrays.evaluated(snapshots, chosen, steps, threads)
    minimise = registry.problem(name).sense is Sense.MINIMISE
    return Results(
        problem=name,
        solver=METHODS[name],
        limits=limits,
        seconds=seconds,
        instance=Numbered("snapshot", bound.size),
        status=arrays.statuses(found, bound, limits.gap, minimise=minimise),
        reason=reason,
        objective=found.objective,
        bound=bound,
        own_gap=arrays.relative_gaps(found.objective, bound),
        solution=solution,
        user_count=snapshots.user_count,
    )
