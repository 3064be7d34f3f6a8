"""Commands that show the tables of one stored CSV file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TypeVar

from instances.command_line import Parser
from instances.errors import InstanceError
from reports.formats import markdown, plain_text
from reports.tables.table import Table

RENDER = {"table": plain_text.render, "markdown": markdown.render}

Records = TypeVar("Records", bound=Collection[object])


def parser(prog: str, description: str) -> Parser:
    """Arguments that all of them have: the file, and the format of the tables."""
    made = Parser(prog=prog, description=description)
    made.add_argument("file", type=Path, help="stored records, a CSV file")
    made.add_argument("--format", choices=RENDER, default="table", help="of the tables (%(default)s)")
    return made


def show(
    parser: Parser,
    options: argparse.Namespace,
    read: Callable[[Path], Records],
    tables: Callable[[Records], Iterable[Table]],
) -> int:
    """Print the tables; a file that cannot be used or holds nothing ends the command with a sentence."""
    try:
        records = read(options.file)
        if not records:
            raise InstanceError(f"{options.file}: expected records, got none")
    except InstanceError as error:
        parser.error(str(error))
    sys.stdout.write(RENDER[options.format](tables(records)))
    return 0
