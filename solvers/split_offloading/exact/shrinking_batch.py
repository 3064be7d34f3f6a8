"""Optimum of split offloading without simplification (9), and how conservative (9) is.

For a fixed number b of granted users, ranked by falling offloaded steps m_1 >= m_2 >= ..., the time that all spend
at the edge is sum_r m_r ((2 r - 1) k_e / G + h_e); any other ranking counts more. Choosing users, splits and ranks
together is therefore a linear assignment of users to ranks, in which a user of rank r has its best split for a
batch of 2 r - 1 (docs/theory/split_offloading, section 4).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from formulations.fields import FloatArray
from formulations.split_offloading import shrinking_batch as exact
from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.gain import gains
from formulations.split_offloading.latency import transmission_seconds_alone
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits
from solvers.core.limits import Limits
from solvers.split_offloading.exact.batch_scan import scan_batches, solution_of
from solvers.split_offloading.exact.constrained_scan import refuse_constraints

MOST_ENTRIES = 5_000_000
"""Largest table of users and ranks that :func:`compare_models` makes."""


class Plan(NamedTuple):
    """What a plan is worth under both models of the batch.

    Attributes
    ----------
    planned_with : str
        Model that the plan is optimal for: ``fixed batch (9)`` or ``shrinking batch``.
    granted : int
        Granted users.
    offloaded_steps : float
        Mean of N - n_i over the granted users [steps], NaN where there are none.
    objective_fixed, objective_shrinking : float
        Objective with (9), and with the real batch [s].
    latency_fixed, latency_shrinking : float
        Mean latency of all users with (9), and with the real batch [s].
    """

    planned_with: str
    granted: int
    offloaded_steps: float
    objective_fixed: float
    objective_shrinking: float
    latency_fixed: float
    latency_shrinking: float


def compare_models(data: SplitOffloading, limits: Limits) -> list[Plan]:
    """The optimal plan of either model under both; empty where the table of users and ranks would be too large.

    The limits are not used.

    Raises
    ------
    Unsupported
        If there are further constraints: those that speak of the batch mean that of (9).
    """
    refuse_constraints(data, "the comparison with a shrinking batch")
    if data.users * data.largest_batch > MOST_ENTRIES:
        return []
    fixed = solution_of(data, scan_batches(data).granted)
    return [_plan(data, "fixed batch (9)", fixed), _plan(data, "shrinking batch", optimum(data))]


def _plan(data: SplitOffloading, name: str, solution: dict[str, FloatArray]) -> Plan:
    fixed = evaluate(data, solution["x"], solution["n"])
    return Plan(
        planned_with=name,
        granted=int(fixed.metrics["granted"]),
        offloaded_steps=fixed.metrics["offloaded_steps"],
        objective_fixed=fixed.objective,
        objective_shrinking=exact.objective(data, solution["x"], solution["n"]),
        latency_fixed=fixed.metrics["mean_latency_seconds"],
        latency_shrinking=float(exact.latency_seconds(data, solution["x"], solution["n"]).mean()),
    )


def optimum(data: SplitOffloading) -> dict[str, FloatArray]:
    """Optimal ``x`` and ``n`` without (9), by one linear assignment for each number of granted users.

    Raises
    ------
    Unsupported
        If there are further constraints.
    """
    refuse_constraints(data, "the assignment to a shrinking batch")
    users, by_rank = rank_gains(data)
    sending = transmission_seconds_alone(data)[users]
    best, chosen, ranks = 0.0, users[:0], users[:0]
    for batch in range(1, data.largest_batch + 1):
        table = by_rank[:, :batch] - batch * sending[:, None]
        rows, columns = linear_sum_assignment(table, maximize=True)
        value = float(table[rows, columns].sum())
        if value > best:
            best, chosen, ranks = value, users[rows], columns
    offload, split = np.zeros(data.users), np.full(data.users, float(data.total_steps))
    offload[chosen] = 1.0
    for user, rank in zip(chosen, ranks, strict=True):
        split[user] = best_splits(data, batch_of_rank(int(rank)), np.array([user]))[0]
    return {"x": offload, "n": split}


def batch_of_rank(rank: int) -> float:
    """Batch 2 r - 1 that a user of rank r = ``rank`` + 1 is charged for [users]."""
    return 2.0 * rank + 1.0


def rank_gains(data: SplitOffloading) -> tuple[NDArray[np.int64], FloatArray]:
    """Users that can be in an optimum, and their gains in every rank before transmission [s], one row a user.

    A user that is not among the B_max best of any rank can be exchanged, in whatever rank it has, for one of the
    best of that rank that is not granted. That holds where all users have the same transmission time; where they
    have not, all users stay.
    """
    sending = transmission_seconds_alone(data)
    table = np.empty((data.users, data.largest_batch))
    for rank in range(data.largest_batch):
        batch = batch_of_rank(rank)
        table[:, rank] = gains(data, batch) + batch * sending
    users = np.arange(data.users)
    if data.largest_batch and data.users > data.largest_batch and (sending == sending[0]).all():
        best = np.argpartition(-table, data.largest_batch - 1, axis=0)[: data.largest_batch]
        users = np.unique(best)
    return users, table[users]
