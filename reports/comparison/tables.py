"""A comparison as tables, wide ones and narrow ones, and as one tidy frame."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from formulations.constraints.evaluation import listed
from reports.tables.gap_table import gap_table
from reports.tables.table import Table
from solvers.comparison.methods import Comparison
from solvers.core.result import Result

if TYPE_CHECKING:
    import pandas as pd

METRIC_UNITS = {"%": "percent", "steps/user": "per_user", "steps/granted": "per_granted"}
"""Units that a column of a frame spells out at its end, where its name does not say them."""


def narrow_tables(parts: Iterable[Comparison]) -> list[Table]:
    """Return a table of each part that fits 80 columns: status, objective, bound, gap and time."""
    return [comparison_table(part, narrow=True) for part in parts]


def comparison_table(part: Comparison, *, narrow: bool = False) -> Table:
    """Return the gap table of a comparison, under a heading that describes the data.

    A narrow one has one gap, no components of the objective, and no constraints in its heading.
    """
    problem, case = part.plan.problem, part.plan.case
    evaluation, constraints = import_module(problem.evaluation), "" if narrow else listed(case.data)
    heading = f"{case.instance} - {problem.title}: {evaluation.describe(case.data)}"
    return gap_table(
        heading=f"{heading}; {constraints}" if constraints else heading,
        results=part.results,
        verdict=part.verdict,
        sense=problem.sense,
        users=getattr(case.data, problem.users),
        measures=problem.gap_measures[: 1 if narrow else None],
        unit=problem.objective_unit,
        metrics=() if narrow else evaluation.METRICS,
        missing=part.missing,
        conflict=part.conflict,
    )


def tidy_frame(parts: Iterable[Comparison]) -> pd.DataFrame:
    """Return a row per method and seed of every part, numbers and words alone, with units in the names."""
    import pandas as pd

    return pd.DataFrame([_row(result, part) for part in parts for result in part.results])


def _row(result: Result, part: Comparison) -> dict[str, Any]:
    metrics = result.evaluation.metrics if result.evaluation else {}
    evaluation = import_module(part.plan.problem.evaluation)
    named = {
        metric.key if metric.unit not in METRIC_UNITS else f"{metric.key}_{METRIC_UNITS[metric.unit]}": metric.key
        for metric in evaluation.METRICS
    }
    return {
        "instance": result.instance,
        "problem": result.problem,
        "method": result.solver,
        "seed": result.seed,
        "status": str(result.status),
        "reason": result.reason,
        "objective": result.objective,
        "bound": result.bound,
        "gap_percent": None if result.gap is None else 100.0 * result.gap,
        "absolute_gap": result.absolute_gap,
        "bound_from": result.bound_from,
        **{column: metrics.get(key) for column, key in named.items()},
        "run_seconds": result.seconds,
        "instance_hash": result.instance_hash,
    }
