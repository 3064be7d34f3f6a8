"""The table of the GQAP (18) with fixed splits: quadratic by SCIP beside linearised by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TYPE_CHECKING

from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells
from solvers.core.result import Sense
from solvers.core.validation import on_wrong_side

if TYPE_CHECKING:
    from solvers.split_offloading.mip.gqap_comparison import GqapRow

LARGEST_DIFFERENCE = 1e-6
"""Difference of two optima, relative to max(1, |optimum|), above which one of them is wrong.

Larger where larger gaps were asked for."""

INFEASIBLE = "infeasible"
"""How a solve ends that proves that there is no solution."""

_COLUMNS = (
    Column("model", "model and solver", numeric=False),
    Column("objective", "objective", show=numbers.objective),
    Column("bound", "bound", show=numbers.objective),
    Column("gap", "gap", "%", show=numbers.gap_percent),
    Column("granted", "granted", "users", show=numbers.count),
    Column("nodes", "nodes", show=numbers.count),
    Column("seconds", "run", "s", show=numbers.seconds),
    Column("termination", "ended by", numeric=False),
)


def table(rows: Sequence[GqapRow]) -> Table:
    """Return one row per model and solver, both on the same instance."""
    alerts = tuple(_alerts(rows))
    return Table(
        title="GQAP (18), fixed splits",
        columns=_COLUMNS,
        rows=tuple(
            Row(cells(_COLUMNS, row), "error" if alerts else "optimal" if _closed(row) else "feasible")
            for row in rows
        ),
        lead=(_summary(rows),),
        alerts=alerts,
        notes=(
            "P1 with n = N_hat for every granted user, a restriction: these bounds are not bounds of P1",
            "gap: of each model to its own bound; the time limit is shared by both",
        ),
        records=[row._asdict() for row in rows],
    )


def _summary(rows: Sequence[GqapRow]) -> str:
    if all(row.termination == INFEASIBLE for row in rows):
        return "both models agree that further constraints leave no choice with fixed splits"
    if not all(map(_closed, rows)):
        return f"not both closed: {', '.join(_known(row) for row in rows if not _closed(row))}"
    verdict = "agree" if _agree(rows) else "do not agree"
    optimum = numbers.objective(rows[0].objective)
    return f"both models {verdict} on the optimum {optimum}, to {_largest_difference(rows):.1e} relative"


def _closed(row: GqapRow) -> bool:
    """Return whether the model's own bound proves its recomputed objective, whatever its solver says."""
    return row.objective is not None and row.bound is not None and abs(row.bound - row.objective) <= row.tolerance


def _known(row: GqapRow) -> str:
    """Return what is known of the optimum by a model that has not closed its gap."""
    objective, bound = numbers.objective(row.objective), numbers.objective(row.bound)
    return f"{row.model} between {objective} and {bound} ({row.termination})"


def _agree(rows: Sequence[GqapRow]) -> bool:
    """Return whether the objectives of closed models differ by no more than closed gaps leave open."""
    values = [row.objective for row in rows if row.objective is not None]
    asked = max(row.tolerance for row in rows) / _size(values)
    return _largest_difference(rows) <= max(LARGEST_DIFFERENCE, asked)


def _largest_difference(rows: Sequence[GqapRow]) -> float:
    """Return the difference of the objectives over max(1, |objective|)."""
    values = [row.objective for row in rows if row.objective is not None]
    return (max(values) - min(values)) / _size(values)


def _size(values: Sequence[float]) -> float:
    return max(1.0, *map(abs, values))


def _alerts(rows: Sequence[GqapRow]) -> list[str]:
    """Return what would show that a model is wrong: different optima, or a bound below somebody's objective."""
    found = []
    solved = [row for row in rows if _closed(row)]
    if len(solved) > 1 and not _agree(solved):
        values = " and ".join(f"{row.objective:.9g} ({row.model})" for row in solved)
        found.append(f"CHECK FAILED: the optima differ: {values}")
    for bounding, solving in permutations(rows, 2):
        if bounding.termination == INFEASIBLE and solving.objective is not None:
            found.append(
                f"CHECK FAILED: {bounding.model} claims that there is no solution, but {solving.model} has one"
            )
        if bounding.bound is None or solving.objective is None:
            continue
        if on_wrong_side(solving.objective, bounding.bound, Sense.MAXIMISE, max(1.0, abs(solving.objective))):
            found.append(
                f"CHECK FAILED: the bound {bounding.bound:.9g} ({bounding.model}) lies below "
                f"the feasible objective {solving.objective:.9g} ({solving.model})"
            )
    return found
