"""Tables of what the learned policy is worth, ``python -m reports.per_dqn docs/per_dqn/measured.csv``.

They are made of the records that ``python -m solvers.split_offloading.per_dqn.measurement`` keeps.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from statistics import fmean, median

from instances.command_line import Parser
from instances.errors import InstanceError
from reports import markdown, numbers, plain_text
from reports.table import Column, Row, Table
from solvers.split_offloading.per_dqn.measurement.records import Measured, Task, read

RENDER = {"table": plain_text.render, "markdown": markdown.render}

_MEASURED = (
    Column("gap_per_user", "mean gap per user", "s"),
    Column("gap_per_user_95", "95th percentile", "s"),
    Column("captured_share", "captured share", "%"),
    Column("solved_share", "solved", "%"),
    Column("seconds_single", "one alone", "ms"),
    Column("seconds_batched", "in one call", "ms"),
)
_METHOD = (Column("method", "method", numeric=False), Column("network", "network", numeric=False))
_CELL = (Column("users", "I"), Column("gpus", "G"), Column("max_batch", "B_max"))

_NOTES = (
    "gap per user: (optimum - objective) / users; captured share: of the optimal gain over all-local, all "
    "snapshots together; solved: to the optimum; processor times of "
    "deciding one snapshot, alone and among all in one call",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = Parser(prog="python -m reports.per_dqn", description="Tables of measured policies.")
    parser.add_argument("file", type=Path, help="records of the measurement, a CSV file")
    parser.add_argument("--format", choices=RENDER, default="table", help="of the tables (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        records = read(options.file)
        if not records:
            raise InstanceError(f"{options.file}: expected records, got none")
    except InstanceError as error:
        parser.error(str(error))
    sys.stdout.write(RENDER[options.format](tables(records)))
    return 0


def tables(records: Mapping[Task, Measured]) -> list[Table]:
    """For every set a table over all its cells, and one of its cells."""
    found = []
    for name, group in groupby(
        sorted(records.items(), key=lambda item: item[0].set), key=lambda item: item[0].set
    ):
        members = dict(group)
        found += [summary(name, members), cells(name, members)]
    return found


def summary(name: str, records: Mapping[Task, Measured]) -> Table:
    """One row per method and network: means over the cells of one B_max each, the largest of the percentiles."""
    single = {task: quality for task, quality in records.items() if " " not in task.max_batch}
    rows = []
    for key in dict.fromkeys((task.method, task.network) for task in single):
        mine = [quality for task, quality in single.items() if (task.method, task.network) == key]
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


def cells(name: str, records: Mapping[Task, Measured]) -> Table:
    """One row per cell, method and network."""
    rows = tuple(
        Row(
            (
                task.users,
                task.gpus,
                task.max_batch,
                task.method,
                task.network,
                str(task.instances),
                *_measured(found),
            )
        )
        for task, found in records.items()
    )
    columns = (*_CELL, *_METHOD, Column("instances", "snapshots"), *_MEASURED)
    return Table(f"{name}: every cell", columns, rows, notes=_NOTES)


def _measured(quality: Measured) -> Iterable[str]:
    yield numbers.absolute_gap(quality.gap_per_user)
    yield numbers.absolute_gap(quality.gap_per_user_95)
    yield numbers.share_percent(quality.captured_share)
    yield f"{100.0 * quality.solved_share:.1f}"
    yield _milliseconds(quality.seconds_single)
    yield _milliseconds(quality.seconds_batched)


def _milliseconds(seconds: float) -> str:
    return numbers.ABSENT if math.isnan(seconds) else f"{1e3 * seconds:.3g}"


if __name__ == "__main__":
    raise SystemExit(main())
