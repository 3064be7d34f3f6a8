"""Registry of every problem and every method by name; each is imported only when it is called."""

from __future__ import annotations

from functools import cache
from typing import Any

from formulations.errors import UnknownNameError
from formulations.problem import AuxiliaryTable, Problem, load
from formulations.problems import PROBLEMS, problem, problems
from formulations.runtime.plug_ins import plug_ins, warn
from solvers.core.entry import Method

__all__ = [
    "METHODS",
    "PROBLEMS",
    "AuxiliaryTable",
    "Method",
    "Problem",
    "load",
    "method",
    "methods",
    "methods_for",
    "problem",
    "problems",
]

ENTRY_POINT_GROUP = "diffload.solvers"
"""Entry points of this group name a :class:`Method`, or a list of them, in another package."""

FORMER_NAMES = {"per-dqn-best-of-16": "dqn-tuned-best-of-16"}
"""Former names of methods; what was ``per-dqn``, our own network, is ``dqn-tuned``."""

METHODS: tuple[Method, ...] = tuple(found for known in PROBLEMS for found in load(known.methods))
"""The package's own."""


@cache
def methods() -> tuple[Method, ...]:
    """Every method: the package's own, then those of other packages' problems, then those of entry points."""
    known = [*METHODS, *(found for brought in problems()[len(PROBLEMS) :] for found in _methods_of(brought))]
    return (*known, *plug_ins(ENTRY_POINT_GROUP, known, _fault_of, lambda m: f"'{m.name}' of {m.problem}"))


def _methods_of(brought: Problem) -> list[Method]:
    """Methods of a problem that another package brings; a warning says what is wrong where they are none."""
    place = f"problem '{brought.name}': expected methods of its own at {brought.methods!r}"
    try:
        found = list(load(brought.methods))
    except Exception as raised:  # whatever importing code of others raises
        warn(f"{place}, got {type(raised).__name__}: {raised}")
        return []
    other = [item for item in found if not isinstance(item, Method) or item.problem != brought.name]
    if other:
        warn(f"{place}, got {other[0]!r}")
    return [item for item in found if item not in other]


def _fault_of(item: Any) -> str:
    if not isinstance(item, Method):
        return f"expected a solvers.core.registry.Method, got {item!r}"
    names = [known.name for known in problems()]
    if item.problem not in names:
        return f"expected a problem among {', '.join(names)}, got {item.problem!r}"
    return ""


def methods_for(problem_name: str) -> tuple[Method, ...]:
    """Methods of one problem, in the order in which they are run."""
    return tuple(method for method in methods() if method.problem == problem_name)


def method(name: str, problem_name: str | None = None) -> Method:
    """Return the method called ``name`` (of one problem where several have that name).

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    for candidate in methods():
        if candidate.name == name and problem_name in (None, candidate.problem):
            return candidate
    names = dict.fromkeys(m.name for m in methods() if problem_name in (None, m.problem))
    raise UnknownNameError("method", name, names, FORMER_NAMES.get(name, ""))
