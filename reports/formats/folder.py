"""Writes the folder of ``--out``: records, tables in every format and logs, each file in one step."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from instances.storage.atomic import replacing
from instances.storage.file_names import stem
from instances.storage.lock import only_writer
from reports.formats import csv_text, html_page, latex
from reports.tables.table import Table
from solvers.core.result import Result


def prepare(folder: Path) -> None:
    """Make the folder where it is missing, and see that files can be written into it.

    Raises
    ------
    OSError
        If it cannot be made or written into.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Prepare a folder, and keep other runs from writing into it meanwhile.

    Raises
    ------
    OSError
        If it cannot be made or written into.
    instances.storage.lock.LockedError
        If another run writes into it.
    """
    prepare(folder)
    with only_writer(folder):
        yield


def stems(names: Iterable[str]) -> list[str]:
    """Return file names without ending for instances of these names, all different on any file system."""
    taken: set[str] = set()
    found = []
    encoding = sys.getfilesystemencoding()
    for name in names:
        safe = stem(name.encode(encoding, "replace").decode(encoding))  # as ASCII in a locale without more
        label, count = safe, 1
        while label.casefold() in taken:
            count += 1
            label = f"{safe}-{count}"
        taken.add(label.casefold())
        found.append(label)
    return found


def write_results(folder: Path, results: Iterable[Result]) -> None:
    """Write ``results.json``: the list of all records with their solutions."""
    write_text(folder / "results.json", records_text(results))


def records_text(results: Iterable[Result]) -> str:
    """Return all results as a JSON list of records, one a line."""
    records = ",\n".join(json.dumps(result.to_record(), allow_nan=False, default=str) for result in results)
    return f"[\n{records}\n]\n" if records else "[]\n"


def write_table(folder: Path, label: str, table: Table) -> None:
    """Write a table as CSV, LaTeX and HTML."""
    for ending, render in (("csv", csv_text.render), ("tex", latex.render), ("html", html_page.render)):
        write_text(folder / f"{label}.{ending}", render([table]))


def write_logs(folder: Path, label: str, results: Sequence[Result]) -> None:
    """Write ``logs/<label>_<solver>.log`` for every result that has a log, one a seed where there are several."""
    seeds = Counter(result.solver for result in results)
    for result in results:
        if result.log:
            seed = f"_seed{result.seed}" if seeds[result.solver] > 1 else ""
            write_text(folder / "logs" / f"{label}_{stem(result.solver)}{seed}.log", result.log)


def write_text(path: Path, text: str) -> None:
    """Write a file in one step, its folder too where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write(text.encode("utf-8", errors="backslashreplace"))
