"""What a solution of split offloading decides for each user, with the parts of its worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.evaluation import named
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.latency import (
    batch_size,
    edge_seconds,
    latency_seconds,
    local_seconds,
    transmission_seconds,
)
from formulations.split_offloading.parameters import SplitOffloading


def per_user(data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return place, steps on both sides, latency with its parts, accuracy and worth of every user, shape (I,)."""
    granted = np.asarray(solution["x"], dtype=np.float64)
    split = np.asarray(solution["n"], dtype=np.float64)
    batch = batch_size(granted)
    latency = latency_seconds(data, granted, split)
    accuracy = accuracy_index(data, split)
    return {
        "place": np.where(granted > 0.5, "edge", "device"),
        "edge_steps": data.total_steps - split,
        "local_steps": split,
        "latency_seconds": latency,
        "wait_seconds": np.asarray(data.wait_seconds),
        "transmission_seconds": granted * transmission_seconds(data, batch),
        "edge_seconds": granted * edge_seconds(data, split, batch),
        "local_seconds": local_seconds(data, split),
        "accuracy_index": accuracy,
        "worth_seconds": data.accuracy_weight * accuracy - latency,
    }


def decision(solution: Mapping[str, NDArray[Any]]) -> str:
    """Return who is granted, in a line."""
    granted = np.asarray(solution["x"]) > 0.5
    return f"{granted.sum()} of {granted.size} users granted{named(np.flatnonzero(granted))}"


def dual_units(data: SplitOffloading, names: Iterable[str]) -> dict[str, str]:
    """Return the unit of every multiplier; no method of split offloading has one of a single limit."""
    return dict.fromkeys(names, "-")
