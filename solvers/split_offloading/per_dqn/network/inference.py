"""The networks of :mod:`.network` in NumPy, so that decisions need no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from solvers.split_offloading.per_dqn.decision_process.state import GRANTED, PENDING
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.network.features import Inputs, feature_counts

Floats: TypeAlias = NDArray[np.float32]
Weights: TypeAlias = Mapping[str, Floats]

INDICATORS, EMBEDDED = 4, 3
"""Vocabulary and dimension of the embedding of o_i, section 6.1.2."""

POOL_DIVISOR = 4.0
"""Sums over users are divided by it, so that they are of the order of the other inputs."""


def shapes(configuration: Configuration) -> dict[str, tuple[int, ...]]:
    """Shape of every array of weights of a configuration's network, by name."""
    per_user, whole = feature_counts(configuration.features)
    width = configuration.width
    if configuration.architecture == "mlp":
        flat = configuration.largest_users * (per_user + EMBEDDED) + whole
        layers = {"hidden.0": (width, flat), "hidden.2": (width, width), "hidden.4": (width, width)}
        layers |= {"output": (2, width)}
        found: dict[str, tuple[int, ...]] = {"embedding.weight": (INDICATORS, EMBEDDED)}
    else:
        joined = 2 * width + 2 * per_user + whole
        layers = {"output": (2, 2 * width)}
        for name, inputs, nodes in (
            ("granted", per_user, width),
            ("pending", 3 * per_user + whole, width),
            ("head", joined, 2 * width),
        ):
            layers |= {f"{name}.0": (nodes, inputs), f"{name}.2": (nodes, nodes)}
        found = {}
    for name, (nodes, inputs) in layers.items():
        found |= {f"{name}.weight": (nodes, inputs), f"{name}.bias": (nodes,)}
    return found


def q_values(configuration: Configuration, weights: Weights, inputs: Inputs) -> Floats:
    """Q of deny and grant, without the known reward of a configuration with ``lookahead``; shape (S, 2)."""
    return (flat_network if configuration.architecture == "mlp" else set_network)(weights, inputs)


def flat_network(weights: Weights, inputs: Inputs) -> Floats:
    """Paper B's network of the flattened state; the inputs are padded as in training."""
    embedded = weights["embedding.weight"][inputs.indicator]
    local = np.concatenate([inputs.users, embedded], axis=2).reshape(len(embedded), -1)
    hidden = np.concatenate([local, inputs.globe], axis=1)
    for layer in ("hidden.0", "hidden.2", "hidden.4"):
        hidden = rectified(linear(weights, layer, hidden))
    return linear(weights, "output", hidden)


def set_network(weights: Weights, inputs: Inputs) -> Floats:
    """The network of sets of users."""
    rows = len(inputs.users)
    current = inputs.users[:, 0]
    row, place = np.nonzero(inputs.indicator == GRANTED)
    granted = inputs.users[row, place]
    served = pooled(two_layers(weights, "granted", granted), row, rows)
    sums = pooled(granted, row, rows)
    row, place = np.nonzero(inputs.indicator == PENDING)
    pending = inputs.users[row, place]
    context = np.concatenate([sums, inputs.globe], axis=1)[row]
    beside = np.concatenate([pending, pending - current[row], context], axis=1)
    waiting = pooled(two_layers(weights, "pending", beside), row, rows)
    joined = np.concatenate([served, waiting, sums, current, inputs.globe], axis=1)
    output = linear(weights, "output", two_layers(weights, "head", joined))
    output[:, 1] += output[:, 0]
    return output


def pooled(values: Floats, row: NDArray[np.int64], rows: int) -> Floats:
    """Sums of the values of each row over :data:`POOL_DIVISOR`; ``row`` ascends; shape (rows, features)."""
    sums = np.zeros((rows, values.shape[1]), dtype=np.float32)
    if row.size:
        first = np.flatnonzero(np.diff(row, prepend=-1))
        sums[row[first]] = np.add.reduceat(values, first, axis=0)
    return sums / np.float32(POOL_DIVISOR)


def two_layers(weights: Weights, name: str, values: Floats) -> Floats:
    """Two layers, each with a rectifier."""
    return rectified(linear(weights, f"{name}.2", rectified(linear(weights, f"{name}.0", values))))


def linear(weights: Weights, layer: str, values: Floats) -> Floats:
    """An affine layer."""
    return np.asarray(values @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"])


def rectified(values: Floats) -> Floats:
    """max(0, .), in place."""
    return np.maximum(values, np.float32(0.0), out=values)
