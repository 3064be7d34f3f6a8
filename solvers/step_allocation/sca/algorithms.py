"""Algorithms 1 and 3 of paper A [1]_: successive convex approximation around a solver of P2.

Algorithm 1 (inner) re-solves P2 with u, v, z taken at the last iterate until that stands still. Algorithm 3
(outer) moves the point a^(i) at which the penalty is linearised, and here also tau, if it is to grow.
Whole steps are relaxed to continuous ones inside; the final steps are those of the rounded offloading. Constraints
that separate by user are in the bounds of P2; the rounding moves users to their devices where their lower bounds
would not fit.

References
----------
.. [1] Y. Wang, C. Liu, J. Zhao, "Offloading and Quality Control for AI Generated Content Services in 6G Mobile
   Edge Computing Networks", arXiv 2312.06203 (2023).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.models.surrogate import (
    MARGINS,
    Margins,
    Subproblem,
    capacity_auxiliary,
    cost_shift,
    largest_steps,
    least_capacity_use,
    mixed_lower,
    offload_range,
    penalty,
    relaxed_cost,
    subproblem,
)
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.result import GAVE_UP, TIME_LIMIT, Outcome
from solvers.step_allocation.feasibility import OffloadingInfeasible, proven_infeasible, refuse_rows
from solvers.step_allocation.fixed_offloading import best_steps
from solvers.step_allocation.kkt.p2_solution import P2OutOfTime, P2Solution, P2Unsolved
from solvers.step_allocation.sca.projection import without_first

INNER_TOLERANCE = 1e-4
"""Algorithm 1 stops when no a_n [-] and no s_n / max(S0_n, S1_n, 1) [-] changes by more."""

INNER_ITERATIONS = 50
"""K, most iterations of Algorithm 1."""

OUTER_TOLERANCE = 1e-4
"""epsilon_0 of Algorithm 3, in the same measure."""

OUTER_ITERATIONS = 30
"""I, most iterations of Algorithm 3."""

ROUNDING_THRESHOLD = 0.5
"""A user with a_n above it is offloaded when a is rounded."""


MOST_HALVINGS = 20
"""Halvings of the way from the least a and s to a start, after which it is left as it is."""

SET_UP_ANYWAY = 100_000
"""Users up to which a first P2 is set up even where there is no time, some tenths of a second."""

SET_UP_SECONDS = 1e-6
"""Time that setting up a P2 of more users takes for each of them, about; with less left none is [s]."""

INTERIOR = 0.95
"""Share of the budget within which the least use at a start has to be."""


class Iterate(NamedTuple):
    """X = [a, s] of Algorithms 1 and 3; arrays of shape (N,)."""

    offload: FloatArray
    steps: FloatArray


P2Solver = Callable[[Subproblem], P2Solution]
"""Solves P2, or raises :class:`P2Unsolved`."""


@dataclass(frozen=True)
class Trace:
    """Every outer iterate of Algorithm 3, why it ended, and one history row each.

    Attributes
    ----------
    iterates : tuple of Iterate
        S^(1), S^(2), ...; at least one, the start where there was no time for any other.
    reason : str
        "converged", "iteration limit", :data:`TIME_LIMIT` or :data:`GAVE_UP`.
    history : tuple of Mapping
        ``outer``, ``inner`` (iterations of Algorithm 1), ``tau``, ``objective`` (P1 with a fractional a),
        ``penalty`` (sum a (1 - a)), ``change`` (largest of the outer step) and ``delta`` (of the capacity).
    log : str
        What the solver of P2 said when it gave up.
    """

    iterates: tuple[Iterate, ...]
    reason: str
    history: tuple[Mapping[str, Any], ...]
    log: str = ""


def default_start(data: StepAllocation) -> Iterate:
    """Start a = 1/2 and s = half of the limits, (S0 + S1)/2 there; in the middle of what constraints leave."""
    return inside(data, np.full(data.users, 0.5), np.full(data.users, 0.5))


def inside(data: StepAllocation, offload: FloatArray, share: FloatArray) -> Iterate:
    """Iterate at a and at a share of the way from lower to upper bounds, at which P2 has an interior.

    Where the lower bounds of further constraints leave P2 none, a and s move towards the least of both.
    """
    (local, may_stay), (edge, may_offload) = (
        (model_steps(data, place), may_be_at(data, place)) for place in (LOCAL, EDGE)
    )
    least = 1.0 - may_stay
    wanted = np.clip(offload, least, may_offload)
    for halving in range(MOST_HALVINGS):
        part = 0.5**halving
        offload = least + part * (wanted - least)
        lower = (1.0 - offload) * local.lower + offload * edge.lower
        limit = (1.0 - offload) * local.upper + offload * edge.upper
        steps = lower + part * share * (limit - lower)
        if has_interior(data, Iterate(offload, steps)):
            break
    return Iterate(offload, steps)


def has_interior(data: StepAllocation, iterate: Iterate) -> bool:
    """Whether the lower bounds leave room in the capacity of the P2 at an iterate; without constraints they do."""
    if not data.constraints:
        return True
    return least_capacity_use(data, capacity_auxiliary(*iterate)) <= INTERIOR * data.edge_step_budget


def run(
    data: StepAllocation,
    start: Iterate,
    penalties: Iterable[float],
    solve_p2: P2Solver,
    time_seconds: float,
    inner_iterations: int = INNER_ITERATIONS,
    shift: FloatArray | None = None,
    margins: Margins = MARGINS,
) -> Trace:
    """Algorithm 3 with one value of tau per outer iteration; it has converged once a larger tau changes nothing.

    Parameters
    ----------
    data : StepAllocation
        The scenario, with a positive edge budget.
    start : Iterate
        S^(0).
    penalties : iterable of float
        tau of each outer iteration, at most I of them; not empty.
    solve_p2 : P2Solver
        Algorithm 2, or another solver of P2.
    time_seconds : float
        Wall-clock time after which no further P2 is started [s].
    inner_iterations : int
        K, most iterations of Algorithm 1.
    shift : FloatArray, optional
        M_n added to the costs of both places, :func:`cost_shift` by default; the paper leaves it open.
    margins : Margins
        How far from its ends an iterate stays where u, v and z are taken, which the paper leaves open, too.

    Raises
    ------
    P2Unsolved
        If not even the first P2 is solved. A later one that is not ends the loop.
    """
    deadline = time.perf_counter() + time_seconds
    if data.users > SET_UP_ANYWAY and time_seconds <= SET_UP_SECONDS * data.users:
        return Trace((start,), TIME_LIMIT, ())
    shift = cost_shift(data) if shift is None else shift
    current, last_tau, reason, failure = start, None, "iteration limit", None
    iterates: list[Iterate] = []
    history: list[Mapping[str, Any]] = []
    for outer, tau in enumerate(penalties, start=1):
        previous = current
        current, inner, delta, failure = inner_loop(
            data, shift, previous, tau, solve_p2, deadline, inner_iterations, margins
        )
        if failure is not None and inner == 0:
            break
        moved = change(data, current, previous)
        iterates.append(current)
        history.append(
            {
                "outer": outer,
                "inner": inner,
                "tau": tau,
                "objective": relaxed_cost(data, *current),
                "penalty": -penalty(current.offload),
                "change": moved,
                "delta": delta,
            }
        )
        if failure is not None:
            break
        if time.perf_counter() >= deadline:
            reason = TIME_LIMIT
            break
        binary = -penalty(current.offload) <= OUTER_TOLERANCE
        if moved <= OUTER_TOLERANCE and (tau == last_tau or binary):
            reason = "converged"
            break
        last_tau = tau
    if isinstance(failure, P2OutOfTime):
        failure, reason = None, TIME_LIMIT
    if failure is None:
        return Trace(tuple(iterates) or (start,), reason, tuple(history))
    if not iterates:
        raise failure
    return Trace(tuple(iterates), GAVE_UP, tuple(history), log=f"{failure}\n")


def inner_loop(
    data: StepAllocation,
    shift: FloatArray,
    start: Iterate,
    tau: float,
    solve_p2: P2Solver,
    deadline: float,
    iterations: int = INNER_ITERATIONS,
    margins: Margins = MARGINS,
) -> tuple[Iterate, int, float, P2Unsolved | None]:
    """Algorithm 1 from ``start``, where the penalty stays linearised.

    Returns
    -------
    tuple
        Last iterate, iterations, delta, and what ended the loop where a P2 was not solved.
    """
    current, delta, inner = start, np.nan, 0
    places = offload_range(data)
    for _ in range(iterations):
        try:
            point = solve_p2(subproblem(data, shift, *current, start.offload, tau, margins))
        except P2Unsolved as fault:
            return current, inner, delta, fault
        previous, delta, inner = current, point.delta, inner + 1
        offload = np.clip(point.offload, *places)
        lower = mixed_lower(data, offload) if data.constraints else 0.0
        current = Iterate(offload, np.maximum(point.steps, lower))
        if change(data, current, previous) <= INNER_TOLERANCE or time.perf_counter() >= deadline:
            break
    return current, inner, delta, None


def change(data: StepAllocation, current: Iterate, previous: Iterate) -> float:
    """Largest change of an a_n, or of an s_n as a share of the user's larger limit [-]."""
    scale = np.maximum(largest_steps(data), 1.0)
    offload = np.max(np.abs(current.offload - previous.offload))
    return float(max(offload, np.max(np.abs(current.steps - previous.steps) / scale)))


