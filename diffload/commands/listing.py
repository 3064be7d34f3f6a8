"""The command ``diffload list``: what there is, by name."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence

from formulations.constraints.registry import constraint_types
from formulations.runtime.command_line import Command, Parser
from instances import load
from instances.files import shipped
from reports.formats import plain_text
from reports.formats.output import write
from reports.tables.listing import listing
from reports.tables.table import Column, Row, Table
from solvers.core import registry


def _methods() -> str:
    return listing(registry.problems(), registry.methods())


def _problems() -> str:
    rows = [(known.name, known.title, str(known.sense.value), known.summary) for known in registry.problems()]
    return _table("problems", ("problem", "title", "sense", "what it decides"), rows)


def _constraints() -> str:
    rows = [(name, problem, kind.title, kind.unit) for (problem, name), kind in constraint_types().items()]
    return _table("constraints", ("type", "on", "what it limits", "unit"), rows)


def _instances() -> str:
    rows = []
    for name in shipped.names():
        instance = load(name)
        sizes = (getattr(instance.section(posed), registry.problem(posed).users) for posed in instance.problems)
        kinds = ", ".join(dict.fromkeys(constraint.type for constraint in instance.constraints))
        rows.append((name, ", ".join(instance.problems), str(max(sizes)), kinds))
    return _table("instances of the library", ("name", "problems", "users", "further constraints"), rows)


def _table(title: str, labels: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    columns = tuple(Column(each, each, numeric=each == "users") for each in labels)
    return plain_text.render([Table(title, columns, tuple(map(Row, rows)))])


LISTS: Mapping[str, Callable[[], str]] = {
    "methods": _methods,
    "problems": _problems,
    "constraints": _constraints,
    "instances": _instances,
}


def _arguments(parser: Parser) -> None:
    parser.add_argument(
        "what", nargs="*", metavar="WHAT", help=f"of {', '.join(LISTS)} (default: all of them)", default=[]
    )


def _run(options: Namespace) -> None:
    from formulations.errors import UnknownNameError

    for name in options.what:
        if name not in LISTS:
            raise UnknownNameError("list", name, LISTS)
    write("\n".join(LISTS[name]() for name in options.what or LISTS))


main = Command(
    module="diffload list",
    summary="List methods, problems, further constraints, and the instances of the library.",
    arguments=_arguments,
    run=_run,
    example=("", "methods instances"),
)
"""Lists what there is."""
