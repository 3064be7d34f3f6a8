"""Figures of convergence: incumbents and bounds of solvers over time, and the iterates of the SCA algorithms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reports.drawing.figure import OPTIMUM, Figure, Panel, Series
from reports.gap_report.figures.measure import SMALLEST_GAP, Scale, drawn, methods, runs
from reports.gap_report.study import Case, Study

Row = Mapping[str, Any]


def solver_convergence(study: Study, case: Case, stem: str) -> Figure | None:
    """Return distance of incumbents from the best bound, and of bounds from the best solution, as time goes."""
    scale = Scale(study.problem)
    panels = tuple(
        Panel(title, "wall-clock time [s]", scale.label, series, log_x=True, log_y=True)
        for title, field, reference in (
            ("(a) incumbent", "objective", case.verdict.bound),
            ("(b) bound", "bound", case.verdict.objective),
        )
        if (series := _traces(study, case, scale, field, reference))
    )
    if not panels:
        return None
    caption = (
        f"{case.instance}: distance of the incumbent from the best proven bound of all methods, and of the bound "
        "from the best solution of all methods, as the solvers themselves report them. Distances below "
        f"{SMALLEST_GAP:g} are drawn there; a line begins where the solver has its first number."
    )
    title = f"{study.problem.title}: incumbents and bounds over time on {case.instance}"
    return Figure(f"{study.problem.name}_solvers_{stem}", title, caption, panels, methods(study))


def sca_convergence(study: Study, case: Case, stem: str) -> Figure | None:
    """Return the objective and penalty of every outer iterate of Algorithm 3."""
    histories = {
        method: rows for method in methods(study) if (rows := _history(case, method)) and "penalty" in rows[0]
    }
    if not histories:
        return None
    objective = [_by_outer(method, rows, "objective") for method, rows in histories.items()]
    if case.verdict.certified and case.verdict.objective is not None:
        last = max(row["outer"] for rows in histories.values() for row in rows)
        objective.insert(0, Series(OPTIMUM, (1, max(last, 2)), (case.verdict.objective,) * 2, kind="curve"))
    panels = (
        Panel("(a) objective", "outer iteration", "objective of the iterate [-]", tuple(objective)),
        Panel(
            "(b) distance from 0 and 1",
            "outer iteration",
            "$\\Sigma_n\\, a_n (1 - a_n)$ [users]",
            tuple(_by_outer(method, rows, "penalty") for method, rows in histories.items()),
        ),
    )
    caption = (
        f"{case.instance}: outer iterates of Algorithm 3. The objective is that of the iterate with its "
        "fractional a, before a is rounded and the steps are chosen anew, so that it may lie below the optimum."
    )
    title = f"{study.problem.title}: iterates of the SCA algorithms on {case.instance}"
    return Figure(f"{study.problem.name}_sca_{stem}", title, caption, panels, methods(study))


def _traces(study: Study, case: Case, scale: Scale, field: str, reference: float | None) -> tuple[Series, ...]:
    found = []
    for method in methods(study):
        rows = [row for row in _history(case, method) if "seconds" in row and row.get(field) is not None]
        if rows and reference is not None:
            seconds = [row["seconds"] for row in rows]
            gaps = [drawn(scale.between(row[field], reference, case.users)) for row in rows]
            end = max(seconds[-1], runs(case, method)[0].result.seconds)
            name = (
                f"{case.instance}, {method}, seed {runs(case, method)[0].result.seed}: {gaps[-1]:.3g} at the end"
            )
            found.append(Series(method, (*seconds, end), (*gaps, gaps[-1]), kind="steps", names=(name,)))
    return tuple(found)


def _history(case: Case, method: str) -> Sequence[Row]:
    """Return rows of a method's first seed."""
    found = runs(case, method)
    return found[0].complete().history if found else ()


def _by_outer(method: str, rows: Sequence[Row], field: str) -> Series:
    points = [(row["outer"], math.nan if row[field] is None else row[field]) for row in rows]
    x, y = zip(*points, strict=True)
    return Series(
        method, x, y, names=tuple(f"{method}, outer iteration {at}: {value:.6g}" for at, value in points)
    )
