"""Seconds of solvers that a user may have, discopt, Gurobi and BARON, against our exact methods, side by side.

    python -m benchmarks.other_solvers [--quick]

Each solver gets the explicit models through Pyomo, in a process of its own, with its own presolve and
tolerances. A ratio is of what both report as their solving: for the solver that is writing the model, solving and
reading; for our method, the call on loaded data. Where a solver is not installed, has no licence or cannot take a
model, a line says so and nothing is measured: none of the three comes with this package. Where one reaches the
limit the ratio is a lower bound, and ``ended`` says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any, NamedTuple

import diffload
from benchmarks.alone import alone
from benchmarks.ratio import Ratio
from benchmarks.side_by_side import AT_LEAST

SECONDS = 15.0
"""Time limit of every solve [s]."""

SOLVERS: Mapping[str, Mapping[str, Any]] = {
    "discopt": {"time_limit": SECONDS},
    "gurobi": {"TimeLimit": SECONDS, "Threads": 1},
    "baron": {"MaxTime": SECONDS, "threads": 1},
}
"""Pyomo's names of the solvers, with their own options for the limit and a single thread."""


class Task(NamedTuple):
    """A model of an instance, and our method for the same problem."""

    model: str
    instance: str
    ours: str


TASKS = (
    Task("split_offloading/batch-indexed", "split_i5_g1", "batch-scan"),
    Task("step_allocation/p1-convex", "n10", "price-search"),
    Task("gqap/compact", "edge_servers_8x3", "branch-and-bound"),
)

OUR_CALLS = 7


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of every solver that is there over ours, model by model."""
    for task in TASKS[:1] if quick else TASKS:
        problem = task.model.partition("/")[0]
        calls = [diffload.solve(task.instance, method=task.ours, problem=problem) for _ in range(OUR_CALLS)]
        for solver in SOLVERS:
            yield against(task, solver, calls)


def against(task: Task, solver: str, calls: list[diffload.Result]) -> Ratio:
    """One solver on one model, or why not."""
    ours = median(call.solve_seconds for call in calls)
    model = diffload.build(task.model, task.instance)
    found = diffload.solve_native(model, solver, time_limit=SECONDS, options=SOLVERS[solver])
    unfit = found.status in (diffload.Status.UNSUPPORTED, diffload.Status.ERROR)
    seconds = found.solve_seconds or SECONDS  # one that is killed at its limit reports no time
    about: dict[str, float | str] = {"ours s": ours}
    if unfit:
        about["not measured"] = found.reason
    else:
        about["solver s"] = seconds
        about["ended"] = found.reason
        if found.objective is not None and calls[0].objective is not None:
            about["objectives differ by"] = abs(found.objective - calls[0].objective)
    return Ratio(
        f"{task.ours}/{solver}/{task.instance}",
        f"speed of {task.ours}, {task.instance}",
        math.nan if unfit else seconds / ours,
        "times" if found.status is diffload.Status.OPTIMAL else AT_LEAST,
        limit=f"{solver} on {task.model}",
        context=about,
    )


if __name__ == "__main__":
    alone(ratios, __doc__).script()
