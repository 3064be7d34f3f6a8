"""The trained policies that come with the package, as methods; all are heuristics without a bound.

``per-dqn`` is the paper's: its network, its training, its general scope. ``dqn-tuned`` and the best of 16 of its
episodes are ours, of the general scope too.
An instance that is unlike what a network was trained on is decided all the same, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.section import Section
from formulations.split_offloading.parameters import SplitOffloading
from instances.generation.split_scenario import PUBLISHED
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported
from solvers.split_offloading.exact.batch_scan import one_user, solution_of
from solvers.split_offloading.exact.constrained_scan import refuse_constraints
from solvers.split_offloading.per_dqn.decision_process.cases import cases_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution
from solvers.split_offloading.per_dqn.network.weights import Provenance, Trained, published, tuned

EPISODES = 16
"""K."""

LARGEST_USERS = 400
"""Most users of an instance; docs/per_dqn.md says what the networks are worth beyond the 40 of their training."""


def solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Grant where Q of the paper's general network says so, one user after another."""
    return solve_with(published(), data, 1, seed)


def solve_tuned(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Grant where Q of the tuned network says so, one user after another."""
    return solve_with(tuned(), data, 1, seed)


def solve_best_of_16(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Keep the best of the greedy episode and 15 that are sampled around it."""
    return solve_with(tuned(), data, EPISODES, seed)


def solve_with(trained: Trained, data: SplitOffloading, episodes: int, seed: int) -> Outcome:
    """Let a network decide: one greedy episode, or the best of several.

    Raises
    ------
    Unsupported
        If there are more users than it can handle, or further constraints.
    """
    refuse_constraints(data, "the learned policy")
    configuration = trained.policy.configuration
    most = LARGEST_USERS if configuration.architecture == "sets" else configuration.largest_users
    if data.users > most:
        raise Unsupported(f"the learned policy handles up to {most} users, this instance has {data.users}")
    decide(trained, one_user(), episodes, seed)  # loads the kernels before the clock starts
    started = perf_counter()
    granted = decide(trained, data, episodes, seed)
    return Outcome(
        solution_of(data, granted),
        reason=reason(trained.provenance, unlike_training(trained.provenance, data)),
        iterations=episodes,
        solve_seconds=perf_counter() - started,
    )


def decide(trained: Trained, data: SplitOffloading, episodes: int, seed: int) -> NDArray[np.int64]:
    """Users that are granted, in ascending order."""
    cases, policy = cases_of([data]), trained.policy
    if episodes == 1:
        return np.flatnonzero(policy.decide(cases)[0])
    return np.flatnonzero(policy.decide_best_of(cases, episodes, np.random.default_rng(seed))[0])


def reason(provenance: Provenance, unlike: Sequence[str]) -> str:
    """Which network decided, and in which fields the instance is unlike what it was trained on."""
    network = f"network for {provenance.scope}"
    if (trained_on := provenance.distribution) is not None:
        (least, most), limit = trained_on.users, trained_on.max_batch[0]
        name = network.removesuffix(f" B{limit}")
        same = "" if name == network else f", B_max = {limit}"
        network = f"{name}, {least} to {most} users{same}"
    if provenance.configuration.name == "paper":
        network = f"the paper's {network}"
    network += f", {provenance.steps:,} gradient steps"
    return f"{network}, trained on other {', '.join(unlike)}" if unlike else network


def unlike_training(provenance: Provenance, data: SplitOffloading) -> list[str]:
    """Fields of an instance that lie outside the network's training."""
    trained_on = provenance.distribution
    if trained_on is None:
        return []
    (least, most), limits = trained_on.users, trained_on.max_batch
    outside = {
        "users": not least <= data.users <= most,
        "gpus": data.gpus not in trained_on.gpus,
        "max_batch": not min(limits) <= data.max_batch <= max(limits),
    }
    own = [name for name, is_outside in outside.items() if is_outside]
    return own + unlike_published(trained_on, data, PUBLISHED)


def unlike_published(trained_on: Distribution, data: Section, constants: Iterable[str]) -> list[str]:
    """Some of paper B's constants that an instance has otherwise, and the curve if it is another one."""
    scenario = trained_on.scenario
    expected = {"pai_slope": scenario.pai_slope, "pai_threshold": scenario.pai_threshold}
    expected |= {name: PUBLISHED[name] for name in constants}
    return [name for name, value in expected.items() if not np.all(getattr(data, name) == value)]
