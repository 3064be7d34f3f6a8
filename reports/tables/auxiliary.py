"""Auxiliary tables, which a problem shows beside its comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.tables.table import Column, Row, Table
from solvers.core import registry
from solvers.core.registry import AuxiliaryTable
from solvers.core.run import Failure


def auxiliary_table(auxiliary: AuxiliaryTable, instance: str, value: Any) -> Table:
    """Make the table of an auxiliary table's function; a failure becomes a row with its reason.

    Parameters
    ----------
    auxiliary : AuxiliaryTable
        Which table.
    instance : str
        What its heading calls the instance.
    value : object
        The returned value, or a :class:`~solvers.core.run.Failure`.
    """
    title = f"{instance} - {auxiliary.title}"
    if not isinstance(value, Failure):
        table: Table = registry.load(auxiliary.table)(value)
        return replace(table, title=title)
    return Table(
        title=title,
        columns=(Column("status", "status", numeric=False), Column("reason", "reason", numeric=False)),
        rows=(Row((str(value.status), value.reason), kind=str(value.status)),),
        records=[{"status": str(value.status), "reason": value.reason}],
    )
