"""Command line of ``python -m solvers.compare``; refuses what is wrong in one sentence."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from formulations.runtime import program
from solvers.core.limits import LARGEST_SEED, MOST_THREADS

UNUSABLE = 2
"""Exit status for input that cannot be used."""

INTERRUPTED = program.INTERRUPTED
"""Exit status after Ctrl-C."""

FORMATS = ("table", "csv", "json", "latex", "html")

LEAST_ADDRESS_SPACE_KIB = 1_000_000
"""Address space in which every method was seen to start; with 400 000 the command hung as it loaded them."""

_LONGEST_SECONDS = 1e7

_DESCRIPTION = "Solve instances with every method that applies, and print how far each is from a proven optimum."

_EPILOG = """\
exit status:
  0    all results agree (infeasible, unknown and unsupported rows included)
  1    a row is an error, a proven bound contradicts a feasible objective, or standard output is full
  2    unusable input or an unknown name; one sentence on standard error says which
  130  interrupted (143 by SIGTERM); what was done is printed and written

example:
  python -m solvers.compare instances/n30.json --out results
"""


class UsageError(ValueError):
    """A command line that cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Options:
    """A valid command line.

    Attributes
    ----------
    files : tuple of str
        Instance files.
    solvers : tuple of str or None
        Names of the methods to run, None for all.
    problem : str or None
        The only problem to solve, None for all that a file poses.
    time_limit : float or None
        Seconds for each method, None for a default that suits their number.
    gap, seed, seeds, threads
        See the command's help.
    out : Path or None
        Folder for records, tables and logs.
    format : str
        What standard output shows.
    listing, version : bool
        Print that instead.
    """

    files: tuple[str, ...]
    solvers: tuple[str, ...] | None
    problem: str | None
    time_limit: float | None
    gap: float
    seed: int
    seeds: int
    threads: int
    out: Path | None
    format: str
    listing: bool
    version: bool


def parse(arguments: Sequence[str] | None) -> Options:
    """Read a command line.

    Raises
    ------
    UsageError
        If it cannot be used.
    SystemExit
        After ``--help``.
    """
    options = Options(**vars(_parser().parse_intermixed_args(arguments)))
    if not options.listing and not options.version:
        check_files(options.files)
        check_address_space()
    check_seeds(options.seed, options.seeds)
    return options


def check_files(files: Sequence[str]) -> None:
    """Refuse a command line without a file.

    Raises
    ------
    UsageError
        If there is none.
    """
    if not files:
        raise UsageError("expected at least one instance file, got none (--help explains)")


def check_address_space() -> None:
    """Refuse a process with less address space than the command was seen to start in.

    Raises
    ------
    UsageError
        If the limit is too low, where the system has one.
    """
    try:
        import resource
    except ImportError:  # not a Unix system
        return
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY and most < LEAST_ADDRESS_SPACE_KIB * 1024:
        raise UsageError(
            f"expected an address space of at least {LEAST_ADDRESS_SPACE_KIB} KiB (ulimit -v), "
            f"got {most // 1024} KiB"
        )


def check_seeds(first: int, count: int) -> None:
    """Refuse seeds that not every solver accepts.

    Raises
    ------
    UsageError
        If one is too large.
    """
    if first + count - 1 > LARGEST_SEED:
        raise UsageError(f"expected seeds up to {LARGEST_SEED}, got {count} from {first} on")


class Parser(argparse.ArgumentParser):
    """Parser whose help keeps its lines, and that refuses an argument with a :class:`UsageError`."""

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _parser() -> argparse.ArgumentParser:
    parser = Parser("python -m solvers.compare", _DESCRIPTION, _EPILOG)
    add_selection(parser)
    add = parser.add_argument
    add(
        "--time-limit",
        type=_time_limit,
        metavar="SECONDS",
        help="for each method; auto (default): 15, less where many methods would take over 45 together",
    )
    add("--out", type=Path, metavar="DIR", help="write results.json, tables (CSV, LaTeX, HTML) and logs there")
    add("--format", choices=FORMATS, default="table", help="of standard output (%(default)s)")
    add("--list", action="store_true", dest="listing", help="list problems and methods, and stop")
    add("--version", action="store_true", help="print the version, and stop")
    return parser


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add what says which methods run on which files, and how closely, all but the time limit."""
    add = parser.add_argument
    add("files", nargs="*", type=str, metavar="FILE", help="instance file, .json or .npz")
    add("--solvers", type=_names, metavar="A,B", help="only these methods (default: all that apply)")
    add("--problem", metavar="NAME", help="only this problem of the files (default: all they pose)")
    add(
        "--gap",
        type=_gap,
        default=1e-6,
        metavar="FRACTION",
        help="relative gap that counts as optimal (%(default)s)",
    )
    add("--seed", type=whole(0, LARGEST_SEED), default=0, metavar="S", help="first seed (%(default)s)")
    add(
        "--seeds",
        type=whole(1, 10_000),
        default=5,
        metavar="COUNT",
        help="seeds of each random method; the table shows their mean (%(default)s)",
    )
    add(
        "--threads",
        type=whole(1, MOST_THREADS),
        default=1,
        metavar="T",
        help="of each external solver, 64 at most of SCIP (%(default)s)",
    )


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise argparse.ArgumentTypeError(f"expected names joined by commas, got '{text}'")
    return names


def _time_limit(text: str) -> float | None:
    return None if text == "auto" else seconds(text, "'auto' or ")


def seconds(text: str, besides: str = "") -> float:
    """A time limit [s]; ``besides`` is what else an error says may stand there.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.
    """
    number = _number(text)
    if not 0.0 < number <= _LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"expected {besides}seconds above 0 and up to {_LONGEST_SECONDS:.0f}, got '{text}'"
        )
    return number


def _gap(text: str) -> float:
    gap = _number(text)
    if not 0.0 <= gap < 1.0:
        raise argparse.ArgumentTypeError(f"expected a fraction from 0 to below 1, got '{text}'")
    return gap


def _number(text: str) -> float:
    """The number that a text says, NaN where it says none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def whole(smallest: int, largest: int) -> Callable[[str], int]:
    """Reader of whole numbers from ``smallest`` to ``largest``."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = smallest - 1
        if not smallest <= number <= largest:
            raise argparse.ArgumentTypeError(f"expected a whole number from {smallest} to {largest}, got '{text}'")
        return number

    return read
