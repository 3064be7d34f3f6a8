"""The parts of README.md that commands print: the table of one instance, and the overview of the audit."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

from instances.files.atomic import replacing
from reports.comparison import command
from reports.papers.audit.page import copied_overview

INSTANCE = "instances/n30.json"
"""What README.md shows the tables of."""

_TABLE = re.compile(r"(?<=<!-- table -->\n```text\n).*?(?=```)", re.DOTALL)


def renew(readme: Path, *, table: bool, audit: Path | None) -> None:
    """Write the parts anew, the rest stays as it is.

    Parameters
    ----------
    readme : Path
        The page.
    table : bool
        Whether to run the main job and show what it prints.
    audit : Path, optional
        Page of the audit whose overview is copied.

    Raises
    ------
    ValueError
        If the page has no such part, or the main job does not end well.
    """
    text = readme.read_text(encoding="utf-8")
    if audit is not None:
        text = copied_overview(audit.read_text(encoding="utf-8"), text)
    if table:
        text = with_table(text, main_job())
    with replacing(readme) as file:
        file.write(text.encode())


def main_job() -> str:
    """What ``python -m solvers.compare instances/n30.json`` prints where no terminal listens."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        status = command.main([INSTANCE])
    if status != 0:
        raise ValueError(f"python -m solvers.compare {INSTANCE} ended with status {status}")
    return printed.getvalue()


def with_table(text: str, printed: str) -> str:
    """The page with other words in the fence after ``<!-- table -->``."""
    if not _TABLE.search(text):
        raise ValueError("expected a fence of text after <!-- table -->")
    return _TABLE.sub(lambda match: printed.strip("\n") + "\n", text, count=1)
