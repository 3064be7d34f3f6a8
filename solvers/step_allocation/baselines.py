"""Baselines of step allocation: paper A's random initialisation, and everybody at one place."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from formulations.step_allocation.parameters import StepAllocation
from solvers.limits import Limits
from solvers.result import Outcome
from solvers.step_allocation.fixed_offloading import best_steps


def solve_random(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Paper A's baseline (section IV.B): a fair coin decides who offloads, then steps are drawn uniformly.

    Steps lie between 0 and the user's limit at its place. Where the drawn edge steps exceed the budget they
    are scaled down together (and rounded down where steps are whole), as the paper leaves this case open.
    """
    started = perf_counter()
    draw = np.random.default_rng(seed)
    offload = draw.integers(0, 2, data.users).astype(np.float64)
    limit = np.where(offload > 0.5, data.edge_step_limit, data.local_step_limit)
    steps = np.floor(draw.uniform(0.0, limit + 1.0)) if data.integer_steps else draw.uniform(0.0, limit)
    used = float(np.sum(offload * steps))
    if used > data.edge_step_budget:
        steps = np.where(offload > 0.5, steps * (data.edge_step_budget / used), steps)
        steps = np.floor(steps) if data.integer_steps else steps
    return Outcome(solution={"a": offload, "s": steps}, solve_seconds=perf_counter() - started)


def solve_all_local(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Nobody offloads; everybody takes its best steps on its own device."""
    return _everybody(data, np.zeros(data.users))


def solve_all_edge(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Everybody offloads; the budget is shared as well as it can be."""
    return _everybody(data, np.ones(data.users))


def _everybody(data: StepAllocation, offload: np.ndarray) -> Outcome:
    started = perf_counter()
    steps = best_steps(data, offload)
    return Outcome(solution={"a": offload, "s": steps}, solve_seconds=perf_counter() - started)
