"""Compares results on public instances with published values."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from formulations.runtime.program import UsageError
from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells
from solvers.core.result import Result, Status
from solvers.core.tolerance import BOUND_TOLERANCE
from solvers.core.validation import SMALLEST_DENOMINATOR

FILE = "known_values.csv"
"""Name of the file with the published values: ``file,n,m,value,status``."""

OPTIMAL = "optimal"
"""Its status of a value that is proven; any other is the best that anyone has found."""


@dataclass(frozen=True)
class Known:
    """A published value.

    Attributes
    ----------
    file : str
        The instance's file, as a path below the folder.
    value : float
        Cost of the best published assignment.
    proven : bool
        Whether it is the optimum.
    """

    file: str
    value: float
    proven: bool

    @property
    def family(self) -> str:
        """Folder that the file is in."""
        return Path(self.file).parent.name


class Verdict(StrEnum):
    """What a result says beside the published value."""

    PROVEN = "proven"
    REACHED = "reached"
    IMPROVED = "better than known"
    SHORT = "not reached"
    NOTHING = "no assignment"
    IMPOSSIBLE = "CONTRADICTS the known value"
    ERROR = "ERROR"


def read_known(folder: Path) -> list[Known]:
    """Return published values of a folder.

    Raises
    ------
    UsageError
        If there is no such file, or it has other columns.
    """
    try:
        with (folder / FILE).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [Known(row["file"], float(row["value"]), row["status"] == OPTIMAL) for row in rows]
    except OSError as fault:
        raise UsageError(f"{folder / FILE}: expected a readable file, got an error ({fault.strerror})") from None
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{folder / FILE}: expected columns file, value (a number) and status") from None


def verdict(known: Known, result: Result) -> Verdict:
    """Return what a validated result says beside the published value."""
    tolerance = BOUND_TOLERANCE * max(1.0, abs(known.value))
    if result.status is Status.ERROR:
        return Verdict.ERROR
    if result.bound is not None and result.bound > known.value + tolerance:
        return Verdict.IMPOSSIBLE
    if result.objective is None:
        return Verdict.IMPOSSIBLE if result.status is Status.INFEASIBLE else Verdict.NOTHING
    if result.objective < known.value - tolerance:
        return Verdict.IMPOSSIBLE if known.proven else Verdict.IMPROVED
    if result.objective > known.value + tolerance:
        return Verdict.IMPOSSIBLE if result.status is Status.OPTIMAL else Verdict.SHORT
    return Verdict.PROVEN if result.status is Status.OPTIMAL else Verdict.REACHED


def gap_to_known(known: Known, value: float | None) -> float | None:
    """(value - published) / |published|, as a fraction; negative below it, as a bound is."""
    return None if value is None else (value - known.value) / max(abs(known.value), SMALLEST_DENOMINATOR)


Results = Mapping[str, Sequence[Result]]
"""Results of each file."""


def record(known: Known, result: Result) -> dict[str, object]:
    """Return one result as a row of a CSV file."""
    return {
        "file": known.file,
        "method": result.solver,
        "seed": result.seed,
        "time_limit": result.limits.time_limit,
        "status": str(result.status),
        "reason": result.reason,
        "objective": result.objective,
        "bound": result.bound,
        "root_bound": result.root_bound,
        "nodes": result.nodes,
        "seconds": round(result.seconds, 3),
        "known": known.value,
        "known_status": OPTIMAL if known.proven else "best known",
        "verdict": str(verdict(known, result)),
    }


def summary_table(known: Sequence[Known], results: Results) -> Table:
    """Return how often each method proved, reached or missed the published value, by family."""
    rows: list[Row] = []
    for family in dict.fromkeys(entry.family for entry in known):
        entries = [entry for entry in known if entry.family == family]
        methods = dict.fromkeys(result.solver for entry in entries for result in results.get(entry.file, ()))
        rows.extend(_summary(family, method, entries, results) for method in methods)
    kinds = ("proven", "reached", "better than known", "not reached", "no assignment", "contradictions, errors")
    return Table(
        title="Public instances: files by verdict",
        columns=(
            Column("family", "family", numeric=False),
            Column("method", "method", numeric=False),
            *(Column(kind, kind, "files") for kind in ("all", *kinds)),
            Column("seconds", "longest run", "s"),
        ),
        rows=tuple(rows),
        notes=(
            "proven: the published value and a bound of the method's own that closes the gap; reached: the value "
            "alone. The worst of several seeds counts.",
        ),
    )


_FROM_BEST_TO_WORST = list(Verdict)


def _summary(family: str, method: str, entries: Sequence[Known], results: Results) -> Row:
    found = [[result for result in results.get(entry.file, ()) if result.solver == method] for entry in entries]
    worst = [
        max((verdict(entry, result) for result in several), key=_FROM_BEST_TO_WORST.index)
        for entry, several in zip(entries, found, strict=True)
        if several
    ]
    counts = [worst.count(kind) for kind in _FROM_BEST_TO_WORST]
    counts = [*counts[:5], sum(counts[5:])]
    longest = max(result.seconds for several in found for result in several)
    return Row(
        (family, method, str(len(worst)), *map(str, counts), numbers.seconds(longest)),
        kind="error" if counts[-1] else "optimal",
    )


_TO_KNOWN = ("objective", "bound", "root_bound")

_COLUMNS = (
    Column("file", "file", numeric=False),
    Column("method", "method", numeric=False),
    Column("known", "known value"),
    Column("objective", "objective to known", "%", show=numbers.signed_percent),
    Column("bound", "bound to known", "%", show=numbers.signed_percent),
    Column("root_bound", "root bound to known", "%", show=numbers.signed_percent),
    Column("nodes", "nodes", show=numbers.count),
    Column("seconds", "run", "s", show=numbers.seconds),
    Column("verdict", "verdict", numeric=False),
)


def files_table(known: Sequence[Known], results: Results) -> Table:
    """Return one line a file and method: objective and bound against the published value, and what they took."""
    rows, alerts, records = [], [], []
    for entry in known:
        for result in results.get(entry.file, ()):
            found = record(entry, result)
            wrong = found["verdict"] in (Verdict.IMPOSSIBLE, Verdict.ERROR)
            if wrong:
                sentence = f"{result.solver} on {entry.file}: {found['verdict']} {result.reason}"
                alerts.append(f"CHECK FAILED: {sentence}".strip())
            to_known = {name: gap_to_known(entry, getattr(result, name)) for name in _TO_KNOWN}
            value = f"{entry.value:.12g}{'' if entry.proven else ' (best known)'}"
            shown = found | to_known | {"file": Path(entry.file).stem, "known": value, "seconds": result.seconds}
            rows.append(Row(cells(_COLUMNS, shown), kind="error" if wrong else str(result.status)))
            records.append(found)
    return Table("Public instances: every run", _COLUMNS, tuple(rows), alerts=tuple(alerts), records=records)
