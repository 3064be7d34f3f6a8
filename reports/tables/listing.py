"""What ``--list`` prints: every problem with its methods and the constraints that an instance may add."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from formulations.constraints.registry import constraint_types
from reports.formats import plain_text
from reports.tables.table import Column, Row, Table
from solvers.core.registry import Method, Problem

_COLUMNS = tuple(
    Column(key, label, numeric=False)
    for key, label in (
        ("method", "method"),
        ("proves", "proves a bound"),
        ("formulation", "formulation"),
        ("summary", "what it does"),
    )
)


def listing(problems: Iterable[Problem], methods: Sequence[Method]) -> str:
    """Return one table a problem, as text."""
    return plain_text.render(_table(problem, methods) for problem in problems)


def _table(problem: Problem, methods: Iterable[Method]) -> Table:
    constraints = [name for on, name in constraint_types() if on == problem.name]
    return Table(
        title=f"{problem.name}: {problem.title}",
        columns=_COLUMNS,
        rows=tuple(_row(method) for method in methods if method.problem == problem.name),
        notes=(f"constraints that an instance may add: {', '.join(constraints)}",) if constraints else (),
    )


def _row(method: Method) -> Row:
    return Row((method.name, "yes" if method.exact else "no", method.formulation, method.summary))
