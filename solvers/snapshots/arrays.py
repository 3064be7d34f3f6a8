"""Validates decisions on padded arrays: recomputes objectives and violations of all snapshots at once."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from formulations.evaluation import OBJECTIVE_ROUNDING, SMALLEST_TOLERANCE
from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.accuracy import sigmoid
from formulations.step_allocation.best_response import PlaceCosts
from formulations.step_allocation.evaluation import BUDGET_TOLERANCE, LIMIT_TOLERANCE, WHOLE_TOLERANCE
from formulations.step_allocation.quality.arrays import ERROR, UTILITY
from solvers.core.result import Status
from solvers.core.tolerance import ABSOLUTE_GAP, BOUND_TOLERANCE
from solvers.core.validation import SMALLEST_DENOMINATOR
from solvers.split_offloading.exact import batch_scan_many
from solvers.step_allocation.lagrangian import snapshots as step_snapshots
from solvers.step_allocation.large_scale.user_blocks import Threads

Snapshots: TypeAlias = step_snapshots.Snapshots | batch_scan_many.Snapshots
"""Padded arrays of either problem."""

ROWS_AT_ONCE = 1_000
"""Snapshots that are evaluated together: few enough for the processor's cache."""


class Evaluated(NamedTuple):
    """What is recomputed of every snapshot, shape (S,) each."""

    objective: FloatArray
    feasible: BoolArray
    size: FloatArray
    """What decisions can change of the objective."""
    rounding: FloatArray


def evaluated(snapshots: Snapshots, chosen: FloatArray, steps: FloatArray, threads: Threads) -> Evaluated:
    """Evaluate decisions, a or x and s or n of shape (S, N), in parts that threads share."""
    size = snapshots.user_count.size
    found = Evaluated(np.empty(size), np.empty(size, dtype=np.bool_), np.empty(size), np.empty(size))

    def evaluate(first: int, last: int) -> None:
        for begin in range(first, last, ROWS_AT_ONCE):
            rows = slice(begin, min(begin + ROWS_AT_ONCE, last))
            if isinstance(snapshots, step_snapshots.Snapshots):
                part = step_allocation(step_snapshots.rows_of(snapshots, rows), chosen[rows], steps[rows])
            else:
                part = split_offloading(batch_scan_many.rows_of(snapshots, rows), chosen[rows] > 0.5, steps[rows])
            for whole, values in zip(found, part, strict=True):
                whole[rows] = values

    threads.share(size, evaluate)
    return found


def step_allocation(snapshots: step_snapshots.Snapshots, offload: FloatArray, steps: FloatArray) -> Evaluated:
    """Evaluate decisions of step allocation, by (8), (1), (2) and (9) of paper A."""
    users = np.arange(offload.shape[1]) < snapshots.user_count[:, None]
    local, edge = snapshots.local, snapshots.edge
    at_edge = offload > 0.5
    here = PlaceCosts(*(np.where(at_edge, there, on_device) for there, on_device in zip(edge, local, strict=True)))
    terms = [
        np.abs(here.rate * steps),
        here.error * ERROR.left(here.error_decay, np.maximum(steps, 0.0)),
        here.utility * UTILITY.gone(here.utility_decay, np.maximum(steps, 0.0)),
    ]
    most = np.maximum(local.limit, edge.limit)
    changeable = [
        np.maximum(local.rate * local.limit, edge.rate * edge.limit),
        here.error * ERROR.gone(np.maximum(local.error_decay, edge.error_decay), most),
        here.utility * UTILITY.gone(np.maximum(local.utility_decay, edge.utility_decay), most),
    ]
    cost = np.where(users, here.rate * steps + terms[1] - terms[2], 0.0)
    room = LIMIT_TOLERANCE * most
    if snapshots.integer:
        room = np.minimum(room, WHOLE_TOLERANCE)
    holds = (offload == 0.0) | (offload == 1.0)
    holds &= (steps >= here.lower - room) & (steps <= here.limit + room)
    if snapshots.integer:
        holds &= steps == np.round(steps)
    used = np.where(users & at_edge, steps, 0.0).sum(axis=1)
    shared = np.minimum(np.where(users, room, 0.0).max(axis=1, initial=0.0), LIMIT_TOLERANCE * snapshots.budget)
    within = used <= snapshots.budget * (1.0 + BUDGET_TOLERANCE) + shared
    sizes = [np.minimum(term, change) for term, change in zip(terms, changeable, strict=True)]
    return Evaluated(
        objective=cost.sum(axis=1),
        feasible=(holds | ~users).all(axis=1) & within,
        size=np.where(users, sum(sizes), 0.0).sum(axis=1),
        rounding=OBJECTIVE_ROUNDING * np.where(users, sum(terms), 0.0).sum(axis=1),
    )


def split_offloading(snapshots: batch_scan_many.Snapshots, granted: BoolArray, split: FloatArray) -> Evaluated:
    """Evaluate decisions of split offloading as the gain over denying everybody [s], by (1) to (10) of paper B."""
    users = np.arange(granted.shape[1]) < snapshots.user_count[:, None]
    given, curve = snapshots.users, snapshots.curve
    chosen = granted & users
    batch = chosen.sum(axis=1)[:, None].astype(np.float64)
    at_edge = curve.total - split
    index, at_total = (sigmoid(curve.slope, curve.threshold, steps) for steps in (split, np.asarray(curve.total)))
    lost = given.weight * (at_total - index)
    saved = at_edge * given.local_seconds
    spent = given.transmission * batch + at_edge * (snapshots.per_item[:, None] * batch + snapshots.base[:, None])
    holds = np.where(
        chosen, (split >= curve.lower) & (split <= curve.total) & (split == np.round(split)), split == curve.total
    )
    size = np.where(chosen, lost + saved + spent, 0.0).sum(axis=1)
    return Evaluated(
        objective=np.where(chosen, saved - lost - spent, 0.0).sum(axis=1),
        feasible=(holds | ~users).all(axis=1) & (batch[:, 0] <= snapshots.max_batch),
        size=size,
        rounding=OBJECTIVE_ROUNDING * np.maximum(size, SMALLEST_TOLERANCE),
    )


def statuses(found: Evaluated, bound: FloatArray, gap: float, *, minimise: bool) -> NDArray[np.str_]:
    """Name the status of every snapshot by the rule of :func:`solvers.core.validation.validate`, shape (S,)."""
    negligible = np.maximum(np.maximum(ABSOLUTE_GAP * found.size, found.rounding), SMALLEST_TOLERANCE)
    closed = np.maximum(gap * np.minimum(np.abs(found.objective), found.size), negligible)
    excess = bound - found.objective if minimise else found.objective - bound
    wrong = excess > np.maximum(np.maximum(BOUND_TOLERANCE * found.size, found.rounding), SMALLEST_TOLERANCE)
    status = np.where(np.abs(found.objective - bound) <= closed, str(Status.OPTIMAL), str(Status.FEASIBLE))
    return np.asarray(np.where(~found.feasible | wrong, str(Status.ERROR), status))


def relative_gaps(objective: FloatArray, bound: FloatArray) -> FloatArray:
    """|objective - bound| / max(|bound|, 1e-9), shape (S,)."""
    return np.asarray(np.abs(objective - bound) / np.maximum(np.abs(bound), SMALLEST_DENOMINATOR))
