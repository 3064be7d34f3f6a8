"""The ledger of a sweep: an append-only file with one result a line, which survives a killed writer.

``ledger.jsonl`` (:mod:`instances.storage.store`) holds one JSON record a line. Long arrays
(:mod:`solvers.sweep.ledger_arrays`) are in an archive beside it, written before the line that refers to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from instances.storage import store
from solvers.core.result import Status
from solvers.sweep import ledger_arrays
from solvers.sweep.ledger_key import Key
from solvers.sweep.ledger_record import Recorded, archive_name, line_of, recorded_of

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


class _Lines:
    """A result a line, by the digest of its key, with the version of the layout."""

    expected = "the record of a result"
    heading = b""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def is_heading(self, line: bytes) -> bool:
        return False

    def record(self, line: bytes) -> tuple[str, Recorded]:
        recorded = recorded_of(line, self._folder)
        return recorded.key.digest, recorded

    def line(self, key: str, recorded: Recorded) -> bytes:
        """The line, whose long arrays are written before it."""
        line, arrays = line_of(recorded)
        if arrays:
            ledger_arrays.write(self._folder / archive_name(recorded.key), arrays)
        return line


def read(folder: str | os.PathLike[str]) -> list[Recorded]:
    """All results of a ledger, in the order of their lines; of two with the same key the later one.

    A ledger that somebody is writing can be read too.

    Raises
    ------
    instances.storage.store.DamagedError
        If a complete line is not a record.
    OSError
        If there is no ledger.
    """
    folder = Path(folder)
    return list(store.read(folder / FILE, _Lines(folder)).values())


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
            "time_limit": result.limits.time_limit,
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

    Opening it does what opening a :class:`~instances.storage.store.Store` does.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        folder = Path(folder)
        self._store = store.Store(folder / FILE, _Lines(folder))
        self._status: dict[str, Status] = {}

    def __enter__(self) -> Ledger:
        self._store.__enter__()
        self._status = {key: item.result.status for key, item in self._store.known.items()}
        self._store.known = {}  # results may be large
        return self

    def __exit__(self, *_: object) -> None:
        self._store.__exit__()

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
        key = recorded.key.digest
        if self._status.get(key, Status.ERROR) is not Status.ERROR:
            raise ValueError(f"the ledger has a result of {recorded.result.solver} with the key {key} already")
        self._store.append(key, recorded)
        self._status[key] = recorded.result.status
