"""Figures of how the networks of PER-DQN were trained, where a sweep has run them."""

from __future__ import annotations

from reports.drawing.figure import Figure, Panel, Series
from reports.gap_report.figures.measure import SMALLEST_GAP
from reports.gap_report.study import Study

LEARNED = "dqn-tuned"
"""How the names of the methods begin that decide with a trained network."""


def learning_curves(study: Study) -> Figure | None:
    """Return the gap and share solved on the validation cases over the gradient steps, one line a network."""
    if study.problem.name != "split_offloading" or not any(
        item.result.solver.startswith(LEARNED) and item.result.solution for item in study.results
    ):
        return None
    from solvers.split_offloading.per_dqn.network import weights

    gpus = sorted({case.data.gpus for case in study.cases if case.data is not None})
    trained = {each.provenance.scope: each.provenance.curve for each in map(weights.shipped, gpus)}
    curves = {scope: curve for scope, curve in trained.items() if curve}
    if not curves:
        return None
    panels = (
        Panel(
            "(a) gap to the optimum",
            "gradient steps",
            "mean gap per user [s]",
            tuple(
                Series(scope, *_columns(curve, 1, 1.0, smallest=SMALLEST_GAP)) for scope, curve in curves.items()
            ),
            log_y=True,
        ),
        Panel(
            "(b) solved to optimality",
            "gradient steps",
            "validation cases [%]",
            tuple(Series(scope, *_columns(curve, 2, 100.0)) for scope, curve in curves.items()),
            y_range=(0.0, 103.0),
        ),
    )
    caption = (
        "Learning curves of the networks that the sweep's snapshots are decided by, on validation cases that "
        "training never sees, held against the certified optimum of each."
    )
    title = f"{study.problem.title}: learning curves of PER-DQN"
    return Figure(f"{study.problem.name}_learning", title, caption, panels)


def _columns(
    curve: list[tuple[int, float, float]], column: int, factor: float, smallest: float = 0.0
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(float(row[0]) for row in curve), tuple(
        max(factor * float(row[column]), smallest) for row in curve
    )
