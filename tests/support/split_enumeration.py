"""P1 of split offloading by enumeration of x and n, term by term from the paper: it shares no code with ours."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from builders import split_offloading

from formulations.split_offloading.parameters import SplitOffloading


def brute_force(data: SplitOffloading, splits: Iterable[int] | None = None) -> float:
    """Optimum of P1 over every x within B_max and, for each, every whole n_i (or those of ``splits`` alone).

    Further constraints are counted in; minus infinity where they cannot hold together.
    """
    splits = range(data.min_local_steps, data.total_steps + 1) if splits is None else splits
    sizes = range(data.largest_batch + 1)
    tables = {b: [_best_granted(data, i, b, splits) for i in range(data.users)] for b in sizes if b}
    denied = [_worth_if_allowed(data, i, 0.0, data.total_steps, 0) for i in range(data.users)]
    best = -math.inf
    for x in itertools.product((0, 1), repeat=data.users):
        b = sum(x)
        if b <= data.max_batch and _allowed_together(data, x):
            best = max(best, math.fsum(tables[b][i] if x[i] else denied[i] for i in range(data.users)))
    return best


def _best_granted(data: SplitOffloading, i: int, b: int, splits: Iterable[int]) -> float:
    return max((_worth_if_allowed(data, i, 1.0, n, b) for n in splits), default=-math.inf)


def _worth_if_allowed(data: SplitOffloading, i: int, x: float, n: float, b: int) -> float:
    allowed = all(_allowed_alone(data, constraint, i, x, n, b) for constraint in data.constraints)
    return worth(data, i, x, n, b) if allowed else -math.inf


def _allowed_alone(data: SplitOffloading, constraint: Any, i: int, x: float, n: float, b: int) -> bool:
    """Whether a constraint that separates by user allows the user's decision."""
    users = list(range(data.users)) if constraint.users is None else list(constraint.users)
    if i not in users:
        return True

    def own(values: Any) -> float:
        return float(np.broadcast_to(values, len(users))[users.index(i)])

    match constraint.type:
        case "latency_deadline":
            return latency(data, i, x, n, b) <= own(constraint.most_seconds) * (1 + 1e-9)
        case "pai_floor":
            return accuracy(data, n) >= own(constraint.least_accuracy) * (1 - 1e-9)
        case "battery_budget":
            drawn = n * data.local_seconds_per_step[i] * own(constraint.device_watts)
            return bool(drawn <= own(constraint.most_joules) * (1 + 1e-9))
    return True


def _allowed_together(data: SplitOffloading, x: tuple[int, ...]) -> bool:
    """Whether all constraints that couple users allow a choice."""
    for constraint in data.constraints:
        granted = [i for i in (constraint.users or range(data.users)) if x[i]]
        match constraint.type:
            case "min_granted":
                holds = len(granted) >= constraint.least_granted
            case "exclusive_users":
                holds = len(granted) <= constraint.most_granted
            case "transmission_budget":
                bits = math.fsum(data.prompt_bits[i] + data.latent_bits[i] for i in granted)
                holds = bits <= constraint.most_bits * (1 + 1e-9)
            case _:
                holds = True
        if not holds:
            return False
    return True


def worth(data: SplitOffloading, i: int, x: float, n: float, b: int) -> float:
    """The summand alpha_i F(n_i) - L_i of P1."""
    return float(data.accuracy_weight[i] * accuracy(data, n) - latency(data, i, x, n, b))


def accuracy(data: SplitOffloading, n: float) -> float:
    """F(n)."""
    return 1.0 / (1.0 + math.exp(-data.pai_slope * (n - data.pai_threshold)))


def latency(data: SplitOffloading, i: int, x: float, n: float, b: int) -> float:
    """L_i, with (6), (7), (8) and (10)."""
    sent = data.prompt_bits[i] + data.latent_bits[i]
    transmission = sent / (data.spectral_efficiency * data.bandwidth_hz / b) if b else 0.0
    per_step = data.edge_seconds_per_step_per_item * b / data.gpus + data.edge_seconds_per_step_base
    edge = (data.total_steps - n) * per_step
    return float(data.wait_seconds[i] + x * transmission + x * edge + n * data.local_seconds_per_step[i])


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
