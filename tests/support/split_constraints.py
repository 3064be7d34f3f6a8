"""Random further constraints on small snapshots: some bind, some cannot hold together, some demand nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from split_enumeration import accuracy, latency

from formulations.constraints.registry import constraint_types
from formulations.split_offloading.parameters import SplitOffloading

SEPARABLE = ("latency_deadline", "pai_floor", "battery_budget")
COUPLING = ("min_granted", "transmission_budget", "exclusive_users")


def with_constraints(data: Any, *documents: Mapping[str, Any]) -> Any:
    """The snapshot, of one server or of several, with constraints given as in an instance file, without ``on``."""
    kinds = constraint_types()
    built = []
    for document in documents:
        kind = kinds[data.problem, document["type"]]
        built.append(kind.model_validate({"on": data.problem, **document}))
        built[-1].check(data)
    return data.replaced({"constraints": tuple(built)})


def random_constraints(data: SplitOffloading, seed: int, kinds: tuple[str, ...]) -> SplitOffloading:
    """The snapshot with one to three constraints of these kinds, their limits around what decisions reach."""
    draw = np.random.default_rng([seed, 77])
    chosen = draw.choice(kinds, int(draw.integers(1, 4)))
    return with_constraints(data, *(random_document(data, str(kind), draw) for kind in chosen))


def random_document(data: SplitOffloading, kind: str, draw: np.random.Generator) -> dict[str, Any]:
    some = draw.choice(data.users, int(draw.integers(1, data.users + 1)), replace=False)
    users = None if draw.random() < 0.5 else tuple(sorted(some.tolist()))
    named = range(data.users) if users is None else users
    limited = list(named) if kind in SEPARABLE else []
    limits: dict[str, Any]
    match kind:
        case "latency_deadline":
            limits = {"most_seconds": [_reached_latency(data, i, draw) for i in limited]}
        case "pai_floor":
            split = draw.integers(data.min_local_steps, data.total_steps + 1, len(limited))
            limits = {"least_accuracy": [accuracy(data, n) * 0.9999 for n in split]}
        case "battery_budget":
            watts = draw.uniform(1.0, 10.0, len(limited))
            split = draw.uniform(0.8 * data.min_local_steps, 1.3 * data.total_steps, len(limited))
            joules = watts * np.maximum(split, 0.1) * data.local_seconds_per_step[limited]
            limits = {"device_watts": watts.tolist(), "most_joules": joules.tolist()}
        case "min_granted":
            limits = {"least_granted": int(draw.integers(0, len(named) + 1))}
        case "exclusive_users":
            limits = {"most_granted": int(draw.integers(0, 3))}
        case _:
            bits = float((data.prompt_bits + data.latent_bits)[list(named)].sum())
            limits = {"most_bits": draw.uniform(0.1, 1.0) * bits + 1.0}
    return {"type": kind, **limits} | ({} if users is None else {"users": users})


def _reached_latency(data: SplitOffloading, i: int, draw: np.random.Generator) -> float:
    """Around the latency of denial or of a grant in some batch."""
    split = int(draw.integers(data.min_local_steps, data.total_steps + 1))
    batch = int(draw.integers(1, data.users + 1))
    granted = latency(data, i, 1.0, split, batch)
    denied = latency(data, i, 0.0, data.total_steps, 0)
    return float(draw.choice([granted, max(granted, denied), denied]) * draw.uniform(0.97, 1.2))
