"""Deciders of the same snapshots: methods of the registry, rules without a network, and networks."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.split_offloading.evaluation import evaluate_solution
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.split_offloading.exact.batch_scan_many import Decisions, scan_many
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, Order, rows_of, scenarios_of
from solvers.split_offloading.per_dqn.decision_process.rewards import set_gains
from solvers.split_offloading.per_dqn.methods import EPISODES
from solvers.split_offloading.per_dqn.network.configuration import PAPER
from solvers.split_offloading.per_dqn.network.features import Inputs
from solvers.split_offloading.per_dqn.network.policy import Policy, greedy, run

SINGLE = 100
"""Snapshots that are decided one by one for the time that takes, where all others are decided in one call."""


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
        started = process_time()
        outcome = solve(data, Limits(), 0)
        seconds[row] = process_time() - started
        gain[row] = evaluate_solution(data, outcome.solution).metrics["gain_over_all_local"]
    return Decided(gain, float(np.median(seconds)), float("nan"))


def optimal(cases: Cases) -> tuple[Decisions, float]:
    """Optima by the exact scan in one call, and the seconds that a snapshot takes."""
    scan_many(rows_of(cases, np.arange(min(1, cases.size))).snapshots)  # loads the kernels before the clock starts
    started = process_time()
    decisions = scan_many(cases.snapshots)
    return decisions, (process_time() - started) / cases.size


def by_rising_objective(order: Order, cases: Cases) -> Decided:
    """Grant every user that raises the objective as it stands, in an order of handling: what needs no network."""
    rule = PAPER.replaced(order=order, reward="incremental", lookahead=True, architecture="sets")
    return _one_and_all(cases, lambda part: run(rule, part, _no_network, greedy).gain())


def _no_network(inputs: Inputs) -> NDArray[np.float32]:
    return np.zeros((len(inputs.globe), 2), dtype=np.float32)


def by_greedy_decoding(policy: Policy, cases: Cases) -> Decided:
    """Decide by the action with the larger Q."""
    return _one_and_all(cases, lambda part: set_gains(part, policy.decide(part)))


def by_best_episode(policy: Policy, cases: Cases) -> Decided:
    """Decide by the best of several sampled episodes, the greedy one among them."""
    random = np.random.default_rng(0)
    return _one_and_all(cases, lambda part: set_gains(part, policy.decide_best_of(part, EPISODES, random)))


def _one_and_all(cases: Cases, decide: Callable[[Cases], FloatArray]) -> Decided:
    decide(rows_of(cases, np.arange(1)))  # loads the kernels before the clock starts
    started = process_time()
    gain = decide(cases)
    batched = (process_time() - started) / cases.size
    seconds = []
    for row in range(min(SINGLE, cases.size)):
        one = rows_of(cases, np.array([row]))
        started = process_time()
        decide(one)
        seconds.append(process_time() - started)
    return Decided(gain, float(np.median(seconds)), batched)
