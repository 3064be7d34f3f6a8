"""Table of the ablations of the training, ``python -m reports.per_dqn_ablations FILE.csv``.

It is made of the rows that ``python -m solvers.split_offloading.per_dqn.ablate`` keeps.
"""

from __future__ import annotations

from collections.abc import Sequence

from formulations.runtime.command_line import Command
from reports.learned_policy import stored
from reports.tables import numbers
from reports.tables.table import Column, Table
from reports.tables.table import Row as Line
from solvers.split_offloading.per_dqn.ablate import ROWS, Row

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


def table(rows: Sequence[Row]) -> Table:
    """Return one line per training, in the order in which they were made."""
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


main = Command(
    module="reports.per_dqn_ablations",
    summary="Show the table of the ablations of the training.",
    arguments=stored.add_arguments,
    run=lambda options: stored.show(options, ROWS, lambda rows: [table(tuple(rows))]),
    example=("docs/per_dqn/ablations.csv --format markdown",),
)
"""Shows the ablations."""
