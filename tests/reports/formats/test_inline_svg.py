"""SVG files inside a page: names stay apart, references still point at what they meant."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from reports.drawing import draw
from reports.drawing.figure import Figure, Panel, Series
from reports.formats.inline_svg import inlined


def test_references_follow_their_names(tmp_path: Path) -> None:
    series = (Series("a", (1.0, 2.0), (3.0, 4.0)), Series("b", ("x", "y"), (1.0, 2.0), kind="bars"))
    figures = [Figure(name, name, "", (Panel("", "x", "y", series),)) for name in ("first", "second")]
    texts = []
    for figure in figures:
        draw.save(figure, tmp_path)
        texts.append(inlined((tmp_path / f"{figure.name}.svg").read_text(), figure.name, 'says "<this>" & that'))
    names: list[str] = []
    for text in texts:
        element = ElementTree.fromstring(text)
        assert element.attrib["aria-label"] == 'says "<this>" & that'
        own = [each.attrib["id"] for each in element.iter() if "id" in each.attrib]
        pointed_at = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)
        assert pointed_at
        assert {first or second for first, second in pointed_at} <= set(own)
        names += own
    assert len(names) == len(set(names))
