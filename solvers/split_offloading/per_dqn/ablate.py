"""The command ``python -m solvers.split_offloading.per_dqn.ablate --out docs/per_dqn/ablations.csv``.

Every row is the training of a shipped configuration with one field or group of fields changed, for equal processor
time, measured on the mixed set of snapshots that no training reads. Rows are kept one by one: the same command
goes on after an interruption.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np

from formulations.errors import InstanceError
from formulations.runtime.command_line import LARGEST_SEED, Command, Parser, names, seconds, whole
from formulations.runtime.progress import tell
from instances.storage.layouts import rows_of
from instances.storage.store import Store
from solvers.split_offloading.exact.batch_scan_many import scan_many
from solvers.split_offloading.per_dqn.decision_process.draw_cases import MIXED, draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.rewards import set_gains
from solvers.split_offloading.per_dqn.methods import EPISODES
from solvers.split_offloading.per_dqn.network.configuration import CONFIGURATIONS
from solvers.split_offloading.per_dqn.network.policy import Policy
from solvers.split_offloading.per_dqn.train import check_torch
from solvers.split_offloading.per_dqn.training.curve import quality_of
from solvers.split_offloading.per_dqn.training.scope import Scope, general

SCOPE: Scope = general(MIXED.users[1])
"""What is trained for: snapshots of up to as many users as those that it is measured on, which is quicker."""

CASES = 1000
"""Snapshots that a training is measured on."""

PRIORITIES: Mapping[str, Any] = {"priority_exponent": 0.7, "importance": 0.3}


def _of_paper(**fields: Any) -> tuple[str, Mapping[str, Any]]:
    """Change the published configuration, with places for the users of the scope: others would be padding."""
    return "paper", {"largest_users": SCOPE.width, **fields}


CHANGES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "tuned": ("tuned", {}),
    "reward (21)": ("tuned", {"reward": "published"}),
    "arrival order": ("tuned", {"order": "arrival"}),
    "order by v_i(I/2)": ("tuned", {"order": "gain"}),
    "flat network": ("tuned", {"architecture": "mlp", "width": 256}),
    "raw features": ("tuned", {"features": "raw"}),
    "reward in seconds": ("tuned", {"scaled": False}),
    "learning rate 1e-4 constant": ("tuned", {"learning_rate": 1e-4, "schedule": "constant"}),
    "target copy every 2000": ("tuned", {"target_every": 2000}),
    "no double": ("tuned", {"double": False}),
    "squared loss": ("tuned", {"loss": "squared"}),
    "batch 128": ("tuned", {"batch": 128}),
    "exploration of the paper": ("tuned", {"epsilon": (0.5, 0.001), "temperature": (5.0, 0.01)}),
    "tuned with priorities": ("tuned", {**PRIORITIES}),
    "tuned with terminal 1:7": ("tuned", {"terminal_share": 0.125}),
    "prioritised replay with terminal 1:7": ("tuned", {**PRIORITIES, "terminal_share": 0.125}),
    "2000 fixed cases": ("tuned", {"training_cases": 2000}),
    "both actions taught": ("tuned", {"both_actions": True}),
    "one-step lookahead": ("tuned", {"lookahead": True}),
    "tuned-mlp": ("tuned-mlp", {}),
    "tuned-mlp in cyclic arrangement": ("tuned-mlp", {"arrangement": "cyclic"}),
    "tuned-mlp in fixed arrangement": ("tuned-mlp", {"arrangement": "fixed"}),
    "tuned-mlp with one action taught": ("tuned-mlp", {"both_actions": False}),
    "tuned-mlp without lookahead": ("tuned-mlp", {"lookahead": False}),
    "paper": _of_paper(),
    "paper-mostly-greedy": ("paper-mostly-greedy", {}),
    "paper with incremental reward": _of_paper(reward="incremental"),
    "paper without reward backpropagation": _of_paper(reward="at-the-end"),
    "paper without cyclic shifting": _of_paper(arrangement="fixed"),
    "paper without priorities": _of_paper(priority_exponent=0.0, importance=0.0),
    "paper without terminal 1:7": _of_paper(terminal_share=None),
    "paper ordered by gain": _of_paper(order="quarter-gain"),
    "paper with gains as features": _of_paper(features="gains"),
    "paper with learning rate 1e-3": _of_paper(learning_rate=1e-3),
}
"""What is changed in which configuration."""


class Row(NamedTuple):
    """One training."""

    change: str
    configuration: str
    seed: int
    processor_seconds: float
    """Asked for, training alone [s]; 0 where a number of steps was."""
    steps: int
    """Gradient steps taken."""
    mean_gap: float
    """Per user [s], as all of the following on the mixed set."""
    percentile_95_gap: float
    captured_share: float
    solved_share: float
    solved_by_best_of_16: float


ROWS = rows_of(Row)
"""Layout of the file of rows."""


def _run(options: argparse.Namespace) -> None:
    unknown = [name for name in options.changes if name not in CHANGES]
    if unknown:
        raise InstanceError(f"--changes: expected some of {'; '.join(CHANGES)}, got {unknown[0]}")
    by_steps = () if options.steps is None else (options.steps,)
    seconds = options.seconds if options.steps is None else 0.0
    with Store(options.out, ROWS) as store:
        check_torch("cpu")
        made = store.known
        done = {(row.change, row.seed, row.processor_seconds, *((row.steps,) if by_steps else ())) for row in made}
        for seed, change in product(range(options.seeds), options.changes):
            if (change, seed, seconds, *by_steps) not in done:
                row = ablation(change, seed, seconds, *by_steps)
                store.add(row, row)
                tell(f"seed {seed}, {change}: gap {row.mean_gap:.5f} per user")


def ablation(change: str, seed: int, seconds: float, steps: int | None = None) -> Row:
    """Train with a change for some processor time [s], or some gradient steps, and measure."""
    import torch

    from solvers.split_offloading.per_dqn.training.run import Training, seconds_per_step

    torch.set_num_threads(1)
    base, fields = CHANGES[change]
    configuration = CONFIGURATIONS[base].replaced(**fields)
    if steps is None:
        steps = max(1, round(seconds / seconds_per_step(configuration, SCOPE, clock=process_time)))
    training = Training(configuration, SCOPE, seed, steps)
    while not training.finished:
        training.round()
    return Row(change, base, seed, seconds, steps, *measured(training.policy()))


def measured(policy: Policy) -> tuple[float, float, float, float, float]:
    """Quality on the mixed set, and the share that the best of 16 episodes solves."""
    cases = draw_cases(MIXED, CASES, generator(0, "evaluation"))
    optimal = scan_many(cases.snapshots).gain
    greedy = quality_of(cases, optimal, set_gains(cases, policy.decide(cases)))
    sampled = policy.decide_best_of(cases, EPISODES, np.random.default_rng(0))
    return (*greedy, quality_of(cases, optimal, set_gains(cases, sampled)).solved_share)


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="FILE.csv", help="rows, added to those that are there")
    add("--changes", type=names, default=tuple(CHANGES), metavar="A,B", help="some of them (default: all)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--seconds", type=seconds, default=60.0, help="processor time of each training (%(default)s)"
    )
    length.add_argument(
        "--steps", type=whole(1, LARGEST_SEED), metavar="N", help="gradient steps of each, in place of a time"
    )
    add(
        "--seeds",
        type=whole(1, LARGEST_SEED),
        default=1,
        metavar="COUNT",
        help="trainings of each change (%(default)s)",
    )


main = Command(
    module="solvers.split_offloading.per_dqn.ablate",
    summary="Train the shipped configurations with one change each, for equal time, and measure them.",
    arguments=_arguments,
    run=_run,
    example=("--out ablations.csv --seconds 60",),
    interrupted="every finished row is kept, and the same command goes on",
)
"""Measures one change at a time."""

if __name__ == "__main__":
    main.script()