def rounded(offload: FloatArray) -> BoolArray:
    """Users that are offloaded once a is rounded."""
    return np.asarray(offload > ROUNDING_THRESHOLD)


def keep_budget(data: StepAllocation, offloaded: BoolArray, offload: FloatArray) -> BoolArray:
    """Return a rounding whose lower bounds fit the budget: users with the smallest a_n run locally where they may.

    Without further constraints the lower bounds are 0 and nothing changes.
    """
    if not data.constraints:
        return offloaded
    lower, may_stay = model_steps(data, EDGE).lower, may_be_at(data, LOCAL)
    by_offload = np.argsort(offload, kind="stable")
    may_leave = by_offload[(offloaded & may_stay & (lower > 0.0))[by_offload]]
    return without_first(offloaded, may_leave, lower, data.edge_step_budget)


def finish(data: StepAllocation, offloads: Iterable[BoolArray], deadline: float = np.inf) -> Iterate:
    """Best of some binary offloadings, each with its own optimal steps; one of them at least has to be feasible.

    After ``deadline``, as ``perf_counter()`` says it, the first feasible one is it, and nothing is evaluated.

    Raises
    ------
    OffloadingInfeasible
        If none is.
    """
    best, least, refused = None, np.inf, None
    seen: set[bytes] = set()
    for offload in offloads:
        if best is not None and time.perf_counter() >= deadline:
            break
        if offload.tobytes() in seen:
            continue
        seen.add(offload.tobytes())
        whole = offload.astype(np.float64)
        try:
            point = Iterate(whole, best_steps(data, whole))
        except OffloadingInfeasible as fault:
            refused = fault
            continue
        if best is None and time.perf_counter() >= deadline:
            return point
        objective = relaxed_cost(data, *point)
        if best is None or objective < least:
            best, least = point, objective
    if best is None:
        raise refused or OffloadingInfeasible("there is no offloading")
    return best


def outcome(data: StepAllocation, trace: Trace, final: Iterate, started: float) -> Outcome:
    """What the method returns: the finished point, and the raw objective of the loop's last iterate."""
    raw = trace.iterates[-1]
    return Outcome(
        solution={"a": final.offload, "s": final.steps},
        reason=trace.reason,
        solve_seconds=time.perf_counter() - started,
        iterations=sum(int(row["inner"]) for row in trace.history),
        raw_objective=relaxed_cost(data, *raw),
        history=trace.history,
        log=trace.log,
    )


def without_iterations(data: StepAllocation) -> Outcome | None:
    """What is known before any P2: infeasible, or all-local where the edge has no step to give, or nothing.

    Without a budget P2 has no multipliers.

    Raises
    ------
    Unsupported
        If constraints couple users, for which P2 has no multipliers in Algorithm 2.
    """
    refuse_rows(data, "P2 of paper A has a multiplier for the edge's budget only")
    infeasible = proven_infeasible(data)
    if infeasible is not None or data.edge_step_budget > 0.0:
        return infeasible
    offload = np.zeros(data.users)
    steps = best_steps(data, offload)
    return Outcome(solution={"a": offload, "s": steps}, reason="the edge has no step to give: all local")
