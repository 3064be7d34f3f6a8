"""Per-user fields from a CSV file: one row per user, one column per field."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from formulations.fields import FloatArray, Range, per_user_ranges, show
from instances.errors import InstanceError, suggestion
from instances.files import read_bytes

LABEL = "user"
"""A column of this name may label the users; it is not read."""


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
        One array of shape (users,) per column, by field name.
    """

    file: str
    sha256: str
    values: dict[str, FloatArray]

    @property
    def users(self) -> int:
        """Number of rows."""
        return len(next(iter(self.values.values())))

    def fields_of(self, section: type[BaseModel]) -> dict[str, FloatArray]:
        """Those columns that are per-user fields of a section."""
        return {name: values for name, values in self.values.items() if name in per_user_ranges(section)}


def read_columns(path: str | os.PathLike[str], sections: Iterable[type[BaseModel]]) -> Columns:
    """Read per-user fields of the given sections from a CSV file.

    The first row names the fields as instance files do, units included; a column ``user`` is passed over, and so
    are empty rows. Decimals are written with a point, and columns are separated by commas.

    Raises
    ------
    InstanceError
        Naming file, row and column (rows counted from 1, the header) of the first thing that is wrong.
    """
    source = os.fsdecode(path)
    data = read_bytes(source)
    try:
        rows = _rows(source, data.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise InstanceError(f"{source}: expected text in UTF-8, got another byte at {fault.start}") from None
    if len(rows) < 2:
        raise InstanceError(f"{source}: expected a header and one row per user, got {len(rows)} rows")
    header = _check_header(source, *rows[0], _ranges(sections))
    return Columns(Path(source).name, sha256(data).hexdigest(), _read_rows(source, header, rows[1:]))


def _rows(source: str, text: str) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, with their numbers."""
    rows, number = [], 0
    try:
        # Without strict, a quote that is never closed would swallow all rows after it.
        for number, row in enumerate(csv.reader(StringIO(text), strict=True), 1):
            if any(row):
                rows.append((number, row))
    except csv.Error as fault:
        place = f"{source}: row {number + 1}"
        raise InstanceError(
            f"{place}: expected values between commas with every quote closed, got an error ({fault})"
        ) from None
    return rows


def _ranges(sections: Iterable[type[BaseModel]]) -> dict[str, list[Range]]:
    """Ranges of every per-user field; sections that share a name each have one."""
    ranges: dict[str, list[Range]] = {}
    for section in sections:
        for name, allowed in per_user_ranges(section).items():
            ranges.setdefault(name, []).append(allowed)
    return ranges


def _check_header(
    source: str, number: int, row: Sequence[str], ranges: dict[str, list[Range]]
) -> list[tuple[str, list[Range]]]:
    names = [name.strip() for name in row]
    for position, name in enumerate(names):
        if name != LABEL and name not in ranges:
            hint = suggestion(name, ranges)
            raise InstanceError(
                f"{source}: row {number}, column {position + 1}: expected a per-user field, got {show(name)}{hint}"
            )
        if name in names[:position]:
            raise InstanceError(f"{source}: row {number}, column {name}: expected the column once, got it twice")
    if set(names) == {LABEL}:
        raise InstanceError(
            f"{source}: row {number}: expected at least one column with a per-user field, got none"
        )
    return [(name, ranges.get(name, [])) for name in names]


def _read_rows(
    source: str, header: Sequence[tuple[str, list[Range]]], rows: Sequence[tuple[int, list[str]]]
) -> dict[str, FloatArray]:
    values: dict[str, Any] = {name: np.empty(len(rows)) for name, _ in header if name != LABEL}
    for user, (number, row) in enumerate(rows):
        if len(row) != len(header):
            raise InstanceError(f"{source}: row {number}: expected {len(header)} values, got {len(row)}")
        for (name, ranges), cell in zip(header, row, strict=True):
            if name != LABEL:
                values[name][user] = _number(f"{source}: row {number}, column {name}", cell, ranges)
    return values


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
