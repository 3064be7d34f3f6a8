"""End-to-end latency of a user and its parts (paper B, section 4, equations (6) to (10)).

``granted`` is x_i, ``split`` is n_i in steps, both of shape (I,); ``batch`` is b = sum x_i, in users.
Every function of them returns seconds, one number per user unless it says otherwise.
"""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.split_offloading.parameters import SplitOffloading


def batch_size(granted: FloatArray) -> float:
    """Batch b = sum x_i at the edge [users], taken as constant while it runs, paper B (9)."""
    return float(np.sum(granted))


def edge_seconds_per_step(data: SplitOffloading, batch: FloatArray | float) -> FloatArray:
    """Time L_e(b, G) = k_e b / G + h_e of one step of the batch [s], the same for all users (section 3.3)."""
    per_item = data.edge_seconds_per_step_per_item / data.gpus
    return np.asarray(per_item * np.asarray(batch) + data.edge_seconds_per_step_base)


def bandwidth_share_hz(data: SplitOffloading, batch: float) -> float:
    """Bandwidth W_i = W_max / b of one granted user [Hz], b >= 1, paper B (8)."""
    return data.bandwidth_hz / batch


def transmission_seconds_alone(data: SplitOffloading) -> FloatArray:
    """Time (s^p + s^m) / (eta W_max) of prompt and latent with all the bandwidth [s]: A^T of paper B (12)."""
    return np.asarray((data.prompt_bits + data.latent_bits) / (data.spectral_efficiency * data.bandwidth_hz))


def transmission_seconds(data: SplitOffloading, batch: float) -> FloatArray:
    """Time l_i^T = (s^p + s^m) b / (eta W_max) of a granted user's prompt and latent, paper B (7) with (8)."""
    return transmission_seconds_alone(data) * batch


def edge_seconds(data: SplitOffloading, split: FloatArray, batch: float) -> FloatArray:
    """Time l_i^E = (N - n_i) L_e(b, G) of a granted user's steps at the edge, paper B (10)."""
    return np.asarray((data.total_steps - split) * edge_seconds_per_step(data, batch))


def local_seconds(data: SplitOffloading, split: FloatArray) -> FloatArray:
    """Time l_i^L = n_i L_i(1) of the steps on the device (section 4, below (6))."""
    return np.asarray(split * data.local_seconds_per_step)


def latency_seconds(data: SplitOffloading, granted: FloatArray, split: FloatArray) -> FloatArray:
    """Latency L_i = l^R + x_i l^T + x_i l^E + l^L from the request to the image, paper B (6)."""
    batch = batch_size(granted)
    at_edge = transmission_seconds(data, batch) + edge_seconds(data, split, batch)
    return np.asarray(data.wait_seconds + granted * at_edge + local_seconds(data, split))
