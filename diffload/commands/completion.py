"""Completion in the shell, where the package argcomplete is installed.

The shell runs the command itself to ask what may come next. Only the subcommand on the line is imported.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from diffload.commands import SUBCOMMANDS
from formulations.runtime.command_line import Parser


def complete() -> None:
    """Answer the shell and end the process; nothing where argcomplete is not installed."""
    try:
        import argcomplete
    except ImportError:
        return
    argcomplete.autocomplete(parser(os.environ.get("COMP_LINE", "")), always_complete_options=False)


def parser(line: str) -> Parser:
    """A parser of what is on the line, with what completes its arguments."""
    words = _words(line)
    made = Parser("diffload")
    if words[1:] and not any(name.startswith(words[1]) for name in SUBCOMMANDS):
        _add("compare", made)  # 'diffload FILE' means 'diffload compare FILE'
        return made
    chosen = made.add_subparsers(parser_class=Parser)
    for name, known in SUBCOMMANDS.items():
        sub = chosen.add_parser(name, help=known.summary)
        if words[1:2] == [name]:
            _add(name, sub)
    return made


def _add(name: str, parser: Parser) -> None:
    """Add the arguments of a subcommand with what completes them."""
    SUBCOMMANDS[name].load().arguments(parser)
    for action in parser._actions:
        if action.dest in _COMPLETERS:
            action.completer = _COMPLETERS[action.dest]  # type: ignore[attr-defined]


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # an open quotation mark
        return line.split()


def instance_names(prefix: str, **_: Any) -> list[str]:
    """Names of the library and files that begin so."""
    from instances.files import shipped

    folder = Path(prefix or ".").parent if not prefix.endswith(os.sep) else Path(prefix)
    files = (
        [f"{path}{os.sep}" if path.is_dir() else str(path) for path in folder.iterdir()] if folder.is_dir() else []
    )
    return [name for name in (*shipped.names(), *files) if name.startswith(prefix)]


def method_names(prefix: str, **_: Any) -> list[str]:
    """Names of methods, after those that a comma has ended."""
    from solvers.core import registry

    before, comma = prefix.rpartition(",")[:2]
    names = dict.fromkeys(method.name for method in registry.methods())
    return [f"{before}{comma}{name}" for name in names]


def problem_names(prefix: str, **_: Any) -> Iterable[str]:
    """Names of problems."""
    from formulations.problems import problems

    return [known.name for known in problems()]


def list_names(prefix: str, **_: Any) -> Iterable[str]:
    """What ``diffload list`` lists."""
    from diffload.commands.listing import LISTS

    return list(LISTS)


_COMPLETERS: dict[str, Callable[..., Iterable[str]]] = {
    "files": instance_names,
    "instance": instance_names,
    "solvers": method_names,
    "method": method_names,
    "methods": method_names,
    "problem": problem_names,
    "what": list_names,
}
"""What completes an argument, by its name."""
