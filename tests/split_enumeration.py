"""P1 of split offloading by enumeration of x and n, term by term from the paper: it shares no code with ours."""

from __future__ import annotations

import itertools
import math

import numpy as np
from conftest import split_offloading

from formulations.split_offloading.parameters import SplitOffloading


def brute_force(data: SplitOffloading) -> float:
    """Optimum of P1 over every x within B_max and, for each, every whole n_i."""
    tables = {b: [_best_granted(data, i, b) for i in range(data.users)] for b in range(1, data.largest_batch + 1)}
    denied = [worth(data, i, 0.0, data.total_steps, 0) for i in range(data.users)]
    best = -math.inf
    for x in itertools.product((0, 1), repeat=data.users):
        b = sum(x)
        if b <= data.max_batch:
            best = max(best, math.fsum(tables[b][i] if x[i] else denied[i] for i in range(data.users)))
    return best


def _best_granted(data: SplitOffloading, i: int, b: int) -> float:
    return max(worth(data, i, 1.0, n, b) for n in range(data.min_local_steps, data.total_steps + 1))


def worth(data: SplitOffloading, i: int, x: float, n: float, b: int) -> float:
    """The summand alpha_i F(n_i) - L_i of P1, with (6), (7), (8) and (10)."""
    accuracy = 1.0 / (1.0 + math.exp(-data.pai_slope * (n - data.pai_threshold)))
    sent = data.prompt_bits[i] + data.latent_bits[i]
    transmission = sent / (data.spectral_efficiency * data.bandwidth_hz / b) if b else 0.0
    per_step = data.edge_seconds_per_step_per_item * b / data.gpus + data.edge_seconds_per_step_base
    edge = (data.total_steps - n) * per_step
    latency = data.wait_seconds[i] + x * transmission + x * edge + n * data.local_seconds_per_step[i]
    return float(data.accuracy_weight[i] * accuracy - latency)


def random_snapshot(seed: int, most_users: int) -> SplitOffloading:
    """A small snapshot anywhere in the range of the data, N_hat below b_F and users of one kind included."""
    draw = np.random.default_rng(seed)
    users = int(draw.integers(1, most_users + 1))
    total = int(draw.integers(1, 201))
    overrides: dict[str, object] = {
        "total_steps": total,
        "min_local_steps": int(draw.integers(0, total + 1)) if draw.random() < 0.7 else 0,
        "pai_slope": float(draw.choice([0.0413, 0.01, 0.2])),
        "pai_threshold": float(draw.uniform(0.0, total)),
        "gpus": int(draw.choice([1, 2, 4, 8])),
        "max_batch": int(draw.integers(0, users + 2)),
        "bandwidth_hz": float(draw.choice([1e6, 1e7])),
        "latent_bits": draw.uniform(0.0, 8e6, users),
    }
    if draw.random() < 0.2:
        overrides |= {"accuracy_weight": float(draw.uniform(0.0, 100.0)), "local_seconds_per_step": 0.3}
    if draw.random() < 0.1:
        overrides |= {"accuracy_weight": 0.0}
    return split_offloading(users, seed, **overrides)
