"""What all runs measured, in one CSV file that only grows: a line a ratio, with its run's machine and versions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ratio import Ratio
from instances.files.append_only import AppendError, AppendOnlyFile, whole_lines

COLUMNS = (
    "started",
    "commit",
    "machine",
    "load",
    "versions",
    "setting",
    "program",
    "name",
    "what",
    "value",
    "unit",
    "limit",
    "aim",
    "met",
    "context",
)


@dataclass(frozen=True)
class RunOf:
    """What all ratios of one run share.

    Attributes
    ----------
    started : str
        Date and time, UTC.
    commit, machine, versions : str
        See :mod:`benchmarks.machine`.
    load : str
        Processes that wanted to run during the minute before, on average: above 0 the machine was shared.
    setting : str
        ``quick`` or ``full``: ratios of the same setting compare.
    """

    started: str
    commit: str
    machine: str
    load: str
    versions: str
    setting: str


def append(file: AppendOnlyFile, run: RunOf, program: str, ratio: Ratio) -> None:
    """Add one ratio, after the line of headings where the file is empty.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    if file.path.stat().st_size == 0:
        file.append(_line(COLUMNS))
    met = "" if ratio.met is None else "yes" if ratio.met else "no"
    aim = "" if ratio.aim is None else str(ratio.aim)
    context = json.dumps(dict(ratio.context))
    measured = (program, ratio.name, ratio.what, repr(ratio.value), ratio.unit, ratio.limit, aim, met, context)
    about = (run.started, run.commit, run.machine, run.load, run.versions, run.setting)
    file.append(_line((*about, *measured)))


def read(path: Path) -> Iterator[Mapping[str, str]]:
    """All lines as text by column, oldest first; none where there is no file.

    Raises
    ------
    AppendError
        If the file is no such history.
    """
    if not path.exists():
        return
    for number, line in enumerate(whole_lines(path), start=1):
        cells = next(csv.reader([line.decode(errors="replace")]), [])
        if number == 1 and tuple(cells) != COLUMNS:
            raise AppendError(f"{path}, line 1: expected the headings of a history of benchmarks")
        if len(cells) != len(COLUMNS):
            raise AppendError(f"{path}, line {number}: expected {len(COLUMNS)} cells, got {len(cells)}")
        if number > 1:
            yield dict(zip(COLUMNS, cells, strict=True))


def last_values(path: Path, run: RunOf) -> dict[str, float]:
    """The latest value of every ratio in the same setting on the same machine, by name.

    Raises
    ------
    AppendError
        If the file is no such history.
    """
    same = (row for row in read(path) if (row["machine"], row["setting"]) == (run.machine, run.setting))
    return {row["name"]: float(row["value"]) for row in same}


def _line(cells: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([" ".join(cell.split()) for cell in cells])
    return text.getvalue().encode()
