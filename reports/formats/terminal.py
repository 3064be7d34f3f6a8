"""Tables on a terminal: the aligned text in colour, in blocks where the window is narrow."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from reports.formats.plain_text import lines
from reports.tables.table import Table

_STYLES = {
    "title": "bold",
    "heading": "bold",
    "note": "dim",
    "optimal": "green",
    "infeasible": "green",
    "unknown": "yellow",
    "unsupported": "yellow",
    "error": "bold red",
    "alert": "bold red",
}


def show(table: Table, console: Console) -> None:
    """Print a table, no line of it cut."""
    for line in lines(table, console.width):
        text = Text(line.text, style=_STYLES.get(line.kind, ""))
        flowing = line.kind in ("title", "lead", "alert", "note")
        console.print(text, no_wrap=not flowing, overflow="fold" if flowing else "ignore", crop=False)
