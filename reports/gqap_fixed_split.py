"""The table of the GQAP (18) with fixed splits: quadratic by SCIP beside linearised by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TYPE_CHECKING

from reports import numbers
from reports.table import Column, Row, Table
from solvers.judge import on_wrong_side
from solvers.result import Sense

if TYPE_CHECKING:
    from solvers.split_offloading.gqap_comparison import GqapRow

LARGEST_DIFFERENCE = 1e-6
"""Difference of two optima, relative to max(1, |optimum|), above which one of them is wrong."""

CLOSED = "gap closed"
"""What a solver that has proven its optimum says."""

_COLUMNS = (
    Column("route", "route", numeric=False),
    Column("objective", "objective"),
    Column("bound", "bound"),
    Column("gap", "gap", "%"),
    Column("granted", "granted", "users"),
    Column("nodes", "nodes"),
    Column("seconds", "run", "s"),
    Column("termination", "ended by", numeric=False),
)


def table(rows: Sequence[GqapRow]) -> Table:
    """One row per route, both on the same instance."""
    alerts = tuple(_alerts(rows))
    return Table(
        title="GQAP (18), fixed splits",
        columns=_COLUMNS,
        rows=tuple(_row(row, alarming=bool(alerts)) for row in rows),
        lead=(_summary(rows),),
        alerts=alerts,
        notes=(
            "P1 with n = N_hat for every granted user, a restriction: these bounds are not bounds of P1",
            "gap: of each route to its own bound; the time limit is shared by both",
        ),
        records=[row._asdict() for row in rows],
    )


def _summary(rows: Sequence[GqapRow]) -> str:
    if any(row.objective is None or row.termination != CLOSED for row in rows):
        unfinished = ", ".join(f"{row.route}: {row.termination}" for row in rows if row.termination != CLOSED)
        return f"not both solved ({unfinished})"
    difference = _largest_difference(rows)
    verdict = "agree" if difference <= LARGEST_DIFFERENCE else "do not agree"
    optimum = numbers.objective(rows[0].objective)
    return f"both routes {verdict} on the optimum {optimum}, to {difference:.1e} relative"


def _largest_difference(rows: Sequence[GqapRow]) -> float:
    """Difference of the objectives over max(1, |objective|)."""
    values = [row.objective for row in rows if row.objective is not None]
    return (max(values) - min(values)) / max(1.0, *map(abs, values))


def _alerts(rows: Sequence[GqapRow]) -> list[str]:
    """What would show that a route is wrong: different optima, or a bound below somebody's objective."""
    found = []
    solved = [row for row in rows if row.objective is not None and row.termination == CLOSED]
    if len(solved) > 1 and not _largest_difference(solved) <= LARGEST_DIFFERENCE:
        values = " and ".join(f"{row.objective:.9g} ({row.route})" for row in solved)
        found.append(f"CHECK FAILED: the optima differ: {values}")
    for bounding, solving in permutations(rows, 2):
        if bounding.bound is None or solving.objective is None:
            continue
        if on_wrong_side(solving.objective, bounding.bound, Sense.MAXIMISE, max(1.0, abs(solving.objective))):
            found.append(
                f"CHECK FAILED: the bound {bounding.bound:.9g} ({bounding.route}) lies below "
                f"the feasible objective {solving.objective:.9g} ({solving.route})"
            )
    return found


def _row(row: GqapRow, alarming: bool) -> Row:
    closed = row.objective is not None and row.termination == CLOSED
    return Row(
        cells=(
            row.route,
            numbers.objective(row.objective),
            numbers.objective(row.bound),
            numbers.gap_percent(row.gap),
            numbers.ABSENT if row.granted is None else str(row.granted),
            numbers.ABSENT if row.nodes is None else str(row.nodes),
            numbers.seconds(row.seconds),
            row.termination,
        ),
        kind="error" if alarming else "optimal" if closed else "feasible",
    )
