"""The page that a run ends with: what is reached of every aim, the limit, and time over users of all methods."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.alone import shown
from benchmarks.ratio import Ratio
from benchmarks.tables import missed_in
from instances.storage.atomic import replacing
from reports.drawing import draw
from reports.drawing.figure import Figure, Panel, Series
from reports.formats import html_page
from reports.formats.inline_svg import inlined
from reports.formats.svg_names import named, themed
from reports.tables.numbers import ABSENT
from reports.tables.table import Column, Row, Table

AT_SIZE = re.compile(r"N=(\d+) s")
"""Names of the times by size behind a growth."""

_SUMMARY = (
    Column("what", "work", numeric=False),
    Column("peer", "against", numeric=False),
    Column("value", "median"),
    Column("spread", "least to most"),
    Column("unit", "unit", numeric=False),
    Column("aim", "aim", numeric=False),
    Column("met", "met", numeric=False),
    Column("limit", "limit", "s"),
    Column("share", "share of limit"),
)

_GROWTH = (
    Column("method", "method", numeric=False),
    Column("problem", "problem", numeric=False),
    Column("time", "exponent of time"),
    Column("memory", "exponent of memory"),
    Column("largest", "largest solved", "users"),
    Column("seconds", "its time", "CPU s"),
    Column("memory_there", "its memory", "MB"),
)


def summary(measured: Sequence[Ratio]) -> Table:
    """All ratios with an aim, the spread over repetitions and how close the limit of the machine is."""
    aimed = [ratio for ratio in measured if ratio.aim is not None]
    met = len(aimed) - len(missed_in(aimed))
    return Table(
        title="What is reached",
        lead=(f"{met} of {len(aimed)} aims are met.",),
        columns=_SUMMARY,
        rows=tuple(Row(_summary_cells(ratio)) for ratio in aimed),
        notes=(
            "least to most: over repetitions of both sides in turn; limit: the time that the exponentials and the "
            "bytes of the work alone take on this machine.",
        ),
    )


def _summary_cells(ratio: Ratio) -> tuple[str, ...]:
    behind = {name: shown(value) for name, value in ratio.context.items()}
    spread = f"{behind['least']} to {behind['most']}" if "least" in behind else ABSENT
    met = "yes" if ratio.met else "NO"
    return (
        ratio.what,
        ratio.limit or ABSENT,
        shown(ratio.value),
        spread,
        ratio.unit,
        str(ratio.aim),
        met,
        behind.get("limit s", ABSENT),
        behind.get("share of limit", ABSENT),
    )


def growths(measured: Sequence[Ratio]) -> Table:
    """Exponents of every method, and the largest size that it solves."""
    rows = tuple(Row(_growth_cells(ratio)) for ratio in measured if "largest" in ratio.context)
    return Table(title="Growth with the number of users", columns=_GROWTH, rows=rows)


def _growth_cells(ratio: Ratio) -> tuple[str, ...]:
    _, problem, method = ratio.name.split("/")
    times = by_size(ratio)
    exponent = shown(ratio.value) if ratio.value == ratio.value else ABSENT
    seconds = shown(times[max(times)]) if times else ABSENT
    behind = [shown(ratio.context[name]) for name in ("memory exponent", "largest", "MB")]
    return (method, problem, exponent, behind[0], behind[1], seconds, behind[2])


def by_size(ratio: Ratio) -> Mapping[int, float]:
    """Times behind a growth by the number of users."""
    found = ((AT_SIZE.fullmatch(name), value) for name, value in ratio.context.items())
    return {int(match[1]): float(value) for match, value in found if match}


def picture(measured: Sequence[Ratio]) -> Figure:
    """Time over users, one panel a problem, one line a method."""
    panels: dict[str, list[Series]] = {}
    for ratio in measured:
        times = by_size(ratio) if "largest" in ratio.context else {}
        if len(times) >= 2:
            _, problem, method = ratio.name.split("/")
            panels.setdefault(problem, []).append(Series(method, tuple(times), tuple(times.values())))
    caption = "Processor time of every method on drawn instances, up to the largest that it solves in time."
    return Figure(
        "time-over-users",
        "Time over users",
        caption,
        tuple(
            Panel(problem.replace("_", " "), "users", "processor time [s]", tuple(series), log_x=True, log_y=True)
            for problem, series in panels.items()
        ),
    )


def write(path: Path, measured: Sequence[Ratio], heading: Sequence[str]) -> None:
    """Write the page as HTML that needs no other file.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    first = summary(measured)
    text = html_page.render([replace(first, lead=(*heading, *first.lead)), growths(measured)])
    drawn = picture(measured)
    if drawn.panels:
        text = text.replace("</body>", f"<h2>{drawn.title}</h2>\n<p>{drawn.caption}</p>\n{as_svg(drawn)}\n</body>")
    with replacing(path) as part:
        part.write(text.encode())


def as_svg(figure: Figure) -> str:
    """A figure as an SVG element."""
    with TemporaryDirectory() as folder:
        written = {path.suffix: path for path in draw.save(figure, Path(folder))}
        svg = named(themed(written[".svg"].read_text("utf-8")), figure)
    return inlined(svg, figure.name, figure.caption)
