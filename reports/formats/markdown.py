"""Tables as Markdown, for documents that are kept."""

from __future__ import annotations

from collections.abc import Iterable

from reports.tables.table import Table


def render(tables: Iterable[Table]) -> str:
    """Return all tables, each below a heading of its own."""
    return "\n".join(_one(table) for table in tables)


def _one(table: Table) -> str:
    parts = [f"## {table.title}", *table.lead, *table.alerts, grid(table), *table.notes]
    return "\n\n".join(part for part in parts if part) + "\n"


def grid(table: Table) -> str:
    """Return columns and rows alone."""
    headings = [f"{column.label} [{column.unit}]" if column.unit else column.label for column in table.columns]
    marks = ["--:" if column.numeric else "---" for column in table.columns]
    rows = [headings, marks, *(row.cells for row in table.rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
