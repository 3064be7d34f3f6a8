"""Tables of the learned policy's quality, ``python -m reports.per_dqn docs/per_dqn/measured.csv``.

They are made of the records that ``python -m solvers.split_offloading.per_dqn.measurement`` keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from statistics import fmean, median

from formulations.runtime.command_line import Command, Parser
from reports.learned_policy import aims as per_dqn_aims
from reports.learned_policy import own_cases, stored
from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells
from solvers.split_offloading.per_dqn.measurement.records import ROWS, Measured, Task
from solvers.split_offloading.per_dqn.measurement.sets import OWN_SETS

_MEASURED = (
    Column("gap_per_user", "mean gap per user", "s", show=numbers.absolute_gap),
    Column("gap_per_user_95", "95th percentile", "s", show=numbers.absolute_gap),
    Column("captured_share", "captured share", "%", show=numbers.share_percent),
    Column("solved_share", "solved", "%", show=numbers.rough_percent),
    Column("seconds_single", "one alone", "ms", show=numbers.milliseconds),
    Column("seconds_batched", "in one call", "ms", show=numbers.milliseconds),
)
_METHOD = (
    Column("method", "method", numeric=False),
    Column("network", "network", numeric=False),
    Column("training_seed", "training seed"),
)
_CELL = (Column("users", "I"), Column("gpus", "G"), Column("max_batch", "B_max"))
_SNAPSHOTS = Column("instances", "snapshots")

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
            found.append(by_cell(name, members))
    return found


def summary(name: str, records: Mapping[Task, Measured]) -> Table:
    """One row per method and network: means over the cells of one B_max each, the largest of the percentiles."""
    single = {task: quality for task, quality in records.items() if " " not in task.max_batch}
    rows = []
    for key in dict.fromkeys(_family(task) for task in single):
        mine = [quality for task, quality in single.items() if _family(task) == key]
        mean = Measured(
            gap_per_user=fmean(quality.gap_per_user for quality in mine),
            gap_per_user_95=max(quality.gap_per_user_95 for quality in mine),
            captured_share=fmean(quality.captured_share for quality in mine),
            solved_share=fmean(quality.solved_share for quality in mine),
            seconds_single=median(quality.seconds_single for quality in mine),
            seconds_batched=median(quality.seconds_batched for quality in mine),
        )
        rows.append(Row((*key, str(len(mine)), *cells(_MEASURED, mean))))
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


def by_cell(name: str, records: Mapping[Task, Measured]) -> Table:
    """Return one row per cell, method and network."""
    rows = tuple(
        Row(cells((*_CELL, *_METHOD, _SNAPSHOTS), task) + cells(_MEASURED, found))
        for task, found in records.items()
    )
    columns = (*_CELL, *_METHOD, _SNAPSHOTS, *_MEASURED)
    return Table(f"{name}: every cell", columns, rows, notes=_NOTES)


def _family(task: Task) -> tuple[str, str, str]:
    """Method, network and training seed, the networks for one number of GPUs as one."""
    together = (words for start, words in OWN.items() if task.network.startswith(start))
    return task.method, next(together, task.network), task.training_seed


def _gap_and_solved(quality: Measured | None) -> Iterator[str]:
    yield numbers.absolute_gap(None if quality is None else quality.gap_per_user)
    yield numbers.rough_percent(None if quality is None else quality.solved_share)


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
