"""Table that compares Algorithm 2 (KKT conditions, bisection) with CVXPY on one subproblem P2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells

if TYPE_CHECKING:
    from solvers.step_allocation.kkt.p2_validation import ValidationRow

LARGEST_RESIDUAL = 1e-8
"""KKT residual, relative to the largest term of its equation, above which ours is not a solution."""

LARGEST_DIFFERENCE = 1e-7
"""Objective above CVXPY's, relative to max(1, |objective|), above which ours is not optimal."""

LARGEST_TESTED_TAU = 10.0
"""Penalty up to which the interior point is accurate enough to compare ours with; at 1e5 it loses the steps."""


def _small(value: float) -> str:
    """Return a difference, by its order of magnitude."""
    return "0" if value == 0.0 else f"{value:.1e}"


def _percent(share: float) -> str:
    return "0" if share == 0.0 else f"{100.0 * share:.4g}"


_COLUMNS = (
    Column("tau", "tau", show="{:g}".format),
    Column("objective_kkt", "objective KKT", show=numbers.objective),
    Column("objective_cvxpy", "objective CVXPY", show=numbers.objective),
    Column("relative_difference", "relative difference", show=_small),
    Column("offload_difference", "max |da|", show=_small),
    Column("steps_difference", "max |ds|", "steps", show=_small),
    Column("worst_residual", "worst residual", show=_small),
    Column("seconds_kkt", "time KKT", "ms", show=lambda seconds: f"{1e3 * seconds:.2f}"),
    Column("seconds_cvxpy", "time CVXPY", "ms", show=lambda seconds: f"{1e3 * seconds:.1f}"),
    Column("ratio", "ratio", show="{:.0f}".format),
    Column("appendix_loss", "appendix loss", "%", show=_percent),
    Column("appendix_limit_excess", "appendix violation", "steps", show="{:.3g}".format),
    Column("printed_loss", "line 8 loss", "%", show=_percent),
    Column("printed_limit_excess", "line 8 violation", "steps", show="{:.3g}".format),
)


def table(rows: Sequence[ValidationRow]) -> Table:
    """Return one row per penalty tau, both solvers on the same subproblem."""
    return Table(
        title="P2 subproblem: KKT / CVXPY",
        columns=_COLUMNS,
        rows=tuple(Row(cells(_COLUMNS, row), "error" if _alerts(row) else "") for row in rows),
        lead=(_summary(rows),),
        alerts=tuple(alert for row in rows for alert in _alerts(row)),
        notes=tuple(_notes(rows)),
        records=[row._asdict() for row in rows],
    )


def _summary(rows: Sequence[ValidationRow]) -> str:
    if not rows:
        return "not applicable: without edge steps P2 has no multipliers"
    difference = max(abs(row.relative_difference) for row in rows)
    offload = max(row.offload_difference for row in rows)
    residual = max(row.worst_residual for row in rows)
    ratios = [row.ratio for row in rows]
    return (
        f"both agree on the objective to {difference:.1e} relative and on a to {offload:.1e}; "
        f"KKT residuals up to {residual:.1e}; CVXPY takes {min(ratios):.0f} to {max(ratios):.0f} times as long"
    )


def _alerts(row: ValidationRow) -> list[str]:
    """Return what would show that ours is not the solution of P2."""
    found = []
    if not row.worst_residual <= LARGEST_RESIDUAL:
        found.append(f"CHECK FAILED: KKT residual {row.worst_residual:.1e} at tau = {row.tau:g}")
    trusted = row.cvxpy_status == "optimal" and row.tau <= LARGEST_TESTED_TAU
    if trusted and not row.relative_difference <= LARGEST_DIFFERENCE:
        difference = f"{row.relative_difference:.1e}"
        found.append(f"CHECK FAILED: objective worse than CVXPY's by {difference} relative at tau = {row.tau:g}")
    return found


def _notes(rows: Sequence[ValidationRow]) -> list[str]:
    if not rows:
        return []
    notes = [
        "objective: G - tau H of (16), recomputed; relative difference: KKT less CVXPY, over max(1, |KKT|)",
        "worst residual: of the KKT conditions of ours, over the largest term of its equation",
        "appendix, line 8: Algorithm 2 without s >= 0, which the paper leaves out, with a clamped inside, as "
        "appendix (22) reads, and with line 8 read alone, clamping late; how much worse the objective is, and how "
        "far the steps are outside (16c) and s >= 0",
    ]
    notes.append(f"times: of one call, the fastest of {rows[0].runs} of each solver")
    if not all(row.compiled_once for row in rows):
        notes.append("time CVXPY includes compiling: the model is too large to be compiled once for all")
    notes.extend(
        f"tau = {row.tau:g}: CVXPY says {row.cvxpy_status}" for row in rows if row.cvxpy_status != "optimal"
    )
    return notes
