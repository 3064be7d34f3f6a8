"""What the explorer says in words: verdict, facts, prices, and the table of users."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from formulations.problem import load
from formulations.problems import problem as problem_of
from instances.provenance import edge_server
from reports.explorer.answer import Answer
from reports.explorer.scenario import Scenario
from reports.explorer.uploads import MOST_BYTES
from reports.tables import numbers
from reports.tables.gap_table import summary
from reports.tables.table import Column, Row, Table

REJECTED = f"expected one .json file of at most {MOST_BYTES} bytes, got another"
"""Of a file that the browser itself holds back."""

WAITING = "Computing. The first run on a machine compiles kernels first, which takes about a minute."
"""In place of the first answer until it is there."""


def problem_title(name: str) -> str:
    """What a problem is called."""
    return problem_of(name).title


def title(scenario: Scenario) -> str:
    """Which instance is open, what it poses, and whose times its edge server has."""
    posed = problem_of(scenario.problem)
    data = scenario.base.section(scenario.problem)
    edge = edge_server(scenario.base.provenance, scenario.problem)
    described = f"{scenario.base.name}: {posed.title}, {load(f'{posed.evaluation}:describe')(data)}"
    return f"{described}; {edge}" if edge else described


def verdict(found: Answer) -> str:
    """What is proven, and in which time."""
    posed = problem_of(found.scenario.problem)
    unit = "" if posed.objective_unit == "-" or not found.verdict.certified else f", in {posed.objective_unit}"
    said = summary(found.verdict, relative="gap" in posed.gap_measures)
    return f"{said[0].upper()}{said[1:]}{unit}."


def who(found: Answer) -> str:
    """Who runs where, in a line."""
    if found.optimum.solution is None:
        return "no solution to draw"
    posed = problem_of(found.scenario.problem)
    return str(load(f"{posed.decisions}:decision")(found.optimum.solution))


def facts(found: Answer) -> str:
    """Numbers of the optimum and prices, as the inside of a list of terms in HTML."""
    return "".join(f"<div><dt>{escape(term)}</dt><dd>{escape(value)}</dd></div>" for term, value in _facts(found))


def _facts(found: Answer) -> Iterator[tuple[str, str]]:
    result, posed = found.optimum, problem_of(found.scenario.problem)
    unit = "" if posed.objective_unit == "-" else f" {posed.objective_unit}"
    yield "objective", f"{numbers.objective(result.objective)}{unit}"
    yield "proven bound", f"{numbers.objective(result.bound)}{unit}"
    yield "gap", f"{numbers.gap_percent(result.gap)} %"
    yield "found in", f"{1e3 * result.seconds:.2g} ms by {result.solver}"
    metrics = {} if result.evaluation is None else result.evaluation.metrics
    for metric in load(f"{posed.evaluation}:METRICS"):
        own = "" if metric.unit == "-" else f" {metric.unit}"
        yield metric.label, f"{numbers.metric(metrics.get(metric.key), metric)}{own}"
    for price in found.prices:
        gain = "not known" if price.gain is None else f"{price.gain:+.3g}{unit}"
        yield f"one more {price.what} is worth", gain


def users(found: Answer) -> Table:
    """Every user: place, steps, and what they cost and bring."""
    if found.optimum.solution is None:
        return Table("Every user", (Column("user", "user"),), ())
    frame = found.optimum.to_frame()
    named = getattr(found.optimum.data, "device", ())
    columns = [
        Column("user", "user"),
        *(_column(str(name), frame[name].dtype != object) for name in frame.columns),
    ]
    if named:
        columns.insert(1, Column("device", "device", numeric=False))
    rows = []
    for user, values in zip(frame.index, frame.itertuples(index=False), strict=True):
        label = [named[user]] if named else []
        rows.append(Row((str(user), *label, *map(_cell, values))))
    return Table("Every user", tuple(columns), tuple(rows))


def _column(name: str, numeric: bool) -> Column:
    """A column by its name, of which the last word may be a unit."""
    words, _, unit = name.rpartition("_")
    if unit in ("seconds", "joules"):
        return Column(name, words.replace("_", " "), {"seconds": "s", "joules": "J"}[unit], numeric)
    return Column(name, name.replace("_", " "), "", numeric)


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float | int | np.number) else str(value)
