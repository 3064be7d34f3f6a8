"""Measures of how far a result is from the best proven bound; each problem chooses those of its table.

A relative gap says little where the objective may be near zero; what a method captures of the best possible gain
over a plain policy says more there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reports.tables import numbers
from reports.tables.table import Column
from solvers.core.result import Result
from solvers.core.tolerance import ABSOLUTE_GAP
from solvers.core.validation import magnitude

GAIN = "gain_over_all_local"
"""Component of the objective that the captured share is made of: objective less that of the all-local policy."""


@dataclass(frozen=True)
class GapMeasure:
    """One measure, after :func:`solvers.comparison.cross_check.cross_check` has filled in the gaps.

    Attributes
    ----------
    column : Column
        Its heading, and its text.
    note : str
        What stands below the table; empty where the heading says it.
    value : callable
        The measure of a result among this many users, or None where it is not defined.
    record : tuple of (str, float)
        Name in CSV files, and factor from the value to the unit there.
    """

    column: Column
    note: str
    value: Callable[[Result, int], float | None]
    record: tuple[str, float]

    @property
    def key(self) -> str:
        """What problems call it."""
        return self.column.key


def relative_gap(result: Result, users: int) -> float | None:
    """|objective - bound| / max(|bound|, 1e-9), as a fraction."""
    return result.gap


def absolute_gap(result: Result, users: int) -> float | None:
    """|objective - bound| in units of the objective."""
    return result.absolute_gap


def root_gap(result: Result, users: int) -> float | None:
    """|root bound - bound| / max(|bound|, 1e-9), as a fraction: how much of the proof is left to branching."""
    return result.root_gap


def nodes(result: Result, users: int) -> float | None:
    """Return nodes of the search tree: the work that the gap was closed with."""
    return None if result.nodes is None else float(result.nodes)


def gap_per_user(result: Result, users: int) -> float | None:
    """|objective - bound| / users, in units of the objective."""
    return None if result.absolute_gap is None else result.absolute_gap / users


def captured_share(result: Result, users: int) -> float | None:
    """(objective - all-local) / (bound - all-local), as a fraction; None where the bound leaves nothing to gain.

    It is below 0 for a method that is worse than doing everything locally.
    """
    gain = result.evaluation.metrics.get(GAIN) if result.evaluation else None
    if gain is None or result.absolute_gap is None:
        return None
    possible = gain + result.absolute_gap
    return gain / possible if possible > ABSOLUTE_GAP * magnitude(result) else None


_MEASURES = (
    GapMeasure(
        column=Column("gap", "gap", "%", show=numbers.gap_percent),
        note="",
        value=relative_gap,
        record=("gap_percent", 100.0),
    ),
    GapMeasure(
        column=Column("absolute_gap", "abs. gap", show=numbers.absolute_gap),
        note="abs. gap: the same in units of the objective",
        value=absolute_gap,
        record=("absolute_gap", 1.0),
    ),
    GapMeasure(
        column=Column("root_gap", "root gap", "%", show=numbers.gap_percent),
        note="root gap: of the bound at the root of the search tree",
        value=root_gap,
        record=("root_gap_percent", 100.0),
    ),
    GapMeasure(
        column=Column("nodes", "nodes", show=numbers.count),
        note="",
        value=nodes,
        record=("nodes", 1.0),
    ),
    GapMeasure(
        column=Column("gap_per_user", "gap per user", show=numbers.absolute_gap),
        note="gap per user: abs. gap / users",
        value=gap_per_user,
        record=("gap_per_user", 1.0),
    ),
    GapMeasure(
        column=Column("captured_share", "captured share", "%", show=numbers.share_percent),
        note="captured share: (objective - all-local) / (bound - all-local)",
        value=captured_share,
        record=("captured_share_percent", 100.0),
    ),
)

MEASURES = {measure.key: measure for measure in _MEASURES}
"""Every measure, by the name that a problem's entry in the registry uses."""
