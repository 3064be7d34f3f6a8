"""Split offloading with several servers by enumeration of servers, splits and models: no code of ours."""

from __future__ import annotations

import itertools

import numpy as np
from split_constraints import COUPLING, random_document, with_constraints

from formulations.multi_edge_offloading.domain import all_servers_snapshot
from formulations.multi_edge_offloading.evaluation import evaluate
from formulations.multi_edge_offloading.latency import batch_sizes, edge_seconds_per_step
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.multi_edge_offloading.snapshots import server_snapshot


def brute_force(data: MultiEdgeOffloading) -> float:
    """Optimum over every choice of servers, every split, and every choice of models that fits the slots."""
    users, servers = data.users, data.servers
    splits = np.arange(data.min_local_steps, data.total_steps + 1, dtype=np.float64)
    accuracy = 1.0 / (1.0 + np.exp(-data.pai_slope * (splits - data.pai_threshold)))
    best = np.full((users, servers, users + 1), -np.inf)
    for i, j, b in itertools.product(range(users), range(servers), range(1, users + 1)):
        step = data.edge_seconds_per_step_per_item[j] * b / data.gpus[j] + data.edge_seconds_per_step_base[j]
        bits = data.prompt_bits[i] + data.latent_bits[i]
        latency = (
            data.wait_seconds[i]
            + bits * b / (data.spectral_efficiency[i, j] * data.bandwidth_hz[j])
            + (data.total_steps - splits) * step
            + splits * data.local_seconds_per_step[i]
        )
        best[i, j, b] = (data.accuracy_weight[i] * accuracy - latency).max()
    local = (
        data.accuracy_weight * accuracy[-1] - data.wait_seconds - data.total_steps * data.local_seconds_per_step
    )
    choices = np.array(list(itertools.product(range(servers + 1), repeat=users)))  # the last place is local
    counts = np.stack([(choices == j).sum(axis=1) for j in range(servers)], axis=1)
    allowed = (counts <= data.max_batch).all(axis=1)
    if data.models > 1:
        for j in range(servers):
            asked = [((choices == j) & (data.model_of_user == k)).any(axis=1) for k in range(data.models)]
            allowed &= np.sum(asked, axis=0) <= data.model_slots[j]
    total = np.zeros(len(choices))
    batch = np.concatenate([counts, np.zeros((len(choices), 1), dtype=int)], axis=1)
    for i in range(users):
        values = np.concatenate([best[i], np.full((1, users + 1), local[i])])
        total += values[choices[:, i], np.take_along_axis(batch, choices[:, i : i + 1], axis=1)[:, 0]]
    return float(total[allowed].max())


def brute_force_constrained(data: MultiEdgeOffloading) -> float:
    """The same with further constraints, by the evaluator of every choice and every split; minus infinity if none.

    Splits of a user do not matter to the others, so that each user's are tried alone, with the others where they
    are; constraints on who is served are asked once for each choice.
    """
    users, servers = data.users, data.servers
    splits = np.arange(data.min_local_steps, data.total_steps + 1, dtype=np.float64)
    best = -np.inf
    for choice in itertools.product(range(-1, servers), repeat=users):
        server = np.array(choice, dtype=float)
        held = np.ones((servers, data.models))
        if data.models > 1:
            held = np.array([[((server == j) & (data.model_of_user == k)).any() for k in range(data.models)]
                             for j in range(servers)], dtype=float)  # fmt: skip
        plain = data.replaced({"constraints": ()})
        full = np.full(users, float(data.total_steps))
        if evaluate(plain, server, full, held).feasible is False:
            continue
        place = server.astype(np.int64)
        worth, violated = np.full((users, splits.size), -np.inf), False
        allowed = np.ones((users, splits.size), dtype=bool)
        batch = batch_sizes(data, place)
        per_step = edge_seconds_per_step(data, batch)
        for s, n in enumerate(splits):
            split = np.where(place >= 0, n, data.total_steps)
            for constraint in data.constraints:
                excess = user_excess(data, constraint, place, split)
                limit = 0.5 * constraint.tolerance(all_servers_snapshot(data))
                if constraint.type in COUPLING:
                    violated |= bool(excess.max() > limit)
                else:
                    allowed[:, s] &= excess <= limit
            accuracy = 1.0 / (1.0 + np.exp(-data.pai_slope * (split - data.pai_threshold)))
            latency = data.wait_seconds + split * data.local_seconds_per_step
            for i in np.flatnonzero(place >= 0):
                j = place[i]
                bits = data.prompt_bits[i] + data.latent_bits[i]
                latency[i] += bits * batch[j] / (data.spectral_efficiency[i, j] * data.bandwidth_hz[j])
                latency[i] += (data.total_steps - split[i]) * per_step[j]
            worth[:, s] = data.accuracy_weight * accuracy - latency
        if not violated:
            best = max(best, float(np.where(allowed, worth, -np.inf).max(axis=1).sum()))
    return best


