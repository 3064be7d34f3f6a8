"""The gap table of one instance: objective, bound and gap of every method, one row a method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from formulations.evaluation import Metric
from reports.tables import numbers
from reports.tables.entries import Entry, entries
from reports.tables.gap_measures import MEASURES, GapMeasure
from reports.tables.table import Column, Row, Table
from solvers.comparison.cross_check import Verdict
from solvers.core.result import CUT_SHORT, Result, Sense, Status

_BEFORE_GAPS = (
    Column("method", "method", numeric=False),
    Column("status", "status", numeric=False),
    Column("objective", "objective"),
    Column("bound", "bound"),
)

_IN_UNITS_OF_THE_OBJECTIVE = ("objective", "bound", "absolute_gap", "gap_per_user")

LEARNED = "decision process"
"""Formulation of the methods that a network decides: which one, and how long it was trained, is to be said."""

_AFTER_METRICS = (Column("seconds", "run", "s"),)


class _View(NamedTuple):
    """What the table shows of each row."""

    sense: Sense
    users: int
    gaps: tuple[GapMeasure, ...]
    metrics: Sequence[Metric]


def gap_table(
    heading: str,
    results: Sequence[Result],
    verdict: Verdict,
    sense: Sense,
    users: int,
    measures: Sequence[str],
    metrics: Sequence[Metric],
    missing: Sequence[str] = (),
    conflict: str = "",
    unit: str = "",
) -> Table:
    """Return the optimality-gap table of one instance and problem.

    Parameters
    ----------
    heading : str
        What was solved: instance, problem and its data in words.
    results : sequence of Result
        After :func:`solvers.comparison.cross_check.cross_check`, one per method and seed.
    verdict : Verdict
        What they prove together.
    sense : Sense
        Whether the problem minimises or maximises.
    users : int
        Number of users, which some measures are divided by.
    measures : sequence of str
        Gaps to show, by their names in :data:`reports.tables.gap_measures.MEASURES`.
    metrics : sequence of Metric
        Components of the objective, one column each.
    missing : sequence of str
        Methods that an interrupted run did not finish.
    conflict : str
        Where nothing is feasible: which constraints cannot hold together.
    unit : str
        Of the objective, and of what is measured in it; empty or ``-`` where it has none.
    """
    rows = entries(results, sense)
    view = _View(sense, users, tuple(MEASURES[key] for key in measures), metrics)
    return Table(
        title=heading,
        lead=(summary(verdict, relative="gap" in measures), *([conflict] if conflict else [])),
        alerts=tuple(f"CHECK FAILED: {sentence}" for sentence in verdict.contradictions),
        columns=(
            *(_in_unit(column, unit) for column in _BEFORE_GAPS),
            *(_in_unit(measure.column, unit) for measure in view.gaps),
            *(Column(metric.key, metric.label, metric.unit) for metric in metrics),
            *_AFTER_METRICS,
        ),
        rows=tuple(_row(entry, view) for entry in rows),
        notes=tuple(_notes(rows, verdict, view, missing)),
        records=[_record(entry, view) for entry in rows],
    )


def _in_unit(column: Column, unit: str) -> Column:
    """Return the column with the objective's unit, where its numbers have that."""
    return replace(column, unit=unit) if unit != "-" and column.key in _IN_UNITS_OF_THE_OBJECTIVE else column


def summary(verdict: Verdict, *, relative: bool = True) -> str:
    """What is proven, and by whom, in one line; a gap in per cent only where the relative one says something."""
    optimum, bound = numbers.objective(verdict.objective), numbers.objective(verdict.bound)
    if verdict.certified and verdict.proven_by:
        return f"certified optimum {optimum}, proven by {', '.join(verdict.proven_by)}"
    if verdict.certified:
        return f"certified optimum {optimum}, found by {verdict.objective_from}, bound by {verdict.bound_from}"
    if verdict.objective is not None and verdict.bound is not None:
        absolute = numbers.absolute_gap(verdict.absolute_gap)
        gap = f"gap {numbers.gap_percent(verdict.gap)} % ({absolute})" if relative else f"absolute gap {absolute}"
        return (
            f"not certified: best objective {optimum} by {verdict.objective_from}, "
            f"best bound {bound} by {verdict.bound_from}, {gap}"
        )
    if verdict.objective is not None:
        return f"not certified: best objective {optimum} by {verdict.objective_from}, no bound proven"
    if verdict.infeasible_by:
        return f"infeasible, proven by {', '.join(verdict.infeasible_by)}"
    if verdict.bound is not None:
        return f"not certified: no solution found, best bound {bound} by {verdict.bound_from}"
    return "not certified: no solution found and no bound proven"


