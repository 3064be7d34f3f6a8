"""The tables of shadow prices of step allocation."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells

if TYPE_CHECKING:
    from solvers.step_allocation.shadow_prices import Sensitivity


def _price(value: float | None) -> str:
    return numbers.ABSENT if value is None else f"{value + 0.0:.6g}"  # 0 rather than -0


_SHARED = (
    Column("title", "limit", numeric=False),
    Column("unit", "unit", numeric=False),
    Column("limit", "size", "unit", show="{:.6g}".format),
    Column("used", "used", "unit", show="{:.6g}".format),
    Column("multiplier", "multiplier, a fixed", "1/unit", show=_price),
    Column("convexified", "convexified price", "1/unit", show=_price),
    Column("one_more", "one more, solved again", "-", show=_price),
)

_ENDS = (
    Column("title", "limit", numeric=False),
    Column("place", "place", numeric=False),
    Column("steps", "steps", show="{:.6g}".format),
    Column("per_step", "per step", "1/step", show=_price),
    Column("per_unit", "per unit of the limit", "1/unit", show=_price),
    Column("unit", "unit", numeric=False),
)


def tables(label: str, found: Sensitivity) -> tuple[Table, Table]:
    """Return prices of the limits that users share, and of those that keep the steps of single users.

    ``label`` is the instance's name, empty where it is not known.
    """
    of = f"{label} - " if label else ""
    objective, bound = numbers.objective(found.objective), numbers.objective(found.bound)
    shared = Table(
        title=f"{of}shadow prices of shared limits",
        lead=(f"objective {objective}, bound {bound}; a price is what the objective falls by for a unit more",),
        columns=_SHARED,
        rows=tuple(Row(cells(_SHARED, price)) for price in found.shared),
        notes=(
            "multiplier, a fixed: derivative of the optimum while nobody changes place",
            "convexified price: maximises the Lagrangian bound (delta* for the budget); it is not that derivative",
            "one more, solved again: true fall of the optimum for one unit more, where users may change place",
        ),
        records=[asdict(price) for price in found.shared],
    )
    ends = Table(
        title=f"{of}shadow prices of single users' limits",
        lead=() if found.ends else ("no limit of a single user keeps its steps, or steps are whole",),
        columns=_ENDS,
        rows=tuple(Row(cells(_ENDS, price)) for price in found.ends),
        notes=("per step: fall of the optimum for each step that this end of the user's steps rises, a fixed",),
        records=[asdict(price) for price in found.ends],
    )
    return shared, ends
