"""The parts of pages that commands print: tables of one instance, short and whole, and the audit's overview."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

from formulations.runtime.progress import Progress
from instances.storage.atomic import replacing
from reports.comparison import command
from reports.comparison.tables import narrow_tables
from reports.formats import plain_text
from reports.papers.audit.page import copied_overview
from solvers.comparison.several import compared

INSTANCE = "instances/n30.json"
"""What README.md shows the tables of."""

_TABLE = re.compile(r"(?<=<!-- table -->\n```text\n).*?(?=```)", re.DOTALL)


def renew(readme: Path, *, page: Path | None, audit: Path | None) -> None:
    """Write the parts anew, the rest stays as it is.

    Parameters
    ----------
    readme : Path
        README.md: the short table, and the overview of the audit.
    page : Path, optional
        Page that shows all that the main job prints; without it tables stay as they are.
    audit : Path, optional
        Page of the audit whose overview is copied.

    Raises
    ------
    ValueError
        If a page has no such part, or the main job does not end well.
    """
    text = readme.read_text(encoding="utf-8")
    if audit is not None:
        text = copied_overview(audit.read_text(encoding="utf-8"), text)
    if page is not None:
        text = with_table(text, short_table())
        _write(page, with_table(page.read_text(encoding="utf-8"), main_job()))
    _write(readme, text)


def _write(page: Path, text: str) -> None:
    with replacing(page) as file:
        file.write(text.encode())


def short_table() -> str:
    """Return status, objective, bound, gap and time of every method of step allocation on the instance."""
    found = compared(
        INSTANCE,
        None,
        problem="step_allocation",
        time_limit=None,
        gap=None,
        threads=None,
        seed=0,
        seeds=5,
        limits=None,
        progress=Progress(),
    )
    return plain_text.render(narrow_tables(found))


def main_job() -> str:
    """Return what ``python -m solvers.compare instances/n30.json`` prints where no terminal listens."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        status = command.main([INSTANCE])
    if status != 0:
        raise ValueError(f"python -m solvers.compare {INSTANCE} ended with status {status}")
    return printed.getvalue()


def with_table(text: str, printed: str) -> str:
    """Return the page with other words in the fence after ``<!-- table -->``."""
    if not _TABLE.search(text):
        raise ValueError("expected a fence of text after <!-- table -->")
    return _TABLE.sub(lambda match: printed.strip("\n") + "\n", text, count=1)
