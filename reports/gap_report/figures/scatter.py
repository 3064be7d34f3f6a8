"""Gap against time: what every run reached, and what it took."""

from __future__ import annotations

from reports.drawing.figure import Figure, Panel, Series
from reports.gap_report.figures.measure import SMALLEST_GAP, Scale, drawn, methods
from reports.gap_report.study import Study
from solvers.sweep.ledger_record import Recorded

SHORTEST_SECONDS = 1e-5
"""Times below it are drawn at it [s]."""


def gap_against_time(study: Study) -> Figure | None:
    """Return one point a run."""
    scale = Scale(study.problem)
    points: dict[str, list[tuple[float, float, str]]] = {}
    for recorded, instance in ((item, case.instance) for case in study.cases for item in case.results):
        gap = scale.of(recorded)
        if gap is not None:
            time = max(recorded.result.seconds, SHORTEST_SECONDS)
            points.setdefault(recorded.result.solver, []).append(
                (time, drawn(gap), _name(recorded, instance, scale, gap))
            )
    if not points:
        return None
    series = tuple(
        Series(method, times, gaps, kind="points", names=names)
        for method in methods(study)
        if (found := points.get(method))
        for times, gaps, names in [zip(*found, strict=True)]
    )
    caption = (
        f"Gap to the best proven bound against wall-clock time, one point a run (instance and seed). Gaps below "
        f"{SMALLEST_GAP:g}, 0 included, and times below {SHORTEST_SECONDS:g} s are drawn at the edge."
    )
    panel = Panel("", "wall-clock time [s]", scale.label, series, log_x=True, log_y=True)
    title = f"{study.problem.title}: gap against time"
    return Figure(f"{study.problem.name}_gap_time", title, caption, (panel,), methods(study))


def _name(recorded: Recorded, instance: str, scale: Scale, gap: float) -> str:
    """Instance, method and seed of a point, and its numbers as they are, not as they are drawn."""
    result = recorded.result
    return f"{instance}, {result.solver}, seed {result.seed}: {scale.words(gap)}, {result.seconds:.3g} s"
