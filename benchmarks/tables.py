"""All ratios of a run side by side, one table a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.alone import shown
from benchmarks.ratio import Ratio
from reports.tables.numbers import ABSENT
from reports.tables.table import Column, Row, Table

_COLUMNS = (
    Column("what", "what", numeric=False),
    Column("limit", "against", numeric=False),
    Column("value", "value"),
    Column("unit", "unit", numeric=False),
    Column("before", "before"),
    Column("aim", "aim", numeric=False),
    Column("met", "met", numeric=False),
    Column("context", "what stands behind it", numeric=False),
)


def table(program: str, summary: str, measured: Sequence[Ratio], before: Mapping[str, float], fault: str) -> Table:
    """The table of one program.

    Parameters
    ----------
    program, summary : str
        Its name, and what it says of itself.
    measured : sequence of Ratio
        In the order in which they were measured.
    before : mapping
        Values of an earlier run by name.
    fault : str
        Why there are not more, empty where the program ended well.
    """
    missed = tuple(
        f"AIM MISSED: {ratio.what}: {shown(ratio.value)}, aim {ratio.aim}" for ratio in missed_in(measured)
    )
    return Table(
        title=f"{program}: {summary}",
        columns=_COLUMNS,
        rows=tuple(Row(_cells(ratio, before.get(ratio.name))) for ratio in measured),
        alerts=missed + ((f"NOT MEASURED: {fault}",) if fault else ()),
    )


def missed_in(measured: Sequence[Ratio]) -> list[Ratio]:
    """Ratios whose aim is not reached."""
    return [ratio for ratio in measured if ratio.met is False]


def _cells(ratio: Ratio, before: float | None) -> tuple[str, ...]:
    return (
        ratio.what,
        ratio.limit or ABSENT,
        shown(ratio.value),
        ratio.unit,
        ABSENT if before is None else shown(before),
        ABSENT if ratio.aim is None else str(ratio.aim),
        {True: "yes", False: "NO", None: ABSENT}[ratio.met],
        ", ".join(f"{name} {shown(value)}" for name, value in ratio.context.items()),
    )
