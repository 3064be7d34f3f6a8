"""The ledger of a sweep: an append-only file with one result a line, which survives a killed writer.

``ledger.jsonl`` (:mod:`instances.files.append_only`) holds one JSON record a line. Long arrays
(:mod:`solvers.sweep.ledger_arrays`) are in an archive beside it, written before the line that refers to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from instances.files.append_only import AppendError, AppendOnlyFile, whole_lines
from solvers.core.result import Status
from solvers.sweep import ledger_arrays
from solvers.sweep.ledger_key import Key
from solvers.sweep.ledger_record import LedgerError, Recorded, archive_name, line_of, recorded_of

if TYPE_CHECKING:
    import pandas as pd

FILE = "ledger.jsonl"

_TYPES = {"bound_from": "str"} | dict.fromkeys(
    (
        "objective",
        "bound",
        "gap",
        "absolute_gap",
        "own_gap",
        "raw_objective",
        "nodes",
        "iterations",
    ),
    "float64",
)


class DamagedLedgerError(LedgerError):
    """A ledger with complete lines that are no records.

    Attributes
    ----------
    whole : list of Recorded
        The results of all other lines.
    """

    def __init__(self, sentence: str, whole: list[Recorded]) -> None:
        super().__init__(sentence)
        self.whole = whole


def read(folder: str | os.PathLike[str]) -> list[Recorded]:
    """All results of a ledger, in the order of their lines; of two with the same key the later one.

    A ledger that somebody is writing can be read too.

    Raises
    ------
    DamagedLedgerError
        If a complete line is not a record.
    OSError
        If there is no ledger.
    """
    return list(_read(Path(folder) / FILE).values())


def _read(path: Path) -> dict[str, Recorded]:
    """All results by the digest of their key."""
    found: dict[str, Recorded] = {}
    damaged: list[str] = []
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            recorded = recorded_of(line, path.parent)
        except Exception as fault:  # whatever damaged bytes lead to
            got = f"{type(fault).__name__}: {fault}"
            damaged.append(f"{path}, line {number}: expected the record of a result, got {got}")
        else:
            found[recorded.key.digest] = recorded
    if damaged:
        more = f" ({len(damaged)} such lines)" if len(damaged) > 1 else ""
        raise DamagedLedgerError(damaged[0] + more, list(found.values()))
    return found


def as_frame(results: Iterable[Recorded]) -> pd.DataFrame:
    """One row a result, with everything but its arrays."""
    import pandas as pd

    from solvers.comparison.frame import row

    rows = []
    for recorded in results:
        result = recorded.result
        cells = row(result)
        del cells["solution"]
        cells |= {
            "own_gap": result.own_gap,
            "build_seconds": result.build_seconds,
            "solve_seconds": result.solve_seconds,
            "nodes": result.nodes,
            "iterations": result.iterations,
            "users": recorded.users,
            "time_limit": result.limits.time_seconds,
            "gap_tolerance": result.limits.gap,
            "threads": result.limits.threads,
            "host": recorded.host,
            "versions": recorded.key.versions,
            "key": recorded.key.digest,
        }
        rows.append(cells)
    frame = pd.DataFrame(rows)
    # The same types whatever is absent, so that files of several sweeps fit together.
    return frame.astype({name: kind for name, kind in _TYPES.items() if name in frame})


class Ledger:
    """A ledger that this process alone writes; a context manager.

    Attributes
    ----------
    folder : Path
        Where it is.
    dropped_bytes : int
        Length of the incomplete last line that opening it has removed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.dropped_bytes = 0
        self._file = AppendOnlyFile(self.folder / FILE)
        self._status: dict[str, Status] = {}

    def __enter__(self) -> Ledger:
        """Lock and read it, and make it where there is none.

        Raises
        ------
        LedgerError
            If another process writes it, or a complete line is not a record.
        OSError
            If the folder cannot be written to.
        """
        try:
            self._file.__enter__()
        except AppendError as fault:
            raise LedgerError(str(fault)) from None
        try:
            self._status = {digest: item.result.status for digest, item in _read(self._file.path).items()}
            self.dropped_bytes = self._file.drop_incomplete_line()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let others write it."""
        self._file.close()

    def status(self, key: Key) -> Status | None:
        """Status of the result filed under a key, None where there is none."""
        return self._status.get(key.digest)

    def append(self, recorded: Recorded) -> None:
        """File a result, on the disk when this returns.

        Raises
        ------
        ValueError
            If there is one with this key already, unless that one is an error.
        OSError
            If it cannot be written; the ledger is then as it was.
        """
        digest = recorded.key.digest
        if self._status.get(digest, Status.ERROR) is not Status.ERROR:
            raise ValueError(f"the ledger has a result of {recorded.result.solver} with the key {digest} already")
        line, arrays = line_of(recorded)
        if arrays:
            ledger_arrays.write(self.folder / archive_name(recorded.key), arrays)
        self._file.append(line)
        self._status[digest] = recorded.result.status
