"""Tables as aligned text, without colour or frames, as wide as they need to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from formulations.errors import one_line
from reports.tables.table import Column, Row, Table

BETWEEN = "  "
"""What separates two columns."""


class Line(NamedTuple):
    """A line, and whether it is a ``title``, ``lead``, ``alert``, ``heading``, ``note`` or the kind of its row."""

    text: str
    kind: str


def render(tables: Iterable[Table]) -> str:
    """Return all tables as text, one below the other."""
    return "\n\n".join("\n".join(line.text for line in lines(table)) for table in tables) + "\n"


def lines(table: Table, width: int | None = None) -> list[Line]:
    """Return the lines of one table.

    Parameters
    ----------
    table : Table
        What to show.
    width : int, optional
        Columns of the terminal: a wider table is set as several blocks that each repeat the first column.
    """
    shown = (Row(tuple(map(one_line, row.cells)), row.kind) for row in table.rows)
    table = replace(table, rows=tuple(shown))  # before the columns are measured
    found = [Line(table.title, "title"), *(Line(text, "lead") for text in table.lead)]
    found.extend(Line(text, "alert") for text in table.alerts)
    widths = [_width(table, index) for index in range(len(table.columns))]
    for block in _blocks(widths, width):
        found.extend([Line("", ""), *_block_lines(table, block, widths)])
    if table.notes:
        found.extend([Line("", ""), *(Line(text, "note") for text in table.notes)])
    return [Line(one_line(line.text), line.kind) for line in found]


def _width(table: Table, index: int) -> int:
    """Return characters that a column needs."""
    column = table.columns[index]
    texts = [*_heading(column), column.unit, *(row.cells[index] for row in table.rows)]
    return max(len(text) for text in texts)


def _blocks(widths: Sequence[int], available: int | None) -> list[list[int]]:
    """Return columns of each block, the first column in all of them."""
    blocks = [[0]]
    used = widths[0]
    for index in range(1, len(widths)):
        needed = len(BETWEEN) + widths[index]
        if available is not None and used + needed > available and len(blocks[-1]) > 1:
            blocks.append([0])
            used = widths[0]
        blocks[-1].append(index)
        used += needed
    return blocks


def _block_lines(table: Table, block: Sequence[int], widths: Sequence[int]) -> list[Line]:
    headings = [_heading(table.columns[index]) for index in block]
    height = max(len(heading) for heading in headings)
    stacked = [[""] * (height - len(heading)) + heading for heading in headings]
    columns = [table.columns[index] for index in block]
    used = [widths[index] for index in block]
    found = [Line(_join(level, columns, used), "heading") for level in zip(*stacked, strict=True)]
    if any(column.unit for column in columns):
        found.append(Line(_join([column.unit for column in columns], columns, used), "heading"))
    found.append(Line("-" * (sum(used) + len(BETWEEN) * (len(used) - 1)), "heading"))
    found.extend(Line(_join([row.cells[index] for index in block], columns, used), row.kind) for row in table.rows)
    return found


def _heading(column: Column) -> list[str]:
    """Return the label, its words below one another over numbers, which are narrow."""
    return column.label.split() if column.numeric else [column.label]


def _join(cells: Iterable[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    aligned = (
        cell.rjust(width) if column.numeric else cell.ljust(width)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return BETWEEN.join(aligned).rstrip()
