"""Every figure and table of paper B by its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reports.drawing.figure import Figure
from reports.papers.figures.learned_scopes import figure_8, figure_9
from reports.papers.figures.paper_b_learned import figure_10a, figure_10b, figure_11
from reports.papers.figures.paper_b_model import figure_3, figure_4b, figure_7a, figure_7b
from reports.papers.figures.running_times import table_1
from reports.papers.figures.settings import Run

FIGURES: Mapping[str, Callable[[Run], Figure]] = {
    "3": figure_3,
    "4b": figure_4b,
    "7a": figure_7a,
    "7b": figure_7b,
    "8": figure_8,
    "9": figure_9,
    "10a": figure_10a,
    "10b": figure_10b,
    "11": figure_11,
    "table1": table_1,
}
