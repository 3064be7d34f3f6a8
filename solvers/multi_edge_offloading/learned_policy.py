"""The trained policies that come with the package for several servers, as methods; heuristics without a bound.

Users are handled one after another, in paper B's decision process with one action for each server. ``per-dqn`` has
the paper's training, ``dqn-tuned`` ours; neither is improved afterwards. An instance that is unlike what a network
was trained on is decided all the same, and the reason says so.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.multi_edge_offloading.gains import solution_of
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Unsupported
from solvers.multi_edge_offloading.tree.branch_and_bound import tiny
from solvers.split_offloading.exact.constrained_scan import refuse_constraints
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution
from solvers.split_offloading.per_dqn.decision_process.several_servers import cases_of_instances
from solvers.split_offloading.per_dqn.methods import reason, unlike_published
from solvers.split_offloading.per_dqn.network.policy import greedy, run
from solvers.split_offloading.per_dqn.network.weights import Trained, read_weights

SHIPPED = Path(__file__).parent / "trained"
"""Folder of the networks that come with the package."""


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Send users where Q of the network says that is trained as published, one after another."""
    return solve_with(shipped("paper"), data, limits)


def solve_tuned(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Send users where Q of the tuned network says so, one after another."""
    return solve_with(shipped("tuned"), data, limits)


@cache
def shipped(configuration: str) -> Trained:
    """The network that comes with the package, trained as ``paper`` or ``tuned``."""
    return read_weights(SHIPPED / f"{configuration}.safetensors")


def solve_with(trained: Trained, data: MultiEdgeOffloading, limits: Limits) -> Outcome:
    """Let a network decide; users that the time does not suffice for stay local.

    Raises
    ------
    Unsupported
        If it is a decision which models a server holds, or there are further constraints.
    """
    refuse_constraints(data, "the learned policy")
    if data.chooses_models:
        raise Unsupported("the learned policy knows no models, and some server cannot hold all of the instance's")
    decide(trained, tiny(2.0), float("inf"))  # loads the kernels before the clock starts
    began = perf_counter()
    server, finished = decide(trained, data, began + limits.time_limit)
    solution = solution_of(data, server)
    unlike = unlike_training(trained.provenance.distribution, data)
    return Outcome(
        solution,
        reason=reason(trained.provenance, unlike) if finished else TIME_LIMIT,
        iterations=1,
        solve_seconds=perf_counter() - began,
    )


def decide(trained: Trained, data: MultiEdgeOffloading, deadline: float) -> tuple[NDArray[np.int64], bool]:
    """Server of each user, and whether all were handled before a time on the clock of ``perf_counter``."""
    policy = trained.policy
    played = run(
        policy.configuration,
        cases_of_instances([data]),
        policy.network,
        greedy,
        stopped=lambda: perf_counter() > deadline,
    )
    granted = played.granted()
    server = np.where(granted.any(axis=0), granted.argmax(axis=0), LOCAL)
    return server.astype(np.int64), bool(played.finished[0])


def unlike_training(trained_on: Distribution | None, data: MultiEdgeOffloading) -> list[str]:
    """Fields of an instance that lie outside the network's training."""
    if trained_on is None or trained_on.servers is None:
        return []
    (least, most), (smallest, largest) = trained_on.users, trained_on.servers
    outside = {
        "users": not least <= data.users <= most,
        "servers": not smallest <= data.servers <= largest,
        "gpus": not np.isin(data.gpus, trained_on.gpus).all(),
        "max_batch": not np.isin(data.max_batch, trained_on.max_batch).all(),
    }
    return [name for name, is_outside in outside.items() if is_outside] + unlike_published(
        trained_on, data, ("total_steps", "min_local_steps", "prompt_bits", "latent_bits", "bandwidth_hz")
    )
