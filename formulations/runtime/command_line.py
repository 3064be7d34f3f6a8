"""The one command-line parser: what every command's arguments, help, errors and exit status have in common.

A command is a :class:`Command`: what it is about, which arguments it adds, and the function that does its work. It
is called with the words of the command line, and ``diffload NAME`` calls the same object as ``python -m MODULE``.
"""

from __future__ import annotations

import argparse
import math
import re
import shlex
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from formulations.runtime import first_run, program
from formulations.runtime.program import INTERRUPTED, UNUSABLE, CommandError, UsageError, say, suggestion
from formulations.runtime.standard_output import results_alone

LARGEST_SEED = 2**31 - 1
"""Largest seed that every solver accepts."""

MOST_THREADS = 1024
"""Most threads that a run may ask for; HiGHS ends the process at several thousands."""

LONGEST_SECONDS = 1e7
"""Largest time limit [s]."""

STATUSES: Mapping[int, str] = {
    0: "done",
    UNUSABLE: "unusable input or an unknown name; one sentence on standard error says which",
    INTERRUPTED: "interrupted (143 by SIGTERM)",
}
"""What an exit status means, unless a command says otherwise."""


class Parser(argparse.ArgumentParser):
    """A parser whose help keeps its lines, and that refuses an argument with a :class:`UsageError`."""

    def __init__(self, prog: str, description: str = "", epilog: str = "", **settings: Any) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **settings,
        )

    def error(self, message: str) -> NoReturn:
        raise UsageError(message + self._closest(message))

    def _closest(self, message: str) -> str:
        """Which option or choice is meant where one of nearly that name is unknown."""
        if unknown := re.match(r"unrecognized arguments: (--[\w-]+)", message):
            return suggestion(unknown[1], self._option_string_actions)
        if wrong := re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message):
            return suggestion(wrong[1], re.findall(r"[^\s,']+", wrong[2]))
        return ""


@dataclass(frozen=True)
class Command:
    """A command: its help, its arguments, and what it does with them.

    Attributes
    ----------
    module : str
        What ``python -m`` runs; ``diffload NAME`` where there is no such module.
    summary : str
        What it does, in a sentence.
    arguments : callable
        Adds the arguments to a parser.
    run : callable
        Does the work, with standard output kept for results, and returns the exit status, None for 0. It raises
        a :class:`~formulations.runtime.program.CommandError` where it cannot.
    example : tuple of str
        Words after the command's name, one example each.
    more : str
        Further paragraphs of the help.
    statuses : mapping
        What exit statuses mean, beside or in place of :data:`STATUSES`.
    interrupted : str
        What is said after Ctrl-C.
    """

    module: str
    summary: str
    arguments: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int | None]
    example: tuple[str, ...]
    more: str = ""
    statuses: Mapping[int, str] = field(default_factory=dict)
    interrupted: str = ""

    def __call__(self, arguments: Sequence[str] | None = None, name: str = "") -> int:
        """Run the command and return its exit status.

        Parameters
        ----------
        arguments : sequence of str, optional
            Words after the command's name; those of this process by default.
        name : str, optional
            What the help calls the command; ``python -m`` and its module by default.

        Raises
        ------
        SystemExit
            After ``--help``.
        """
        words = sys.argv[1:] if arguments is None else list(arguments)
        try:
            options = self.parser(name).parse_intermixed_args(words)
            options.command = f"{self.shown} {shlex.join(words)}".rstrip()
            first_run.tell = say
            with results_alone():
                status = self.run(options) or 0
        except CommandError as fault:
            say(str(fault))
            return fault.status
        except KeyboardInterrupt:
            if self.interrupted:
                print(f"interrupted: {self.interrupted}", file=sys.stderr)
            return INTERRUPTED
        _say_where(getattr(options, "out", None))
        return status

    @property
    def shown(self) -> str:
        """What the help and files call the command, unless it is called otherwise."""
        return self.module if " " in self.module else f"python -m {self.module}"

    def parser(self, name: str = "") -> Parser:
        """The command's parser, with its whole help."""
        name = name or self.shown
        statuses = "\n".join(f"  {code:<4} {text}" for code, text in sorted({**STATUSES, **self.statuses}.items()))
        examples = "\n".join(f"  {name} {words}".rstrip() for words in self.example)
        paragraphs = (self.more, f"exit status:\n{statuses}", f"example:\n{examples}")
        made = Parser(name, textwrap.fill(self.summary, 110), "\n\n".join(filter(None, paragraphs)))
        self.arguments(made)
        return made

    def script(self) -> NoReturn:
        """Run the command as a process of its own, and end it."""
        sys.exit(program.run(self))


