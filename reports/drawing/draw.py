"""Draws a figure for print: one look for all, told apart without colour, saved with its data beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from instances.storage.atomic import replacing
from reports.drawing.figure import OPTIMUM, Figure, Panel, Series

PANEL_INCHES = (3.3, 2.7)
"""Width and height of one panel, about a column of a two-column page."""

MOST_SIDE_BY_SIDE = 2
"""Panels of one row."""

LEGEND_LINE_INCHES = 0.17
"""Height that one line of the legend adds."""

PANEL_LETTERS, HANDLE_LETTERS = 63, 11
"""Width of a panel and of a legend entry's handle, in letters of the legend."""

STYLE: dict[Any, Any] = {
    "font.size": 8.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "legend.fontsize": 7.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "axes.grid": True,
    "grid.color": "0.88",
    "grid.linewidth": 0.5,
    "axes.axisbelow": True,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.0,
    "pdf.fonttype": 42,  # letters stay letters: journals refuse the default
    "svg.fonttype": "none",
    "svg.hashsalt": "diffload",  # the same figure gives the same file
}


ONE_FONT = re.compile(rb"(font-family: '[^',;\"]+')(?=[;\"])")


class Look(NamedTuple):
    """How one series is told apart; colours differ in lightness too, so that they survive a photocopier."""

    colour: str
    dashes: Any
    marker: str
    hatch: str


OPTIMUM_LOOK = Look("black", "solid", "None", "")
"""The certified optimum is the same thick black line in every figure."""

THICK_LINE = 2.6
"""Width of the optimum's line: its edges show where another line lies on it."""

MOST_TICKS = 12
"""Bars of one series that are all named below the axis; of more, every second, third, ... one is."""

SHORT_LOG_AXIS = 100.0
"""A logarithmic axis that spans a smaller factor has ticks between the powers of ten, too."""

MARKER_SPACING = 0.13
"""Distance between the markers of a step function, as a share of the diagonal of its axes."""

LONG_NUMBER, FEW_TICKS = 10_000, 5
"""Abscissa from which on there are few ticks, or their numbers would run into one another; and how many."""

LOOKS = (
    Look("#0072b2", (0, (5, 1.5)), "o", "///"),
    Look("#d55e00", (0, (1, 1)), "s", "|||"),
    Look("#009e73", (0, (4, 1, 1, 1)), "^", "xxx"),
    Look("#cc79a7", (0, (6, 1, 1, 1, 1, 1)), "D", "\\\\\\"),
    Look("#e69f00", (0, (3, 3)), "v", "++"),
    Look("#56b4e9", (0, (8, 2)), "P", "oo"),
    Look("0.45", (0, (2, 1)), "x", "--"),
    Look("#5b3a8c", (0, (1, 3)), "*", "**"),
    Look("#7f3b08", (0, (7, 1, 1, 1)), "<", "//"),
    Look("#1b7837", (0, (2, 2)), ">", ".."),
    Look("#b2182b", (0, (9, 1)), "h", "xx"),
    Look("#80cdc1", (0, (4, 2, 1, 2)), "p", "\\\\"),
    Look("0.65", (0, (1, 2)), "X", "+"),
    Look("0.2", (0, (5, 3, 1, 3)), "d", "o"),
)


