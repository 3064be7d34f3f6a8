"""Pictures of results in one pair of axes each: who runs where, gaps, convergence, trade-offs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from formulations.problems import problem as problem_of
from reports.drawing.draw import draw_panel
from reports.drawing.figure import OPTIMUM, Panel, Series
from reports.gap_report.figures.measure import SMALLEST_GAP
from reports.gap_report.figures.solution import PICTURES
from solvers.comparison.methods import Comparison
from solvers.core.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEGEND_ROOM = 1.2
"""Height of an axis of bars as a multiple of what they need, so that the legend hides none."""


def solution(result: Result, ax: Axes | None = None) -> Axes:
    """Draw who runs where and how many steps; see :func:`diffload.plot.solution`.

    Raises
    ------
    ValueError
        If the result has no solution, does not know its instance, or is of a problem without a picture.
    """
    if result.solution is None:
        raise ValueError(f"{result.instance}: expected a result with a solution, got status {result.status}")
    if result.data is None:
        raise ValueError(f"{result.instance}: expected a result that was made in this process")
    make = PICTURES.get(result.problem)
    if make is None:
        raise ValueError(f"expected a result of {' or '.join(PICTURES)}, got one of {result.problem}")
    panels, text = make(result.data, result.solution)
    panel, sentence = panels[0], text.partition(". ")[0].removesuffix(".")
    top = None if panel.y_range is None else (panel.y_range[0], LEGEND_ROOM * panel.y_range[1])
    return draw_panel(replace(panel, title=f"{result.instance}, {result.solver}\n{sentence}", y_range=top), ax)


def gaps(
    parts: Iterable[Comparison], ax: Axes | None = None, *, instance: str | None = None, problem: str | None = None
) -> Axes:
    """Draw the gap of every method of a comparison; see :func:`diffload.plot.gaps`.

    Raises
    ------
    ValueError
        If there is no such part, or none has a gap.
    """
    parts = list(parts)
    chosen = [
        part
        for part in parts
        if instance in (None, part.plan.case.instance) and problem in (None, part.plan.problem.name)
    ]
    if not chosen:
        compared = ", ".join(f"'{part.plan.case.instance}' ({part.plan.problem.name})" for part in parts)
        asked = " and ".join(
            f"{kind}={name!r}" for kind, name in (("instance", instance), ("problem", problem)) if name
        )
        raise ValueError(f"expected one of {compared or 'a comparison with results'}, got {asked or 'none'}")
    series = tuple(found for part in chosen if (found := _gaps_of(part, len(chosen) > 1)) is not None)
    if not series:
        raise ValueError("expected a comparison with a proven bound, got none")
    methods = tuple(dict.fromkeys(name for one in series for name in one.x))
    spread = tuple(
        Series(one.label, methods, tuple(dict(zip(one.x, one.y, strict=True)).get(m, np.nan) for m in methods))
        for one in series
    )
    drawn = tuple(Series(one.label, tuple(range(len(methods))), one.y, kind="points") for one in spread)
    per_user = "gap_per_user" in chosen[0].plan.problem.gap_measures
    unit = chosen[0].plan.problem.objective_unit
    label = f"gap per user [{unit}]" if per_user else "gap to the best proven bound [%]"
    title = chosen[0].plan.case.instance if len(chosen) == 1 else ""
    ax = draw_panel(Panel(title, "", label, drawn, log_y=True), ax)
    ax.set_xticks(range(len(methods)), methods, rotation=45, ha="right")
    return ax


def _gaps_of(part: Comparison, several: bool) -> Series | None:
    """Return the mean gap of every method; at least :data:`SMALLEST_GAP`, as a logarithmic axis has no 0."""
    plan = part.plan
    users = getattr(plan.case.data, plan.problem.users)
    per_user = "gap_per_user" in plan.problem.gap_measures
    by_method: dict[str, list[float]] = {}
    for result in part.results:
        value = result.absolute_gap if per_user else result.gap
        if value is not None:
            by_method.setdefault(result.solver, []).append(value / users if per_user else 100.0 * value)
    if not by_method:
        return None
    label = f"{plan.case.instance}, {plan.problem.name}" if several else "mean over seeds"
    means = tuple(max(float(np.mean(values)), SMALLEST_GAP) for values in by_method.values())
    return Series(label, tuple(by_method), means, kind="points")


def convergence(results: Sequence[Result], ax: Axes | None = None) -> Axes:
    """Draw objective and bound as a solver found them; see :func:`diffload.plot.convergence`.

    Raises
    ------
    ValueError
        If no result has a trace.
    """
    series = tuple(found for result in results for found in _trace(result))
    if not series:
        raise ValueError("expected the result of a method that records a trace, such as SCIP, HiGHS or SCA")
    iterations = not any("seconds" in row for result in results for row in result.history)
    unit = problem_of(results[0].problem).objective_unit
    x_label = "outer iteration" if iterations else "wall-clock time [s]"
    title = ", ".join(dict.fromkeys(result.instance for result in results))
    return draw_panel(Panel(title, x_label, f"objective and bound [{unit}]", series), ax)


def _trace(result: Result) -> Iterable[Series]:
    for field, label in (("objective", "objective"), ("bound", "bound")):
        x_field = "seconds" if any("seconds" in row for row in result.history) else "outer"
        points = [
            (row[x_field], row[field])
            for row in result.history
            if row.get(field) is not None and np.isfinite(row[field]) and x_field in row
        ]
        if points:
            x, y = zip(*points, strict=True)
            end = ((max(result.seconds, x[-1]), y[-1]),) if x_field == "seconds" else ()
            x, y = (*x, *(point[0] for point in end)), (*y, *(point[1] for point in end))
            yield Series(f"{result.solver}: {label}", x, y, kind="steps" if x_field == "seconds" else "line")


def tradeoff(
    field: str, values: Sequence[float], results: Sequence[Result], metric: str, ax: Axes | None = None
) -> Axes:
    """Draw a measure of results over the field that differs between them; see :func:`diffload.plot.tradeoff`."""
    posed = problem_of(results[0].problem)
    y = tuple(_measure(result, metric) for result in results)
    proven = all(result.status.value == "optimal" for result in results)
    label = OPTIMUM if proven else f"{results[0].solver}"
    shown = metric.replace("_", " ") if metric != "objective" else f"objective [{posed.objective_unit}]"
    panel = Panel(
        f"{results[0].instance}: {label}", field, shown, (Series(label, tuple(values), y, kind="curve"),)
    )
    return draw_panel(panel, ax)


def _measure(result: Result, metric: str) -> float:
    if metric == "objective":
        return np.nan if result.objective is None else result.objective
    metrics: Mapping[str, Any] = result.evaluation.metrics if result.evaluation else {}
    if result.evaluation and metric not in metrics:
        raise ValueError(f"metric: expected objective or one of {', '.join(metrics)}, got '{metric}'")
    return float(metrics.get(metric, np.nan))
