"""Table of the ablations of the training, ``python -m reports.per_dqn_ablations FILE.csv``.

It is made of the rows that ``python -m solvers.split_offloading.per_dqn.ablate`` keeps.
"""

from __future__ import annotations

from collections.abc import Iterable

from formulations.runtime.command_line import Command
from reports.learned_policy import stored
from reports.tables import numbers
from reports.tables.table import Column, Table, cells
from reports.tables.table import Row as Line
from solvers.split_offloading.per_dqn.ablate import ROWS, Row

_COLUMNS = (
    Column("change", "change", numeric=False),
    Column("seed", "seed"),
    Column("processor_seconds", "training", "s", show="{:g}".format),
    Column("steps", "gradient steps"),
    Column("mean_gap", "mean gap per user", "s", show=numbers.absolute_gap),
    Column("percentile_95_gap", "95th percentile", "s", show=numbers.absolute_gap),
    Column("captured_share", "captured share", "%", show=numbers.share_percent),
    Column("solved_share", "solved", "%", show=numbers.rough_percent),
    Column("solved_by_best_of_16", "solved by best of 16", "%", show=numbers.rough_percent),
)


def table(rows: Iterable[Row]) -> Table:
    """Return one line per training, in the order in which they were made."""
    return Table("ablations: one change at a time", _COLUMNS, tuple(Line(cells(_COLUMNS, row)) for row in rows))


main = Command(
    module="reports.per_dqn_ablations",
    summary="Show the table of the ablations of the training.",
    arguments=stored.add_arguments,
    run=lambda options: stored.show(options, ROWS, lambda rows: [table(rows)]),
    example=("docs/per_dqn/ablations.csv --format markdown",),
)
"""Shows the ablations."""
