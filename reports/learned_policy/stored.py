"""Commands that show the tables of one stored CSV file."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from formulations.runtime.command_line import Parser
from formulations.runtime.program import UsageError
from formulations.runtime.standard_output import results
from instances.storage.store import K, Layout, R, read
from reports.formats import markdown, plain_text
from reports.tables.table import Table

RENDER = {"table": plain_text.render, "markdown": markdown.render}


def add_arguments(parser: Parser) -> None:
    """Add what all of them take: the file, and the format of the tables."""
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="stored records")
    parser.add_argument("--format", choices=RENDER, default="table", help="of the tables (%(default)s)")


def show(options: Namespace, layout: Layout[K, R], tables: Callable[[Mapping[K, R]], Iterable[Table]]) -> None:
    """Print the tables.

    Raises
    ------
    UsageError
        If the file cannot be used or holds nothing.
    """
    try:
        records = read(options.file, layout)
    except OSError as fault:
        raise UsageError(f"{options.file}: {fault.strerror}") from None
    if not records:
        raise UsageError(f"{options.file}: expected records, got none")
    print(RENDER[options.format](tables(records)), end="", file=results())
