"""The table of what each choice of the training is worth, ``python -m reports.per_dqn_ablations FILE.csv``.

It is made of the rows that ``python -m solvers.split_offloading.per_dqn.ablate`` keeps.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from instances.command_line import Parser
from instances.errors import InstanceError
from reports import markdown, numbers, plain_text
from reports.table import Column, Table
from reports.table import Row as Line
from solvers.split_offloading.per_dqn.ablate import Row, read_rows

RENDER = {"table": plain_text.render, "markdown": markdown.render}

_COLUMNS = (
    Column("change", "change", numeric=False),
    Column("seed", "seed"),
    Column("processor_seconds", "training", "s"),
    Column("steps", "gradient steps"),
    Column("mean_gap", "mean gap per user", "s"),
    Column("percentile_95_gap", "95th percentile", "s"),
    Column("captured_share", "captured share", "%"),
    Column("solved_share", "solved", "%"),
    Column("solved_by_best_of_16", "solved by best of 16", "%"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = Parser(prog="python -m reports.per_dqn_ablations", description="Table of the ablations.")
    parser.add_argument("file", type=Path, help="rows of the ablations, a CSV file")
    parser.add_argument("--format", choices=RENDER, default="table", help="of the table (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        rows = list(read_rows(options.file))
        if not rows:
            raise InstanceError(f"{options.file}: expected rows, got none")
    except InstanceError as error:
        parser.error(str(error))
    sys.stdout.write(RENDER[options.format]([table(rows)]))
    return 0


def table(rows: Sequence[Row]) -> Table:
    """One line per training, in the order in which they were made."""
    lines = tuple(
        Line(
            (
                row.change,
                str(row.seed),
                f"{row.processor_seconds:g}",
                str(row.steps),
                numbers.absolute_gap(row.mean_gap),
                numbers.absolute_gap(row.percentile_95_gap),
                numbers.share_percent(row.captured_share),
                f"{100.0 * row.solved_share:.1f}",
                f"{100.0 * row.solved_by_best_of_16:.1f}",
            )
        )
        for row in rows
    )
    return Table("ablations: one change at a time", _COLUMNS, lines)


if __name__ == "__main__":
    raise SystemExit(main())
