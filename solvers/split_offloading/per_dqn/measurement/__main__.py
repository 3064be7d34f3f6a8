"""The command ``python -m solvers.split_offloading.per_dqn.measurement --out docs/per_dqn/measured.csv``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from formulations.errors import InstanceError
from formulations.fields import FloatArray
from formulations.runtime.command_line import LARGEST_SEED, Command, Parser, add_seed, names, whole
from formulations.runtime.program import CommandError
from formulations.runtime.progress import tell
from instances.storage.store import Store
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, Order, rows_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution
from solvers.split_offloading.per_dqn.measurement import deciders
from solvers.split_offloading.per_dqn.measurement.deciders import Decided
from solvers.split_offloading.per_dqn.measurement.records import ROWS, Measured, Task
from solvers.split_offloading.per_dqn.measurement.sets import (
    HELD_OUT,
    OWN_SETS,
    SETS,
    Cell,
    held_out,
)
from solvers.split_offloading.per_dqn.methods import EPISODES
from solvers.split_offloading.per_dqn.network.policy import Policy
from solvers.split_offloading.per_dqn.network.weights import SHIPPED, read_weights
from solvers.split_offloading.per_dqn.training.curve import SOLVED, quality_of
from solvers.split_offloading.per_dqn.training.scope import Scope, fixed_cases

METHODS = (
    "batch-scan",
    "greedy",
    "sorted-stop",
    "genetic",
    "all-offload-best-split",
    "all-offload-fixed-split",
    "all-local",
)
"""Methods without a network."""

RULES: Mapping[str, Order] = {
    "grant-if-rising": "quarter-gain",
    "grant-if-rising-by-arrival": "arrival",
}
"""Rules that decide in the order of a configuration, the tuned one and the paper's, as its network does."""

GENETIC: Mapping[str, int] = {"grid": 100, "mixed": 20, "large": 20}
"""First snapshots of a cell that the genetic algorithm gets: it takes a tenth of a second and more for each."""


_ALL_SETS = (*SETS, *OWN_SETS)

_NO_NETWORK: Mapping[str, str] = {"network": "", "training_seed": "", "weights": ""}


class Network(NamedTuple):
    """A network to measure: its name, its training's seed and snapshots, its file's hash, and its policy."""

    name: str
    training_seed: str
    distribution: Distribution | None
    weights: str
    policy: Policy


class Ground:
    """The snapshots of a cell with their optima, drawn and solved when first asked for."""

    def __init__(self, draw: Callable[[], Cases]) -> None:
        self._draw = draw

    @cached_property
    def cases(self) -> Cases:
        """The snapshots."""
        return self._draw()

    @cached_property
    def optimum(self) -> Decided:
        """Their optima, by the exact scan in one call."""
        decisions, seconds = deciders.optimal(self.cases)
        return Decided(decisions.gain, float("nan"), seconds)


class Contradiction(CommandError):  # noqa: N818 - a failed check, not a fault of the program
    """A decision is better than the certified optimum, which then is none."""


class Job(NamedTuple):
    """A record to make, and how."""

    task: Task
    ground: Ground
    decide: Callable[[Cases], Decided]


def _run(options: argparse.Namespace) -> int:
    unknown = [name for name in options.sets if name not in _ALL_SETS]
    if unknown:
        raise InstanceError(f"--sets: expected some of {', '.join(_ALL_SETS)}, got {unknown[0]}")
    networks = list(_networks(options.network))
    with Store(options.out, ROWS) as store:
        missing = [
            job
            for name in options.sets
            for job in _jobs(name, options.instances, options.seed, networks)
            if job.task not in store.known
        ]
        for number, job in enumerate(missing, 1):
            started = time.perf_counter()
            task, cases = job.task, job.ground.cases
            store.add(task, measured(job.decide(cases), job.ground.optimum.gain, cases))
            where = f"{task.set} I={task.users} G={task.gpus} B_max={task.max_batch}"
            what = " ".join(filter(None, (task.method, task.network)))
            seconds = time.perf_counter() - started
            tell(f"[{number}/{len(missing)}] {where}: {what}, {seconds:.1f} s")
    return 0


def measured(decided: Decided, optimum: FloatArray, cases: Cases) -> Measured:
    """How good decisions on the first snapshots are against the certified optima.

    Raises
    ------
    Contradiction
        If a decision is better than the optimum.
    """
    first = np.arange(decided.gain.size)
    best = optimum[first]
    above = decided.gain - best
    if (above > SOLVED * np.maximum(best, 1.0)).any():
        row = int(above.argmax())
        raise Contradiction(
            f"CHECK FAILED: snapshot {row} has the certified gain {best[row]}, and a decision {decided.gain[row]}"
        )
    quality = quality_of(rows_of(cases, first), best, decided.gain)
    return Measured(
        **quality._asdict(), seconds_single=decided.seconds_single, seconds_batched=decided.seconds_batched
    )


