"""Table of how conservative simplification (9) is: plans made with it and without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells

if TYPE_CHECKING:
    from solvers.split_offloading.exact.shrinking_batch import Plan

ROUNDING = 1e-9
"""Relative excess of one optimum over the other that counts as rounding."""

_COLUMNS = (
    Column("planned_with", "optimal for", numeric=False),
    Column("granted", "granted", "users"),
    Column("offloaded_steps", "steps offloaded", "steps/granted", show=numbers.by_format(".1f")),
    Column("objective_fixed", "objective with (9)", "s", show=numbers.objective),
    Column("objective_shrinking", "objective real batch", "s", show=numbers.objective),
    Column("latency_fixed", "mean latency with (9)", "s", show="{:.3f}".format),
    Column("latency_shrinking", "mean latency real batch", "s", show="{:.3f}".format),
)


def table(plans: Sequence[Plan]) -> Table:
    """Return one row per plan, each worth what it is under both models."""
    return Table(
        title="Simplification (9): fixed / shrinking batch",
        columns=_COLUMNS,
        rows=tuple(Row(cells(_COLUMNS, plan)) for plan in plans),
        lead=(_summary(plans),),
        alerts=tuple(_alerts(plans)),
        notes=("(9) keeps the first batch for all steps; the real batch shrinks as users get their latents back",)
        if plans
        else (),
        records=[plan._asdict() for plan in plans],
    )


def _summary(plans: Sequence[Plan]) -> str:
    if not plans:
        return "left out: the table of users and ranks would be too large"
    fixed, shrinking = plans
    overrated = fixed.latency_fixed - fixed.latency_shrinking
    lost = shrinking.objective_shrinking - fixed.objective_shrinking
    share = 100.0 * overrated / fixed.latency_shrinking
    return (
        f"(9) overrates the mean latency of its own plan by {overrated:.4g} s ({share:.3g} %); "
        f"planning with it loses {lost:.4g} s of the objective"
    )


def _alerts(plans: Sequence[Plan]) -> list[str]:
    """Return what would show that a plan is not optimal, or that (9) is not conservative."""
    if not plans:
        return []
    fixed, shrinking = plans
    found = [
        f"CHECK FAILED: the plan for the {plan.planned_with} is worth less with the real batch than with (9)"
        for plan in plans
        if _exceeds(plan.objective_fixed, plan.objective_shrinking)
    ]
    if _exceeds(shrinking.objective_fixed, fixed.objective_fixed):
        found.append("CHECK FAILED: the plan for the fixed batch is not optimal with it")
    if _exceeds(fixed.objective_shrinking, shrinking.objective_shrinking):
        found.append("CHECK FAILED: the plan for the shrinking batch is not optimal with it")
    return found


def _exceeds(value: float, bound: float) -> bool:
    return not value <= bound + ROUNDING * max(1.0, abs(bound))
