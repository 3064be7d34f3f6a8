"""SVG files as parts of an HTML page: no declaration of their own, no name that another picture has too."""

from __future__ import annotations

import re

_IDENTIFIER = re.compile(r'((?:\bid|href)="#?|url\(#)([^")]+)')


def inlined(svg: str, prefix: str, label: str) -> str:
    """Return an SVG element with its identifiers behind a prefix, read out as ``label``.

    Parameters
    ----------
    svg : str
        A whole SVG file.
    prefix : str
        What tells its identifiers from those of other pictures.
    label : str
        What a screen reader says; no markup.
    """
    element = svg[svg.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = _IDENTIFIER.sub(lambda match: f"{match[1]}{prefix}-{match[2]}", element)
    words = label.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return element.replace("<svg", f'<svg role="img" aria-label="{words}"', 1)
