"""The command ``python -m solvers.split_offloading.per_dqn.train --out DIR``, for one edge server or several."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import instances
from formulations.errors import InstanceError
from formulations.fields import MAX_USERS
from formulations.runtime.command_line import (
    LARGEST_SEED,
    Command,
    Parser,
    add_out,
    add_seed,
    seconds,
    whole,
)
from formulations.runtime.program import INTERRUPTED
from formulations.runtime.progress import tell
from formulations.runtime.standard_output import results
from formulations.runtime.version import versions
from instances.storage.atomic import check_replaceable, writing
from instances.storage.file_names import stem
from instances.storage.lock import only_writer
from instances.storage.store import Store, write
from solvers.split_offloading.per_dqn.network.configuration import (
    CONFIGURATIONS,
    PAIR_CONFIGURATIONS,
    Configuration,
)
from solvers.split_offloading.per_dqn.training import scope as scopes
from solvers.split_offloading.per_dqn.training.scope import Scope

if TYPE_CHECKING:
    from solvers.split_offloading.per_dqn.network.weights import Provenance
    from solvers.split_offloading.per_dqn.training.curve import Row
    from solvers.split_offloading.per_dqn.training.run import Training

CURVE_ROWS = 50
"""Fewest rows of the learning curve."""

ROW_STEPS = 5000
"""Most gradient steps between two of them."""

SAVE_SECONDS = 60.0
"""Time between two checkpoints."""

SEVERAL = "multi_edge_offloading"
"""The problem with several edge servers."""

USUAL_MINUTES = 10.0
"""Length of a training if nothing is said of it."""

CASES_OF_ONE_G = 1000
"""Cases that are made once for one number of GPUs, where a configuration makes any once (paper B, Fig. 8b)."""

_MORE = """\
DIR then holds NAME.safetensors, the trained network; curve.csv, the learning curve (Fig. 8 of the paper); and
checkpoint.npz, from which the same command goes on after Ctrl-C or a kill. What goes on ends with the same
weights as a training without interruption, on the same machine; only the seconds in the curve differ."""


def _run(options: argparse.Namespace) -> int:
    path, training = trained(options)
    if path is None:
        tell("interrupted; the same command goes on from here")
        return INTERRUPTED
    print(f"{path}: {_quality(training.curve.rows[-1])}", file=results())
    return 0


def trained(options: argparse.Namespace) -> tuple[Path | None, Training]:
    """Train as the command's options say; return the file of the network, None after an interrupt."""
    scope = _scope(options)
    configuration = _configuration(options, scope)
    check_torch(options.device)
    import torch

    torch.set_num_threads(options.threads)
    with writing(options.out):
        options.out.mkdir(parents=True, exist_ok=True)
        check_replaceable(options.out / "curve.csv")
    with only_writer(options.out):
        training = _begin(options, configuration, scope)
        with _stopping_at_ctrl_c() as stopped:
            train(training, options.out, stopped)
    if not training.finished:
        return None, training
    from solvers.split_offloading.per_dqn.network import weights

    path = options.out / f"{stem(scope.name.replace(' ', ''))}.safetensors"
    weights.write_weights(path, training.learner.weights(), provenance(training))
    return path, training


def train(training: Training, out: Path, stopped: Callable[[], bool]) -> None:
    """Train to the end or until ``stopped()``; the curve and the checkpoint in ``out`` stay up to date.

    The first row of the curve is that of the untrained network.
    """
    from solvers.split_offloading.per_dqn.training import checkpoint, curve

    between = min(training.total_steps / CURVE_ROWS, ROW_STEPS)
    saved = perf_counter()
    path = out / "curve.csv"
    write(path, curve.ROWS, {row: row for row in training.curve.rows})  # a kill may have left rows behind these
    with Store(path, curve.ROWS) as store:

        def measure() -> None:
            row = training.curve.measure(
                training.learner.steps, training.episodes, training.seconds, training.policy()
            )
            store.add(row, row)
            tell(_progress(training, row))

        if not training.curve.rows and training.learner.steps == 0:
            measure()
        while not training.finished and not stopped():
            training.round()
            if len(training.curve.rows) * between <= training.learner.steps or training.finished:
                measure()
            if perf_counter() - saved > SAVE_SECONDS:
                checkpoint.save(training, out / "checkpoint.npz")
                saved = perf_counter()
    checkpoint.save(training, out / "checkpoint.npz")


