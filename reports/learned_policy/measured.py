"""Tables of the learned policy's quality, ``python -m reports.per_dqn docs/per_dqn/measured.csv``.

They are made of the records that ``python -m solvers.split_offloading.per_dqn.measurement`` keeps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from statistics import fmean, median

from formulations.runtime.command_line import Command, Parser
from reports.learned_policy import aims as per_dqn_aims
from reports.learned_policy import own_cases, stored
from reports.tables import numbers
from reports.tables.table import Column, Row, Table
from solvers.split_offloading.per_dqn.measurement.records import ROWS, Measured, Task
from solvers.split_offloading.per_dqn.measurement.sets import OWN_SETS

_MEASURED = (
    Column("gap_per_user", "mean gap per user", "s"),
    Column("gap_per_user_95", "95th percentile", "s"),
    Column("captured_share", "captured share", "%"),
    Column("solved_share", "solved", "%"),
    Column("seconds_single", "one alone", "ms"),
    Column("seconds_batched", "in one call", "ms"),
)
_METHOD = (
    Column("method", "method", numeric=False),
    Column("network", "network", numeric=False),
    Column("training_seed", "training seed"),
)
_CELL = (Column("users", "I"), Column("gpus", "G"), Column("max_batch", "B_max"))

_NOTES = (
    "gap per user: (optimum - objective) / users; captured share: of the optimal gain over all-local, all "
    "snapshots together; solved: to the optimum; processor times of "
    "deciding one snapshot, alone and among all in one call",
)

OWN: Mapping[str, str] = {"gpus ": "of each G", "paper gpus ": "paper of each G"}
"""What the networks for one number of GPUs are called together, by how the name of each begins."""


def tables(records: Mapping[Task, Measured], *, every_cell: bool = False) -> list[Table]:
    """Return the aims, and for every set a table over all its cells, and if asked for, one of its cells."""
    found = [*per_dqn_aims.tables(records), *own_cases.tables(records)]
    held_out = [(task, quality) for task, quality in records.items() if task.set not in OWN_SETS]
    for name, group in groupby(sorted(held_out, key=lambda item: item[0].set), key=lambda item: item[0].set):
        members = dict(group)
        found.append(summary(name, members))
        if name == "grid":
            found.append(by_users_and_gpus(members))
        if every_cell:
            found.append(cells(name, members))
    return found


def summary(name: str, records: Mapping[Task, Measured]) -> Table:
    """One row per method and network: means over the cells of one B_max each, the largest of the percentiles."""
    single = {task: quality for task, quality in records.items() if " " not in task.max_batch}
    rows = []
    for key in dict.fromkeys(_family(task) for task in single):
        mine = [quality for task, quality in single.items() if _family(task) == key]
        cells = Measured(
            gap_per_user=fmean(quality.gap_per_user for quality in mine),
            gap_per_user_95=max(quality.gap_per_user_95 for quality in mine),
            captured_share=fmean(quality.captured_share for quality in mine),
            solved_share=fmean(quality.solved_share for quality in mine),
            seconds_single=median(quality.seconds_single for quality in mine),
            seconds_batched=median(quality.seconds_batched for quality in mine),
        )
        rows.append(Row((*key, str(len(mine)), *_measured(cells))))
    columns = (*_METHOD, Column("cells", "cells"), *_MEASURED)
    lead = "Means over the cells, the largest 95th percentile of them, and median times."
    return Table(f"{name}: over all cells", columns, tuple(rows), lead=(lead,), notes=_NOTES)


def by_users_and_gpus(records: Mapping[Task, Measured]) -> Table:
    """Return one row per (I, G): the learned policies' gap per user and share solved, by greedy decoding."""
    places = list(dict.fromkeys((task.users, task.gpus) for task in records))
    found = {(task.users, task.gpus, *_family(task)): quality for task, quality in records.items()}
    greedy = (task for task in records if task.network and task.method == per_dqn_aims.GREEDY)
    policies = list(dict.fromkeys(_family(task) for task in greedy))
    columns = list(_CELL[:2])
    for number, (_, network, _) in enumerate(policies):
        columns += [
            Column(f"gap_{number}", f"{network}: mean gap per user", "s"),
            Column(f"solved_{number}", "solved", "%"),
        ]
    rows = tuple(
        Row((*place, *(text for policy in policies for text in _gap_and_solved(found.get((*place, *policy))))))
        for place in places
    )
    return Table("grid: learned policies by users and GPUs, greedy decoding", tuple(columns), rows)


def cells(name: str, records: Mapping[Task, Measured]) -> Table:
    """Return one row per cell, method and network."""
    rows = tuple(
        Row(
            (
                task.users,
                task.gpus,
                task.max_batch,
                task.method,
                task.network,
                task.training_seed,
                str(task.instances),
                *_measured(found),
            )
        )
        for task, found in records.items()
    )
    columns = (*_CELL, *_METHOD, Column("instances", "snapshots"), *_MEASURED)
    return Table(f"{name}: every cell", columns, rows, notes=_NOTES)


def _family(task: Task) -> tuple[str, str, str]:
    """Method, network and training seed, the networks for one number of GPUs as one."""
    together = (words for start, words in OWN.items() if task.network.startswith(start))
    return task.method, next(together, task.network), task.training_seed


def _gap_and_solved(quality: Measured | None) -> Iterator[str]:
    yield numbers.absolute_gap(None if quality is None else quality.gap_per_user)
    yield numbers.ABSENT if quality is None else f"{100.0 * quality.solved_share:.1f}"


def _measured(quality: Measured) -> Iterable[str]:
    yield numbers.absolute_gap(quality.gap_per_user)
    yield numbers.absolute_gap(quality.gap_per_user_95)
    yield numbers.share_percent(quality.captured_share)
    yield f"{100.0 * quality.solved_share:.1f}"
    yield _milliseconds(quality.seconds_single)
    yield _milliseconds(quality.seconds_batched)


def _milliseconds(seconds: float) -> str:
    return numbers.ABSENT if math.isnan(seconds) else f"{1e3 * seconds:.3g}"


def _arguments(parser: Parser) -> None:
    stored.add_arguments(parser)
    parser.add_argument("--cells", action="store_true", help="show every cell, too")


main = Command(
    module="reports.per_dqn",
    summary="Show tables of measured policies.",
    arguments=_arguments,
    run=lambda options: stored.show(options, ROWS, partial(tables, every_cell=options.cells)),
    example=("docs/per_dqn/measured.csv --cells",),
)
"""Shows the learned policy's quality."""