def _jobs(name: str, instances: int, seed: int, networks: Sequence[Network]) -> Iterator[Job]:
    """Every record of a set."""
    if name in OWN_SETS:
        for network in networks:
            yield from _own_jobs(name, instances, seed, network)
        return
    for cell in SETS[name]:
        yield from _cell_jobs(cell, instances, seed, networks)


def _own_jobs(name: str, instances: int, seed: int, network: Network) -> Iterator[Job]:
    """Every record of a network on the cases that its training made once, or on held-out ones like them."""
    distribution, size = network.distribution, network.policy.configuration.training_cases
    if distribution is None or size is None:
        return
    cell = Cell(name, distribution)
    if name == HELD_OUT:
        yield from _network_jobs(network, cell, Ground(partial(held_out, cell, instances, seed)), instances, seed)
    else:
        own = int(network.training_seed)
        ground = Ground(partial(fixed_cases, Scope(name, distribution), size, own))
        yield from _network_jobs(network, cell, ground, size, own)


def _cell_jobs(cell: Cell, instances: int, seed: int, networks: Sequence[Network]) -> Iterator[Job]:
    """Every record of a cell, the exact scan first."""
    ground = Ground(partial(held_out, cell, instances, seed))
    label = cell.label
    for name in METHODS:
        size = min(instances, GENETIC[cell.set]) if name == "genetic" else instances
        task = Task(cell.set, **label, method=name, **_NO_NETWORK, instances=size, seed=seed)
        yield Job(task, ground, partial(_by_method, name, size, ground))
    for name, order in RULES.items():
        task = Task(cell.set, **label, method=name, **_NO_NETWORK, instances=instances, seed=seed)
        yield Job(task, ground, partial(deciders.by_rising_objective, order))
    for network in networks:
        if fits(network, cell):
            yield from _network_jobs(network, cell, ground, instances, seed)


def _network_jobs(network: Network, cell: Cell, ground: Ground, instances: int, seed: int) -> Iterator[Job]:
    """Both records of a network on the snapshots of a cell."""
    for name, decide in (
        ("greedy-decoding", deciders.by_greedy_decoding),
        (f"best-of-{EPISODES}", deciders.by_best_episode),
    ):
        task = Task(
            cell.set,
            **cell.label,
            method=name,
            network=network.name,
            training_seed=network.training_seed,
            weights=network.weights,
            instances=instances,
            seed=seed,
        )
        yield Job(task, ground, partial(decide, network.policy))


def fits(network: Network, cell: Cell) -> bool:
    """Whether a network is meant for all snapshots of a cell: for its numbers of GPUs, and of users.

    A network of sets reads any number of users; one that flattens the state has seen nobody in the other places.
    """
    trained_on = network.distribution
    if trained_on is None:
        return False
    many = cell.distribution.users[1] > trained_on.users[1]
    flat = network.policy.configuration.architecture == "mlp"
    return not (flat and many) and set(cell.distribution.gpus) <= set(trained_on.gpus)


def _by_method(name: str, size: int, ground: Ground, cases: Cases) -> Decided:
    decided = deciders.by_method(name, rows_of(cases, np.arange(size)))
    return decided._replace(seconds_batched=ground.optimum.seconds_batched) if name == "batch-scan" else decided


def _networks(given: Sequence[tuple[str, Path]]) -> Iterator[Network]:
    """The networks that come with the package, then those given."""
    shipped = [
        (path.stem.replace("gpus", "gpus ").replace("_", " "), path)
        for path in sorted(SHIPPED.glob("*.safetensors"))
    ]
    for name, path in (*shipped, *given):
        policy, provenance = read_weights(path)
        digest = sha256(path.read_bytes()).hexdigest()[:12]
        yield Network(name, str(provenance.seed), provenance.distribution, digest, policy)


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="FILE.csv", help="records, added to those that are there")
    add("--sets", type=names, default=_ALL_SETS, metavar="A,B", help=f"of {', '.join(_ALL_SETS)} (default: all)")
    add(
        "--instances",
        type=whole(1, LARGEST_SEED),
        default=1000,
        metavar="S",
        help="snapshots of a cell (%(default)s)",
    )
    add_seed(parser, "of the evaluation stream")
    add(
        "--network",
        type=_named_file,
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="weights to measure beside the shipped ones",
    )


def _named_file(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not name or not path:
        raise argparse.ArgumentTypeError(f"expected NAME=FILE, got '{text}'")
    return name, Path(path)


main = Command(
    module="solvers.split_offloading.per_dqn.measurement",
    summary="Measure the shipped networks, and every other quick method, on held-out snapshots.",
    arguments=_arguments,
    run=_run,
    example=("--out measured.csv --sets mixed",),
    more="The records are kept one by one: the same command goes on after an interruption, and measures what is\n"
    "missing. Set OMP_NUM_THREADS=1: times are those of all threads together. python -m reports.per_dqn FILE\n"
    "makes tables of them.",
    statuses={1: "a decision is better than the certified optimum, which then is none"},
    interrupted="every finished record is kept, and the same command goes on",
)
"""Measures policies."""

if __name__ == "__main__":
    main.script()
