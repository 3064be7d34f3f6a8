"""The command line of ``python -m reports.gaps``."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from solvers.comparison.arguments import (
    Parser,
    UsageError,
    add_selection,
    check_address_space,
    check_files,
    check_seeds,
    seconds,
    whole,
)
from solvers.core.limits import Limits

AUTO, LOCAL, NONE = "auto", "local", "none"
"""Schedulers by name; anything else is the address of one, or the file that it writes."""

_DESCRIPTION = """\
Run every method on every instance, or what is missing of it in DIR, and print how far each method is from the best
proven bound over all instances of a problem."""

_EPILOG = """\
DIR holds the ledger (one line per result, kept as it comes), results.csv and results.parquet (one row per result),
and the tables of each problem as CSV, LaTeX, HTML and Parquet: its summary over all instances, every method on
every instance, and which constraint binds. report.html is all of it on one page that needs no other file; figures/
holds its figures as PDF and SVG with their data as CSV.

exit status:
  0    all results agree
  1    a result is an error or was lost, or a proven bound contradicts a feasible objective
  2    unusable input, an unknown name, or a ledger that another run is writing; one sentence says which
  130  interrupted; what was done is kept, and the same command goes on from there

example:
  python -m reports.gaps instances/split_*.json --out sweep --time-limit 60
"""


@dataclass(frozen=True)
class Options:
    """A valid command line.

    Attributes
    ----------
    files, solvers, problem, gap, seed, seeds, threads
        See :class:`solvers.comparison.arguments.Options`.
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

    files: tuple[str, ...]
    solvers: tuple[str, ...] | None
    problem: str | None
    time_limit: float
    gap: float
    seed: int
    seeds: int
    threads: int
    out: Path
    scheduler: str
    workers: int | None
    retry_errors: bool
    command: str

    @property
    def limits(self) -> Limits:
        """What every method may spend."""
        return Limits(time_seconds=self.time_limit, gap=self.gap, threads=self.threads)

    @property
    def is_remote(self) -> bool:
        """Whether a scheduler is to be found that runs already."""
        return self.scheduler not in (AUTO, LOCAL, NONE)


def parse(arguments: Sequence[str] | None) -> Options:
    """Read a command line.

    Raises
    ------
    UsageError
        If it cannot be used.
    SystemExit
        After ``--help``.
    """
    words = sys.argv[1:] if arguments is None else arguments
    command = shlex.join(["python", "-m", "reports.gaps", *words])
    options = Options(**vars(_parser().parse_intermixed_args(words)), command=command)
    check_files(options.files)
    check_address_space()
    check_seeds(options.seed, options.seeds)
    if options.is_remote and options.workers is not None:
        raise UsageError("expected --workers only for this machine; a scheduler elsewhere has its own")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = Parser("python -m reports.gaps", _DESCRIPTION, _EPILOG)
    add_selection(parser)
    add = parser.add_argument
    add(
        "--time-limit",
        type=seconds,
        default=Limits.time_seconds,
        metavar="SECONDS",
        help="for each method on each instance (%(default)s)",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="folder of the ledger and the reports")
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
    return parser


def _scheduler(text: str) -> str:
    if text in (AUTO, LOCAL, NONE) or "://" in text or Path(text).is_file():
        return text
    raise argparse.ArgumentTypeError(
        f"expected auto, local, none, an address such as tcp://host:8786, or a scheduler file, got '{text}'"
    )
