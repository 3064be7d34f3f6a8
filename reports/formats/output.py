"""Standard output of a comparison in the format asked for."""

from __future__ import annotations

from collections.abc import Iterable

from formulations.runtime import program
from formulations.runtime.standard_output import results as stream
from reports.formats import csv_text, folder, html_page, latex, plain_text
from reports.tables.table import Table
from solvers.core.result import Result

_AT_THE_END = {"csv": csv_text.render, "latex": latex.render, "html": html_page.render}


class Output:
    """Prints tables as they come, and the other formats, which are one document, in the end.

    Attributes
    ----------
    closed : bool
        Whether nothing printed arrives any more: the reader has gone away, as ``head`` does, or the disk is full.
    """

    def __init__(self, form: str) -> None:
        self.form = form
        self.closed = False
        self._tables: list[Table] = []
        self._results: list[Result] = []

    def add(self, results: Iterable[Result], table: Table, auxiliary_tables: Iterable[Table]) -> None:
        """Take one comparison: its results, its table and the tables beside it.

        CSV leaves the tables beside it out, so that what is printed is one table to a reader.
        """
        tables = [table] if self.form == "csv" else [table, *auxiliary_tables]
        if self.form != "table":
            self._results.extend(results)
            self._tables.extend(tables)
        elif stream().isatty():
            _show(tables)
            self.closed = program.lost(stream()) is not None
        else:
            self._print(plain_text.render(tables) + "\n")

    def end(self) -> None:
        """Print what is one document."""
        if self.form == "json":
            self._print(folder.records_text(self._results))
        elif self.form != "table":
            self._print(_AT_THE_END[self.form](self._tables))

    def _print(self, text: str) -> None:
        self.closed = self.closed or not write(text)


def write(text: str) -> bool:
    """Write to standard output, and return whether it arrives."""
    out = stream()
    out.write(text)
    out.flush()
    return program.lost(out) is None


def _show(tables: Iterable[Table]) -> None:
    from rich.console import Console

    from reports.formats.terminal import show

    console = Console(file=stream(), highlight=False, soft_wrap=False)
    for table in tables:
        show(table, console)
        console.print()
