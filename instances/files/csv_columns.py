"""Per-user fields from a CSV file: one row per user, one column per field."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from formulations.errors import InstanceError, suggestion
from formulations.fields import MAX_LABEL, FloatArray, Range, per_user_labels, per_user_ranges, show
from instances.files.documents import read_bytes

LABEL = "user"
"""A column of this name may label the rows; it is not read."""

TEXT: tuple[Range, ...] = ()
"""What stands in place of the ranges of a column that holds texts."""


@dataclass(frozen=True)
class Columns:
    """Columns of a CSV file.

    Attributes
    ----------
    file : str
        Its name, without the folder.
    sha256 : str
        Hash of its bytes.
    values : dict
        One array of numbers, shape (rows,), or one list of texts per column, by the column's name.
    """

    file: str
    sha256: str
    values: dict[str, FloatArray | list[str]]

    @property
    def users(self) -> int:
        """Number of rows."""
        return len(next(iter(self.values.values())))

    def fields_of(self, section: str, model: type[BaseModel]) -> dict[str, FloatArray | list[str]]:
        """Return those columns that are per-user fields of a section; one with the section's name goes first."""
        names = [*per_user_ranges(model), *per_user_labels(model)]
        found = {name: self.values.get(f"{section}.{name}", self.values.get(name)) for name in names}
        return {name: values for name, values in found.items() if values is not None}


def read_columns(path: str | os.PathLike[str], sections: Mapping[str, type[BaseModel]]) -> Columns:
    """Read per-user fields of the given sections from a CSV file.

    The first row names the fields as instance files do, units included. A field that several sections have is
    meant for all of them, unless its column is called ``section.field``. A column ``user`` is passed over, and so
    are empty rows. Decimals are written with a point, and columns are separated by commas.

    Raises
    ------
    InstanceError
        Naming file, row and column (rows counted from 1, the header) of the first thing that is wrong.
    """
    return read_table(path, _per_user_columns(sections), kind="a per-user field", row="user")


def read_table(path: str | os.PathLike[str], known: Mapping[str, Sequence[Range]], kind: str, row: str) -> Columns:
    """Read a CSV file whose columns are among those known, in any order.

    Parameters
    ----------
    path : path
        The file.
    known : Mapping[str, Sequence[Range]]
        Ranges of the numbers of every column, :data:`TEXT` for texts.
    kind : str
        What an error says is expected in place of an unknown column.
    row : str
        What a row stands for.

    Raises
    ------
    InstanceError
        As :func:`read_columns` does.
    """
    source, digest, rows = read_rows(path)
    if len(rows) < 2:
        raise InstanceError(f"{source}: expected a header and one row per {row}, got {len(rows)} rows")
    header = _check_header(source, *rows[0], known, kind)
    return Columns(Path(source).name, digest, _read_rows(source, header, rows[1:]))


def read_rows(path: str | os.PathLike[str]) -> tuple[str, str, list[tuple[int, list[str]]]]:
    """Return a CSV file's name, the SHA-256 of its bytes, and its rows that are not empty, with their numbers.

    Raises
    ------
    InstanceError
        If the file cannot be read, or is no CSV file in UTF-8.
    """
    source = os.fsdecode(path)
    data = read_bytes(source)
    rows, number = [], 0
    try:
        # Without strict, a quote that is never closed would swallow all rows after it.
        for number, row in enumerate(csv.reader(StringIO(data.decode("utf-8-sig")), strict=True), 1):
            if any(row):
                rows.append((number, row))
    except UnicodeDecodeError as fault:
        raise InstanceError(f"{source}: expected text in UTF-8, got another byte at {fault.start}") from None
    except csv.Error as fault:
        place = f"{source}: row {number + 1}"
        raise InstanceError(
            f"{place}: expected values between commas with every quote closed, got an error ({fault})"
        ) from None
    return source, sha256(data).hexdigest(), rows


def _per_user_columns(sections: Mapping[str, type[BaseModel]]) -> dict[str, Sequence[Range]]:
    """Return ranges of every per-user field; sections that share a name each have one."""
    known: dict[str, Sequence[Range]] = {}
    for section, model in sections.items():
        for name, allowed in per_user_ranges(model).items():
            known[name] = [*known.get(name, []), allowed]
            known[f"{section}.{name}"] = [allowed]
        known |= dict.fromkeys(per_user_labels(model), TEXT)
    return known


def _check_header(
    source: str, number: int, row: Sequence[str], known: Mapping[str, Sequence[Range]], kind: str
) -> list[tuple[str, Sequence[Range]]]:
    names = [name.strip() for name in row]
    for position, name in enumerate(names):
        if name != LABEL and name not in known:
            hint = suggestion(name, known)
            raise InstanceError(
                f"{source}: row {number}, column {position + 1}: expected {kind}, got {show(name)}{hint}"
            )
        if name in names[:position]:
            raise InstanceError(f"{source}: row {number}, column {name}: expected the column once, got it twice")
    if set(names) == {LABEL}:
        raise InstanceError(f"{source}: row {number}: expected at least one column with {kind}, got none")
    return [(name, known.get(name, TEXT)) for name in names]


def _read_rows(
    source: str, header: Sequence[tuple[str, Sequence[Range]]], rows: Sequence[tuple[int, list[str]]]
) -> dict[str, FloatArray | list[str]]:
    values: dict[str, Any] = {
        name: np.empty(len(rows)) if ranges else [""] * len(rows) for name, ranges in header if name != LABEL
    }
    for user, (number, row) in enumerate(rows):
        if len(row) != len(header):
            raise InstanceError(f"{source}: row {number}: expected {len(header)} values, got {len(row)}")
        for (name, ranges), cell in zip(header, row, strict=True):
            if name != LABEL:
                place = f"{source}: row {number}, column {name}"
                values[name][user] = _number(place, cell, ranges) if ranges else _text(place, cell)
    return values


def _text(place: str, cell: str) -> str:
    text = cell.strip()
    if len(text) > MAX_LABEL or not text.isprintable():
        raise InstanceError(f"{place}: expected up to {MAX_LABEL} printable characters, got {show(text)}")
    return text


def _number(place: str, cell: str, ranges: Sequence[Range]) -> float:
    try:
        # Python reads 1_000 as a thousand, which no other program does.
        number = float("" if "_" in cell else cell)
    except ValueError:
        raise InstanceError(f"{place}: expected {ranges[0].expectation}, got {show(cell)}") from None
    for allowed in ranges:
        if allowed.first_outside(np.array([number])) is not None:
            raise InstanceError(f"{place}: expected {allowed.expectation}, got {cell.strip()}")
    return number
