"""The two panels of the explorer, on the page and in a file: who runs where, and the trade-off curve."""

from __future__ import annotations

from collections.abc import Sequence

from formulations.evaluation import Metric
from formulations.problem import load
from formulations.problems import problem as problem_of
from reports.drawing.figure import OPTIMUM, Figure, Panel, Series
from reports.explorer.answer import Answer
from reports.explorer.controls import Control
from reports.gap_report.figures.solution import PICTURES
from reports.tables import numbers
from solvers.core.result import Result

OBJECTIVE = "objective"
"""Name of the measure that is no component."""


def measures(problem: str) -> tuple[Metric, ...]:
    """What a curve can be drawn of: the objective and its components."""
    posed = problem_of(problem)
    own: tuple[Metric, ...] = load(f"{posed.evaluation}:METRICS")
    return (Metric(OBJECTIVE, OBJECTIVE, posed.objective_unit, ".6f"), *own)


def who(found: Answer) -> Panel | None:
    """Steps of every user at its place; None where there is no solution."""
    if found.optimum.solution is None:
        return None
    panels, _ = PICTURES[found.scenario.problem](found.optimum.data, found.optimum.solution)
    return panels[0]


def tradeoff(found: Answer, control: Control, measure: Metric, points: Sequence[tuple[float, Result]]) -> Panel:
    """The certified optimum over one control, and where the scenario is on it."""
    drawn = [(value, y) for value, result in points if (y := of(result, measure)) is not None]
    here, now = found.scenario.at(control), of(found.optimum, measure)
    return Panel(
        f"{measure.label} over {control.label}",
        f"{control.label} [{control.unit}]",
        f"{measure.label} [{measure.unit}]",
        (
            Series(
                OPTIMUM,
                tuple(value for value, _ in drawn),
                tuple(y for _, y in drawn),
                names=tuple(_words(control, value, measure, y) for value, y in drawn),
            ),
            Series(
                "now",
                () if now is None else (here,),
                () if now is None else (now,),
                kind="points",
                names=() if now is None else (f"now: {_words(control, here, measure, now)}",),
            ),
        ),
    )


def figure(name: str, found: Answer, panels: Sequence[Panel]) -> Figure:
    """Both as one figure for a file."""
    return Figure(name, found.instance.name, "", tuple(panels))


def of(result: Result, measure: Metric) -> float | None:
    """A measure of a result; None where it has none."""
    if measure.key == OBJECTIVE:
        return result.objective
    value = None if result.evaluation is None else result.evaluation.metrics.get(measure.key)
    return value if value is not None and value == value else None


def _words(control: Control, value: float, measure: Metric, y: float) -> str:
    unit = "" if measure.unit == "-" else f" {measure.unit}"
    return f"{control.label} {value:.6g}: {measure.label} {numbers.metric(y, measure)}{unit}"
