"""What the commands that run many methods on many instances take from their command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from formulations.runtime.command_line import (
    LARGEST_SEED,
    MOST_THREADS,
    add_files,
    add_gap,
    add_seed,
    names,
    whole,
)
from formulations.runtime.program import UsageError

LEAST_ADDRESS_SPACE_KIB = 1_000_000
"""Address space in which every method was seen to start; with 400 000 the command hung as it loaded them."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What :func:`add_selection` adds, once it is valid.

    Attributes
    ----------
    files : sequence of str
        Instances, as files or names of the library.
    solvers : tuple of str or None
        Names of the methods to run, None for all.
    problem : str or None
        The only problem to solve, None for all that a file poses.
    gap, seed, seeds, threads
        See the command's help.
    """

    files: Sequence[str]
    solvers: tuple[str, ...] | None
    problem: str | None
    gap: float
    seed: int
    seeds: int
    threads: int


@dataclass(frozen=True, kw_only=True)
class Options(Selection):
    """A valid command line of ``solvers.compare``.

    Attributes
    ----------
    time_limit : float or None
        Seconds for each method, None for a default that suits their number.
    out : Path or None
        Folder for records, tables and logs.
    format : str
        What standard output shows.
    """

    time_limit: float | None
    out: Path | None
    format: str


def check_selection(options: argparse.Namespace) -> None:
    """Refuse a command line without a file, with a seed too large, or a process with too little address space.

    Raises
    ------
    UsageError
        If something of it cannot be used.
    """
    if not options.files:
        raise UsageError("expected at least one instance file, got none (--help explains)")
    check_address_space()
    if options.seed + options.seeds - 1 > LARGEST_SEED:
        raise UsageError(f"expected seeds up to {LARGEST_SEED}, got {options.seeds} from {options.seed} on")


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


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add what says which methods run on which files, and how closely, all but the time limit."""
    add_files(parser)
    add = parser.add_argument
    add(
        "--method",
        "--solvers",
        dest="solvers",
        type=names,
        metavar="A,B",
        help="only these (default: all that apply)",
    )
    add_problem(parser)
    add_gap(parser)
    add_seed(parser, "first seed")
    add(
        "--seeds",
        type=whole(1, 10_000),
        default=5,
        metavar="COUNT",
        help="seeds of each random method; the table shows their mean (%(default)s)",
    )
    add_threads(parser)


def add_problem(
    parser: argparse.ArgumentParser, what: str = "only this problem of the files (default: all they pose)"
) -> None:
    """Add the choice of one problem."""
    parser.add_argument("--problem", metavar="NAME", help=what)


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Add the threads of external solvers."""
    parser.add_argument(
        "--threads",
        type=whole(1, MOST_THREADS),
        default=1,
        metavar="T",
        help="of each external solver, 64 at most of SCIP (%(default)s)",
    )
