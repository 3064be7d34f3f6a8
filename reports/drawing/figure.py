"""A figure before it is drawn: panels of series with units, as a paper's caption would describe them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reports.tables.table import Table

OPTIMUM = "certified optimum"
"""Label of the series that every figure of a decision has and neither paper does."""


@dataclass(frozen=True)
class Series:
    """One line, set of points or group of bars.

    Attributes
    ----------
    label : str
        What the legend says.
    x : tuple
        Abscissae: numbers, or texts for bars.
    y : tuple of float
        Ordinates; NaN leaves a bar out.
    low, high : tuple of float
        Ends of the spread at each point; empty for none.
    kind : str
        ``line`` (with markers), ``curve`` (without), ``steps`` (each ordinate holds until the next abscissa),
        ``points``, ``bars``, or ``limits`` (a short line across each bar, or a
        long one across the panel where there is one ordinate).
    names : tuple of str
        What each point is in words, which a page shows on hover; one stands for the whole series, empty for none.
    """

    label: str
    x: tuple[Any, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    kind: str = "line"
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """One pair of axes.

    Attributes
    ----------
    title : str
        Heading of the panel, with its letter in the paper.
    x_label, y_label : str
        With units.
    series : tuple of Series
        What is drawn, in the order of the legend.
    log_x, log_y : bool
        Whether an axis is logarithmic.
    stacked : bool
        Whether bars of the same abscissa stand on one another, not side by side.
    y_range : tuple of float, optional
        Ends of the ordinate; as the data want by default.
    """

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False
    stacked: bool = False
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Figure:
    """A whole figure.

    Attributes
    ----------
    name : str
        File name without ending, such as ``a-fig1``.
    title : str
        Which figure of which paper it is.
    caption : str
        What is seen, from how many instances, and where it departs from the paper.
    panels : tuple of Panel
        From left to right.
    order : tuple of str
        Labels in the order in which looks are given out, where several figures share them; as drawn by default.
    tables : tuple of Table
        What the page of the figures shows below it.
    """

    name: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    order: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()

    def records(self) -> Iterator[Mapping[str, object]]:
        """Return every drawn point as one row, as its CSV file lists them."""
        for panel in self.panels:
            for series in panel.series:
                for place, (x, y) in enumerate(zip(series.x, series.y, strict=True)):
                    if series.kind == "bars" and math.isnan(y):
                        continue
                    yield {
                        "panel": panel.title,
                        "series": series.label,
                        "x_label": panel.x_label,
                        "x": x,
                        "y_label": panel.y_label,
                        "y": y,
                        "low": series.low[place] if series.low else None,
                        "high": series.high[place] if series.high else None,
                    }
