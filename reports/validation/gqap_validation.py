"""The command ``python -m reports.gqap_validation``: every method on public instances, against published values.

The instances are other people's and are not part of the package; ``--data`` is a folder of theirs with
``known_values.csv``. Results are filed as they come, so that the same command goes on where an earlier one ended.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from formulations.runtime.command_line import Command, Parser, add_out, add_time_limit, names, whole
from formulations.runtime.program import INTERRUPTED, UsageError
from formulations.runtime.progress import NOW_AND_THEN, Lines
from instances import Instance, load
from instances.storage.atomic import replacing
from reports.formats import csv_text, markdown
from reports.validation.gqap_known import FILE, Known, files_table, read_known, summary_table
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.core.result import Result
from solvers.sweep.ledger import Ledger, read
from solvers.sweep.run_tasks import Serial
from solvers.sweep.run_tasks import run as sweep
from solvers.sweep.task import Task, tasks

PROBLEM = "gqap"

EXTERNAL_SECONDS = 600.0
"""Time limit of a method that calls an external solver."""

OWN_EXACT_SECONDS = 60.0
"""Time limit of an exact method of our own."""

HEURISTIC_SECONDS = {"cordeau": 60.0}
"""Time limit of a heuristic by family, where it is not :data:`USUAL_HEURISTIC_SECONDS`."""

USUAL_HEURISTIC_SECONDS = 10.0


def _run(options: argparse.Namespace) -> int:
    known = read_known(options.data)
    chosen = [entry for entry in known if fnmatch(entry.file, options.files)]
    if not chosen:
        raise UsageError(f"--files: expected a pattern of files in {options.data / FILE}, got '{options.files}'")
    methods = _methods(options.solvers)
    instances = {entry.file: load(options.data / entry.file) for entry in known}
    wanted = [task for entry in chosen for task in _tasks(entry, instances[entry.file], methods, options)]
    with Ledger(options.out) as book:
        swept = sweep(wanted, book, Serial(options.workers), progress=Lines(NOW_AND_THEN))
    good = write_reports(options.out, known, {file: instance.sha256 for file, instance in instances.items()})
    if swept.interrupted:
        return INTERRUPTED
    return 0 if good else 1


def write_reports(out: Path, known: Sequence[Known], hashes: dict[str, str]) -> bool:
    """Write the tables of everything in the ledger, and say whether nothing contradicts a published value."""
    by_hash: dict[str, list[Result]] = {}
    for recorded in read(out):
        by_hash.setdefault(recorded.result.instance_hash, []).append(recorded.result)
    order = [method.name for method in registry.methods_for(PROBLEM)]
    results = {
        file: sorted(by_hash.get(digest, ()), key=lambda result: (order.index(result.solver), result.seed))
        for file, digest in hashes.items()
    }
    tables = [summary_table(known, results), files_table(known, results)]
    for name, text in (
        ("results.csv", csv_text.render(tables[1:])),
        ("README.md", _document(markdown.render(tables))),
    ):
        with replacing(out / name) as file:
            file.write(text.encode())
    return not any(table.alerts for table in tables)


def _document(tables: str) -> str:
    return (
        "# The methods for the GQAP on public instances\n\n"
        "Made by `python -m reports.gqap_validation`; docs/gqap_data.md says what the instances are. One thread a "
        "run.\n\n"
        f"{tables}"
    )


def _methods(names: Sequence[str] | None) -> list[Method]:
    if names is None:
        return list(registry.methods_for(PROBLEM))
    return [registry.method(name, PROBLEM) for name in names]


def _tasks(
    entry: Known, instance: Instance, methods: Sequence[Method], options: argparse.Namespace
) -> Iterator[Task]:
    for method in methods:
        limits = Limits(options.time_limit or time_limit(method, entry.family))
        yield from tasks([instance], [method.name], PROBLEM, range(options.seeds), limits)


def time_limit(method: Method, family: str) -> float:
    """Return seconds that a method may take on a file of a family."""
    if method.isolated:
        return EXTERNAL_SECONDS
    return OWN_EXACT_SECONDS if method.exact else HEURISTIC_SECONDS.get(family, USUAL_HEURISTIC_SECONDS)


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help=f"folder with {FILE} and the files that it names")
    add_out(parser, "folder of the ledger and the reports", required=True)
    add("--files", default="*", metavar="PATTERN", help="only these files, such as 'gqap/lee_ma/*' (default: all)")
    add("--solvers", type=names, metavar="A,B", help="only these methods (default: all)")
    add_time_limit(parser, None, "for each method (default: by method and family)")
    add("--seeds", type=whole(1, 1000), default=1, metavar="COUNT", help="of each random method (%(default)s)")
    add("--workers", type=whole(1, 1024), default=1, metavar="N", help="external solvers at a time (%(default)s)")


main = Command(
    module="reports.gqap_validation",
    summary="Run every method of the GQAP on public instances and compare with the published values.",
    arguments=_arguments,
    run=_run,
    example=("--data benchmarks --out validation --files 'gqap/lee_ma/*'",),
    more="DIR of --out holds ledger.jsonl (every result, kept as it comes), results.csv and README.md.",
    statuses={
        0: "no result contradicts a published value",
        1: "one does, or a method failed",
        130: "interrupted; the same command goes on from there",
    },
)
"""Validates the methods of the GQAP."""
