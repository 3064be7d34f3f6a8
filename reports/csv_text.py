"""Tables as CSV: the numbers in full precision, one header line for tables with the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from reports.table import Table


def render(tables: Iterable[Table]) -> str:
    """All tables as CSV; an empty line and a new header where the columns change."""
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
            csv.writer(text, lineterminator="\n").writerow(record.values())
    return text.getvalue()
