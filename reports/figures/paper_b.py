"""Every figure of paper B by its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reports.figures.figure import Figure
from reports.figures.paper_b_model import figure_3, figure_4b, figure_7a, figure_7b
from reports.figures.settings import Run

FIGURES: Mapping[str, Callable[[Run], Figure]] = {"3": figure_3, "4b": figure_4b, "7a": figure_7a, "7b": figure_7b}
