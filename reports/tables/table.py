"""A table before it becomes text: columns with units, cells with the numbers behind their text, notes below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Column:
    """A column: its heading in words, its unit, and its name in a CSV file.

    Attributes
    ----------
    key : str
        Name in files.
    label : str
        Heading; words may be set below one another.
    unit : str
        Second line of the heading, empty where there is none.
    numeric : bool
        Whether cells are numbers, set to the right.
    show : callable
        Text of a value, where cells are made by :func:`cells`.
    """

    key: str
    label: str
    unit: str = ""
    numeric: bool = True
    show: Callable[[Any], str] = str


def cells(columns: Iterable[Column], item: object) -> tuple[str, ...]:
    """Return the texts of what the columns are named after: attributes of an item, or entries of a mapping."""
    of = item.get if isinstance(item, Mapping) else partial(getattr, item)
    return tuple(column.show(of(column.key)) for column in columns)


@dataclass(frozen=True)
class Row:
    """One line: the text of every column.

    Attributes
    ----------
    cells : tuple of str
        One text per column.
    kind : str
        What the row is, for colour: a status such as ``optimal``, or empty.
    links : tuple of tuple of str
        Words and relative addresses of files that belong to it, which HTML alone shows.
    """

    cells: tuple[str, ...]
    kind: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """A table as every format shows it.

    Attributes
    ----------
    title : str
        Heading line.
    lead : tuple of str
        Sentences between heading and columns.
    columns, rows
        The table itself.
    alerts : tuple of str
        Sentences that must not be overlooked: failed checks.
    notes : tuple of str
        Sentences below the table.
    records : sequence of mapping
        The same rows as full-precision values for CSV, with columns of their own.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    lead: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    records: Sequence[Mapping[str, object]] = ()
