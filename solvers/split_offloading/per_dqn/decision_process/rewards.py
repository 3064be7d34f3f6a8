"""Values of decisions: the objective of P1, the reward (21) of paper B, and the gain over all-local."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.gain import Edge, gain_of
from formulations.split_offloading.split_point import best_split
from solvers.split_offloading.exact.batch_scan_many import Snapshots
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, real_places

Reward = Literal["published", "at-the-end", "incremental"]
"""(21), whose return is the objective; the objective at the last step alone, which (21) is without reward
backpropagation; or J(S_t) - J(S_(t-1)), whose return is the gain over all-local."""


def all_local_objectives(cases: Cases) -> FloatArray:
    """Objective of denying everybody, waits included [s], shape (S,)."""
    curve = cases.snapshots.curve
    weight, local_seconds, _ = cases.snapshots.users
    worth = weight * curve.accuracy_at_total - cases.wait - curve.total * local_seconds
    # One after another, as a sum in pairs would be rounded differently with more padding.
    running = np.cumsum(np.where(real_places(cases), worth, 0.0)[:: cases.servers], axis=1)
    return np.asarray(running[:, -1])


def set_gains(cases: Cases, chosen: BoolArray) -> FloatArray:
    """J, the gain over all-local of granting exactly these users with their best whole splits [s], shape (S,).

    Parameters
    ----------
    cases : Cases
        S cases.
    chosen : BoolArray
        Who is granted at each server, shape (S m, I); False in padding.
    """
    values = np.empty(chosen.shape[0])
    update_set_gains(cases, chosen, np.arange(chosen.shape[0]), values)
    return np.asarray(cases.by_server(values).sum(axis=1))


def update_set_gains(cases: Cases, chosen: BoolArray, rows: NDArray[np.int64], values: FloatArray) -> None:
    """Write what some rows, which are servers, gain to ``values``, shape (S m,)."""
    _fill_set_gains(cases.snapshots, chosen, rows, values)


def published_rewards(cases: Cases, chosen: BoolArray, steps: NDArray[np.int64]) -> FloatArray:
    """Reward r_t of every step of finished episodes [s], paper B (21), shape (S, I).

    r_t = alpha_t F(n_t*) before the last step; at the last step, t = T, r_T = sum_(i >= T) alpha_i F(n_i*) less
    sum_i L_i over all users. The splits are the best ones in the final batch (n_i* = N for a denied user), so no
    reward is known before the episode has ended. They add up to the objective of P1.

    Parameters
    ----------
    cases : Cases
        S cases with their users in the order of handling.
    chosen : BoolArray
        Who was granted at each server in the end, in the same order, shape (S m, I).
    steps : NDArray of int64
        T, steps of each episode, shape (S,); the rewards behind it are 0.
    """
    rewards = np.zeros((cases.size, cases.width))
    _fill_published(cases.snapshots, cases.wait, chosen, steps, cases.servers, rewards)
    return rewards


@compiled
def _fill_set_gains(snapshots: Snapshots, chosen: BoolArray, rows: NDArray[np.int64], values: FloatArray) -> None:
    weight, local_seconds, transmission = snapshots.users
    for row in rows:
        edge = Edge(snapshots.per_item[row], snapshots.base[row])
        batch, gain = 0.0, 0.0
        for i in range(snapshots.user_count[row]):
            batch += chosen[row, i]
        for i in range(snapshots.user_count[row]):
            if chosen[row, i]:
                gain += gain_of(
                    weight[row, i], local_seconds[row, i], transmission[row, i], edge, snapshots.curve, batch
                )
        values[row] = gain


@compiled
def _fill_published(
    snapshots: Snapshots,
    wait: FloatArray,
    chosen: BoolArray,
    steps: NDArray[np.int64],
    servers: int,
    rewards: FloatArray,
) -> None:
    weight, local_seconds, transmission = snapshots.users
    curve = snapshots.curve
    batch = np.empty(servers)
    for case in range(steps.size):
        first = case * servers
        for j in range(servers):
            batch[j] = 0.0
            for i in range(snapshots.user_count[first]):
                batch[j] += chosen[first + j, i]
        last = steps[case] - 1
        for i in range(snapshots.user_count[first]):
            split, accuracy = curve.total, curve.accuracy_at_total
            latency = wait[first, i]
            for j in range(servers):
                row = first + j
                if chosen[row, i]:
                    at_edge = snapshots.per_item[row] * batch[j] + snapshots.base[row]
                    split, accuracy = best_split(weight[row, i], local_seconds[row, i] - at_edge, curve, True)
                    latency += transmission[row, i] * batch[j] + (curve.total - split) * at_edge
            latency += split * local_seconds[first, i]
            if last >= 0:
                rewards[case, min(i, last)] += weight[first, i] * accuracy
                rewards[case, last] -= latency
