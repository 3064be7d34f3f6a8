"""The command line of ``python -m reports.gaps``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from formulations.runtime.command_line import Parser, add_out, add_time_limit, whole
from formulations.runtime.program import UsageError
from solvers.comparison.arguments import Selection, add_selection, check_selection

if TYPE_CHECKING:
    from solvers.core.limits import Limits

USUAL_SECONDS = 15.0
"""Time limit of a method [s], that of :class:`solvers.core.limits.Limits`."""

AUTO, LOCAL, NONE = "auto", "local", "none"
"""Schedulers by name; anything else is the address of one, or the file that it writes."""

MORE = """\
DIR holds the ledger (one line per result, kept as it comes), results.csv and results.parquet (one row per result),
and the tables of each problem as CSV, LaTeX, HTML and Parquet: its summary over all instances, every method on
every instance, and which constraint binds. report.html is all of it on one page that needs no other file; figures/
holds its figures as PDF and SVG with their data as CSV."""


@dataclass(frozen=True, kw_only=True)
class Options(Selection):
    """A valid command line.

    Attributes
    ----------
    time_limit : float
        Seconds for each method.
    out : Path
        Folder of the ledger and of what is made of it.
    scheduler : str
        :data:`AUTO`, :data:`LOCAL`, :data:`NONE`, an address or a file.
    workers : int or None
        Runs side by side on this machine, None for as many as fit.
    retry_errors : bool
        Whether to run again what ended in an error.
    command : str
        The whole command line, as a shell reads it.
    """

    time_limit: float
    out: Path
    scheduler: str
    workers: int | None
    retry_errors: bool
    command: str

    @property
    def limits(self) -> Limits:
        """What every method may spend."""
        from solvers.core.limits import Limits  # with NumPy, for which the help would wait

        return Limits(time_limit=self.time_limit, gap=self.gap, threads=self.threads)

    @property
    def is_remote(self) -> bool:
        """Whether a scheduler is to be found that runs already."""
        return self.scheduler not in (AUTO, LOCAL, NONE)


def checked(options: argparse.Namespace) -> Options:
    """Return a valid command line.

    Raises
    ------
    UsageError
        If it is none.
    """
    check_selection(options)
    valid = Options(**vars(options))
    if valid.is_remote and valid.workers is not None:
        raise UsageError("expected --workers only for this machine; a scheduler elsewhere has its own")
    return valid


def add_arguments(parser: Parser) -> None:
    """Add what the command takes."""
    add_selection(parser)
    add_time_limit(parser, USUAL_SECONDS, "for each method on each instance")
    add_out(parser, "folder of the ledger and the reports", required=True)
    add = parser.add_argument
    add(
        "--scheduler",
        type=_scheduler,
        default=AUTO,
        metavar="WHERE",
        help="local: workers on this machine, by dask.distributed; none: this process alone; tcp://HOST:PORT or a "
        "scheduler file: workers of a cluster; auto (default): local if dask.distributed is installed, else none",
    )
    add(
        "--workers",
        type=whole(1, 1024),
        metavar="N",
        help="runs side by side on this machine (default: cores / threads)",
    )
    add("--retry-errors", action="store_true", help="run again what ended in an error")


def _scheduler(text: str) -> str:
    if text in (AUTO, LOCAL, NONE) or "://" in text or Path(text).is_file():
        return text
    raise argparse.ArgumentTypeError(
        f"expected auto, local, none, an address such as tcp://host:8786, or a scheduler file, got '{text}'"
    )
