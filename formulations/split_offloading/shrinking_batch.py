"""Latency at the edge without simplification (9): the batch shrinks when users get their latents back.

The batch starts with every granted user that offloads a step, and a user leaves it after its N - n_i steps.
Paper B takes the first batch for all steps, which it calls conservative; here the batch of each step is counted.
Transmission stays as in (7) and (8): the granted users share the bandwidth whatever they offload.
"""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.latency import (
    batch_size,
    edge_seconds_per_step,
    local_seconds,
    transmission_seconds,
)
from formulations.split_offloading.parameters import SplitOffloading


def batch_of_step(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> FloatArray:
    """Users b_t in the batch of the edge's step t = 1, ..., N: those with N - n_i >= t; shape (N,)."""
    offloaded = np.round((data.total_steps - split)[granted > 0.5]).astype(np.int64)
    leaving = np.bincount(offloaded, minlength=data.total_steps + 1)
    return offloaded.size - np.cumsum(leaving)[:-1].astype(np.float64)


def edge_seconds(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> FloatArray:
    """Time of a granted user's steps at the edge, sum over t <= N - n_i of L_e(b_t, G) [s]: (10) without (9)."""
    seconds = edge_seconds_per_step(data, batch_of_step(data, granted, split))
    until = np.concatenate([[0.0], np.cumsum(seconds)])
    return np.asarray(granted * until[np.round(data.total_steps - split).astype(np.int64)])


def latency_seconds(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> FloatArray:
    """Latency L_i = l^R + x_i l^T + x_i l^E + l^L, (6) without (9) [s], shape (I,)."""
    sending = granted * transmission_seconds(data, batch_size(granted))
    at_edge = edge_seconds(data, granted, split)
    return np.asarray(data.wait_seconds + sending + at_edge + local_seconds(data, split))


def objective(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> float:
    """Objective of P1 with the latency of the real batch [s]."""
    latency = latency_seconds(data, granted, split)
    return float(np.sum(data.accuracy_weight * accuracy_index(data, split) - latency))
