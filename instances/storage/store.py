"""Records by key in a file that only grows: of results, of points of figures, of rows of a table.

The one way in which an interrupted run keeps what it has. :mod:`instances.storage.append_only` holds the file:

- A record is on the disk when :meth:`Store.add` returns, or the file is as it was and the fault is a sentence.
- A line is whole or counts as nothing; one that a killed writer left is cut off, which is said on standard error.
- A second writer is refused; readers may read meanwhile.
- What stands in the first line is checked, and so is every line; damage is named by file and line, and left alone.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from formulations.runtime.program import say
from instances.storage.append_only import AppendError, AppendOnlyFile, whole_lines
from instances.storage.atomic import replacing

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
Row = TypeVar("Row", bound=NamedTuple)


class Layout(Protocol[K, R]):
    """How records are written as lines.

    Attributes
    ----------
    expected : str
        What a line that cannot be read should have been.
    """

    expected: str

    @property
    def heading(self) -> bytes:
        """First line of a new file, empty where there is none."""

    def is_heading(self, line: bytes) -> bool:
        """Return whether a first line is a heading.

        Raises
        ------
        AppendError
            Saying what was expected, if it is the heading of other records.
        """

    def record(self, line: bytes) -> tuple[K, R]:
        """Return the key and the record of a line; raises whatever damaged bytes lead to."""

    def line(self, key: K, record: R) -> bytes:
        """Return the line of a record, its end included."""


class DamagedError(AppendError):
    """A file with whole lines that are no records.

    Attributes
    ----------
    whole : dict
        The records of all other lines.
    """

    def __init__(self, sentence: str, whole: Mapping[Any, Any]) -> None:
        super().__init__(sentence)
        self.whole = whole


def read(path: Path, layout: Layout[K, R]) -> dict[K, R]:
    """Return all records in the order of their lines; of two with the same key the later one.

    Raises
    ------
    DamagedError
        If a whole line is not a record.
    AppendError
        If the file holds other records.
    OSError
        If there is no such file.
    """
    found: dict[K, R] = {}
    damaged: list[str] = []
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            if number > 1 or not layout.is_heading(line):
                key, record = layout.record(line)
                found[key] = record
        except AppendError as fault:
            raise AppendError(f"{path}, line {number}: {fault}") from None
        except Exception as fault:  # whatever damaged bytes lead to
            got = f"{type(fault).__name__}: {fault}"
            damaged.append(f"{path}, line {number}: expected {layout.expected}, got {got}")
    if damaged:
        more = f" ({len(damaged)} such lines)" if len(damaged) > 1 else ""
        raise DamagedError(damaged[0] + more, found)
    return found


class Store(Generic[K, R]):
    """Records by key that this process alone writes while the context is open; in memory alone without a file.

    Attributes
    ----------
    known : dict
        Every record by its key, those of the file from when the context is entered.
    """

    def __init__(self, path: str | os.PathLike[str] | None, layout: Layout[K, R]) -> None:
        self.known: dict[K, R] = {}
        self._layout = layout
        self._file = None if path is None else AppendOnlyFile(path)

    def __enter__(self) -> Store[K, R]:
        """Lock and read the file, which is made where there is none, and cut off an incomplete last line.

        Raises
        ------
        AppendError
            If another process writes it, or a line is no record.
        OSError
            If it cannot be written to.
        """
        if self._file is not None:
            self._file.__enter__()
            with self._file.closed_on_failure():
                self.known = read(self._file.path, self._layout)
                dropped = self._file.drop_incomplete_line()
            if dropped:
                say(f"{self._file.path} ended in an incomplete line of {dropped} bytes, which is dropped")
        return self

    def __exit__(self, *_: object) -> None:
        """Let others write the file."""
        if self._file is not None:
            self._file.close()

    def add(self, key: K, record: R) -> None:
        """Keep a record, which is on the disk when this returns.

        Raises
        ------
        OSError
            If it cannot be written; the file is then as it was.
        """
        self.append(key, record)
        self.known[key] = record

    def append(self, key: K, record: R) -> None:
        """Write a record as :meth:`add` does, without holding it in memory."""
        if self._file is not None:
            line = self._layout.line(key, record)
            self._file.append((b"" if self._file.size else self._layout.heading) + line)


def write(path: str | os.PathLike[str], layout: Layout[K, R], records: Mapping[K, R]) -> None:
    """Write a file of these records in one step, in place of what was there.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with replacing(path) as file:
        file.write(layout.heading + b"".join(layout.line(key, record) for key, record in records.items()))
