"""The two usual layouts of records: JSON lines, and rows of CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar, get_type_hints

from instances.storage.append_only import AppendError
from instances.storage.store import K, R

Row = TypeVar("Row", bound=NamedTuple)


@dataclass(frozen=True)
class JsonLines:
    """A JSON object a line: ``{"key": ..., "record": {...}}``.

    Attributes
    ----------
    made_by : dict
        What all records depend on, such as versions: the heading ``{"made_by": {...}}``. A file without heading
        may hold anything; one with another is refused.
    """

    made_by: Mapping[str, str] | None = None
    expected = "a record with its key"

    @property
    def heading(self) -> bytes:
        """The line of ``made_by``."""
        return b"" if self.made_by is None else _json({"made_by": dict(self.made_by)})

    def is_heading(self, line: bytes) -> bool:
        entry = json.loads(line)
        if "made_by" not in entry:
            return False
        if self.made_by is not None and entry["made_by"] != self.made_by:
            other = {name: entry["made_by"].get(name) for name in self.made_by}
            name = next((name for name in other if other[name] != self.made_by[name]), "made_by")
            raise AppendError(
                f"expected records made by {name} {self.made_by.get(name)}, got {name} {other.get(name)}; "
                "use another folder, or move the file away"
            )
        return True

    def record(self, line: bytes) -> tuple[str, Mapping[str, Any]]:
        entry = json.loads(line)
        return entry["key"], entry["record"]

    def line(self, key: str, record: Mapping[str, Any]) -> bytes:
        return _json({"key": key, "record": record})


@dataclass(frozen=True)
class Rows(Generic[K, R]):
    """A row of CSV a line, below the names of the columns.

    Attributes
    ----------
    columns : dict
        What makes the value of a text, by the name of the column.
    entry : callable
        The key and the record of the values of a row.
    cells : callable
        The values of a key and its record.
    """

    columns: Mapping[str, Callable[[str], Any]]
    entry: Callable[[Sequence[Any]], tuple[K, R]]
    cells: Callable[[K, R], Iterable[Any]]
    expected = "one number or text a column"

    @property
    def heading(self) -> bytes:
        """The line of the columns' names."""
        return csv_lines([tuple(self.columns)])

    def is_heading(self, line: bytes) -> bool:
        if _cells(line) != list(self.columns):
            raise AppendError(f"expected the columns {', '.join(self.columns)}")
        return True

    def record(self, line: bytes) -> tuple[K, R]:
        texts = zip(self.columns.values(), _cells(line), strict=True)
        return self.entry([make(text) for make, text in texts])

    def line(self, key: K, record: R) -> bytes:
        cells = self.cells(key, record)
        return csv_lines([[" ".join(cell.split()) if isinstance(cell, str) else cell for cell in cells]])


def rows_of(kind: type[Row]) -> Rows[Row, Row]:
    """Return rows that are named tuples of one kind, each its own key."""

    def entry(values: Sequence[Any]) -> tuple[Row, Row]:
        row = kind(*values)
        return row, row

    return Rows(get_type_hints(kind), entry, lambda key, row: row)


def csv_lines(rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows as CSV in UTF-8."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _cells(line: bytes) -> list[str]:
    return next(csv.reader([line.decode()], strict=True), [])


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content) + "\n").encode()