def _say_where(out: Path | None) -> None:
    """Say where a command's files are; a single file is named on standard output as it is written."""
    if isinstance(out, Path) and (out.is_dir() or out.suffix == ".csv"):
        say(f"the files are in {out}" if out.is_dir() else f"the rows are in {out}")


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add instances, any number of them."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="instance file, .json or .npz, or name of the library, as n30"
    )


def add_instance(parser: argparse.ArgumentParser) -> None:
    """Add one instance."""
    parser.add_argument("instance", metavar="FILE", help="instance file, or name of the library, as n30")


def add_gap(parser: argparse.ArgumentParser) -> None:
    """Add the relative gap that counts as optimal."""
    parser.add_argument(
        "--gap",
        type=gap,
        default=1e-6,
        metavar="FRACTION",
        help="relative gap that counts as optimal (%(default)s)",
    )


def add_seed(parser: argparse.ArgumentParser, what: str) -> None:
    """Add a seed; ``what`` it is of."""
    parser.add_argument(
        "--seed", type=whole(0, LARGEST_SEED), default=0, metavar="S", help=f"{what} (%(default)s)"
    )


def add_time_limit(parser: argparse.ArgumentParser, default: float | None, what: str) -> None:
    """Add a time limit [s]; ``what`` it holds for."""
    shown = "" if default is None else " (%(default)g)"
    parser.add_argument("--time-limit", type=seconds, default=default, metavar="SECONDS", help=what + shown)


def add_out(
    parser: argparse.ArgumentParser, what: str, *, default: str | None = None, required: bool = False
) -> None:
    """Add the folder that files go to."""
    shown = "" if default is None else " (%(default)s)"
    parser.add_argument(
        "--out",
        type=Path,
        default=None if default is None else Path(default),
        required=required,
        metavar="DIR",
        help=what + shown,
    )


def names(text: str) -> tuple[str, ...]:
    """Names joined by commas, each once."""
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not found:
        raise argparse.ArgumentTypeError(f"expected names joined by commas, got '{text}'")
    return found


def whole(smallest: float = -math.inf, largest: float = math.inf) -> Callable[[str], int]:
    """Reader of whole numbers from ``smallest`` to ``largest``."""
    expected = f"a whole number from {smallest} to {largest}"
    if math.isinf(largest):
        expected = "one whole number" if math.isinf(smallest) else f"a whole number >= {smallest}"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not smallest <= number <= largest:
            raise argparse.ArgumentTypeError(f"expected {expected}, got '{text}'")
        return number

    return read


def seconds(text: str, besides: str = "", unit: str = "seconds", longest: float = LONGEST_SECONDS) -> float:
    """A length of time; ``besides`` is what else an error says may stand there.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.
    """
    number = _number(text)
    if not 0.0 < number <= longest:
        raise argparse.ArgumentTypeError(f"expected {besides}{unit} above 0 and up to {longest:.0f}, got '{text}'")
    return number


def gap(text: str) -> float:
    """A relative gap, as a fraction."""
    number = _number(text)
    if not 0.0 <= number < 1.0:
        raise argparse.ArgumentTypeError(f"expected a fraction from 0 to below 1, got '{text}'")
    return number


def _number(text: str) -> float:
    """The number that a text says, NaN where it says none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
