"""The table that people see first: every method's objective, bound and gap, one row a method."""

from __future__ import annotations

from collections.abc import Sequence

from formulations.evaluation import Metric
from reports import numbers
from reports.entries import Entry, entries
from reports.table import Column, Row, Table
from solvers.cross_check import Verdict
from solvers.result import CUT_SHORT, Result, Sense, Status

_BEFORE_METRICS = (
    Column("method", "method", numeric=False),
    Column("status", "status", numeric=False),
    Column("objective", "objective"),
    Column("bound", "bound"),
    Column("gap", "gap", "%"),
    Column("absolute_gap", "abs. gap"),
)

_AFTER_METRICS = (Column("seconds", "run", "s"),)


def gap_table(
    heading: str,
    results: Sequence[Result],
    verdict: Verdict,
    sense: Sense,
    metrics: Sequence[Metric],
    missing: Sequence[str] = (),
) -> Table:
    """The optimality-gap table of one instance and problem.

    Parameters
    ----------
    heading : str
        What was solved: instance, problem and its data in words.
    results : sequence of Result
        After :func:`solvers.cross_check.cross_check`, one per method and seed.
    verdict : Verdict
        What they prove together.
    sense : Sense
        Whether the problem minimises or maximises.
    metrics : sequence of Metric
        Components of the objective, one column each.
    missing : sequence of str
        Methods that an interrupted run did not finish.
    """
    rows = entries(results, sense)
    return Table(
        title=heading,
        lead=(summary(verdict),),
        alerts=tuple(f"CHECK FAILED: {sentence}" for sentence in verdict.contradictions),
        columns=(
            *_BEFORE_METRICS,
            *(Column(metric.key, metric.label, metric.unit) for metric in metrics),
            *_AFTER_METRICS,
        ),
        rows=tuple(_row(entry, metrics) for entry in rows),
        notes=tuple(_notes(rows, verdict, sense, missing)),
        records=[_record(entry, sense, metrics) for entry in rows],
    )


def summary(verdict: Verdict) -> str:
    """What is proven, and by whom, in one line."""
    optimum, bound = numbers.objective(verdict.objective), numbers.objective(verdict.bound)
    if verdict.certified and verdict.proven_by:
        return f"certified optimum {optimum}, proven by {', '.join(verdict.proven_by)}"
    if verdict.certified:
        return f"certified optimum {optimum}, found by {verdict.objective_from}, bound by {verdict.bound_from}"
    if verdict.objective is not None and verdict.bound is not None:
        gap = f"gap {numbers.gap_percent(verdict.gap)} % ({numbers.absolute_gap(verdict.absolute_gap)})"
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


def _row(entry: Entry, metrics: Sequence[Metric]) -> Row:
    values = entry.metrics(metric.key for metric in metrics)
    return Row(
        cells=(
            entry.label,
            str(entry.status),
            numbers.objective(entry.objective),
            numbers.objective(entry.bound),
            numbers.gap_percent(entry.gap),
            numbers.absolute_gap(entry.absolute_gap),
            *(numbers.metric(values[metric.key], metric) for metric in metrics),
            numbers.seconds(entry.seconds),
        ),
        kind=str(entry.status),
    )


def _notes(rows: Sequence[Entry], verdict: Verdict, sense: Sense, missing: Sequence[str]) -> list[str]:
    notes = []
    if verdict.bound is not None:
        notes.append(
            f"gap: to the best proven bound, {numbers.objective(verdict.bound)} by {verdict.bound_from}; "
            "abs. gap: the same in units of the objective"
        )
    notes.extend(_spread(entry, sense) for entry in rows if entry.is_mean)
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
    """How a random method's objective varies with the seed."""
    best = entry.best(sense)
    seeds = f"seeds {entry.results[0].seed} to {entry.results[-1].seed}"
    deviation = numbers.objective(entry.deviation)
    best_text = f", best {numbers.objective(best.objective)} (seed {best.seed})" if best else ""
    return f"{entry.solver}: mean over {seeds}, standard deviation of the objective {deviation}{best_text}"


def _needs_reason(entry: Entry) -> bool:
    """Whether a row leaves open why it is as it is: it failed, was cut short, or did not prove what it was to."""
    if entry.status is Status.FEASIBLE:
        return entry.bound is not None or entry.reason in CUT_SHORT
    return entry.status is not Status.OPTIMAL


def _record(entry: Entry, sense: Sense, metrics: Sequence[Metric]) -> dict[str, object]:
    """The row in full precision, as a CSV file holds it."""
    first, best = entry.results[0], entry.best(sense)
    return {
        "instance": first.instance,
        "problem": first.problem,
        "method": entry.solver,
        "formulation": first.formulation,
        "status": str(entry.status),
        "objective": entry.objective,
        "bound": entry.bound,
        "gap_percent": None if entry.gap is None else 100.0 * entry.gap,
        "absolute_gap": entry.absolute_gap,
        "bound_from": next((result.bound_from for result in entry.results if result.bound_from), None),
        **entry.metrics(metric.key for metric in metrics),
        "raw_objective": entry.raw_objective,
        "seeds": len(entry.results),
        "objective_deviation": entry.deviation,
        "objective_best": best.objective if best else None,
        "seconds": entry.seconds,
        "reason": entry.reason,
    }
