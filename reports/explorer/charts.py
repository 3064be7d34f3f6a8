"""A panel as a chart of Apache ECharts, which draws in the browser what matplotlib draws for print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from reports.drawing.draw import LOOKS
from reports.drawing.figure import OPTIMUM, Panel, Series

INK, LINE = "var(--ink)", "var(--line)"
"""Colours of the page, light or dark."""

_SYMBOLS = ("circle", "rect", "triangle", "diamond")


def options(panel: Panel, label: str) -> dict[str, Any]:
    """The options of ECharts for one panel, read out as ``label``."""
    bars = [series for series in panel.series if series.kind == "bars"]
    axis = {
        "nameLocation": "middle",
        "nameTextStyle": {"color": INK},
        "axisLabel": {"color": INK},
        "axisLine": {"lineStyle": {"color": INK}},
        "splitLine": {"lineStyle": {"color": LINE}},
    }
    across = {"type": "category", "data": list(bars[0].x)} if bars else {"type": "value", "scale": True}
    upright: dict[str, Any] = {"type": "value", "scale": not bars, "name": panel.y_label, "nameGap": 46}
    if panel.y_range is not None:
        upright |= {"min": panel.y_range[0], "max": round(panel.y_range[1])}
    return {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": label}, "decal": {"show": bool(bars)}},
        "textStyle": {"color": INK, "fontFamily": "system-ui, sans-serif"},
        "legend": {"textStyle": {"color": INK}, "bottom": 0},
        "grid": {"left": 64, "right": 16, "top": 16, "bottom": 78},
        "tooltip": {"trigger": "item", "formatter": "{b}", "confine": True},
        "xAxis": axis | across | {"name": panel.x_label, "nameGap": 26},
        "yAxis": axis | upright,
        "series": [_series(one, place, panel) for place, one in enumerate(panel.series)],
    }


def _series(series: Series, place: int, panel: Panel) -> dict[str, Any]:
    look = LOOKS[place % len(LOOKS)]
    colour = INK if series.label.startswith(OPTIMUM) or series.kind == "limits" else look.colour
    made: dict[str, Any] = {"name": series.label, "itemStyle": {"color": colour}, "data": _data(series)}
    if series.kind == "bars":
        return made | {"type": "bar", "barGap": 0} | ({"stack": "bars"} if panel.stacked else {})
    if series.kind == "limits" and len(series.x) == 1:
        level = {"symbol": "none", "label": {"show": False}, "lineStyle": {"color": INK, "type": "solid"}}
        name = {"name": _name(series, 0), "yAxis": series.y[0]}
        return made | {"type": "line", "data": [], "symbol": "none", "markLine": level | {"data": [name]}}
    if series.kind == "limits":
        return made | {"type": "scatter", "symbol": "rect", "symbolSize": [10, 2]}
    if series.kind == "points":
        return made | {"type": "scatter", "symbol": _SYMBOLS[place % len(_SYMBOLS)], "symbolSize": 13, "z": 5}
    return made | {"type": "line", "lineStyle": {"color": colour, "width": 2}, "symbolSize": 7}


def _data(series: Series) -> list[dict[str, Any]]:
    """Points with what each says on hover; one that is no number is left out."""
    values: Sequence[Any] = series.y if series.x and isinstance(series.x[0], str) else []
    points = [[x, y] for x, y in zip(series.x, series.y, strict=True)] if not values else list(values)
    return [
        {"value": point, "name": _name(series, place)}
        for place, point in enumerate(points)
        if math.isfinite(series.y[place])
    ]


def _name(series: Series, place: int) -> str:
    if len(series.names) == len(series.y):
        return series.names[place]
    return f"{series.label}: {series.x[place]}, {series.y[place]:.6g}"
