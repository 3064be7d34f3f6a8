"""Everything that decides the same snapshots: the methods of the registry, and networks."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.split_offloading.evaluation import evaluate_solution
from solvers import registry
from solvers.limits import Limits
from solvers.split_offloading.batch_scan_many import Decisions, scan_many
from solvers.split_offloading.per_dqn.cases import Cases, rows_of, scenarios_of
from solvers.split_offloading.per_dqn.methods import EPISODES
from solvers.split_offloading.per_dqn.policy import Policy
from solvers.split_offloading.per_dqn.rewards import set_gains

SINGLE = 100
"""Snapshots that a network decides one by one, for the time that takes."""


class Decided(NamedTuple):
    """What was decided.

    Attributes
    ----------
    gain : FloatArray
        Gain over all-local of the first snapshots [s].
    seconds_single, seconds_batched : float
        See :class:`~solvers.split_offloading.per_dqn.measurement.records.Measured`.
    """

    gain: FloatArray
    seconds_single: float
    seconds_batched: float


def by_method(name: str, cases: Cases) -> Decided:
    """Decide every snapshot by a method of the registry, alone."""
    solve = registry.method(name, "split_offloading").load()
    gain, seconds = np.empty(cases.size), np.empty(cases.size)
    for row, data in enumerate(scenarios_of(cases)):
        started = perf_counter()
        outcome = solve(data, Limits(), 0)
        seconds[row] = perf_counter() - started
        gain[row] = evaluate_solution(data, outcome.solution).metrics["gain_over_all_local"]
    return Decided(gain, float(np.median(seconds)), float("nan"))


def optimal(cases: Cases) -> tuple[Decisions, float]:
    """Optima by the exact scan in one call, and the seconds that a snapshot takes."""
    scan_many(rows_of(cases, np.arange(min(1, cases.size))).snapshots)  # loads the kernels before the clock starts
    started = perf_counter()
    decisions = scan_many(cases.snapshots)
    return decisions, (perf_counter() - started) / cases.size


def by_greedy_decoding(policy: Policy, cases: Cases) -> Decided:
    """Decide by the action with the larger Q."""
    return _by_network(cases, lambda part: set_gains(part, policy.decide(part)))


def by_best_episode(policy: Policy, cases: Cases) -> Decided:
    """Decide by the best of several sampled episodes, the greedy one among them."""
    random = np.random.default_rng(0)
    return _by_network(cases, lambda part: set_gains(part, policy.decide_best_of(part, EPISODES, random)))


def _by_network(cases: Cases, decide: Callable[[Cases], FloatArray]) -> Decided:
    decide(rows_of(cases, np.arange(1)))  # loads the kernels before the clock starts
    started = perf_counter()
    gain = decide(cases)
    batched = (perf_counter() - started) / cases.size
    seconds = []
    for row in range(min(SINGLE, cases.size)):
        one = rows_of(cases, np.array([row]))
        started = perf_counter()
        decide(one)
        seconds.append(perf_counter() - started)
    return Decided(gain, float(np.median(seconds)), batched)
