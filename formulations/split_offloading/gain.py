"""What granting a user is worth in a batch of b: the gain v_i(b) over all steps on its own device.

Every term of P1 depends on the other users through b alone, so for a given batch P1 is the choice of the b largest
gains (docs/theory/split_offloading, section 2).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.latency import transmission_seconds, transmission_seconds_alone
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import (
    SplitRange,
    advantage_seconds,
    best_split,
    best_splits,
    split_range,
)


class Users(NamedTuple):
    """What the gain reads of each user, shape (I,) each."""

    weight: FloatArray
    """alpha_i [s]."""
    local_seconds: FloatArray
    """L_i(1) [s]."""
    transmission: FloatArray
    """(s^p + s^m) / (eta W_max) [s]."""


class Edge(NamedTuple):
    """L_e(b, G) = per_item b + base."""

    per_item: float
    """k_e / G [s]."""
    base: float
    """h_e [s]."""


def users_of(data: SplitOffloading) -> Users:
    """The users of a snapshot, in fresh writable arrays: a kernel is compiled anew for a read-only one."""
    return Users(
        weight=data.accuracy_weight.copy(),
        local_seconds=data.local_seconds_per_step.copy(),
        transmission=transmission_seconds_alone(data),
    )


def edge_of(data: SplitOffloading) -> Edge:
    """The edge server of a snapshot."""
    return Edge(data.edge_seconds_per_step_per_item / data.gpus, data.edge_seconds_per_step_base)


def gains(data: SplitOffloading, batch: float) -> FloatArray:
    """v_i(b) [s] of every user with its best whole split, shape (I,).

    Further constraints leave a user fewer splits; minus infinity where they leave it none, so that it may not be
    granted in that batch.
    """
    if data.constraints:
        return gains_at(data, best_splits(data, batch), batch)
    return unrestricted_gains(data, batch)


def gains_at(data: SplitOffloading, split: FloatArray, batch: float) -> FloatArray:
    """What users granted in a batch of b with these splits gain over denial [s], shape (I,); see :func:`gain_of`.

    Minus infinity where the split is NaN.
    """
    lost = accuracy_index(data, np.array(float(data.total_steps))) - accuracy_index(data, split)
    saved = advantage_seconds(data, batch) * (data.total_steps - split)
    values = saved - data.accuracy_weight * lost - transmission_seconds(data, batch)
    return np.where(np.isnan(split), -np.inf, values)


def unrestricted_gains(data: SplitOffloading, batch: float) -> FloatArray:
    """v_i(b) [s] without further constraints, which none with them exceeds; shape (I,)."""
    values = np.empty(data.users)
    fill_gains(users_of(data), edge_of(data), split_range(data), float(batch), values)
    return values


@compiled
def gain_of(
    weight: float, local_seconds: float, transmission: float, edge: Edge, curve: SplitRange, batch: float
) -> float:
    """v_i(b) = max_n alpha (F(n) - F(N)) + (N - n) (L_i(1) - L_e(b, G)) - b (s^p + s^m) / (eta W_max) [s].

    It never rises with b, and is a maximum of straight lines in b, one for each n.

    Parameters
    ----------
    weight, local_seconds, transmission : float
        One user of :class:`Users`.
    edge : Edge
        The edge server.
    curve : SplitRange
        F and the range of splits.
    batch : float
        b [users].
    """
    advantage = local_seconds - (edge.per_item * batch + edge.base)
    split, accuracy = best_split(weight, advantage, curve, True)
    lost = weight * (curve.accuracy_at_total - accuracy)
    return float(advantage * (curve.total - split) - lost - transmission * batch)


@compiled
def fill_gains(users: Users, edge: Edge, curve: SplitRange, batch: float, values: FloatArray) -> None:
    """Write the gain of every user to ``values``, see :func:`gain_of`."""
    weight, local_seconds, transmission = users
    for i in range(values.size):
        values[i] = gain_of(weight[i], local_seconds[i], transmission[i], edge, curve, batch)
