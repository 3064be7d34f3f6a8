"""Every problem by name: the package's own, and those that other packages bring by an entry point.

The name of a problem is that of its section in instance files, and this is the one table that says which class
holds the section's data: files, hashes, generators, methods and reports all go by it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from formulations.errors import UnknownNameError
from formulations.gqap.problem import PROBLEM as GQAP
from formulations.multi_edge_offloading.problem import PROBLEM as MULTI_EDGE_OFFLOADING
from formulations.problem import Problem, load
from formulations.runtime.plug_ins import plug_ins
from formulations.section import Section
from formulations.split_offloading.problem import PROBLEM as SPLIT_OFFLOADING
from formulations.step_allocation.problem import PROBLEM as STEP_ALLOCATION

ENTRY_POINT_GROUP = "diffload.problems"
"""Entry points of this group name a :class:`~formulations.problem.Problem`, or a list of them."""

PROBLEMS = (STEP_ALLOCATION, SPLIT_OFFLOADING, GQAP, MULTI_EDGE_OFFLOADING)
"""The package's own."""

HEADER = ("schema_version", "name", "provenance", "constraints")
"""Fields of an instance that are no problem section."""


@cache
def problems() -> tuple[Problem, ...]:
    """Every problem: the package's own, then those of other packages."""
    return (*PROBLEMS, *plug_ins(ENTRY_POINT_GROUP, PROBLEMS, _fault_of, lambda known: f"'{known.name}'"))


def problem(name: str) -> Problem:
    """Return the problem called ``name``.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    for candidate in problems():
        if candidate.name == name:
            return candidate
    raise UnknownNameError("problem", name, (known.name for known in problems()))


@cache
def section_types() -> dict[str, type[Section]]:
    """Class of every problem's data, by the name of the section."""
    return {known.name: load(known.data) for known in problems()}


def section_names() -> tuple[str, ...]:
    """Names of the problem sections that an instance may have."""
    return tuple(section_types())


def _fault_of(item: Any) -> str:
    """What keeps a plug-in's problem from being one; empty where nothing does."""
    if not isinstance(item, Problem):
        return f"expected a formulations.problem.Problem, got {item!r}"
    if not item.name.isidentifier() or item.name in HEADER:
        return f"expected a name of letters, digits and _ that is no field of an instance, got {item.name!r}"
    try:
        data = load(item.data)
    except Exception as fault:  # whatever importing code of others raises
        return f"expected the class of its data at {item.data!r}, got {type(fault).__name__}: {fault}"
    if not isinstance(data, type) or not issubclass(data, Section) or getattr(data, "problem", "") != item.name:
        return f"expected a Section with problem = {item.name!r} at {item.data!r}, got {data!r}"
    return ""
