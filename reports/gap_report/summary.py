"""The table over all instances of a problem: one row a method."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

from reports.gap_report.study import Study
from reports.tables import numbers
from reports.tables.gap_measures import MEASURES, GapMeasure
from reports.tables.table import Column, Row, Table, cells
from solvers.core.result import Result, Status
from solvers.core.validation import is_solved
from solvers.sweep.ledger_record import Recorded

SHIFT_SECONDS = 1.0
"""Shift of the geometric mean of times [s]: differences far below it count little."""

_BEFORE_GAPS = (
    Column("method", "method", numeric=False),
    Column("instances", "instances"),
    Column("runs", "runs"),
    Column("found", "found"),
    Column("solved", "solved"),
    Column("optimal", "proven"),
)

_SECONDS = Column("seconds_shifted_mean", "run mean", "s", show=numbers.seconds)

_NOT_RUN = (Status.UNSUPPORTED, Status.ERROR)


def shifted_geometric_mean(values: Sequence[float], shift: float) -> float:
    """exp(mean(log(v + shift))) - shift, the shifted geometric mean of values above -shift."""
    return math.expm1(statistics.fmean(math.log1p(value / shift) for value in values)) * shift


def summary_table(study: Study) -> Table:
    """Return the summary of one problem over its instances, the smallest gap on top."""
    measures = [MEASURES[name] for name in study.problem.gap_measures]
    by_method: dict[str, list[Recorded]] = {}
    for recorded in study.results:
        by_method.setdefault(recorded.result.solver, []).append(recorded)
    records = [_record(study, method, runs, measures) for method, runs in by_method.items()]
    records.sort(key=lambda record: (_rank(record, measures[0]), record["seconds_shifted_mean"] or math.inf))
    count = len(study.cases)
    certified = sum(case.verdict.certified for case in study.cases)
    infeasible = sum(case.infeasible for case in study.cases)
    proven = f", {infeasible} proven infeasible" if infeasible else ""
    columns = (*_counts(study), *_gap_columns(measures), _SECONDS)
    return Table(
        title=f"{study.problem.title}: {count} instance{'s' * (count != 1)}",
        lead=(f"certified optimum known for {certified} of {count}{proven}",),
        alerts=tuple(f"CHECK FAILED: {sentence}" for sentence in study.contradictions),
        columns=columns,
        rows=tuple(Row(cells(columns, record), "error" if record["errors"] else "") for record in records),
        notes=tuple(_notes(study, measures)),
        records=records,
    )


def _counts(study: Study) -> tuple[Column, ...]:
    """Return what is counted for every method; proofs of infeasibility where there is something to prove."""
    infeasible = any(case.infeasible for case in study.cases)
    return (*_BEFORE_GAPS, Column("infeasible", "infeasible")) if infeasible else _BEFORE_GAPS


def _gap_columns(measures: Sequence[GapMeasure]) -> list[Column]:
    return [
        replace(measure.column, key=f"{measure.key}_{which}", label=f"{which} {measure.column.label}")
        for measure in measures
        for which in ("mean", "worst")
    ]


def _record(
    study: Study, method: str, runs: Sequence[Recorded], measures: Sequence[GapMeasure]
) -> dict[str, float | int | str | None]:
    results = [recorded.result for recorded in runs]
    found = [recorded for recorded in runs if _has_solution(recorded.result)]
    times = [result.seconds for result in results if result.status not in _NOT_RUN]
    record: dict[str, float | int | str | None] = {
        "problem": study.problem.name,
        "method": method,
        "instances": len({recorded.key.instance_hash for recorded in runs}),
        "runs": len(runs),
        "found": len(found),
        "solved": sum(is_solved(recorded.result) for recorded in found),
        "optimal": sum(result.status is Status.OPTIMAL for result in results),
        "infeasible": sum(result.status is Status.INFEASIBLE for result in results),
        "unsupported": sum(result.status is Status.UNSUPPORTED for result in results),
        "errors": sum(result.status is Status.ERROR for result in results),
    }
    for measure in measures:
        values = [value for item in found if (value := measure.value(item.result, item.users)) is not None]
        worst = min if measure.key == "captured_share" else max
        record[f"{measure.key}_mean"] = statistics.fmean(values) if values else None
        record[f"{measure.key}_worst"] = worst(values) if values else None
    record["seconds_shifted_mean"] = shifted_geometric_mean(times, SHIFT_SECONDS) if times else None
    return record


def _has_solution(result: Result) -> bool:
    return result.objective is not None and result.status is not Status.ERROR


def _rank(record: dict[str, float | int | str | None], measure: GapMeasure) -> float:
    mean = record[f"{measure.key}_mean"]
    return mean if isinstance(mean, float) else math.inf


def _notes(study: Study, measures: Sequence[GapMeasure]) -> list[str]:
    gap = "gap: to the best proven bound of all methods on the instance, over the runs with a solution"
    notes = [
        "found: runs with a feasible solution; solved: those within the asked gap of the best proven bound; "
        "proven: those with a bound of their own that says so"
        + (
            "; infeasible: those that prove that no solution exists"
            if len(_counts(study)) > len(_BEFORE_GAPS)
            else ""
        ),
        "; ".join((gap, *(measure.note for measure in measures if measure.note))),
        f"run: shifted geometric mean of the wall-clock time of all runs, shift {SHIFT_SECONDS:g} s",
    ]
    failed = [recorded for recorded in study.results if recorded.result.status in _NOT_RUN]
    reasons: dict[str, int] = {}
    for recorded in failed:
        text = f"{recorded.result.solver}, {recorded.result.status}: {recorded.result.reason}"
        reasons[text] = reasons.get(text, 0) + 1
    notes.extend(f"{count} of {text}" for text, count in reasons.items())
    hosts = {recorded.host for recorded in study.results}
    if len(hosts) > 1:
        notes.append(f"times are from {len(hosts)} machines, which may not be equally fast")
    if study.missing:
        notes.append(f"{study.missing} results are still missing; the same command goes on with them")
    return notes
