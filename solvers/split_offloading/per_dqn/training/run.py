"""Training: episodes are played and remembered, and the network learns from the memory, round after round.

A round plays ``episodes_at_once`` episodes with the current network and exploration, then takes one gradient step
for every ``transitions_per_step`` transitions that came in. Between rounds everything that the rest depends on can
be written to a file: weights, target, moments of Adam, the memory with its priorities, random numbers and counts.
A training that is taken up from it goes on to exactly the weights that an uninterrupted one ends with, on the same
machine with the same number of threads; only the times in the curve differ.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, rows_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import generator
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.network.policy import Policy, greedy, run, sampled
from solvers.split_offloading.per_dqn.replay.memory import Replay
from solvers.split_offloading.per_dqn.training.curve import Curve
from solvers.split_offloading.per_dqn.training.learner import Learner
from solvers.split_offloading.per_dqn.training.scope import Scope, fixed_cases

_TIMED_STEPS = 30


class Training:
    """A training from its first round on.

    Parameters
    ----------
    configuration : Configuration
        How to train.
    scope : Scope
        What for.
    seed : int
        Of weights, cases and exploration.
    total_steps : int
        Gradient steps that schedules are made for.
    device : str
        Where torch computes.
    """

    def __init__(
        self, configuration: Configuration, scope: Scope, seed: int, total_steps: int, device: str = "cpu"
    ) -> None:
        self.configuration = configuration
        self.scope = scope
        self.seed = seed
        self.total_steps = total_steps
        self.learner = Learner(configuration, seed, device)
        self.random = generator(seed, "training")
        size = configuration.training_cases
        self._pool = None if size is None else fixed_cases(scope, size, seed)
        curve = scope.draw(1, generator(seed, "training")).snapshots.curve
        self.memory = Replay(scope.width, curve, configuration.memory, configuration.priorities, scope.servers)
        self.curve = Curve(scope, configuration)
        self.episodes = 0
        self.seconds = 0.0
        self.owed = 0
        """Transitions that no gradient step has been taken for."""

    @property
    def done(self) -> float:
        """Share of the gradient steps that have been taken."""
        return min(1.0, self.learner.steps / self.total_steps)

    @property
    def finished(self) -> bool:
        """Whether all gradient steps have been taken."""
        return self.learner.steps >= self.total_steps

    def round(self) -> None:
        """Play episodes, remember them, and learn."""
        started = perf_counter()
        cases = self._next_cases()
        played = run(self.configuration, cases, self.learner.network, self._explore)
        before = len(self.memory)
        self.memory.add(played)
        self.episodes += cases.size
        self.curve.played(played.objective())
        if len(self.memory) >= self.configuration.warm_up:
            self.owed += int(played.steps.sum())
            for _ in range(self.owed // self.configuration.transitions_per_step):
                if self.finished:
                    break
                self._learn()
            self.owed %= self.configuration.transitions_per_step
        elif len(self.memory) == before:
            raise ValueError("expected cases in which a user can be granted, got none")
        self.seconds += perf_counter() - started

    def policy(self) -> Policy:
        """Policy of the current network."""
        return Policy(self.configuration, self.learner.weights())

    def exploration(self) -> tuple[float, float]:
        """Probability of a random action, and temperature of the others."""
        over = self.configuration.exploration_steps
        done = self.done if over is None else min(1.0, self.learner.steps / over)
        return _between(self.configuration.epsilon, done), _between(self.configuration.temperature, done)

    def _learn(self) -> None:
        transitions = self.memory.draw(self.configuration.batch, self.random)
        learned = self.learner.learn(transitions, self.done)
        if self.configuration.priority_exponent > 0.0:
            self.memory.update(transitions.slots, learned.error)
        self.curve.learned(learned.loss)

    def _explore(self, q: FloatArray, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Draw actions, by chance or Boltzmann, or by Boltzmann or greedily, as the configuration explores."""
        epsilon, temperature = self.exploration()
        chance = self.random.random((3, rows.size))
        boltzmann = sampled(q, temperature, chance[1])
        if self.configuration.exploration == "boltzmann-or-greedy":
            return np.where(chance[0] < epsilon, boltzmann, greedy(q, rows))
        alike = np.where(np.isfinite(q), 0.0, q)
        return np.where(chance[0] < epsilon, sampled(alike, 1.0, chance[2]), boltzmann)

    def _next_cases(self) -> Cases:
        size = self.configuration.episodes_at_once
        if self._pool is None:
            return self.scope.draw(size, self.random)
        return rows_of(self._pool, self.random.integers(0, self._pool.size, size))


def _between(ends: tuple[float, float], done: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * done


def seconds_per_step(
    configuration: Configuration, scope: Scope, device: str = "cpu", clock: Callable[[], float] = perf_counter
) -> float:
    """Time that a gradient step takes, with the episodes played for it [s]; measured on a training thrown away."""
    trial = Training(configuration, scope, 0, 1_000_000, device)
    while trial.learner.steps == 0:
        trial.round()
    before, first = clock(), trial.learner.steps
    while trial.learner.steps < first + _TIMED_STEPS:
        trial.round()
    return (clock() - before) / (trial.learner.steps - first)