def provenance(training: Training) -> Provenance:
    """What goes into the file of weights beside them."""
    import torch

    from solvers.split_offloading.per_dqn.network.weights import Provenance

    return Provenance(
        configuration=training.configuration,
        scope=training.scope.name,
        distribution=training.scope.distribution,
        seed=training.seed,
        steps=training.learner.steps,
        episodes=training.episodes,
        seconds=round(training.seconds, 1),
        curve=[(row.step, row.gap_per_user, row.solved_share) for row in training.curve.rows],
        returns=[(row.episodes, row.mean_return) for row in training.curve.rows if row.episodes],
        versions=dict(versions()) | {"torch": torch.__version__},
    )


def _begin(options: argparse.Namespace, configuration: Configuration, scope: Scope) -> Training:
    """A new training, or the one that was interrupted."""
    from solvers.split_offloading.per_dqn.training import checkpoint
    from solvers.split_offloading.per_dqn.training.run import Training, seconds_per_step

    path = options.out / "checkpoint.npz"
    if path.exists():
        training = checkpoint.load(path, configuration, scope, options.seed, options.device)
        if options.steps not in (None, training.total_steps):
            raise InstanceError(
                f"--steps: expected {training.total_steps}, which this training is made for, got "
                f"{options.steps}; use another folder, or remove {path}"
            )
        text = f"going on from step {training.learner.steps} of {training.total_steps}"
        if options.minutes is not None:
            text += f"; --minutes is for a new training alone, in another folder or without {path}"
        tell(text)
        return training
    steps = options.steps
    if steps is None:
        minutes = USUAL_MINUTES if options.minutes is None else options.minutes
        steps = max(1, round(60.0 * minutes / seconds_per_step(configuration, scope, options.device)))
    return Training(configuration, scope, options.seed, steps, options.device)


def _configuration(options: argparse.Namespace, scope: Scope) -> Configuration:
    if scope.servers > 1:
        known, name = PAIR_CONFIGURATIONS, options.configuration
        if name not in known:
            raise InstanceError(
                f"--configuration: expected one of {', '.join(known)} with --problem {SEVERAL}, got '{name}'"
            )
        return known[name]
    configuration = CONFIGURATIONS[options.configuration]
    if options.scope == "gpus" and configuration.training_cases is not None:
        configuration = configuration.replaced(training_cases=CASES_OF_ONE_G)
    return configuration.replaced(largest_users=max(scope.width, configuration.largest_users))


def _scope(options: argparse.Namespace) -> Scope:
    if options.problem == SEVERAL:
        for option, usual in (("scope", "general"), ("gpus", None), ("max_batch", None), ("instance", None)):
            given = getattr(options, option)
            if given != usual:
                name, expected = option.replace("_", "-"), usual or "none"
                raise InstanceError(f"--{name}: expected {expected} with --problem {SEVERAL}, got '{given}'")
        most = options.most_users
        return scopes.several_servers() if most is None else scopes.several_servers(most)
    if options.max_batch is not None and options.scope == "case":
        raise InstanceError("--max-batch: expected none with --scope case")
    for option, needed_by in (("gpus", "gpus"), ("instance", "case")):
        given = getattr(options, option) is not None
        if given != (options.scope == needed_by):
            expected = "a value with" if options.scope == needed_by else "none without"
            raise InstanceError(f"--{option}: expected {expected} --scope {needed_by}")
    if options.scope == "gpus":
        return scopes.for_gpus(options.gpus, options.max_batch)
    if options.scope == "general":
        most = scopes.GENERAL.users[1] if options.most_users is None else options.most_users
        return scopes.general(most, options.max_batch)
    instance = instances.load(options.instance)
    data = instance.split_offloading
    if data is None:
        raise InstanceError(f"{options.instance}: expected a section split_offloading, got none")
    if any(constraint.on == "split_offloading" for constraint in instance.constraints):
        raise InstanceError(f"{options.instance}: constraints: expected none on split_offloading, got some")
    if data.max_batch == 0:
        raise InstanceError(f"{options.instance}: split_offloading.max_batch: expected somebody to grant, got 0")
    return scopes.for_case(instance.name, data)


