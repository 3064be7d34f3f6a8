"""Evaluator of split offloading with several servers: recomputes objective, components and violations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.evaluation import OBJECTIVE_ROUNDING, Evaluation, Metric, per_user
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.domain import tolerances, violations
from formulations.multi_edge_offloading.latency import LOCAL, batch_sizes, latency_seconds
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.evaluation import all_local_objective, changeable, split_range_violation

METRICS = (
    Metric("offloaded", "offloaded", "users", "d"),
    Metric("offloaded_steps", "steps offloaded", "steps/offloaded", ".1f"),
    Metric("mean_pai", "mean PAI", "-", ".4f"),
    Metric("mean_latency_seconds", "mean latency", "s", ".3f"),
    Metric("gain_over_all_local", "gain over all-local", "s", ".4f"),
)
"""Components reported beside the objective: means over all users, offloaded steps over those at a server."""


def describe(data: MultiEdgeOffloading) -> str:
    """The scenario in one line, as a table's heading says it."""
    users = f"{data.users} user{'s' if data.users > 1 else ''}"
    servers = f"{data.servers} server{'s' if data.servers > 1 else ''}"
    gpus = f"{int(data.gpus.sum())} GPUs"
    models = f", {data.models} models" if data.models > 1 else ""
    return f"{users}, {servers} with {gpus}, at most {int(data.largest_batch.sum())} offloaded{models}"


def evaluate_solution(data: MultiEdgeOffloading, solution: Mapping[str, NDArray[Any]]) -> Evaluation:
    """Evaluate a solution given as arrays ``server`` and ``n``, and ``models_held`` where that is decided."""
    held = solution["models_held"] if data.chooses_models else None
    return evaluate(data, solution["server"], solution["n"], held)


def evaluate(
    data: MultiEdgeOffloading, server: NDArray[Any], split: FloatArray, held: NDArray[Any] | None = None
) -> Evaluation:
    """Objective sum_i alpha_i F(n_i) - L_i, its components and the violation of every constraint family.

    Parameters
    ----------
    data : MultiEdgeOffloading
        The snapshot.
    server : NDArray
        Server of each user counted from 0, -1 where it stays local; shape (I,).
    split : FloatArray
        n_i, steps on the device, shape (I,).
    held : NDArray, optional
        Whether a server holds a model, shape (m, K); every server holds all of them by default.

    Returns
    -------
    Evaluation
        Violations are in steps, except ``max_batch`` and ``model_held`` (users) and ``model_slots`` (models);
        those of further constraints are in their own units.

    Raises
    ------
    ValueError
        If an array has another shape, holds a value that is not finite, or names no server.
    """
    place = servers_of(data, server)
    split = per_user(data.users, "n", split)
    accuracy = accuracy_index(data, split)
    latency = latency_seconds(data, place, split)
    value = float(np.sum(data.accuracy_weight * accuracy - latency))
    offloaded = place != LOCAL
    steps = (data.total_steps - split)[offloaded]
    return Evaluation(
        objective=value,
        metrics={
            "offloaded": float(offloaded.sum()),
            "offloaded_steps": float(steps.mean()) if steps.size else np.nan,
            "mean_pai": float(accuracy.mean()),
            "mean_latency_seconds": float(latency.mean()),
            "gain_over_all_local": value - all_local_objective(data),
        },
        violations={
            "max_batch": float(np.maximum(batch_sizes(data, place) - data.max_batch, 0.0).max()),
            "split_range": split_range_violation(data, split),
            "local_split": float(np.abs((data.total_steps - split)[~offloaded]).max(initial=0.0)),
            "integer_split": float(np.abs(split - np.round(split)).max()),
        }
        | model_violations(data, place, held)
        | violations(data, place, split),
        tolerances=tolerances(data),
        magnitude=changeable(data, accuracy, latency),
        rounding=OBJECTIVE_ROUNDING * float(np.sum(data.accuracy_weight * accuracy + latency)),
    )


def servers_of(data: MultiEdgeOffloading, server: NDArray[Any]) -> NDArray[np.int64]:
    """Server of each user as an integer, shape (I,).

    Raises
    ------
    ValueError
        If it has another shape, or a value is not a whole number from -1 to m - 1.
    """
    values = per_user(data.users, "server", server)
    is_server = (values == np.floor(values)) & (values >= LOCAL) & (values < data.servers)
    if not is_server.all():
        index = int(np.argmin(is_server))
        last = data.servers - 1
        raise ValueError(f"server[{index}] is {values[index]:.6g}, expected -1 or a server from 0 to {last}")
    return values.astype(np.int64)


def model_violations(
    data: MultiEdgeOffloading, server: NDArray[np.int64], held: NDArray[Any] | None
) -> dict[str, float]:
    """Users at a server without their model, and models beyond a server's slots; nothing where not decided."""
    if held is None:
        return {}
    holds = np.asarray(held, dtype=np.float64)
    if holds.shape != (data.servers, data.models) or not np.isin(holds, (0.0, 1.0)).all():
        expected = f"{data.servers} x {data.models} values 0 or 1"
        raise ValueError(f"solution array 'models_held' has shape {holds.shape}, expected {expected}")
    offloaded = np.flatnonzero(server != LOCAL)
    there = holds[server[offloaded], data.model_of_user[offloaded].astype(np.int64)]
    return {
        "model_held": float((there == 0.0).sum()),
        "model_slots": float(np.maximum(holds.sum(axis=1) - data.model_slots, 0.0).max()),
    }
