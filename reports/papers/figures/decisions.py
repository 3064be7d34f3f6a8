"""Snapshots of paper B's setting (section 6.1.1), and what methods and shipped networks decide on them, as points.

Networks are trained on another stream of random numbers, so that every snapshot here is new to them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from formulations.evaluation import Evaluation
from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.parameters import SplitOffloading
from instances.generation.generator import generate
from reports.drawing.points import Point
from reports.papers.figures.settings import Run
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.split_offloading.per_dqn.methods import solve_with
from solvers.split_offloading.per_dqn.network import weights
from solvers.split_offloading.per_dqn.network.weights import Trained

Solve: TypeAlias = Callable[[SplitOffloading, Limits, int], Outcome]
"""What decides a snapshot within limits, with a seed."""


_DRAWN = ("mean_pai", "mean_latency_seconds")


class Decider(NamedTuple):
    """Something that decides snapshots."""

    key: str
    """Part of its points' keys: a network's changes with its weights."""
    solve: Solve


class Draw(NamedTuple):
    """A random snapshot of the published setting, B_max = 20."""

    users: int
    gpus: int
    seed: int
    emphasis_gpus: int | None = None
    """GPUs that the users' alpha are drawn for, where those are others than G."""

    def __str__(self) -> str:
        emphases = "" if self.emphasis_gpus is None else f" (emphases of {self.emphasis_gpus})"
        return f"I = {self.users}, G = {self.gpus}{emphases}, seed {self.seed}"


@cache
def snapshot(draw: Draw) -> SplitOffloading:
    """Return data of a draw."""
    scenario = {"gpus": draw.emphasis_gpus or draw.gpus}
    made = generate(
        problems=("split_offloading",), users=draw.users, seed=draw.seed, split_offloading=scenario
    ).section("split_offloading")
    data: SplitOffloading = made if draw.emphasis_gpus is None else made.replaced({"gpus": draw.gpus})
    return data


def registered(name: str) -> Decider:
    """Decider of a method of the registry."""
    return Decider(name, registry.method(name, "split_offloading").load())


def network(name: str) -> Decider:
    """Decider of a shipped network, ``general`` or ``gpus8``."""
    path = weights.SHIPPED / f"{name}.safetensors"
    digest = sha256(path.read_bytes()).hexdigest()[:12]
    return Decider(f"network {name} {digest}", decisions_of(shipped_network(name)))


@cache
def shipped_network(name: str) -> Trained:
    """Return weights that come with the package, by the name of their file."""
    return weights.read_weights(weights.SHIPPED / f"{name}.safetensors")


def decisions_of(trained: Trained) -> Solve:
    """Greedy decoding by one network, whatever G of the snapshot is."""
    return lambda data, limits, seed: solve_with(trained, data, 1, seed)


def decided(run: Run, decider: Decider, draw: Draw) -> Point:
    """Return what a decider makes of a snapshot: objective per user [s], mean PAI [-] and mean latency [s]."""
    key = f"{decider.key}, {draw}, {run.settings.seconds:g} s"
    return run.points.get(key, lambda: decide(decider, draw, run.settings.seconds))


def decide(decider: Decider, draw: Draw, seconds: float) -> Point:
    """Decide and evaluate, see :func:`decided`."""
    data = snapshot(draw)
    outcome = decider.solve(data, Limits(time_limit=seconds), draw.seed)
    if outcome.solution is None:
        raise RuntimeError(f"{decider.key} on {draw}: {outcome.reason}")
    found = evaluate_solution(data, outcome.solution)
    if not found.feasible:
        raise RuntimeError(f"{decider.key} on {draw}: violates {found.worst_violation}")
    return point_of(data, found)


def point_of(data: SplitOffloading, found: Evaluation) -> Point:
    """Return what is drawn of a decision: objective per user [s], mean PAI [-] and mean latency [s]."""
    return {"objective": found.objective / data.users} | {name: found.metrics[name] for name in _DRAWN}
