"""Records by key in a file of JSON lines, appended one by one, so that an interrupted run can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from instances.files.append_only import AppendError, AppendOnlyFile, whole_lines


class Lines:
    """Records by key, in memory alone where there is no file; with a file, a context manager.

    Attributes
    ----------
    known : dict
        Every record by its key, those of the file from when the context is entered.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.known: dict[str, Mapping[str, Any]] = {}
        self._file = None if path is None else AppendOnlyFile(path)

    def __enter__(self) -> Lines:
        """Lock and read the file, and cut off a last line that a killed run left half written.

        Raises
        ------
        AppendError
            If another process writes it, or a line is no record.
        OSError
            If it cannot be written to.
        """
        if self._file is None:
            return self
        self._file.__enter__()
        try:
            self.known |= _read(self._file.path)
            self._file.drop_incomplete_line()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let others write the file."""
        if self._file is not None:
            self._file.close()

    def add(self, key: str, record: Mapping[str, Any]) -> None:
        """Keep a record, which is on the disk when this returns.

        Raises
        ------
        OSError
            If it cannot be written; the file is then as it was.
        """
        if self._file is not None:
            self._file.append((json.dumps({"key": key, "record": record}) + "\n").encode())
        self.known[key] = record


def _read(path: Path) -> dict[str, Mapping[str, Any]]:
    found = {}
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            entry = json.loads(line)
            found[entry["key"]] = entry["record"]
        except Exception as fault:  # whatever damaged bytes lead to
            got = f"{type(fault).__name__}: {fault}"
            raise AppendError(f"{path}, line {number}: expected a record with its key, got {got}") from None
    return found
