"""Latency of a user that goes to one of several servers: (6) to (10) of paper B with the server's own numbers.

``server`` is the server of each user, -1 for local, ``split`` is n_i in steps, both of shape (I,); ``batches`` is
b_j, the users of each server, shape (m,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading

LOCAL = -1
"""Server of a user that stays on its device."""


def batch_sizes(data: MultiEdgeOffloading, server: NDArray[np.int64]) -> FloatArray:
    """Batch b_j = number of users at each server [users], shape (m,), paper B (9) for each of them."""
    return np.bincount(server[server != LOCAL], minlength=data.servers).astype(np.float64)


def edge_seconds_per_step(data: MultiEdgeOffloading, batches: FloatArray) -> FloatArray:
    """Time L_ej(b_j) = k_j b_j / G_j + h_j of one step of each server's batch [s], shape (m,)."""
    return np.asarray(data.edge_seconds_per_step_per_item / data.gpus * batches + data.edge_seconds_per_step_base)


def transmission_seconds_alone(data: MultiEdgeOffloading, server: int) -> FloatArray:
    """Time (s^p + s^m) / (eta_ij W_j) of prompt and latent with all the bandwidth of a server [s], shape (I,)."""
    hertz = data.spectral_efficiency[:, server] * data.bandwidth_hz[server]
    return np.asarray((data.prompt_bits + data.latent_bits) / hertz)


def latency_seconds(data: MultiEdgeOffloading, server: NDArray[np.int64], split: FloatArray) -> FloatArray:
    """Latency L_i = l^R_i + l^T_i + l^E_i + l^L_i from the request to the image [s], shape (I,), paper B (6)."""
    seconds = data.wait_seconds + split * data.local_seconds_per_step
    batches = batch_sizes(data, server)
    per_step = edge_seconds_per_step(data, batches)
    for j in np.flatnonzero(batches).tolist():
        mine = server == j
        sending = transmission_seconds_alone(data, j)[mine] * batches[j]
        seconds[mine] += sending + (data.total_steps - split[mine]) * per_step[j]
    return np.asarray(seconds)
