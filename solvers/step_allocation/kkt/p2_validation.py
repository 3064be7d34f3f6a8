"""Algorithm 2 against CVXPY on one subproblem of an instance, for several tau: the rows of a small table."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np

from formulations.step_allocation.models.surrogate import (
    Subproblem,
    capacity_use,
    cost_shift,
    mixed_limit,
    mixed_lower,
    subproblem,
)
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Unsupported
from solvers.step_allocation.feasibility import proven_infeasible, refuse_rows
from solvers.step_allocation.kkt import bisection as kkt
from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2
from solvers.step_allocation.kkt.p2_solution import P2Unsolved
from solvers.step_allocation.sca.algorithms import inside

TAUS = (0.0, 0.1, 1.0, 10.0, 1e5)
"""Penalties that the table shows; the last is the published one."""

SEED = 20240501
"""Seed of the iterate at which the subproblem is taken."""

REPEATS = 5
"""Runs of each solver, of which the fastest is timed; one of each where CVXPY compiles its model anew."""

Point = TypeVar("Point")


class ValidationRow(NamedTuple):
    """Both solvers on the same P2; objectives are G - tau H, recomputed from each one's (a, s)."""

    tau: float
    """Penalty [-]."""
    objective_kkt: float
    objective_cvxpy: float
    relative_difference: float
    """(KKT - CVXPY) / max(1, |KKT|); negative where KKT is better."""
    offload_difference: float
    """Largest |a_n - a_n| [-]."""
    steps_difference: float
    """Largest |s_n - s_n| [steps]."""
    worst_residual: float
    """Largest relative KKT residual of ours [-]."""
    seconds_kkt: float
    """The fastest of ``runs``, multipliers included [s]."""
    seconds_cvxpy: float
    """The same of a re-solve of the compiled model, or of one compiled anew unless ``compiled_once`` [s]."""
    ratio: float
    """seconds_cvxpy / seconds_kkt."""
    cvxpy_status: str
    """"optimal", or "optimal_inaccurate" where Clarabel stalled before its tight tolerances."""
    compiled_once: bool
    """Whether the CVXPY model was re-solved without compiling."""
    runs: int
    """Runs of each of which the fastest counts."""
    appendix_loss: float
    """Algorithm 2 read with its appendix, s of any sign: (its objective - KKT) / max(1, |KKT|)."""
    appendix_capacity_excess: float
    """Its violation of (16b), as a share of the capacity [-]."""
    appendix_limit_excess: float
    """Its largest violation of (16c) and s >= 0 [steps]; one of s >= 0 alone is none of P2 as printed."""
    printed_loss: float
    """The same of line 8 read alone; negative only where it is infeasible."""
    printed_capacity_excess: float
    printed_limit_excess: float


def validate(
    data: StepAllocation, limits: Limits | None = None, *, taus: tuple[float, ...] = TAUS
) -> list[ValidationRow]:
    """Solve one P2 of the instance with both solvers, for each tau, to their own tolerances whatever the limits.

    The iterate at which u, v, z and a^(i) are taken is drawn with a fixed seed, strictly inside the domain: at
    the published start a = 1/2 the penalty has no slope, and tau would not matter.

    Returns
    -------
    list of ValidationRow
        One row per tau; empty where the edge has no step to give, since P2 has then no multipliers, or where the
        scenario is infeasible.

    Raises
    ------
    Unsupported
        If CVXPY finds no solution to compare with, or constraints couple users.
    """
    refuse_rows(data, "Algorithm 2 has a multiplier for the edge's budget only")
    if data.edge_step_budget <= 0.0 or proven_infeasible(data) is not None:
        return []
    kkt.load_kernels()
    model = CvxpyP2(data, cost_shift(data))
    try:
        model.solve(example(data, 0.0))
        return [_row(model, example(data, tau)) for tau in taus]
    except P2Unsolved as fault:
        raise Unsupported(f"there is nothing to compare with ({fault})") from fault


def example(data: StepAllocation, tau: float) -> Subproblem:
    """P2 at a random iterate with a and a^(i) in [0.1, 0.9] and s between 20 and 90 % of its limit."""
    draw = np.random.default_rng(SEED)
    offload, previous = draw.uniform(0.1, 0.9, (2, data.users))
    start = inside(data, offload, draw.uniform(0.2, 0.9, data.users))
    return subproblem(data, cost_shift(data), *start, previous, tau)


def _row(model: CvxpyP2, p2: Subproblem) -> ValidationRow:
    runs = REPEATS if model.compiled_once else 1
    seconds_kkt, ours = _fastest(lambda: kkt.solve(p2), runs)
    seconds_cvxpy, theirs = _fastest(lambda: model.solve(p2), runs)
    scale = max(1.0, abs(ours.objective))
    appendix, printed = (
        _compared(p2, solve(p2), ours) for solve in (kkt.solve_with_any_sign, kkt.solve_as_printed)
    )
    return ValidationRow(
        tau=p2.tau,
        objective_kkt=ours.objective,
        objective_cvxpy=theirs.objective,
        relative_difference=(ours.objective - theirs.objective) / scale,
        offload_difference=float(np.max(np.abs(ours.offload - theirs.offload))),
        steps_difference=float(np.max(np.abs(ours.steps - theirs.steps))),
        worst_residual=ours.residuals.worst,
        seconds_kkt=seconds_kkt,
        seconds_cvxpy=seconds_cvxpy,
        ratio=seconds_cvxpy / seconds_kkt,
        cvxpy_status=theirs.status,
        compiled_once=model.compiled_once,
        runs=runs,
        appendix_loss=appendix.loss,
        appendix_capacity_excess=appendix.capacity_excess,
        appendix_limit_excess=appendix.limit_excess,
        printed_loss=printed.loss,
        printed_capacity_excess=printed.capacity_excess,
        printed_limit_excess=printed.limit_excess,
    )


class _Compared(NamedTuple):
    """A reading of Algorithm 2 beside the optimum of P2."""

    loss: float
    capacity_excess: float
    limit_excess: float


def _compared(p2: Subproblem, reading: kkt.KktPoint, best: kkt.KktPoint) -> _Compared:
    with np.errstate(over="ignore", invalid="ignore"):
        loss = (reading.objective - best.objective) / max(1.0, abs(best.objective))
        capacity = capacity_use(p2, reading.offload, reading.steps) / p2.data.edge_step_budget - 1.0
    above = reading.steps - mixed_limit(p2.data, reading.offload)
    below = mixed_lower(p2.data, reading.offload) - reading.steps
    return _Compared(loss, max(0.0, capacity), max(0.0, float(np.max(above)), float(np.max(below))))


def _fastest(solve: Callable[[], Point], runs: int) -> tuple[float, Point]:
    """Least time of several runs [s], and what the last one found."""
    best = np.inf
    for _ in range(runs):
        # By the clock: processor time may be counted in ticks that are longer than a run of ours.
        start = time.perf_counter()
        point = solve()
        best = min(best, time.perf_counter() - start)
    return best, point
