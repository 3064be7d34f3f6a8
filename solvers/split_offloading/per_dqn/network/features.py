"""What a network is given of a state: numbers per user, the indicators, and numbers of the whole.

``raw`` is the state as printed in section 5.3.1. ``gains`` replaces what a user is by what granting it would be
worth: its gains v_i(b) at the batch b of now, at b + 1, b + 4 and at ``cases.quarter``, which are functions of the
user, the edge and b alone. Nothing here is computed from an optimum, from a greedy rule's decisions, or from a set
of users other than the one that has been granted. Training and decisions read the same functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.gain import Edge, gain_of
from solvers.split_offloading.exact.batch_scan_many import Snapshots
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, gains_of_cases, quarter
from solvers.split_offloading.per_dqn.decision_process.state import (
    DENIED,
    GLOBE_FEATURES,
    GRANTED,
    IN_PROGRESS,
    LOCAL_FEATURES,
    PENDING,
    Observation,
    State,
    observation,
)
from solvers.split_offloading.per_dqn.network.configuration import Configuration, Features
from solvers.split_offloading.per_dqn.network.pair_features import PAIR_FEATURES, pair_inputs

GAIN_FEATURES = 5
"""Numbers of a user among the ``gains``."""

LIKELY = 4
"""Which of them is the gain at ``cases.quarter``."""

GAIN_GLOBE_FEATURES = 8
"""Numbers of the whole that go with them."""

_GROUPS = np.zeros(4, dtype=np.int8)
"""Which users come first in :func:`by_gain`, by their indicator."""
_GROUPS[[IN_PROGRESS, PENDING, DENIED, GRANTED]] = range(4)

_LARGEST = np.float32(1e18)
"""Largest feature that a network reads; sums of their products with weights stay finite."""

_FEW_USERS, _MANY_USERS = 10.0, 40.0


class Inputs(NamedTuple):
    """What a network reads of S states with up to I users; unless places are fixed, the one in progress is first.

    With several servers there is one row for each, shape (S m, ...) in place of (S, ...).

    Attributes
    ----------
    users : NDArray of float32
        Shape (S, I, features).
    indicator : NDArray of int8
        o_i, shape (S, I).
    globe : NDArray of float32
        Shape (S, features of the whole).
    """

    users: NDArray[np.float32]
    indicator: NDArray[np.int8]
    globe: NDArray[np.float32]


def feature_counts(features: Features) -> tuple[int, int]:
    """Numbers of a user, and of the whole."""
    own = {"raw": (LOCAL_FEATURES, GLOBE_FEATURES), "gains": (GAIN_FEATURES, GAIN_GLOBE_FEATURES)}
    return own[features] if features in own else PAIR_FEATURES[features]


def inputs_of(configuration: Configuration, state: State, scale: FloatArray) -> Inputs:
    """What the network of a configuration reads.

    Parameters
    ----------
    configuration : Configuration
        Says which features.
    state : State
        S episodes.
    scale : FloatArray
        :func:`scales_of` their cases [s], shape (S,).
    """
    if configuration.features in PAIR_FEATURES:
        return _finite(Inputs(*pair_inputs(configuration.features, state, scale)))
    seen = observation(*state)
    if configuration.features == "raw":
        inputs = _finite(Inputs(seen.local, seen.indicator, seen.globe))
    else:
        inputs = _finite(_gain_inputs(state, seen, scale))
    if configuration.architecture != "mlp":
        return inputs
    if configuration.arrangement == "fixed":
        inputs = unshifted(inputs, state.cases.of_rows(state.steps), seen.user_count)
    inputs = _padded(configuration, inputs)
    return by_gain(inputs) if configuration.arrangement == "by-gain" else inputs


def _finite(inputs: Inputs) -> Inputs:
    """Features up to :data:`_LARGEST`: the difference of two infinite ones is not a number."""
    for features in (inputs.users, inputs.globe):
        np.clip(features, -_LARGEST, _LARGEST, out=features)
    return inputs


def _gain_inputs(state: State, seen: Observation, scale: FloatArray) -> Inputs:
    users = np.zeros((*seen.indicator.shape, GAIN_FEATURES), dtype=np.float32)
    globe = np.empty((len(seen.globe), GAIN_GLOBE_FEATURES), dtype=np.float32)
    cases = state.cases
    steps, unit = cases.of_rows(state.steps), cases.of_rows(scale)
    _fill_gain_features(cases.snapshots, seen.indicator, seen.globe, steps, quarter(cases), unit, users, globe)
    return Inputs(users, seen.indicator, globe)


def _padded(configuration: Configuration, inputs: Inputs) -> Inputs:
    """Places up to the largest number of users: denied users of zeros."""
    missing = configuration.largest_users - inputs.indicator.shape[1]
    if missing == 0:
        return inputs
    if missing < 0:
        raise ValueError(f"expected at most {configuration.largest_users} places, got {inputs.indicator.shape[1]}")
    users = np.pad(inputs.users, ((0, 0), (0, missing), (0, 0)))
    indicator = np.pad(inputs.indicator, ((0, 0), (0, missing)), constant_values=DENIED)
    return Inputs(users, indicator, inputs.globe)


def unshifted(inputs: Inputs, steps: NDArray[np.int64], user_count: NDArray[np.int64]) -> Inputs:
    """Users in the order of handling, each in one place throughout; the indicator tells who is in progress."""
    user = np.arange(inputs.indicator.shape[1])
    shifted = (user - steps[:, None]) % np.maximum(user_count, 1)[:, None]
    places = np.where(user < user_count[:, None], shifted, user)
    return _in_places(inputs, places)


def by_gain(inputs: Inputs) -> Inputs:
    """Users of ``gains`` in places that mean the same in every state, for a network that flattens it.

    The user in progress comes first, then those pending by falling gain at ``cases.quarter``; those granted fill
    the last places, the largest gain last. Denied users and padding, which are the same zeros, stand between.
    """
    gain = inputs.users[:, :, LIKELY]
    group = _GROUPS[inputs.indicator]
    places = np.lexsort((np.where(inputs.indicator == GRANTED, gain, -gain), group), axis=1)
    return _in_places(inputs, places)


def _in_places(inputs: Inputs, places: NDArray[np.int64]) -> Inputs:
    """Users that stand in these places, shape (S, I), one after another."""
    return Inputs(
        np.take_along_axis(inputs.users, places[:, :, None], axis=1),
        np.take_along_axis(inputs.indicator, places, axis=1),
        inputs.globe,
    )


def scales_of(configuration: Configuration, cases: Cases) -> FloatArray:
    """Unit of rewards and gains in each case [s], shape (S,): 1 s, or :func:`case_scales`."""
    return case_scales(cases) if configuration.scaled else np.ones(cases.size)


def case_scales(cases: Cases) -> FloatArray:
    """Mean |v_i(1)| of the users of each case [s], at least their mean transmission time alone, shape (S,).

    With several servers it is the mean over those that take anybody.

    A policy for gains in this unit is one for every unit of time, and for users of slow and of fast devices.
    """
    users = np.maximum(cases.snapshots.user_count, 1)
    alone = np.abs(gains_of_cases(cases, np.ones(users.size))).sum(axis=1) / users
    alone = np.maximum(alone, mean_transmission(cases))
    taking = cases.by_server(cases.snapshots.max_batch > 0)
    if cases.servers > 1:
        alone = np.where(taking, cases.by_server(alone), 0.0).sum(axis=1) / np.maximum(taking.sum(axis=1), 1)
    return np.asarray(np.maximum(alone, np.finfo(np.float64).tiny))


def mean_transmission(cases: Cases) -> FloatArray:
    """Mean over the users of their transmission time with all the bandwidth [s], shape (S m,)."""
    return np.asarray(cases.snapshots.users.transmission.sum(axis=1) / np.maximum(cases.snapshots.user_count, 1))


def lookahead_rewards(state: State, scale: FloatArray) -> FloatArray:
    """Incremental reward J(S with the user in progress) - J(S) of granting it, over the scale, shape (S m,)."""
    cases = state.cases
    rewards = np.zeros(len(state.chosen))
    _fill_lookahead(
        cases.snapshots, state.chosen, cases.of_rows(state.steps), cases.of_rows(state.finished), rewards
    )
    return np.asarray(rewards / cases.of_rows(scale))


@compiled
def _fill_gain_features(
    snapshots: Snapshots,
    indicator: NDArray[np.int8],
    seen: NDArray[np.float32],
    steps: NDArray[np.int64],
    likely: FloatArray,
    scale: FloatArray,
    users: NDArray[np.float32],
    globe: NDArray[np.float32],
) -> None:
    """Write the features of every state; a denied user, who takes part in nothing any more, reads as zeros."""
    weight, local_seconds, transmission = snapshots.users
    curve = snapshots.curve
    for row in range(steps.size):
        count = snapshots.user_count[row]
        edge = Edge(snapshots.per_item[row], snapshots.base[row])
        pending, granted = float(seen[row, 3]), float(seen[row, 4])
        unit = 1.0 / scale[row]
        sending = 0.0
        for place in range(count):
            user = (steps[row] + place) % count
            sending += transmission[row, user]
            if indicator[row, place] <= GRANTED:
                alpha, local, alone = weight[row, user], local_seconds[row, user], transmission[row, user]
                now = gain_of(alpha, local, alone, edge, curve, granted) * unit
                then = gain_of(alpha, local, alone, edge, curve, granted + 1.0) * unit
                users[row, place, 0] = now
                users[row, place, 1] = then
                users[row, place, 2] = 4.0 * (then - now)
                users[row, place, 3] = gain_of(alpha, local, alone, edge, curve, granted + 4.0) * unit
                users[row, place, LIKELY] = gain_of(alpha, local, alone, edge, curve, likely[row]) * unit
        left = min(snapshots.max_batch[row] - granted, pending)
        globe[row, 0] = granted / _FEW_USERS
        globe[row, 1] = left / _FEW_USERS
        globe[row, 2] = pending / _MANY_USERS
        globe[row, 3] = count / _MANY_USERS
        globe[row, 4] = 1.0 if left == 1.0 else 0.0
        globe[row, 5] = snapshots.per_item[row] * curve.total * unit
        globe[row, 6] = snapshots.base[row] * curve.total * unit
        globe[row, 7] = sending / max(count, 1) * unit


@compiled
def _fill_lookahead(
    snapshots: Snapshots, chosen: BoolArray, steps: NDArray[np.int64], finished: BoolArray, rewards: FloatArray
) -> None:
    weight, local_seconds, transmission = snapshots.users
    curve = snapshots.curve
    for row in range(steps.size):
        if finished[row]:
            continue
        edge = Edge(snapshots.per_item[row], snapshots.base[row])
        batch = 0.0
        for i in range(steps[row]):
            batch += chosen[row, i]
        i = steps[row]
        reward = gain_of(weight[row, i], local_seconds[row, i], transmission[row, i], edge, curve, batch + 1.0)
        for i in range(steps[row]):
            if chosen[row, i]:
                alpha, local, alone = weight[row, i], local_seconds[row, i], transmission[row, i]
                reward += gain_of(alpha, local, alone, edge, curve, batch + 1.0)
                reward -= gain_of(alpha, local, alone, edge, curve, batch)
        rewards[row] = reward
