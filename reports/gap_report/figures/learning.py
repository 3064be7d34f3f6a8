"""Figures of how the networks of PER-DQN were trained, where a sweep has run them."""

from __future__ import annotations

from reports.drawing.figure import Figure, Panel, Series
from reports.gap_report.figures.measure import SMALLEST_GAP
from reports.gap_report.study import Study

LEARNED = ("per-dqn", "dqn-tuned", "dqn-tuned-best-of-16")
"""Methods that decide with a trained network: the paper's, and ours."""


def learning_curves(study: Study) -> Figure | None:
    """Return the gap and share solved on the validation cases over the gradient steps, one line a network."""
    decided = {item.result.solver for item in study.results if item.result.solution}
    if study.problem.name != "split_offloading" or not decided & set(LEARNED):
        return None
    from solvers.split_offloading.per_dqn.network.weights import published, tuned

    networks = {"per-dqn": published, "dqn-tuned": tuned}
    curves = {
        name: network().provenance.curve
        for name, network in networks.items()
        if any(method.startswith(name) for method in decided)
    }
    panels = (
        Panel(
            "(a) gap to the optimum",
            "gradient steps",
            "mean gap per user [s]",
            tuple(Series(name, *_columns(curve, 1, 1.0, smallest=SMALLEST_GAP)) for name, curve in curves.items()),
            log_y=True,
        ),
        Panel(
            "(b) solved to optimality",
            "gradient steps",
            "validation cases [%]",
            tuple(Series(name, *_columns(curve, 2, 100.0)) for name, curve in curves.items()),
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
