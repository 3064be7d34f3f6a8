"""Table of the ablations of the training, ``python -m reports.per_dqn_ablations FILE.csv``.

It is made of the rows that ``python -m solvers.split_offloading.per_dqn.ablate`` keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from formulations.fields import FloatArray
from formulations.runtime.command_line import Command
from reports.learned_policy import stored
from reports.tables import numbers
from reports.tables.table import Column, Table, cells
from reports.tables.table import Row as Line
from solvers.split_offloading.per_dqn.ablate import ROWS, Row

CONFIDENCE = 0.95
"""Of the interval for a mean difference, two-sided."""

_COLUMNS = (
    Column("change", "change", numeric=False),
    Column("seed", "seed"),
    Column("processor_seconds", "training", "s", show=lambda asked: f"{asked:g}" if asked else "-"),
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


class Effect(NamedTuple):
    """What a change is worth over its seeds."""

    change: str
    steps: int
    seeds: int
    captured_share: float
    difference: float
    """Mean captured share less that of the configuration without a change, seed by seed."""
    half_width: float
    """Of the interval for the difference."""


_EFFECTS = (
    Column("change", "change", numeric=False),
    Column("steps", "gradient steps"),
    Column("seeds", "seeds"),
    Column("captured_share", "captured share, mean", "%", show=numbers.share_percent),
    Column("difference", "difference", "points", show=lambda share: f"{100 * share:+.3g}"),
    Column(
        "half_width",
        f"its {100 * CONFIDENCE:.0f} % interval, +-",
        "points",
        show=lambda share: f"{100 * share:.2g}",
    ),
)


def effects(rows: Sequence[Row]) -> list[Effect]:
    """Return the changes with several seeds, beside their configuration with the same seeds and steps."""
    captured = {(row.change, row.steps, row.seed): row.captured_share for row in rows}
    found = []
    for change, steps, base in dict.fromkeys((row.change, row.steps, row.configuration) for row in rows):
        pairs = np.array(
            [
                (share, captured[base, steps, seed])
                for (name, taken, seed), share in captured.items()
                if (name, taken) == (change, steps) and (base, steps, seed) in captured
            ]
        ).reshape(-1, 2)
        if change != base and len(pairs) > 1:
            gained = pairs[:, 0] - pairs[:, 1]
            found.append(
                Effect(
                    change,
                    steps,
                    gained.size,
                    float(pairs[:, 0].mean()),
                    float(gained.mean()),
                    half_width(gained),
                )
            )
    return found


def half_width(gained: FloatArray) -> float:
    """Half the width of Student's t interval for the mean of paired differences, shape (seeds,)."""
    error = float(gained.std(ddof=1) / np.sqrt(gained.size))
    return error * float(stats.t.ppf(0.5 + 0.5 * CONFIDENCE, gained.size - 1))


def effects_table(rows: Sequence[Row]) -> Table:
    """Return one line per change with several seeds."""
    lines = tuple(Line(cells(_EFFECTS, effect)) for effect in effects(rows))
    return Table("ablations: over the seeds, beside the same seeds without the change", _EFFECTS, lines)


def tables(rows: Sequence[Row]) -> list[Table]:
    """Return every training, and what the changes are worth where they have several seeds."""
    over_seeds = effects_table(rows)
    return [table(rows), over_seeds] if over_seeds.rows else [table(rows)]


main = Command(
    module="reports.per_dqn_ablations",
    summary="Show the table of the ablations of the training.",
    arguments=stored.add_arguments,
    run=lambda options: stored.show(options, ROWS, lambda rows: tables(list(rows))),
    example=("docs/per_dqn/ablations.csv --format markdown",),
)
"""Shows the ablations."""