def check_torch(device: str) -> None:
    """Refuse to train without torch, or on a device that it cannot use.

    Raises
    ------
    InstanceError
        Saying what is missing.
    """
    if find_spec("torch") is None:
        raise InstanceError("training needs torch, which the extra 'train' brings: pip install 'diffload[train]'")
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as fault:
        raise InstanceError(f"--device: expected one that torch can use, got '{device}' ({fault})") from None


@contextmanager
def _stopping_at_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Let the round at hand end after Ctrl-C; a second Ctrl-C ends the program, and the last checkpoint stays."""
    asked: list[int] = []

    def ask(number: int, frame: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def _progress(training: Training, row: Row) -> str:
    text = f"step {row.step} of {training.total_steps} ({training.done:.0%}), {row.seconds:.0f} s"
    if row.step:
        text += f", {row.seconds * (training.total_steps - row.step) / row.step:.0f} s to go"
    played = f"mean return {row.mean_return:.2f}, " if row.episodes else ""
    return f"{text}: {played}{_quality(row)}"


def _quality(row: Row) -> str:
    return (
        f"gap {row.gap_per_user:.5f} per user (95 %: {row.gap_per_user_95:.5f}), captured "
        f"{row.captured_share:.3%}, solved {row.solved_share:.1%} of the validation cases"
    )


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--problem", choices=("split_offloading", SEVERAL), default="split_offloading", help="which (%(default)s)")
    add(
        "--scope",
        choices=("general", "gpus", "case"),
        default="general",
        help="any snapshot, one G, or one file (%(default)s)",
    )
    add("--gpus", type=whole(1, LARGEST_SEED), metavar="G", help="of --scope gpus")
    add(
        "--most-users",
        type=whole(scopes.GENERAL.users[0], MAX_USERS),
        metavar="I",
        help="of a snapshot of --scope general "
        f"({scopes.GENERAL.users[1]}, {scopes.SERVERS.users[1]} with several servers)",
    )
    add(
        "--max-batch",
        type=whole(1, LARGEST_SEED),
        metavar="B",
        help="the only B_max of --scope general and gpus (default: several)",
    )
    add("--instance", metavar="FILE", help="of --scope case: a file, or a name of the library")
    add("--configuration", choices=tuple(CONFIGURATIONS), default="tuned", help="how (%(default)s)")
    add_seed(parser, "of weights, cases and exploration")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--minutes",
        type=partial(seconds, unit="minutes", longest=1e5),
        help=f"about how long, of a new training ({USUAL_MINUTES:g})",
    )
    length.add_argument("--steps", type=whole(1, LARGEST_SEED), help="gradient steps, in place of a time")
    add("--device", default="cpu", help="where torch computes, cpu or cuda (%(default)s)")
    add("--threads", type=whole(1, LARGEST_SEED), default=1, metavar="T", help="of torch on the CPU (%(default)s)")
    add_out(parser, "where network, curve and checkpoint go", required=True)


main = Command(
    module="solvers.split_offloading.per_dqn.train",
    summary="Train the learned policy of paper B, for one edge server or several.",
    arguments=_arguments,
    run=_run,
    example=(
        "--scope general --minutes 10 --out trained",
        "--scope case --instance n30 --minutes 2 --out trained",
        "--problem multi_edge_offloading --minutes 20 --out trained",
    ),
    more=_MORE,
    statuses={130: "interrupted; the same command goes on from there"},
)
"""Trains the learned policy."""

if __name__ == "__main__":
    main.script()
