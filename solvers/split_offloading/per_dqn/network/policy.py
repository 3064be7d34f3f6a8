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
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.network.features import (
    Inputs,
    State,
    inputs_of,
    lookahead_rewards,
    scales_of,
)
from solvers.split_offloading.per_dqn.network.inference import Weights, q_values

Network: TypeAlias = Callable[[Inputs], NDArray[np.float32]]
"""Q of deny and grant, shape (S, 2), of the inputs of S states."""

Choice: TypeAlias = Callable[[FloatArray, NDArray[np.int64]], BoolArray]
"""Whether to grant, from the advantage Q(s, grant) - Q(s, deny) of some episodes and their numbers."""

_EPISODES_AT_ONCE = 4096


class Policy(NamedTuple):
    """A trained network."""

    configuration: Configuration
    weights: Weights

    def network(self, inputs: Inputs) -> NDArray[np.float32]:
        """Q of deny and grant."""
        return q_values(self.configuration, self.weights, inputs)

    def decide(self, cases: Cases) -> BoolArray:
        """Who is granted by the action with the larger Q at every step, shape (S, I); a tie denies."""
        return _in_parts(cases, 1, lambda part: run(self.configuration, part, self.network, greedy).granted())

    def decide_best_of(self, cases: Cases, episodes: int, random: np.random.Generator) -> BoolArray:
        """Who is granted by the best of several episodes, shape (S, I).

        The first episode of each case is the greedy one; the others draw their actions from the Boltzmann
        distribution of the configuration's sampling temperature.
        """
        temperature = self.configuration.sampling_temperature

        def choose(advantage: FloatArray, rows: NDArray[np.int64]) -> BoolArray:
            sampled = random.random(rows.size) < grant_probability(advantage, temperature)
            return np.where(rows % episodes == 0, advantage > 0.0, sampled)

        def best(part: Cases) -> BoolArray:
            repeated = rows_of(part, np.repeat(np.arange(part.size), episodes))
            played = run(self.configuration, repeated, self.network, choose)
            first = np.arange(part.size) * episodes
            chosen: BoolArray = played.granted()[first + played.gain().reshape(-1, episodes).argmax(axis=1)]
            return chosen

        return _in_parts(cases, episodes, best)


def run(configuration: Configuration, cases: Cases, network: Network, choose: Choice) -> Episodes:
    """Play one episode of every case to its end."""
    episodes = Episodes(cases, configuration.order, configuration.reward)
    scale = scales_of(configuration, episodes.cases)
    while not episodes.finished.all():
        rows = np.flatnonzero(~episodes.finished)
        state = State(
            rows_of(episodes.cases, rows), episodes.chosen[rows], episodes.steps[rows], episodes.finished[rows]
        )
        q = with_lookahead(
            configuration, network(inputs_of(configuration, state, scale[rows])), state, scale[rows]
        )
        actions = np.zeros(cases.size, dtype=np.bool_)
        actions[rows] = choose(q[:, 1] - q[:, 0], rows)
        episodes.step(actions)
    return episodes


def with_lookahead(
    configuration: Configuration, q: NDArray[np.float32], state: State, scale: FloatArray
) -> FloatArray:
    """Q of both actions where the network gives it without the known reward of granting."""
    values = q.astype(np.float64)
    if configuration.lookahead:
        values[:, 1] += lookahead_rewards(state, scale)
    return values


def greedy(advantage: FloatArray, rows: NDArray[np.int64]) -> BoolArray:
    """Grant where Q says so."""
    return np.asarray(advantage > 0.0)


def grant_probability(advantage: FloatArray, temperature: float) -> FloatArray:
    """Boltzmann probability exp(Q_1 / T) / (exp(Q_0 / T) + exp(Q_1 / T)) of granting."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-advantage / temperature)))


def _in_parts(cases: Cases, episodes: int, decide: Callable[[Cases], BoolArray]) -> BoolArray:
    """Decide for some cases after others, so that memory does not grow with their number."""
    size = max(1, _EPISODES_AT_ONCE // episodes)
    granted = np.zeros(cases.wait.shape, dtype=np.bool_)
    for first in range(0, cases.size, size):
        rows = np.arange(first, min(first + size, cases.size))
        granted[rows] = decide(rows_of(cases, rows))
    return granted
