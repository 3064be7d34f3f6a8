"""What all runs measured, in one CSV file that only grows: a line a ratio, with its run's machine and versions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.ratio import Aim, Ratio
from instances.storage.layouts import rows_of
from instances.storage.store import Store


class Line(NamedTuple):
    """One ratio of one run, as text."""

    started: str
    commit: str
    machine: str
    load: str
    versions: str
    setting: str
    program: str
    name: str
    what: str
    value: str
    unit: str
    limit: str
    aim: str
    met: str
    context: str


ROWS = rows_of(Line)
"""Layout of the file."""

History = Store[Line, Line]


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


def append(history: History, run: RunOf, program: str, ratio: Ratio) -> None:
    """Add one ratio.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    met = "" if ratio.met is None else "yes" if ratio.met else "no"
    aim = "" if ratio.aim is None else str(ratio.aim)
    context = json.dumps(dict(ratio.context))
    measured = (program, ratio.name, ratio.what, repr(ratio.value), ratio.unit, ratio.limit, aim, met, context)
    line = Line(run.started, run.commit, run.machine, run.load, run.versions, run.setting, *measured)
    history.append(line, line)


def last_values(lines: Iterable[Line], run: RunOf) -> dict[str, float]:
    """The latest value of every ratio in the same setting on the same machine, by name."""
    return {
        line.name: float(line.value)
        for line in lines
        if (line.machine, line.setting) == (run.machine, run.setting) and line.value != "nan"
    }


class Earlier(NamedTuple):
    """What a program measured in its latest run."""

    program: str
    started: str
    commit: str
    ratios: tuple[Ratio, ...]


def latest(lines: Iterable[Line], run: RunOf) -> dict[str, Earlier]:
    """The latest run of every program in the same setting on the same machine, by program."""
    by_run: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if (line.machine, line.setting) == (run.machine, run.setting):
            by_run.setdefault((line.program, line.started), []).append(line)
    return {
        program: Earlier(program, started, of_run[0].commit, tuple(map(as_ratio, of_run)))
        for (program, started), of_run in sorted(by_run.items())
    }


def as_ratio(line: Line) -> Ratio:
    """The ratio that a line keeps."""
    sense, _, value = line.aim.rpartition(" ")
    aim = Aim("at most" if sense == "at most" else "at least", float(value)) if line.aim else None
    return Ratio(line.name, line.what, float(line.value), line.unit, line.limit, aim, json.loads(line.context))
