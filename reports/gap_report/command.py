"""The command ``python -m reports.gaps``: run or resume a sweep, and report on it.

Every report is a function in :data:`REPORTS`, which gets the folder and the studies, one a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from formulations.runtime.command_line import Command
from formulations.runtime.program import INTERRUPTED, UNUSABLE, UsageError, say
from formulations.runtime.progress import NOW_AND_THEN, display
from reports.gap_report import arguments
from reports.gap_report.arguments import AUTO, NONE, Options

if TYPE_CHECKING:
    from instances import Instance
    from reports.gap_report.study import Study
    from solvers.sweep.ledger import Ledger
    from solvers.sweep.run_tasks import Scheduler, Swept
    from solvers.sweep.task import Task


def run(options: Options) -> int:
    """Bring the ledger up to date, write and print the reports, and return the exit status.

    Raises
    ------
    UsageError
        If something named cannot be used.
    """
    from instances.storage.atomic import writing
    from instances.storage.store import DamagedError
    from reports.gap_report import study as gap_study
    from solvers.sweep import ledger, run_tasks
    from solvers.sweep import task as sweep_task

    seeds = range(options.seed, options.seed + options.seeds)
    loaded = _load(options.files)
    tasks = sweep_task.tasks(loaded, options.solvers, options.problem, seeds, options.limits)
    damaged = False
    with writing(options.out):
        try:
            with ledger.Ledger(options.out) as book:
                swept = _sweep(options, tasks, book)
            recorded = ledger.read(options.out)
        except DamagedError as fault:
            if not fault.whole:
                raise
            say(f"{fault}; nothing is run, and the report holds the other lines")
            damaged, recorded, swept = True, list(fault.whole.values()), run_tasks.Swept(0)
        studies = gap_study.studies(recorded, [task.key for task in tasks], loaded)
        faults = _write_reports(options, studies)
    for task, reason in swept.lost:
        say(f"{task.name} was lost: {reason}")
    if swept.interrupted:
        return INTERRUPTED
    if damaged:
        return UNUSABLE
    return 1 if swept.lost or faults or not all(study.consistent for study in studies) else 0


def _write_reports(options: Options, studies: Sequence[Study]) -> list[str]:
    """Write every report, whatever becomes of the others, and return what is said of those that are not whole.

    Raises
    ------
    OSError
        Once the others are written, where one cannot be.
    """
    from reports.gap_report.commands import keep_command

    faults: list[str] = []
    unwritten: OSError | None = None
    made = [partial(report, options.out, studies) for report in REPORTS]
    for report in (partial(keep_command, options.out, options.command), *made):
        try:
            faults.extend(report())
        except OSError as fault:
            unwritten = fault
        except Exception as fault:
            faults.append(f"{report.func.__name__} failed: {type(fault).__name__}: {fault}")
    for sentence in faults:
        say(sentence)
    if unwritten is not None:
        raise unwritten
    return faults


def _load(files: Iterable[str]) -> list[Instance]:
    from instances import load

    found = []
    by_hash: dict[str, str] = {}
    for file in files:
        instance = load(file)
        same = by_hash.setdefault(instance.sha256, file)
        if same == file:
            found.append(instance)
        else:
            say(f"{file} has the content of {same}, which is run once")
    return found


def _sweep(options: Options, tasks: Sequence[Task], book: Ledger) -> Swept:
    from solvers.sweep import run_tasks as sweep

    todo = sweep.missing(tasks, book, retry_errors=options.retry_errors)
    say(f"{len(tasks) - len(todo)} of {len(tasks)} results are in the ledger, {len(todo)} to run")
    if not todo:
        return sweep.Swept(0)
    progress = display(every=NOW_AND_THEN)
    try:
        with _scheduler(options, len(todo)) as scheduler:
            return sweep.run(tasks, book, scheduler, retry_errors=options.retry_errors, progress=progress)
    except KeyboardInterrupt:  # while workers start
        return sweep.Swept(0, interrupted=True)


def _scheduler(options: Options, jobs: int) -> AbstractContextManager[Scheduler]:
    from solvers.processes import schedule
    from solvers.sweep import run_tasks as sweep

    workers = min(jobs, options.workers or schedule.workers(options.threads))
    if options.scheduler == NONE:
        return nullcontext(sweep.Serial(workers))
    try:
        from solvers.sweep import cluster as sweep_cluster
    except ModuleNotFoundError as fault:
        if fault.name not in ("dask", "distributed"):
            raise
        if options.scheduler == AUTO:
            return nullcontext(sweep.Serial(workers))
        raise UsageError(
            f"--scheduler {options.scheduler} needs dask.distributed: pip install 'diffload[sweep]'"
        ) from None
    return sweep_cluster.connected(options.scheduler) if options.is_remote else sweep_cluster.local(workers)


def print_summaries(out: Path, studies: Sequence[Study]) -> Sequence[str]:
    """Print the summary of each problem, and write it as CSV, LaTeX, HTML and Parquet."""
    import pandas as pd

    from reports.formats import folder
    from reports.formats.output import Output
    from reports.formats.parquet import write_parquet
    from reports.gap_report.summary import summary_table

    output = Output("table")
    for study in studies:
        table = summary_table(study)
        output.add((), table, ())
        stem = f"summary_{study.problem.name}"
        folder.write_table(out, stem, table)
        write_parquet(out / f"{stem}.parquet", pd.DataFrame(table.records))
    return ()


def write_results(out: Path, studies: Sequence[Study]) -> Sequence[str]:
    """Write every result as a row of ``results.csv`` and ``results.parquet``."""
    from instances.storage.atomic import replacing
    from reports.formats.csv_text import cell
    from reports.formats.parquet import write_parquet
    from solvers.sweep.ledger import as_frame

    frame = as_frame(recorded for study in studies for recorded in study.results)
    with replacing(out / "results.csv") as file:
        frame.map(cell).to_csv(file, index=False)
    write_parquet(out / "results.parquet", frame)
    return ()


def write_page(out: Path, studies: Sequence[Study]) -> Sequence[str]:
    """Write ``report.html`` with its figures and tables."""
    from reports.gap_report import page as gaps_page

    return gaps_page.write_page(out, studies)


REPORTS: tuple[Callable[[Path, Sequence[Study]], Sequence[str]], ...] = (
    print_summaries,
    write_results,
    write_page,
)
"""What is made of a sweep, in this order; each returns a sentence for what it had to leave out."""


main = Command(
    module="reports.gaps",
    summary="Run every method on every instance, or what is missing of it in DIR, and print how far each method "
    "is from the best proven bound over all instances of a problem.",
    arguments=arguments.add_arguments,
    run=lambda options: run(arguments.checked(options)),
    example=("split_i5_g1 split_i10_g2 --out sweep --time-limit 60",),
    more=arguments.MORE,
    statuses={
        0: "all results agree",
        1: "a result is an error or was lost, or a proven bound contradicts a feasible objective",
        2: "unusable input, an unknown name, or a ledger that another run is writing; one sentence says which",
        130: "interrupted; what was done is kept, and the same command goes on from there",
    },
)
"""Runs or resumes a sweep, and reports on it."""
