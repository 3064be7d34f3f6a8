"""Baselines of step allocation: paper A's random initialisation, and everybody at one place."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from formulations.step_allocation.domain import coupling_rows, may_be_at, model_steps
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported
from solvers.step_allocation.coupled import search as row_search
from solvers.step_allocation.feasibility import OffloadingInfeasible, proven_infeasible, refuse_rows
from solvers.step_allocation.fixed_offloading import best_steps
from solvers.step_allocation.price_search import load_kernels
from solvers.step_allocation.sca.projection import without_first


def solve_random(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Paper A's baseline (section IV.B): a fair coin decides who offloads, then steps are drawn uniformly.

    Steps lie between 0 and the user's limit at its place. Where the drawn edge steps exceed the budget they are
    scaled down together (and rounded down where steps are whole), as the paper leaves this case open. Under
    further constraints a user that may be at one place only is there, and steps are drawn and scaled within
    what the constraints leave. While the lower bounds of all offloaded users exceed the budget, users are
    moved to their devices in the order of the draw.

    Raises
    ------
    Unsupported
        If a constraint couples users, which separate draws do not keep.
    """
    refuse_rows(data, "random draws every user by itself")
    started = perf_counter()
    infeasible = proven_infeasible(data)
    if infeasible is not None:
        return infeasible
    draw = np.random.default_rng(seed)
    coin = draw.integers(0, 2, data.users) > 0
    local, edge = model_steps(data, LOCAL), model_steps(data, EDGE)
    offloaded = _within_budget(data, (coin | ~may_be_at(data, LOCAL)) & may_be_at(data, EDGE), edge.lower)
    lower, limit = (np.where(offloaded, *ends) + 0.0 for ends in zip(edge, local, strict=True))  # -0 is no limit
    steps = np.floor(draw.uniform(lower, limit + 1.0)) if data.integer_steps else draw.uniform(lower, limit)
    used, needed = (float(np.sum(part[offloaded])) for part in (steps, lower))
    if used > data.edge_step_budget:
        share = max(data.edge_step_budget - needed, 0.0) / (used - needed) if used > needed else 0.0
        steps = np.where(offloaded, lower + (steps - lower) * share, steps)
        steps = np.floor(steps) if data.integer_steps else steps
    offload = offloaded.astype(np.float64)
    return Outcome(solution={"a": offload, "s": steps}, solve_seconds=perf_counter() - started)


def _within_budget(data: StepAllocation, offloaded: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Return who offloads after users that may run locally move to their devices, last first, until all fit."""
    may_leave = np.flatnonzero(offloaded & may_be_at(data, LOCAL) & (lower > 0.0))[::-1]
    return without_first(offloaded, may_leave, lower, data.edge_step_budget)


def solve_all_local(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Nobody offloads; everybody takes its best steps on its own device."""
    return _all_at_one_place(data, np.zeros(data.users), "all-local")


def solve_all_edge(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Everybody offloads; the budget is shared as well as it can be."""
    return _all_at_one_place(data, np.ones(data.users), "all-edge")


def _all_at_one_place(data: StepAllocation, offload: np.ndarray, name: str) -> Outcome:
    """One place for all, with the best steps there.

    Raises
    ------
    Unsupported
        If the further constraints do not leave everybody that place.
    """
    load_kernels()
    if coupling_rows(data):
        row_search.load_kernels()
    started = perf_counter()
    infeasible = proven_infeasible(data)
    if infeasible is not None:
        return infeasible
    try:
        steps = best_steps(data, offload)
    except OffloadingInfeasible as fault:
        raise Unsupported(f"{name}: {fault}") from None
    return Outcome(solution={"a": offload, "s": steps}, solve_seconds=perf_counter() - started)