def _row(entry: Entry, view: _View) -> Row:
    values = entry.metrics(metric.key for metric in view.metrics)
    return Row(
        cells=(
            entry.label,
            str(entry.status),
            numbers.objective(entry.objective),
            numbers.objective(entry.bound),
            *(measure.column.show(_mean(entry, measure, view.users)) for measure in view.gaps),
            *(numbers.metric(values[metric.key], metric) for metric in view.metrics),
            numbers.seconds(entry.seconds),
        ),
        kind=str(entry.status),
    )


def _mean(entry: Entry, measure: GapMeasure, users: int) -> float | None:
    """Return a measure as a mean over seeds."""
    return entry.mean(lambda result: measure.value(result, users))


def _notes(rows: Sequence[Entry], verdict: Verdict, view: _View, missing: Sequence[str]) -> list[str]:
    notes = []
    if verdict.bound is not None:
        bound = f"gap: to the best proven bound, {numbers.objective(verdict.bound)} by {verdict.bound_from}"
        notes.append("; ".join((bound, *(measure.note for measure in view.gaps if measure.note))))
    notes.extend(_spread(entry, view.sense) for entry in rows if entry.is_mean)
    rounded = [entry for entry in rows if entry.raw_objective is not None and entry.bound is None]
    raw = [f"{entry.solver} {numbers.objective(entry.raw_objective)}" for entry in rounded]
    if raw:
        notes.append(
            "objective before rounding and re-optimising the steps, where a fractional a is not feasible for P1 "
            f"and may lie below the bound: {', '.join(raw)}"
        )
    notes.extend(f"{entry.solver}: {entry.reason}" for entry in rows if entry.reason and _needs_reason(entry))
    if missing:
        notes.append(f"interrupted before these were done: {', '.join(missing)}")
    return notes


def _spread(entry: Entry, sense: Sense) -> str:
    """Return how a random method's objective varies with the seed."""
    best = entry.best(sense)
    seeds = f"seeds {entry.results[0].seed} to {entry.results[-1].seed}"
    deviation = numbers.objective(entry.deviation)
    best_text = f", best {numbers.objective(best.objective)} (seed {best.seed})" if best else ""
    return f"{entry.solver}: mean over {seeds}, standard deviation of the objective {deviation}{best_text}"


def _needs_reason(entry: Entry) -> bool:
    """Whether a row leaves open why it is as it is: failed, cut short, nothing proven, or decided by a network."""
    if entry.status is Status.FEASIBLE:
        return entry.bound is not None or entry.reason in CUT_SHORT or entry.results[0].formulation == LEARNED
    return entry.status is not Status.OPTIMAL


def _record(entry: Entry, view: _View) -> dict[str, object]:
    """Return the row in full precision, as a CSV file holds it."""
    first, best = entry.results[0], entry.best(view.sense)
    return {
        "instance": first.instance,
        "problem": first.problem,
        "method": entry.solver,
        "formulation": first.formulation,
        "status": str(entry.status),
        "objective": entry.objective,
        "bound": entry.bound,
        **dict(_recorded(entry, measure, view.users) for measure in view.gaps),
        "bound_from": next((result.bound_from for result in entry.results if result.bound_from), None),
        **entry.metrics(metric.key for metric in view.metrics),
        "raw_objective": entry.raw_objective,
        "seeds": len(entry.results),
        "objective_deviation": entry.deviation,
        "objective_best": best.objective if best else None,
        "seconds": entry.seconds,
        "reason": entry.reason,
    }


def _recorded(entry: Entry, measure: GapMeasure, users: int) -> tuple[str, float | None]:
    """Return the name and value of a measure in a CSV file."""
    name, factor = measure.record
    value = _mean(entry, measure, users)
    return name, None if value is None else factor * value
