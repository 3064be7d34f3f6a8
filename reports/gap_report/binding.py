"""Table of how far the best known solution of each instance uses every limit: which constraint binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.gqap.evaluation import place_loads, places_of
from formulations.gqap.parameters import GQAP
from formulations.split_offloading.parameters import SplitOffloading
from formulations.step_allocation.parameters import StepAllocation
from reports.gap_report.study import Study, best_result
from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells

AT_LIMIT = 1e-6
"""Share of a limit within which it counts as reached."""

_COLUMNS = (
    Column("instance", "instance", numeric=False),
    Column("constraint", "constraint", numeric=False),
    Column("used", "used", show="{:.6g}".format),
    Column("limit", "of", show="{:.6g}".format),
    Column("unit", "", numeric=False),
    Column("share", "share", "%", show=numbers.rough_percent),
    Column("binds", "binds", numeric=False, show=lambda binds: "yes" if binds else "no"),
)

Solution = Mapping[str, NDArray[Any]]


class Use(NamedTuple):
    """How far a solution uses one constraint up.

    Attributes
    ----------
    constraint : str
        What it says, with its equation.
    used, limit : float
        What is used of what there is.
    unit : str
        Of both.
    binds : bool
        Whether nothing, or nobody, could have more.
    """

    constraint: str
    used: float
    limit: float
    unit: str
    binds: bool


def step_allocation(data: StepAllocation, solution: Solution) -> Iterator[Use]:
    """Return the budget (1) and the users' own limits (2) of paper A."""
    at_edge = np.asarray(solution["a"]) > 0.5
    steps = np.asarray(solution["s"])
    used = float(steps[at_edge].sum())
    budget = data.edge_step_budget
    yield Use("edge budget (1)", used, budget, "steps", _reached(used, budget))
    for place, here, limit in (
        ("device", ~at_edge, data.local_step_limit),
        ("edge", at_edge, data.edge_step_limit),
    ):
        yield _members(f"own step limit (2), {place}", _reached(steps[here], limit[here]), "users")


def split_offloading(data: SplitOffloading, solution: Solution) -> Iterator[Use]:
    """B_max (C2) and the range of the split (C3) of paper B."""
    granted = np.asarray(solution["x"]) > 0.5
    split = np.asarray(solution["n"])[granted]
    count, most = int(granted.sum()), data.max_batch
    yield Use("granted users, B_max (C2)", count, most, "users", count == most)
    yield _members("least local steps, N_hat (C3)", split <= data.min_local_steps + AT_LIMIT, "granted users")


def gqap(data: GQAP, solution: Solution) -> Iterator[Use]:
    """Capacities: a place binds where not even the lightest item of another place would fit in."""
    place = places_of(data, solution["assignment"])
    loads = place_loads(data, place)
    lightest = np.array([data.weight[place != j].min(initial=np.inf) for j in range(data.places)])
    yield _members("capacity, no item more fits in", loads + lightest > data.load_limit, "places")


USES: Mapping[str, Callable[[Any, Solution], Iterator[Use]]] = {
    "step_allocation": step_allocation,
    "split_offloading": split_offloading,
    "gqap": gqap,
}
"""Constraints of a problem; one that is not here has no such table."""


def binding_table(study: Study) -> Table | None:
    """Return one row per instance and constraint, for the best solution of the methods asked for."""
    uses = USES.get(study.problem.name)
    records: list[dict[str, Any]] = []
    for case in study.cases:
        best = best_result(study.problem, case)
        solution = None if best is None or case.data is None else best.complete().solution
        if uses is None or best is None or solution is None:
            continue
        records.extend(_record(study, case.instance, best.result.solver, use) for use in uses(case.data, solution))
    if not records:
        return None
    return Table(
        title=f"{study.problem.title}: which constraint binds",
        columns=_COLUMNS,
        rows=tuple(Row(cells(_COLUMNS, record)) for record in records),
        notes=(
            "of the best solution that the methods asked for have found; for limits of users or places: how many "
            "of those concerned are at theirs",
        ),
        records=records,
    )


def _record(study: Study, instance: str, method: str, use: Use) -> dict[str, Any]:
    share = use.used / use.limit if use.limit > 0.0 else None
    names = {"problem": study.problem.name, "instance": instance, "method": method}
    return {**names, **use._asdict(), "share": share}


def _members(constraint: str, at_limit: NDArray[np.bool_], unit: str) -> Use:
    count = int(at_limit.sum())
    return Use(constraint, count, at_limit.size, unit, count > 0)


def _reached(value: Any, limit: Any) -> Any:
    return value >= limit * (1.0 - AT_LIMIT)
