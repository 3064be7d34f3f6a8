"""The problem of paper B that each server sees by itself: the same users, its own GPUs, bandwidth and channels."""

from __future__ import annotations

from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.parameters import SplitOffloading


def server_snapshot(data: MultiEdgeOffloading, server: int) -> SplitOffloading:
    """Split offloading of all users at one server.

    Paper B has one spectral efficiency for all users. Here each user's is its own, so that the sizes of prompt and
    latent are divided by it, and the efficiency becomes one.
    """
    efficiency = data.spectral_efficiency[:, server]
    return SplitOffloading(
        users=data.users,
        total_steps=data.total_steps,
        min_local_steps=data.min_local_steps,
        pai_slope=data.pai_slope,
        pai_threshold=data.pai_threshold,
        accuracy_weight=data.accuracy_weight,
        local_seconds_per_step=data.local_seconds_per_step,
        edge_seconds_per_step_per_item=float(data.edge_seconds_per_step_per_item[server]),
        edge_seconds_per_step_base=float(data.edge_seconds_per_step_base[server]),
        gpus=int(data.gpus[server]),
        max_batch=int(min(data.max_batch[server], data.users)),
        prompt_bits=data.prompt_bits / efficiency,
        latent_bits=data.latent_bits / efficiency,
        spectral_efficiency=1.0,
        bandwidth_hz=float(data.bandwidth_hz[server]),
        wait_seconds=data.wait_seconds,
    )
