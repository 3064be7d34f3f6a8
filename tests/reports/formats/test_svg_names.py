"""SVG files for a page: names at the points that they belong to, and colours of the page."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

from reports.drawing import draw
from reports.drawing.figure import Figure, Panel, Series
from reports.formats.svg_names import SVG, XLINK, named, themed

NASTY = 'a "<b>" & c'


def drawn(tmp_path: Path, *series: Series) -> ElementTree.Element:
    figure = Figure("f", "title", "caption", (Panel("", "x", "y", series),))
    written = {path.suffix: path for path in draw.save(figure, tmp_path)}
    return ElementTree.fromstring(named(themed(written[".svg"].read_text()), figure))


def test_each_point_has_its_own_name_and_a_missing_one_shifts_none(tmp_path: Path) -> None:
    names = (NASTY, "missing", "last")
    root = drawn(tmp_path, Series("one", (1.0, 2.0, 3.0), (1.0, math.nan, 2.0), kind="points", names=names))
    points = [use for use in root.iter(f"{{{SVG}}}use") if use.find(f"{{{SVG}}}title") is not None]
    assert [point.findtext(f"{{{SVG}}}title") for point in points] == [NASTY, "last"]
    assert float(points[0].attrib["x"]) < float(points[1].attrib["x"])
    assert all(point.attrib[f"{{{XLINK}}}href"].startswith("#") for point in points)


def test_one_name_stands_for_the_series_and_none_for_none(tmp_path: Path) -> None:
    one = Series("one", (1.0, 2.0), (1.0, 2.0), kind="steps", names=("whole",))
    root = drawn(tmp_path, one, Series("two", (1.0, 2.0), (2.0, 1.0)))
    assert [title.text for title in root.iter(f"{{{SVG}}}title")] == ["whole"]


def test_ink_and_paper_are_the_page_s() -> None:
    style = '<path id="m0072b2" style="fill: #ffffff; stroke: #000000"/><path style="stroke: #0072b2"/>'
    text = themed(style)
    assert "fill: var(--paper); stroke: currentColor" in text
    assert "stroke: light-dark(#0072b2,color-mix(in oklab,#0072b2 60%,white))" in text
    assert 'id="m0072b2"' in text
