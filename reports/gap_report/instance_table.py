"""The table of every method on every instance of a sweep: mean and spread over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reports.gap_report.study import Case, Study
from reports.tables import numbers
from reports.tables.gap_measures import MEASURES, GapMeasure
from reports.tables.table import Column, Row, Table, cells
from solvers.core.result import Status
from solvers.core.validation import is_solved
from solvers.sweep.ledger_record import Recorded

_FIXED = (
    Column("instance", "instance", numeric=False),
    Column("method", "method", numeric=False),
    Column("found", "found"),
    Column("solved", "solved"),
    Column("objective_mean", "mean objective", show=numbers.objective),
    Column("objective_spread", "spread", show=numbers.absolute_gap),
)

_SHOWN = ("gap", "absolute_gap", "gap_per_user", "captured_share")


def instance_table(study: Study) -> Table:
    """Return one row per instance and method, in the order in which they are run."""
    measures = [MEASURES[name] for name in study.problem.gap_measures if name in _SHOWN]
    gaps = [
        replace(measure.column, key=f"{measure.key}_{which}", label=label)
        for measure in measures
        for which, label in (("mean", f"mean {measure.column.label}"), ("spread", "spread"))
    ]
    columns = (*_FIXED, *gaps, Column("seconds_mean", "run mean", "s", show=numbers.seconds))
    rows, records = [], []
    for case in study.cases:
        for method in dict.fromkeys(item.result.solver for item in case.results):
            runs = [item for item in case.results if item.result.solver == method]
            record = _record(study, case, method, runs, measures)
            records.append(record)
            kind = "error" if str(Status.ERROR) in record["status"] else ""
            rows.append(Row(cells(columns, record | _shares(record, case.infeasible)), kind))
    return Table(
        title=f"{study.problem.title}: every method on every instance",
        columns=columns,
        rows=tuple(rows),
        notes=(
            "found: seeds with a feasible solution, of all, or how the runs end where an instance is proven "
            "infeasible; solved: those within the asked gap of the best proven bound",
            "spread: standard deviation over the seeds, - where there is one",
        ),
        records=records,
    )


def _record(
    study: Study, case: Case, method: str, runs: Sequence[Recorded], measures: Sequence[GapMeasure]
) -> dict[str, Any]:
    found = [item for item in runs if item.result.objective is not None and item.result.status is not Status.ERROR]
    record: dict[str, Any] = {
        "problem": study.problem.name,
        "instance": case.instance,
        "instance_hash": case.instance_hash,
        "users": case.users,
        "method": method,
        "runs": len(runs),
        "found": len(found),
        "solved": sum(is_solved(item.result) for item in found),
        "status": ", ".join(dict.fromkeys(str(item.result.status) for item in runs)),
        "bound": case.verdict.bound,
    }
    record |= _mean_and_spread("objective", [item.result.objective for item in found])
    for measure in measures:
        record |= _mean_and_spread(measure.key, [measure.value(item.result, item.users) for item in found])
    record["seconds_mean"] = statistics.fmean(item.result.seconds for item in runs)
    return record


def _mean_and_spread(name: str, values: Sequence[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    return {
        f"{name}_mean": statistics.fmean(known) if known else None,
        f"{name}_spread": statistics.stdev(known) if len(known) > 1 else None,
    }


def _shares(record: Mapping[str, Any], infeasible: bool) -> dict[str, str]:
    """Return of how many runs a solution was found and closed; how they end where there is none."""
    if infeasible:
        return {"found": record["status"], "solved": numbers.ABSENT}
    return {name: f"{record[name]}/{record['runs']}" for name in ("found", "solved")}
