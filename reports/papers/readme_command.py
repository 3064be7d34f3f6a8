"""The command ``python -m reports.readme``, which renews what README.md shows of our own runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from formulations.runtime.command_line import Command, Parser, add_time_limit
from formulations.runtime.program import UsageError
from formulations.runtime.progress import NOW_AND_THEN, Lines
from formulations.runtime.standard_output import results
from instances import Instance, load
from instances.library import FOLDER
from reports.drawing import draw
from reports.drawing.figure import Figure
from reports.gap_report.figures.profiles import SOURCE, solved_ratios, time_panel
from reports.gap_report.figures.solution import step_allocation
from reports.gap_report.study import Study, studies
from reports.papers import readme_text
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.solve import solve
from solvers.sweep import ledger
from solvers.sweep import run_tasks as sweep
from solvers.sweep import task as sweep_task

PICTURES_FOLDER = Path("docs/pictures")

PROFILED = (
    *(f"n30{kind}" for kind in ("", "_tight", "_loose", "_integer", "_heterogeneous")),
    *("n10", "n100"),
    *(f"split_i{users}_g{gpus}" for users in (5, 10, 20) for gpus in (1, 2, 4, 8)),
    *("edge_servers_8x3", "edge_servers_12x4"),
    *("multi_20x2", "multi_20x3"),
    *(f"subset_sum_{kind}" for kind in ("12", "24", "24_integer", "40")),
)
"""Instances of the library: of the kinds that all exact methods get through in minutes, and four hard ones."""

_PANEL_TITLES = {
    "step_allocation": "step allocation",
    "split_offloading": "split offloading",
    "gqap": "GQAP",
    "multi_edge_offloading": "several edge servers",
}


@dataclass(frozen=True)
class Request:
    """What the pictures are made from.

    Attributes
    ----------
    instances : tuple of Instance
        Scenarios to run.
    limits : Limits
        What every method may spend.
    sweep : Path
        Folder that keeps every result, so that an interrupted run goes on.
    """

    instances: tuple[Instance, ...]
    limits: Limits
    sweep: Path


def performance_profile(request: Request) -> Figure:
    """Return the time to the proven optimum of every exact method, one panel a problem."""
    found = exact_studies(request)
    panels = tuple(
        time_panel(f"({letter}) {_PANEL_TITLES.get(study.problem.name, study.problem.title)}", ratios)
        for letter, study in zip("abcdefgh", found, strict=False)
        if (ratios := solved_ratios(study))
    )
    counts = " and ".join(f"{len(study.cases)} of {study.problem.title}" for study in found)
    caption = (
        f"Performance profile of the exact methods on {counts}, {request.limits.time_limit:g} s each: share of "
        "the instances that a method solves to the proven optimum within a factor of the fastest method's time. "
        f"After {SOURCE}."
    )
    return Figure("performance_profile", "Performance profile", caption, panels)


def exact_studies(request: Request) -> list[Study]:
    """Return results of every exact method on every instance, run where the ledger lacks them.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C ended the run; what was done is kept.
    """
    exact = [method.name for method in registry.methods() if method.exact]
    tasks = sweep_task.tasks(request.instances, exact, None, range(1), request.limits)
    with ledger.Ledger(request.sweep) as book:
        if sweep.run(tasks, book, progress=Lines(NOW_AND_THEN)).interrupted:
            raise KeyboardInterrupt
    return studies(ledger.read(request.sweep), [task.key for task in tasks], request.instances)


def who_runs_what(request: Request) -> Figure:
    """Return who of the first instance that poses step allocation runs where, at the certified optimum."""
    instance = next(one for one in request.instances if "step_allocation" in one.problems)
    result = solve(instance, "price-search", problem="step_allocation", limits=request.limits)
    if result.solution is None:
        raise ValueError(f"{instance.name}: expected a solution to draw, got {result.status}")
    panels, text = step_allocation(instance.section("step_allocation"), result.solution)
    caption = f"The certified optimum of {instance.name}, objective {result.objective:.6f}: {text}"
    return Figure(
        "who_runs_what",
        f"Who runs what, {instance.name}",
        caption,
        (replace(panels[0], title="steps of each user"),),
    )


PICTURES: Mapping[str, Callable[[Request], Figure]] = {
    "performance_profile": performance_profile,
    "who_runs_what": who_runs_what,
}
"""Every picture of README.md by the name of its file, but for those of ``reports.figures``."""

PARTS = ("pictures", "table", "audit")
"""What README.md shows."""


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    library = [str(FOLDER / f"{name}.json") for name in PROFILED]
    add("files", nargs="*", default=library, help=f"instance files (default: {len(PROFILED)} of the library)")
    add("--out", type=Path, default=PICTURES_FOLDER, help="folder for SVG, PDF and CSV files (%(default)s)")
    add("--sweep", type=Path, default=Path("readme-sweep"), help="folder that keeps every result (%(default)s)")
    add_time_limit(parser, 10.0, "for each method")
    add("--part", choices=PARTS, action="append", help="what to make: one of %(choices)s; all by default")
    add("--readme", type=Path, default=Path("README.md"), help="page to write (%(default)s)")
    add("--page", type=Path, default=Path("docs/gap_table.md"), help="page with the whole tables (%(default)s)")
    add("--audit", type=Path, default=Path("docs/claims.md"), help="page whose overview it shows (%(default)s)")


def _run(options: argparse.Namespace) -> None:
    parts = options.part or PARTS
    try:
        if "pictures" in parts:
            instances = tuple(load(file) for file in options.files)
            request = Request(instances, Limits(time_limit=options.time_limit), options.sweep)
            for make in PICTURES.values():
                for path in draw.save(make(request), options.out):
                    print(path, file=results())
        audit = options.audit if "audit" in parts else None
        if audit is not None or "table" in parts:
            page = options.page if "table" in parts else None
            readme_text.renew(options.readme, page=page, audit=audit)
            print(options.readme, file=results())
    except (OSError, ValueError) as fault:
        raise UsageError(str(fault)) from None


main = Command(
    module="reports.readme",
    summary="Make anew what README.md shows of our own runs.",
    arguments=_arguments,
    run=_run,
    example=("--part table", "--part pictures --time-limit 10"),
    interrupted="what was computed is kept, run the command again to go on",
)
"""Renews README.md."""
