"""Files of a sweep's solutions, and the links to them from the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from instances.storage.file_names import stem
from reports.formats import folder
from reports.gap_report.study import Case, Study, best_result
from reports.tables.table import Table

FOLDER = "solutions"
"""Folder of the solutions, below the sweep's."""

Links: TypeAlias = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
"""Words and addresses by instance and method."""


def write_solutions(out: Path, study: Study) -> Links:
    """Write the best result of every method on every instance as ``solutions/<problem>_<instance>_<method>.json``.

    Returns the links of each, those to the picture of the instance's best solution among them where it exists.
    """
    links: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    stems = folder.stems(case.instance for case in study.cases)
    for case, label in zip(study.cases, stems, strict=True):
        for method in dict.fromkeys(item.result.solver for item in case.results):
            best = best_result(study.problem, _of(case, method))
            if best is not None:
                file = f"{FOLDER}/{study.problem.name}_{label}_{stem(method)}.json"
                folder.write_text(out / file, folder.records_text([best.complete()]))
                links[case.instance, method] = (("solution", file), *_picture(out, study.problem.name, label))
    return links


def linked(table: Table, links: Links) -> Table:
    """Return the table with the links of each row that tells its instance and method."""
    rows = tuple(
        replace(row, links=links.get((str(record["instance"]), str(record["method"])), ()))
        for row, record in zip(table.rows, table.records, strict=True)
    )
    return replace(table, rows=rows)


def _of(case: Case, method: str) -> Case:
    return replace(case, results=tuple(item for item in case.results if item.result.solver == method))


def _picture(out: Path, problem: str, label: str) -> tuple[tuple[str, str], ...]:
    files = [(ending.upper(), f"figures/{problem}_solution_{label}.{ending}") for ending in ("pdf", "csv")]
    return tuple((words, file) for words, file in files if (out / file).exists())
