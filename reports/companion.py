"""Tables that a problem brings along beside its comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.table import Column, Row, Table
from solvers import registry
from solvers.registry import Companion
from solvers.run import Failure


def companion_table(companion: Companion, instance: str, value: Any) -> Table:
    """The table of what a companion's function returned; a failure becomes a row with its reason.

    Parameters
    ----------
    companion : Companion
        Which table.
    instance : str
        What its heading calls the instance.
    value : object
        The returned value, or a :class:`~solvers.run.Failure`.
    """
    title = f"{instance} - {companion.title}"
    if not isinstance(value, Failure):
        table: Table = registry.load(companion.table)(value)
        return replace(table, title=title)
    return Table(
        title=title,
        columns=(Column("status", "status", numeric=False), Column("reason", "reason", numeric=False)),
        rows=(Row((str(value.status), value.reason), kind=str(value.status)),),
        records=[{"status": str(value.status), "reason": value.reason}],
    )
