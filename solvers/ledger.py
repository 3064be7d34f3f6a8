"""The ledger of a sweep: an append-only file with one result a line, which survives a killed writer.

``ledger.jsonl`` holds one JSON record a line. A line is written by a single system call and put on the disk before
the sweep goes on; one that a killed writer left incomplete has no end of line and is dropped. Long arrays
(:mod:`solvers.ledger_arrays`) are in an archive beside it, written before the line that refers to it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from instances.atomic import sync_folder
from solvers import ledger_arrays
from solvers.ledger_key import Key
from solvers.ledger_record import LedgerError, Recorded, archive_name, line_of, recorded_of
from solvers.result import Status

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


def read(folder: str | os.PathLike[str]) -> list[Recorded]:
    """All results of a ledger, in the order of their lines; of two with the same key the later one.

    A ledger that somebody is writing can be read too.

    Raises
    ------
    LedgerError
        If a complete line is not a record.
    OSError
        If there is no ledger.
    """
    found, _ = _read(Path(folder) / FILE)
    return list(found.values())


def _read(path: Path) -> tuple[dict[str, Recorded], int]:
    """All results by the digest of their key, and the bytes up to the end of the last complete line."""
    found: dict[str, Recorded] = {}
    complete = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            try:
                recorded = recorded_of(line, path.parent)
            except (ValueError, KeyError, TypeError, AttributeError) as fault:
                got = f"{type(fault).__name__}: {fault}"
                raise LedgerError(f"{path}, line {number}: expected the record of a result, got {got}") from None
            found[recorded.key.digest] = recorded
            complete += len(line)
    return found, complete


def as_frame(results: Iterable[Recorded]) -> pd.DataFrame:
    """One row a result, with everything but its arrays."""
    import pandas as pd

    from solvers.frame import row

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
        self._descriptor = -1
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
        path = self.folder / FILE
        self.folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _lock(self._descriptor, path)
            sync_folder(self.folder)
            found, complete = _read(path)
            self._status = {digest: recorded.result.status for digest, recorded in found.items()}
            self.dropped_bytes = os.fstat(self._descriptor).st_size - complete
            if self.dropped_bytes:
                self._cut(complete)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let others write it."""
        self._close()

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
        before = os.fstat(self._descriptor).st_size
        if os.write(self._descriptor, line) < len(line):
            self._cut(before)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(self._descriptor)
        self._status[digest] = recorded.result.status

    def _cut(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)
        os.fsync(self._descriptor)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _lock(descriptor: int, path: Path) -> None:
    """Lock the ledger for this process; the system releases it however the process ends."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LedgerError(f"{path}: another run is writing this ledger, expected one at a time") from None
    except OSError as fault:
        raise LedgerError(f"{path}: expected a file system with locks, got an error ({fault.strerror})") from None
