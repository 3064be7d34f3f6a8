"""The command line of ``python -m solvers.compare``: what may be said, and one sentence for what may not."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

UNUSABLE = 2
"""Exit status for input that cannot be used."""

INTERRUPTED = 130
"""Exit status after Ctrl-C."""

FORMATS = ("table", "csv", "json", "latex", "html")

LARGEST_SEED = 2**31 - 1
"""Largest seed that every solver accepts."""

_LONGEST_SECONDS = 1e7

_DESCRIPTION = "Solve instances with every method that applies, and print how far each is from a proven optimum."

_EPILOG = """\
exit status:
  0    all results agree (infeasible, unknown and unsupported rows included)
  1    a row is an error, or a proven bound contradicts a feasible objective
  2    unusable input or an unknown name; one sentence on standard error says which
  130  interrupted; what was done is printed and written

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
    if not options.files and not options.listing and not options.version:
        raise UsageError("expected at least one instance file, got none (--help explains)")
    if options.seed + options.seeds - 1 > LARGEST_SEED:
        raise UsageError(f"expected seeds up to {LARGEST_SEED}, got {options.seeds} from {options.seed} on")
    return options


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m solvers.compare",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("files", nargs="*", type=str, metavar="FILE", help="instance file, .json or .npz")
    add("--solvers", type=_names, metavar="A,B", help="only these methods (default: all that apply)")
    add("--problem", metavar="NAME", help="only this problem of the files (default: all they pose)")
    add(
        "--time-limit",
        type=_time_limit,
        metavar="SECONDS",
        help="for each method; auto (default): 15, less where many methods would take over 45 together",
    )
    add(
        "--gap",
        type=_gap,
        default=1e-6,
        metavar="FRACTION",
        help="relative gap that counts as optimal (%(default)s)",
    )
    add("--seed", type=_whole(0, LARGEST_SEED), default=0, metavar="S", help="first seed (%(default)s)")
    add(
        "--seeds",
        type=_whole(1, 10_000),
        default=5,
        metavar="COUNT",
        help="seeds of each random method; the table shows their mean (%(default)s)",
    )
    add("--threads", type=_whole(1, 1024), default=1, metavar="T", help="of each external solver (%(default)s)")
    add("--out", type=Path, metavar="DIR", help="write results.json, tables (CSV, LaTeX, HTML) and logs there")
    add("--format", choices=FORMATS, default="table", help="of standard output (%(default)s)")
    add("--list", action="store_true", dest="listing", help="list problems and methods, and stop")
    add("--version", action="store_true", help="print the version, and stop")
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise argparse.ArgumentTypeError(f"expected names joined by commas, got '{text}'")
    return names


def _time_limit(text: str) -> float | None:
    if text == "auto":
        return None
    seconds = _number(text)
    if not 0.0 < seconds <= _LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"expected 'auto' or seconds above 0 and up to {_LONGEST_SECONDS:.0f}, got '{text}'"
        )
    return seconds


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


def _whole(smallest: int, largest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = smallest - 1
        if not smallest <= number <= largest:
            raise argparse.ArgumentTypeError(f"expected a whole number from {smallest} to {largest}, got '{text}'")
        return number

    return read
