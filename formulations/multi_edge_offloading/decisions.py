"""What a solution with several servers decides for each user, with the parts of its worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.multi_edge_offloading.evaluation import servers_of
from formulations.multi_edge_offloading.latency import LOCAL, latency_seconds
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.accuracy import accuracy_index


def per_user(data: MultiEdgeOffloading, solution: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return place, steps on both sides, latency, accuracy and worth of every user, shape (I,)."""
    server = servers_of(data, solution["server"])
    split = np.asarray(solution["n"], dtype=np.float64)
    latency, accuracy = latency_seconds(data, server, split), accuracy_index(data, split)
    return {
        "place": np.array(["device" if j == LOCAL else f"server {j}" for j in server.tolist()]),
        "edge_steps": data.total_steps - split,
        "local_steps": split,
        "latency_seconds": latency,
        "wait_seconds": np.asarray(data.wait_seconds),
        "local_seconds": split * data.local_seconds_per_step,
        "accuracy_index": accuracy,
        "worth_seconds": data.accuracy_weight * accuracy - latency,
    }


def decision(solution: Mapping[str, NDArray[Any]]) -> str:
    """Return how many users each server has, in a line."""
    server = np.asarray(solution["server"]).astype(np.int64)
    offloaded = server[server != LOCAL]
    counts = ", ".join(
        f"{count} at server {j}" for j, count in enumerate(np.bincount(offloaded).tolist()) if count
    )
    return f"{offloaded.size} of {server.size} users offloaded{f': {counts}' if counts else ''}"


def dual_units(data: MultiEdgeOffloading, names: Iterable[str]) -> dict[str, str]:
    """Return the unit of every multiplier: prices are in seconds."""
    return dict.fromkeys(names, "s")
