"""SVG files for a page: points that say what they are on hover, colours that follow the reader's setting."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias
from xml.etree import ElementTree

from reports.drawing.draw import bar_identifier, identifier
from reports.drawing.figure import Figure, Series

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"

INK, PAPER, GRID = ("#000000", "#262626"), "#ffffff", "#e0e0e0"
"""Colours of the drawing that stand for those of the page."""

_Groups: TypeAlias = Mapping[str | None, ElementTree.Element]
"""Groups of a file by their identifiers."""

_COLOUR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")


def named(svg: str, figure: Figure) -> str:
    """Return the SVG file with a title inside each point or series that has a name."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(svg)
    groups = {group.get("id"): group for group in root.iter(f"{{{SVG}}}g")}
    for number, panel in enumerate(figure.panels):
        for place, series in enumerate(panel.series):
            for element, name in _told(groups, identifier(number, place), series):
                title = ElementTree.Element(f"{{{SVG}}}title")
                title.text = name
                element.insert(0, title)
                element.set("class", "named")
    return ElementTree.tostring(root, encoding="unicode")


def themed(svg: str) -> str:
    """The SVG file with the page's own ink, paper and lines, and with lighter colours where the page is dark."""
    return _COLOUR.sub(lambda match: _theme(match[0]), svg)


def _theme(colour: str) -> str:
    if colour in INK:
        return "currentColor"
    if colour == PAPER:
        return "var(--paper)"
    if colour == GRID:
        return "var(--line)"
    return f"light-dark({colour},color-mix(in oklab,{colour} 60%,white))"


def _told(groups: _Groups, name: str, series: Series) -> Iterator[tuple[ElementTree.Element, str]]:
    """Return what is named in the drawing of a series: its bars, its markers in order, or itself."""
    if series.kind == "bars":
        for place, said in enumerate(series.names):
            if (bar := groups.get(bar_identifier(name, place))) is not None:
                yield bar, said
        return
    group = groups.get(name)
    if group is None:
        return
    points = list(group.iter(f"{{{SVG}}}use"))
    drawn = [place for place, y in enumerate(series.y) if math.isfinite(y)]
    if len(series.names) == len(series.y) and len(points) == len(drawn):
        for point, place in zip(points, drawn, strict=True):
            yield point, series.names[place]
    else:
        yield group, series.names[0] if len(series.names) == 1 else series.label