def user_excess(data: MultiEdgeOffloading, constraint: object, place: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Excess over a constraint's limit, of each user or of all: written out for every type of the package."""
    served = place >= 0
    named = np.zeros(data.users, dtype=bool)
    named[slice(None) if constraint.users is None else list(constraint.users)] = True

    def spread(values: np.ndarray) -> np.ndarray:
        full = np.zeros(data.users)
        full[named] = values
        return full

    match constraint.type:
        case "latency_deadline":
            latency = data.wait_seconds + split * data.local_seconds_per_step
            batch = batch_sizes(data, place)
            for i in np.flatnonzero(served):
                j = place[i]
                bits = data.prompt_bits[i] + data.latent_bits[i]
                step = data.edge_seconds_per_step_per_item[j] * batch[j] / data.gpus[j]
                latency[i] += bits * batch[j] / (data.spectral_efficiency[i, j] * data.bandwidth_hz[j])
                latency[i] += (data.total_steps - split[i]) * (step + data.edge_seconds_per_step_base[j])
            return np.where(named, latency - spread(constraint.most_seconds), -1.0)
        case "pai_floor":
            accuracy = 1.0 / (1.0 + np.exp(-data.pai_slope * (split - data.pai_threshold)))
            return np.where(named, spread(constraint.least_accuracy) - accuracy, -1.0)
        case "battery_budget":
            joules = split * data.local_seconds_per_step * spread(constraint.device_watts)
            return np.where(named, joules - spread(constraint.most_joules), -1.0)
        case "min_granted":
            return np.array([constraint.least_granted - (served & named).sum()])
        case "exclusive_users":
            return np.array([(served & named).sum() - constraint.most_granted])
        case "transmission_budget":
            return np.array([(data.prompt_bits + data.latent_bits)[served & named].sum() - constraint.most_bits])
    raise AssertionError(constraint.type)


def random_multi_edge(seed: int, most_users: int = 6, most_servers: int = 3) -> MultiEdgeOffloading:
    """A small instance anywhere in the range of the data, with models or not, identical users included."""
    return MultiEdgeOffloading.model_validate(random_fields(seed, most_users, most_servers))


def random_fields(seed: int, most_users: int = 6, most_servers: int = 3) -> dict[str, object]:
    """Fields of :func:`random_multi_edge`."""
    draw = np.random.default_rng(seed)
    users, servers = int(draw.integers(1, most_users + 1)), int(draw.integers(1, most_servers + 1))
    total = int(draw.integers(1, 121))
    fields: dict[str, object] = {
        "users": users,
        "servers": servers,
        "total_steps": total,
        "min_local_steps": int(draw.integers(0, total + 1)) if draw.random() < 0.7 else 0,
        "pai_slope": float(draw.choice([0.0413, 0.01, 0.2])),
        "pai_threshold": float(draw.uniform(0.0, total)),
        "accuracy_weight": draw.uniform(0.0, 60.0, users),
        "local_seconds_per_step": draw.uniform(0.05, 0.6, users),
        "wait_seconds": draw.uniform(0.0, 1.0, users),
        "prompt_bits": 216.0,
        "latent_bits": draw.uniform(0.0, 8e6, users),
        "edge_seconds_per_step_per_item": draw.uniform(0.005, 0.1, servers),
        "edge_seconds_per_step_base": draw.uniform(0.0, 0.05, servers),
        "gpus": draw.choice([1, 2, 4], servers),
        "max_batch": draw.integers(0, users + 2, servers),
        "bandwidth_hz": draw.choice([1e6, 5e6], servers),
        "spectral_efficiency": draw.uniform(0.5, 10.0, (users, servers)),
    }
    if draw.random() < 0.25:
        same = {"accuracy_weight": 30.0, "local_seconds_per_step": 0.3, "latent_bits": 2e6}
        fields |= same | {"spectral_efficiency": 5.0}
    if draw.random() < 0.5:
        models = int(draw.integers(2, 5))
        fields |= {
            "models": models,
            "model_of_user": draw.integers(0, models, users),
            "model_slots": draw.integers(0, models + 1, servers),
        }
    return fields


def random_constraints(data: MultiEdgeOffloading, seed: int, kinds: tuple[str, ...]) -> MultiEdgeOffloading:
    """The instance with one to three constraints of these kinds, their limits around what decisions reach."""
    draw = np.random.default_rng([seed, 78])
    documents = []
    for kind in draw.choice(kinds, int(draw.integers(1, 4))).tolist():
        seen = server_snapshot(data, int(draw.integers(data.servers)))
        if kind in COUPLING:
            seen = all_servers_snapshot(data)
        documents.append(random_document(seen, kind, draw))
    return with_constraints(data, *documents)
