"""Evaluator of split offloading: recomputes objective, components and violations of any solution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.evaluation import constraint_tolerances, constraint_violations
from formulations.evaluation import OBJECTIVE_ROUNDING, Evaluation, Metric, binary_violation, per_user
from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.latency import batch_size, latency_seconds
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.users import SnapshotUsers

METRICS = (
    Metric("granted", "granted", "users", "d"),
    Metric("offloaded_steps", "steps offloaded", "steps/granted", ".1f"),
    Metric("mean_pai", "mean PAI", "-", ".4f"),
    Metric("mean_latency_seconds", "mean latency", "s", ".3f"),
    Metric("gain_over_all_local", "gain over all-local", "s", ".4f"),
)
"""Components reported beside the objective: means over all users, offloaded steps over the granted ones."""


def describe(data: SplitOffloading) -> str:
    """The scenario in one line, as a table's heading says it."""
    users = f"{data.users} user{'s' if data.users > 1 else ''}"
    gpus = f"{data.gpus} GPU{'s' if data.gpus > 1 else ''}"
    steps = f"{data.min_local_steps} to {data.total_steps} local steps"
    return f"{users}, {gpus}, at most {data.max_batch} granted, {steps}"


def evaluate_solution(data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> Evaluation:
    """Evaluate a solution given as arrays ``x`` (granted) and ``n`` (split), see :func:`evaluate`."""
    return evaluate(data, solution["x"], solution["n"])


def evaluate(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> Evaluation:
    """Objective of P1, its components and the violation of every constraint family.

    Parameters
    ----------
    data : SplitOffloading
        The snapshot.
    granted : FloatArray
        x_i, shape (I,); 1 where the user is granted.
    split : FloatArray
        n_i, shape (I,); steps on the device.

    Returns
    -------
    Evaluation
        Violations are in steps, except ``binary`` (distance of x_i from {0, 1}) and ``max_batch`` (users).

    Raises
    ------
    ValueError
        If an array has another shape than (I,) or holds a value that is not finite.
    """
    granted = per_user(data.users, "x", granted)
    split = per_user(data.users, "n", split)
    accuracy = accuracy_index(data, split)
    latency = latency_seconds(data, granted, split)
    value = float(np.sum(data.accuracy_weight * accuracy - latency))
    return Evaluation(
        objective=value,
        metrics={
            "granted": batch_size(granted),
            "offloaded_steps": offloaded_steps(data, granted, split),
            "mean_pai": float(accuracy.mean()),
            "mean_latency_seconds": float(latency.mean()),
            "gain_over_all_local": value - all_local_objective(data),
        },
        violations={
            "binary": binary_violation(granted),
            "max_batch": max_batch_violation(data, granted),
            "split_range": split_range_violation(data, split),
            "denied_split": denied_split_violation(data, granted, split),
            "integer_split": float(np.abs(split - np.round(split)).max()),
        }
        | constraint_violations(data, {"x": granted, "n": split}),
        tolerances=constraint_tolerances(data),
        magnitude=changeable(data, accuracy, latency),
        rounding=OBJECTIVE_ROUNDING * float(np.sum(data.accuracy_weight * accuracy + latency)),
    )


def changeable(data: SnapshotUsers, accuracy: FloatArray, latency: FloatArray) -> float:
    """Sum of the sizes of all terms, of each no more than decisions can change [s].

    Waits and the least number of local steps are in every decision, and no accuracy is below that of these steps.
    """
    ends = accuracy_index(data, np.array([float(data.min_local_steps), float(data.total_steps)]))
    accurate = np.minimum(accuracy, ends[1] - ends[0])
    spent = np.maximum(latency - data.wait_seconds - data.min_local_steps * data.local_seconds_per_step, 0.0)
    return float(np.sum(data.accuracy_weight * accurate + spent))


def all_local_worth(data: SnapshotUsers) -> FloatArray:
    """Summand alpha_i F(N) - l^R - N L_i(1) of P1 for a denied user [s], shape (I,)."""
    accuracy = accuracy_index(data, np.array(float(data.total_steps)))
    return np.asarray(
        data.accuracy_weight * accuracy - data.wait_seconds - data.total_steps * data.local_seconds_per_step
    )


def all_local_objective(data: SnapshotUsers) -> float:
    """Objective of denying everybody [s]."""
    return float(np.sum(all_local_worth(data)))


def split_range_violation(data: SnapshotUsers, split: FloatArray) -> float:
    """Largest distance of n_i from [N_hat, N] [steps]; C3, paper B (4)."""
    return float(np.maximum(0.0, np.maximum(data.min_local_steps - split, split - data.total_steps)).max())


def offloaded_steps(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> float:
    """Mean of N - n_i over the granted users [steps], NaN where nobody is granted."""
    batch = batch_size(granted)
    return float(np.sum(granted * (data.total_steps - split))) / batch if batch > 0.0 else np.nan


def max_batch_violation(data: SplitOffloading, granted: FloatArray) -> float:
    """Users granted above the limit, max(0, sum x_i - B_max); C2, paper B (3)."""
    return max(0.0, batch_size(granted) - data.max_batch)


def denied_split_violation(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> float:
    """Largest |(1 - x_i) (N - n_i)| [steps]; C4, paper B (5)."""
    return float(np.abs((1.0 - granted) * (data.total_steps - split)).max())