def draw(figure: Figure) -> Canvas:
    """Draw every panel of a figure, two side by side: a wider figure is not legible at the width of a page."""
    width, height = PANEL_INCHES
    columns = min(MOST_SIDE_BY_SIDE, len(figure.panels))
    rows = -(-len(figure.panels) // columns)
    with _own_settings():
        canvas = Canvas(layout="constrained")
        axes = canvas.subplots(rows, columns, squeeze=False).ravel()
        for empty in axes[len(figure.panels) :]:
            empty.remove()
        used = list(axes[: len(figure.panels)])
        looks = _looks(figure)
        for number, (axis, panel) in enumerate(zip(used, figure.panels, strict=True)):
            _draw_panel(axis, panel, looks, number)
        labels = dict.fromkeys(series.label for panel in figure.panels for series in panel.series)
        lines = _add_legend(canvas, used, labels, columns)
        canvas.set_size_inches(width * columns, height * rows + LEGEND_LINE_INCHES * lines)
    return canvas


def draw_panel(panel: Panel, axis: Axes | None = None) -> Axes:
    """Draw one panel with its own legend into axes of the caller, or into a new figure, and return the axes."""
    if axis is None:
        from matplotlib import pyplot

        _, axis = pyplot.subplots(layout="constrained")
    if not isinstance(axis, Axes):
        raise TypeError(f"ax: expected axes of matplotlib, got {type(axis).__name__}")
    _draw_panel(axis, panel, _looks(Figure("", "", "", (panel,))))
    if len({series.label for series in panel.series}) > 1:
        axis.legend(fontsize="small")
    return axis


def save(figure: Figure, folder: Path) -> list[Path]:
    """Write ``name.pdf``, ``name.svg`` and ``name.csv``; return what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    canvas = draw(figure)
    written = []
    with _own_settings():
        for ending in ("pdf", "svg"):
            stream = BytesIO()
            metadata = {"CreationDate": None} if ending == "pdf" else {"Date": None}
            canvas.savefig(stream, format=ending, metadata=metadata)
            canvas.set_layout_engine("none")  # the first file has settled it, which takes longer than drawing
            content = stream.getvalue()
            if ending == "svg":  # formulas name one font alone, which a reader's system need not have
                content = ONE_FONT.sub(rb"\1, sans-serif", content)
            written.append(_write(folder / f"{figure.name}.{ending}", content))
    table = pd.DataFrame(list(figure.records())).to_csv(index=False, lineterminator="\n")
    written.append(_write(folder / f"{figure.name}.csv", table.encode()))
    return written


@contextmanager
def _own_settings() -> Iterator[None]:
    """Draw with :data:`STYLE` over the defaults of matplotlib, not of the user, and put theirs back."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def _looks(figure: Figure) -> dict[str, Look]:
    """Return one look per label, the same in every panel."""
    drawn = (series.label for panel in figure.panels for series in panel.series if series.kind != "limits")
    labels = dict.fromkeys((*figure.order, *drawn))
    optimum = [label for label in labels if label.startswith(OPTIMUM)]
    looks = dict(zip((label for label in labels if label not in optimum), cycle(LOOKS), strict=False))
    if len(optimum) == 1:
        return looks | {optimum[0]: OPTIMUM_LOOK}
    dashes = cycle(["solid", (0, (5, 1)), (0, (1, 1)), (0, (4, 1, 1, 1))])
    return looks | {label: OPTIMUM_LOOK._replace(dashes=next(dashes)) for label in optimum}


def _add_legend(canvas: Canvas, axes: Sequence[Any], labels: Iterable[str], panels: int) -> int:
    """Draw one legend below all panels, as wide as so many of them; return how many lines it takes."""
    handles = {
        label: handle for axis in axes for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    entries = {label: handles[label] for label in labels}
    if len(entries) == 1:
        return 0
    longest = max(len(label) for label in entries)
    columns = max(1, min(len(entries), PANEL_LETTERS * panels // (longest + HANDLE_LETTERS)))
    canvas.legend(
        entries.values(),
        entries.keys(),
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        handlelength=2.8,
    )
    return -(-len(entries) // columns)


def identifier(panel: int, series: int) -> str:
    """Return the identifier in an SVG file of the series that has names."""
    return f"named-{panel}-{series}"


def bar_identifier(name: str, place: int) -> str:
    """Return the identifier of one bar of such a series."""
    return f"{name}-{place}"


def _draw_panel(axis: Any, panel: Panel, looks: dict[str, Look], number: int = 0) -> None:
    bars = [series for series in panel.series if series.kind == "bars"]
    bottom = [0.0] * len(bars[0].x) if bars else []
    for place, series in enumerate(panel.series):
        name = identifier(number, place) if series.names else None
        if series.kind == "limits":
            _draw_limits(axis, series)
        elif series.kind != "bars":
            _draw_line(axis, series, looks[series.label], name)
        elif panel.stacked:
            _draw_bars(axis, series, looks[series.label], bottom=bottom, name=name)
            bottom = [below + y for below, y in zip(bottom, series.y, strict=True)]
        else:
            _draw_bars(axis, series, looks[series.label], bars.index(series), len(bars), name=name)
    if bars:
        places = range(0, len(bars[0].x), -(-len(bars[0].x) // MOST_TICKS))
        axis.set_xticks(places, [str(bars[0].x[place]) for place in places])
    axis.set_title(panel.title)
    axis.set_xlabel(panel.x_label)
    axis.set_ylabel(panel.y_label)
    if panel.log_x:
        axis.set_xscale("log")
        _name_ticks(axis.xaxis, *axis.get_xlim())
    elif not bars and all(isinstance(x, int) for series in panel.series for x in series.x):
        long = any(x >= LONG_NUMBER for series in panel.series for x in series.x)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=FEW_TICKS if long else "auto"))
    if panel.log_y:
        axis.set_yscale("log")
        _name_ticks(axis.yaxis, *axis.get_ylim())
    if panel.y_range is not None:
        axis.set_ylim(*panel.y_range)


def _name_ticks(axis: Any, low: float, high: float) -> None:
    """Powers of ten on a logarithmic axis; 1, 2, 5 where it spans so few that they would be too sparse."""
    axis.set_minor_formatter(NullFormatter())
    if low > 0.0 and high / low < SHORT_LOG_AXIS:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, place: f"{value:g}"))


def _draw_line(axis: Any, series: Series, look: Look, name: str | None = None) -> None:
    thick = look.colour == "black"
    steps = series.kind == "steps"
    axis.plot(
        series.x,
        series.y,
        label=series.label,
        color=look.colour,
        linestyle="None" if series.kind == "points" else look.dashes,
        marker=look.marker if series.kind in ("line", "points", "steps") else "None",
        markerfacecolor="none" if series.kind == "points" else None,  # points may lie on one another
        markevery=MARKER_SPACING if steps else None,
        drawstyle="steps-post" if steps else None,
        linewidth=THICK_LINE if thick else None,
        zorder=2.0 if thick else 2.5,
        gid=name,
    )
    if series.low:
        axis.fill_between(series.x, series.low, series.high, color=look.colour, alpha=0.12, linewidth=0.0)


def _draw_bars(
    axis: Any,
    series: Series,
    look: Look,
    place: int = 0,
    count: int = 1,
    bottom: Sequence[float] | None = None,
    name: str | None = None,
) -> None:
    width = 0.8 / count
    places: Sequence[int] = range(len(series.x))
    if bottom is not None:  # a bar of no height would draw its edge on the bar below
        places = [x for x in places if series.y[x] != 0.0] or places
    spread = None
    if series.low:
        below = [series.y[x] - series.low[x] for x in places]
        above = [series.high[x] - series.y[x] for x in places]
        spread = [below, above]
    face = "black" if look.colour == "black" else "white"
    drawn = axis.bar(
        [x - 0.4 + (place + 0.5) * width for x in places],
        [series.y[x] for x in places],
        width,
        bottom=None if bottom is None else [bottom[x] for x in places],
        label=series.label,
        facecolor=face,
        edgecolor=look.colour,
        hatch=look.hatch,
        yerr=spread,
        error_kw={"linewidth": 0.8},
    )
    if name is not None:
        for x, bar in zip(places, drawn, strict=True):
            bar.set_gid(bar_identifier(name, x))


def _draw_limits(axis: Any, series: Series) -> None:
    if len(series.x) == 1:
        axis.axhline(series.y[0], color="black", linewidth=1.0, label=series.label, zorder=3.0)
        return
    bars = isinstance(series.x[0], str)
    places = range(len(series.x)) if bars else series.x
    ends = [[x + side for x in places] for side in (-0.45, 0.45)]
    axis.hlines(series.y, *ends, color="black", linewidth=1.0, label=series.label, zorder=2.2)


def _write(path: Path, content: bytes) -> Path:
    with replacing(path) as file:
        file.write(content)
    return path
