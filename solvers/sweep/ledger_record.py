"""Converts a result to one line of the ledger, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from formulations.evaluation import Evaluation
from formulations.runtime.program import UsageError
from solvers.core.limits import FORMER, Limits
from solvers.core.result import Result, Status
from solvers.sweep import ledger_arrays
from solvers.sweep.ledger_arrays import Arrays
from solvers.sweep.ledger_key import Key, versions_digest

VERSION = 1
"""Version of the line's layout."""

ARRAYS_FOLDER = "arrays"
"""Folder beside the ledger with one archive per result that has long arrays."""

_MAY_BE_LONG = ("solution", "duals", "certificate", "history")


class LedgerError(UsageError):
    """Long arrays of a result that cannot be read; the message is one sentence."""


@dataclass(frozen=True)
class Recorded:
    """A result of the ledger.

    Attributes
    ----------
    key : Key
        What it is filed under.
    result : Result
        The result; fields with an array that is kept in an archive are empty until :meth:`complete`.
    users : int
        Size of the instance: its number of users or items.
    host : str
        Machine that computed it: times of different machines do not compare.
    archive : Path or None
        Where its long arrays are.
    """

    key: Key
    result: Result
    users: int
    host: str
    archive: Path | None = None
    _incomplete: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def complete(self) -> Result:
        """The result with its long arrays.

        Raises
        ------
        LedgerError
            If their archive cannot be read.
        """
        if self.archive is None:
            return self.result
        try:
            arrays = ledger_arrays.read(self.archive)
            filled = {name: ledger_arrays.attach(tree, arrays) for name, tree in self._incomplete.items()}
        except Exception as fault:  # neither zipfile nor NumPy documents what damaged bytes make them raise
            got = f"{type(fault).__name__}: {fault}"
            raise LedgerError(f"{self.archive}: expected the long arrays of a result, got {got}") from None
        return replace(self.result, **{name: _restored(name, value) for name, value in filled.items()})


def line_of(recorded: Recorded) -> tuple[bytes, Arrays]:
    """The line of a result, its end included, and the arrays that are too long for it."""
    arrays: Arrays = {}
    result = recorded.result
    short = {name: ledger_arrays.detach(getattr(result, name), name, arrays) for name in _MAY_BE_LONG}
    evaluation = result.evaluation
    record = {
        "ledger_version": VERSION,
        "key": recorded.key.digest,
        **replace(result, **short).to_record(),
        "magnitude": evaluation.magnitude if evaluation else None,
        "rounding": evaluation.rounding if evaluation else None,
        "users": recorded.users,
        "host": recorded.host,
        "archive": archive_name(recorded.key) if arrays else None,
    }
    if result.status is Status.ERROR:
        record["log"] = result.log
    text = json.dumps(record, separators=(",", ":"), allow_nan=False, default=str)
    return text.encode() + b"\n", arrays


def archive_name(key: Key) -> str:
    """Where the long arrays of a result are, below the ledger's folder."""
    return f"{ARRAYS_FOLDER}/{key.digest}.npz"


def recorded_of(line: bytes, folder: Path) -> Recorded:
    """The result that a line holds.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the line is no such record, or its key is not that of its content.
    """
    record = json.loads(line)
    if record["ledger_version"] != VERSION:
        raise ValueError(f"layout {record['ledger_version']}, this version reads {VERSION}")
    given = record["limits"]
    limits = Limits(**{"time_limit" if name == FORMER else name: given[name] for name in given})
    key = Key(
        record["instance_hash"],
        record["problem"],
        record["solver"],
        record["seed"],
        limits,
        versions_digest(record["versions"]),
    )
    if record["key"] != key.digest:
        raise ValueError("a key that is not the one of its content")
    known = {name: record[name] for name in (item.name for item in fields(Result)) if name in record}
    incomplete = {name: known.pop(name) for name in _MAY_BE_LONG if not ledger_arrays.is_complete(known[name])}
    values = {name: _restored(name, value) for name, value in known.items() if name in _MAY_BE_LONG}
    result = Result(
        **known
        | values
        | {"status": Status(record["status"]), "limits": limits, "evaluation": _evaluation(record)}
    )
    archive = folder / record["archive"] if record["archive"] else None
    return Recorded(key, result, record["users"], record["host"], archive, incomplete)


def _evaluation(record: Mapping[str, Any]) -> Evaluation | None:
    if record["metrics"] is None:
        return None
    return Evaluation(
        objective=_number(record["objective"]),
        metrics={name: _number(value) for name, value in record["metrics"].items()},
        violations={name: _number(value) for name, value in record["violations"].items()},
        magnitude=record["magnitude"],
        rounding=record.get("rounding") or 0.0,  # records before it was kept have none
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _restored(name: str, value: Any) -> Any:
    """A field of a result from its plain data."""
    if name == "solution" and value is not None:
        return {symbol: np.asarray(values) for symbol, values in value.items()}
    return tuple(value) if name == "history" else value
