"""The command ``diffload``: its subcommands by name, each imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from formulations.runtime.command_line import Command, Parser
from formulations.runtime.program import UNUSABLE, CommandError, UsageError, say, suggestion


class Subcommand(NamedTuple):
    """A subcommand: the module whose ``main`` is its :class:`~formulations.runtime.command_line.Command`."""

    module: str
    summary: str

    def load(self) -> Command:
        """Import it."""
        command: Command = import_module(self.module).main
        return command


SUBCOMMANDS: Mapping[str, Subcommand] = {
    "compare": Subcommand("reports.comparison.command", "solve instances with every method, and compare"),
    "solve": Subcommand("diffload.commands.solve", "solve one problem with one method"),
    "generate": Subcommand("instances.generate", "make instance files"),
    "export": Subcommand("solvers.export", "write a model of an instance for other solvers"),
    "gaps": Subcommand("reports.gap_report.command", "run or resume a sweep, and report on it"),
    "explore": Subcommand("diffload.commands.explore", "open a page to move an instance and see its optimum"),
    "sensitivity": Subcommand("reports.comparison.sensitivity", "shadow prices of step allocation"),
    "simulate": Subcommand("reports.simulation.rolling_horizon", "simulate policies over many intervals"),
    "figures": Subcommand("reports.papers.figures.command", "draw the papers' figures from our own runs"),
    "audit": Subcommand("reports.papers.audit.command", "audit what the papers say"),
    "train": Subcommand("solvers.split_offloading.per_dqn.train", "train the learned policy of paper B"),
    "prove": Subcommand("diffload.commands.prove", "search a GQAP for long, and go on where it was"),
    "check": Subcommand("solvers.step_allocation.check_certificates", "check certificates without the solver"),
    "list": Subcommand("diffload.commands.listing", "list methods, problems, constraints and instances"),
}
"""Every subcommand, in the order of the help; a line adds one."""

_DESCRIPTION = "Decide who runs a diffusion model where: exact methods, certified bounds and heuristics, compared."

_EPILOG = """\
An instance is a file, or a name of the library such as n30. 'diffload FILE' means 'diffload compare FILE'.
'diffload COMMAND --help' explains a command, with its options and exit statuses.

exit status:
  0    done
  1    a result is an error or contradicts another, or a file could not be written
  2    unusable input or an unknown name, and one sentence on standard error says which; or no word at all
  130  interrupted (143 by SIGTERM)

example:
  diffload n30
  diffload solve n30 --problem step_allocation --out results
  diffload list instances

completion in bash and zsh, with the package argcomplete:
  eval "$(register-python-argcomplete diffload)"
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``diffload`` and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``diffload``; those of this process by default.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    first = words[0] if words else ""
    if first in ("-h", "--help"):
        print(_help(), end="")
        return 0
    if not words:
        print(_help(), end="", file=sys.stderr)
        return UNUSABLE
    try:
        if first in SUBCOMMANDS:
            return SUBCOMMANDS[first].load()(words[1:], f"diffload {first}")
        if first and not first.startswith("-"):
            _check_instance(first)
        return SUBCOMMANDS["compare"].load()(words, "diffload compare")
    except CommandError as fault:
        say(str(fault))
        return fault.status


def _help() -> str:
    parser = Parser("diffload", _DESCRIPTION, _EPILOG)
    parser.usage = "diffload COMMAND ...\n       diffload FILE ..."
    parser.add_argument("--version", action="store_true", help="print the version, and stop")
    commands = parser.add_argument_group("commands")
    for name, known in SUBCOMMANDS.items():
        commands.add_argument(name, nargs="?", help=known.summary)
    return parser.format_help()


def _check_instance(word: str) -> None:
    """Refuse a first word that is neither a command nor an instance.

    Raises
    ------
    UsageError
        With the command, name or file that comes closest.
    """
    if os.sep in word or "." in word or Path(word).exists():
        return  # a file, of which loading it says what is wrong
    from instances.files import shipped

    if word in shipped.names():
        return
    close = suggestion(word, (*SUBCOMMANDS, *shipped.names(), *os.listdir()))
    raise UsageError(f"expected a command or an instance, got '{word}'{close} (--help lists the commands)")
