"""What solves what: every problem and every method, by name, imported only when it is called."""

from __future__ import annotations

from functools import cache
from typing import Any

from formulations.plug_ins import plug_ins
from solvers.entry import Companion, Method, Problem, load
from solvers.gqap import entries as gqap
from solvers.split_offloading import entries as split_offloading
from solvers.step_allocation import entries as step_allocation

__all__ = [
    "METHODS",
    "PROBLEMS",
    "Companion",
    "Method",
    "Problem",
    "load",
    "method",
    "methods",
    "methods_for",
    "problem",
]

ENTRY_POINT_GROUP = "diffload.solvers"
"""Entry points of this group name a :class:`Method`, or a list of them, in another package."""

PROBLEMS = (step_allocation.PROBLEM, split_offloading.PROBLEM, gqap.PROBLEM)

METHODS = (*step_allocation.METHODS, *split_offloading.METHODS, *gqap.METHODS)


def problem(name: str) -> Problem:
    """Return the problem called ``name``.

    Raises
    ------
    KeyError
        If there is none.
    """
    for candidate in PROBLEMS:
        if candidate.name == name:
            return candidate
    raise KeyError(f"unknown problem '{name}', expected one of {', '.join(p.name for p in PROBLEMS)}")


@cache
def methods() -> tuple[Method, ...]:
    """Every method: the package's own, then those that entry points of other packages bring."""
    return (
        *METHODS,
        *plug_ins(ENTRY_POINT_GROUP, METHODS, _fault_of, lambda item: f"'{item.name}' of {item.problem}"),
    )


def _fault_of(item: Any) -> str:
    if not isinstance(item, Method):
        return f"expected a solvers.registry.Method, got {item!r}"
    if item.problem not in {known.name for known in PROBLEMS}:
        return f"expected a problem among {', '.join(known.name for known in PROBLEMS)}, got {item.problem!r}"
    return ""


def methods_for(problem_name: str) -> tuple[Method, ...]:
    """Methods of one problem, in the order in which they are run."""
    return tuple(method for method in methods() if method.problem == problem_name)


def method(name: str, problem_name: str | None = None) -> Method:
    """Return the method called ``name`` (of one problem where several have that name).

    Raises
    ------
    KeyError
        If there is none.
    """
    for candidate in methods():
        if candidate.name == name and problem_name in (None, candidate.problem):
            return candidate
    names = dict.fromkeys(m.name for m in methods() if problem_name in (None, m.problem))
    raise KeyError(f"unknown solver '{name}', expected one of {', '.join(names)}")
