"""Tables as CSV: the numbers in full precision, one header line for tables with the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from formulations.errors import one_line
from reports.tables.table import Table

_FORMULA = ("=", "+", "@", "\t")
"""Beginnings of a text that a spreadsheet takes for a formula; an apostrophe before it says that it is a text."""


def render(tables: Iterable[Table]) -> str:
    """Return all tables as CSV; an empty line and a new header where the columns change."""
    text = io.StringIO()
    previous: list[str] | None = None
    for table in tables:
        for record in table.records:
            columns = list(record)
            if columns != previous:
                if previous is not None:
                    text.write("\n")
                csv.writer(text, lineterminator="\n").writerow(columns)
                previous = columns
            csv.writer(text, lineterminator="\n").writerow(map(cell, record.values()))
    return text.getvalue()


def cell(value: object) -> object:
    """A value as a spreadsheet and a terminal may read it: a text is no formula and has no control characters."""
    if not isinstance(value, str):
        return value
    return one_line(f"'{value}" if value.startswith(_FORMULA) else value)
