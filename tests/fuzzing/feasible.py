"""Good feasible points of small problems by trying every choice: what no valid bound may exclude.

A point counts by what the evaluator says of it, however it was found. So a point can only ever refute a claim.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from formulations.evaluation import Evaluation
from formulations.gqap.evaluation import evaluate_solution as evaluate_gqap
from formulations.gqap.parameters import GQAP
from formulations.multi_edge_offloading.evaluation import evaluate_solution as evaluate_multi_edge
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.multi_edge_offloading.snapshots import server_snapshot
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.evaluation import evaluate_solution as evaluate_split
from formulations.split_offloading.latency import latency_seconds
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from formulations.step_allocation import costs
from formulations.step_allocation.evaluation import evaluate_solution as evaluate_step
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.registry import problem
from solvers.core.result import Sense
from solvers.step_allocation.feasibility import OffloadingInfeasible
from solvers.step_allocation.fixed_offloading import best_steps

MOST_USERS = 4
"""Users for whom every choice is tried."""

MOST_ASSIGNMENTS = 100
MOST_SPLITS = 60

FRACTIONS = np.array([0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
"""Shares of the most steps at which steps are tried, too."""


def best_point(name: str, data: Any) -> Evaluation | None:
    """The best feasible point that trying finds; None where it finds none, or where there is too much to try."""
    evaluations = (point for point in _EVERY[name](data) if point.feasible)
    sign = 1.0 if problem(name).sense is Sense.MINIMISE else -1.0
    return min(evaluations, key=lambda point: sign * point.objective, default=None)


def _step_points(data: StepAllocation) -> Iterator[Evaluation]:
    """For every a the best steps, and steps on a grid within the budget."""
    if data.users > MOST_USERS:
        return
    for choice in itertools.product((0.0, 1.0), repeat=data.users):
        a = np.array(choice)
        try:
            yield evaluate_step(data, {"a": a, "s": best_steps(data, a)})
        except OffloadingInfeasible:
            continue
        finally:
            yield evaluate_step(data, {"a": a, "s": _grid_steps(data, a)})


def _grid_steps(data: StepAllocation, a: np.ndarray) -> np.ndarray:
    """Each user's best steps on a grid, cut down to the budget in proportion."""
    most = np.where(a > 0.5, data.edge_step_limit, data.local_step_limit)
    grid = FRACTIONS[:, None] * most
    grid = np.floor(grid) if data.integer_steps else grid
    cost = [np.where(a > 0.5, costs.cost(data, row, EDGE), costs.cost(data, row, LOCAL)) for row in grid]
    steps = grid[np.argmin(cost, axis=0), np.arange(data.users)]
    used = float((a * steps).sum())
    if used > data.edge_step_budget:
        steps = np.where(a > 0.5, steps * (data.edge_step_budget / used), steps)
    return np.asarray(np.floor(steps) if data.integer_steps else steps)


def _split_points(data: SplitOffloading) -> Iterator[Evaluation]:
    """For every x the best splits, by the closed form and by trying every whole split."""
    if data.users > MOST_USERS:
        return
    for choice in itertools.product((0.0, 1.0), repeat=data.users):
        x = np.array(choice)
        if x.sum() > data.max_batch:
            continue
        for tried in (best_splits, _tried_splits):
            n = np.where(x > 0.5, tried(data, float(x.sum())), float(data.total_steps))
            if np.isfinite(n).all():
                yield evaluate_split(data, {"x": x, "n": n})


def _tried_splits(data: SplitOffloading, batch: float) -> np.ndarray:
    """Each granted user's best split in a batch of others, of all or of some that lie evenly."""
    count = min(data.total_steps - data.min_local_steps + 1, MOST_SPLITS)
    grid = np.round(np.linspace(data.min_local_steps, data.total_steps, count))
    x = np.zeros(data.users)
    x[: int(batch)] = 1.0
    worth = []
    for n in grid:
        spread = np.full(data.users, n)
        latency = latency_seconds(data, x, spread)[0] if batch else 0.0
        own = data.local_seconds_per_step - data.local_seconds_per_step[0]
        worth.append(data.accuracy_weight * accuracy_index(data, spread) - latency - n * own)
    return np.asarray(grid[np.argmax(worth, axis=0)])


def _gqap_points(data: GQAP) -> Iterator[Evaluation]:
    """Every assignment."""
    if float(data.places) ** data.items > MOST_ASSIGNMENTS:
        return
    for places in itertools.product(range(data.places), repeat=data.items):
        place = np.array(places)
        if (np.bincount(place, data.weight, data.places) <= data.load_limit * (1.0 + 1e-9)).all():
            yield evaluate_gqap(data, {"assignment": place.astype(np.float64)})


def _multi_edge_points(data: MultiEdgeOffloading) -> Iterator[Evaluation]:
    """Every choice of servers, each user with the best split of some that lie evenly, and the same least split."""
    if float(data.servers + 1) ** data.users > MOST_ASSIGNMENTS:
        return
    count = min(data.total_steps - data.min_local_steps + 1, MOST_SPLITS)
    grid = np.round(np.linspace(data.min_local_steps, data.total_steps, count))
    accuracy = accuracy_index(server_snapshot(data, 0), grid)
    for choice in itertools.product(range(-1, data.servers), repeat=data.users):
        server, n = np.array(choice, dtype=float), np.full(data.users, float(data.total_steps))
        held = np.array([np.bincount(data.model_of_user[server == j].astype(np.int64), minlength=data.models) > 0
                         for j in range(data.servers)], dtype=float)  # fmt: skip
        for i in np.flatnonzero(server >= 0):
            j = int(server[i])
            step = data.edge_seconds_per_step_per_item[j] * (server == j).sum() / data.gpus[j]
            slower = data.local_seconds_per_step[i] - step - data.edge_seconds_per_step_base[j]
            n[i] = grid[np.argmax(data.accuracy_weight[i] * accuracy - grid * slower)]
        least = np.where(server >= 0, float(data.min_local_steps), n)
        for split in (n, least):
            yield evaluate_multi_edge(data, {"server": server, "n": split, "models_held": held})


_EVERY = {
    "step_allocation": _step_points,
    "split_offloading": _split_points,
    "gqap": _gqap_points,
    "multi_edge_offloading": _multi_edge_points,
}
