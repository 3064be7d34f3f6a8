"""Table of a sweep's provenance: commands, versions, limits, seeds, machines, and instances by their hash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from reports.gap_report.study import Study
from reports.tables.table import Column, Row, Table
from solvers.core.result import Result


def provenance_table(studies: Sequence[Study], commands: Iterable[str]) -> Table:
    """Return everything that is the same for many results, one line each."""
    recorded = [item for study in studies for item in study.results]
    results = [item.result for item in recorded]
    lines = [("command", command) for command in commands]
    lines += [("versions", text) for text in dict.fromkeys(map(_versions, results))]
    lines += [("limits", text) for text in dict.fromkeys(map(_limits, results))]
    lines += [("seeds", _ranges(sorted({result.seed for result in results})))] if results else []
    lines += [("machine", host) for host in dict.fromkeys(item.host for item in recorded)]
    lines += [("results", str(len(results)))]
    return _listed("Where the numbers come from", ("what", "which"), lines)


def instance_hashes(studies: Sequence[Study]) -> Table:
    """Return every instance with the hash of its content."""
    cases = {case.instance_hash: case for study in studies for case in study.cases}
    lines = [(case.instance, case.instance_hash) for case in cases.values()]
    return _listed("Instances by their content", ("instance", "sha256"), lines)


def _listed(title: str, columns: tuple[str, str], lines: Sequence[tuple[str, str]]) -> Table:
    return Table(
        title=title,
        columns=tuple(Column(name, name, numeric=False) for name in columns),
        rows=tuple(Row(line) for line in lines),
        records=[dict(zip(columns, line, strict=True)) for line in lines],
    )


def _versions(result: Result) -> str:
    return ", ".join(f"{package} {version}" for package, version in result.versions.items())


def _limits(result: Result) -> str:
    limits = result.limits
    threads = f"{limits.threads} thread{'s' * (limits.threads > 1)}"
    return f"{limits.time_limit:g} s, relative gap {limits.gap:g}, {threads}"


def _ranges(seeds: Sequence[int]) -> str:
    """Whole numbers with runs of neighbours as one: ``0 to 4, 7``."""
    starts = [0, *(place + 1 for place, (a, b) in enumerate(pairwise(seeds)) if b > a + 1), len(seeds)]
    runs = [seeds[first:last] for first, last in pairwise(starts)]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
