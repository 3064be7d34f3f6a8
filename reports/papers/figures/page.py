"""The page that shows the figures of a folder with their captions."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from reports.drawing.figure import Figure
from reports.formats import markdown

SEEN: Mapping[str, str] = tomllib.loads(Path(__file__).with_name("seen.toml").read_text(encoding="utf-8"))
"""What is seen in each picture, for readers who do not see it, by the name of the picture's file."""

STAND_IN = (
    "Paper B's edge server has H100 NVL. No measurement of one is public: in every number of paper B here the "
    "H100 PCIe stands in for it."
)
"""What numbers of paper B rest on."""

_HEADING = "# The papers' figures from our own runs, with the certified optimum"


def page(figures: Sequence[Figure], folder: Path, path: Path, command: str) -> str:
    """Return the whole page as Markdown.

    Parameters
    ----------
    figures : sequence of Figure
        What is shown, in this order.
    folder : Path
        Where :func:`reports.drawing.draw.save` put their files.
    path : Path
        The page's own place, from which it refers to them.
    command : str
        Command that makes the page.
    """
    where = Path(os.path.relpath(folder, path.parent)).as_posix()
    lead = f"Made by `{command}`; never edited by hand. Beside each picture are its points as CSV. {STAND_IN}"
    return "\n".join([_HEADING, "", lead, "", *(line for figure in figures for line in _entry(figure, where))])


def _entry(figure: Figure, where: str) -> list[str]:
    lines = [
        f"## {figure.title}",
        "",
        f"![{SEEN.get(figure.name, figure.title)}]({where}/{figure.name}.svg)",
        "",
        f"{figure.caption} [Points]({where}/{figure.name}.csv).",
        "",
    ]
    for table in figure.tables:
        lines += [markdown.grid(table), "", *table.notes, ""]
    return lines
