"""Decisions from Q: the greedy episode, or the best of several episodes that are sampled around it.

Episodes are run in step, many snapshots at once. Nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, rows_of
from solvers.split_offloading.per_dqn.decision_process.mdp import Episodes
from solvers.split_offloading.per_dqn.decision_process.state import State
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.network.features import (
    Inputs,
    inputs_of,
    lookahead_rewards,
    scales_of,
)
from solvers.split_offloading.per_dqn.network.inference import Weights, q_values

Network: TypeAlias = Callable[[Inputs], NDArray[np.float32]]
"""Q of deny and grant, shape (S m, 2), of the inputs of S states."""

Choice: TypeAlias = Callable[[FloatArray, NDArray[np.int64]], NDArray[np.int64]]
"""Actions from Q of all of them, shape (S, 1 + m), of some episodes, and from the episodes' numbers."""

_EPISODES_AT_ONCE = 4096


class Policy(NamedTuple):
    """A trained network."""

    configuration: Configuration
    weights: Weights

    def network(self, inputs: Inputs) -> NDArray[np.float32]:
        """Q of deny and grant."""
        return q_values(self.configuration, self.weights, inputs)

    def decide(self, cases: Cases) -> BoolArray:
        """Who is granted by the action with the largest Q at every step, shape (S m, I); a tie denies."""
        return _in_parts(cases, 1, lambda part: run(self.configuration, part, self.network, greedy).granted())

    def decide_best_of(self, cases: Cases, episodes: int, random: np.random.Generator) -> BoolArray:
        """Who is granted by the best of several episodes, shape (S m, I).

        The first episode of each case is the greedy one; the others draw their actions from the Boltzmann
        distribution of the configuration's sampling temperature.
        """
        temperature = self.configuration.sampling_temperature

        def choose(q: FloatArray, rows: NDArray[np.int64]) -> NDArray[np.int64]:
            drawn = sampled(q, temperature, random.random(rows.size))
            return np.where(rows % episodes == 0, greedy(q, rows), drawn)

        def best(part: Cases) -> BoolArray:
            repeated = rows_of(part, np.repeat(np.arange(part.size), episodes))
            played = run(self.configuration, repeated, self.network, choose)
            first = np.arange(part.size) * episodes
            winner = first + played.gain().reshape(-1, episodes).argmax(axis=1)
            return np.asarray(part.by_server(played.granted())[winner].reshape(-1, part.width))

        return _in_parts(cases, episodes, best)


def run(
    configuration: Configuration,
    cases: Cases,
    network: Network,
    choose: Choice,
    stopped: Callable[[], bool] = lambda: False,
) -> Episodes:
    """Play one episode of every case to its end, or until ``stopped()``."""
    episodes = Episodes(cases, configuration.order, configuration.reward)
    scale = scales_of(configuration, episodes.cases)
    while not episodes.finished.all() and not stopped():
        rows = np.flatnonzero(~episodes.finished)
        state = episodes.state(rows)
        q = action_values(configuration, network(inputs_of(configuration, state, scale[rows])), state, scale[rows])
        actions = np.zeros(cases.size, dtype=np.int64)
        actions[rows] = choose(q, rows)
        episodes.step(actions)
    return episodes


def action_values(
    configuration: Configuration, q: NDArray[np.float32], state: State, scale: FloatArray
) -> FloatArray:
    """Q of all actions, shape (S, 1 + m), from what the network says of each server, shape (S m, 2).

    With several servers Q is a sum over them of Q of deny, or of grant for the one where the user is granted: the
    value decomposition of cooperating agents [1]_. A server that is full takes no part, and granting there is
    minus infinity. Where the network gives it without the known reward of granting, that is added.

    References
    ----------
    .. [1] P. Sunehag et al., "Value-decomposition networks for cooperative multi-agent learning", AAMAS 2018.
    """
    cases, values = state.cases, q.astype(np.float64)
    if configuration.lookahead:
        values[:, 1] += lookahead_rewards(state, scale)
    if cases.servers == 1:
        return values
    deny, grant = (cases.by_server(values[:, action]) for action in (0, 1))
    can = state.open()
    denied = np.where(can, deny, 0.0).sum(axis=1, keepdims=True)
    return np.concatenate([denied, np.where(can, denied - deny + grant, -np.inf)], axis=1)


def greedy(q: FloatArray, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The action with the largest Q; a tie denies."""
    return np.asarray(q.argmax(axis=1))


def sampled(q: FloatArray, temperature: float, chance: FloatArray) -> NDArray[np.int64]:
    """Actions drawn from the Boltzmann distribution exp(Q / T), given uniform numbers in [0, 1), shape (S,)."""
    share = np.exp((q - q.max(axis=1, keepdims=True)) / temperature)
    running = np.cumsum(share[:, ::-1], axis=1)
    passed = (chance[:, None] * running[:, -1:] >= running).sum(axis=1)
    return np.asarray(q.shape[1] - 1 - np.minimum(passed, q.shape[1] - 1))


def _in_parts(cases: Cases, episodes: int, decide: Callable[[Cases], BoolArray]) -> BoolArray:
    """Decide for some cases after others, so that memory does not grow with their number."""
    size = max(1, _EPISODES_AT_ONCE // episodes)
    granted = np.zeros(cases.wait.shape, dtype=np.bool_)
    for first in range(0, cases.size, size):
        rows = np.arange(first, min(first + size, cases.size))
        cases.by_server(granted)[rows] = cases.by_server(decide(rows_of(cases, rows)))
    return granted
