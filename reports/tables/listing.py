"""What ``--list`` prints: every problem with its methods and the constraints that an instance may add."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from formulations.constraints.registry import constraint_types
from reports.formats import plain_text
from reports.tables.table import Column, Row, Table, cells
from solvers.core.registry import Method, Problem

_COLUMNS = (
    Column("name", "method", numeric=False),
    Column("exact", "proves a bound", numeric=False, show=lambda exact: "yes" if exact else "no"),
    Column("formulation", "formulation", numeric=False),
    Column("summary", "what it does", numeric=False),
)


def listing(problems: Iterable[Problem], methods: Sequence[Method]) -> str:
    """Return one table a problem, as text."""
    return plain_text.render(_table(problem, methods) for problem in problems)


def _table(problem: Problem, methods: Iterable[Method]) -> Table:
    constraints = [name for on, name in constraint_types() if on == problem.name]
    return Table(
        title=f"{problem.name}: {problem.title}",
        columns=_COLUMNS,
        rows=tuple(Row(cells(_COLUMNS, method)) for method in methods if method.problem == problem.name),
        notes=(f"constraints that an instance may add: {', '.join(constraints)}",) if constraints else (),
    )
