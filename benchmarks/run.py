"""The command ``python -m benchmarks.run``: every ratio in one run, a history of all runs, a page of the latest.

Programs run one after another, each in a process of its own, nearly all on one thread, so that none changes what
another measures; what a program measured before it failed or was stopped counts. Exit status: 0 every aim
reached, 1 an aim missed or a program failed, 2 unusable input, 130 interrupted. The page has the latest run of
every program in the same setting on this machine, so that programs may be run on different days.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import history, machine, page
from benchmarks.alone import from_json
from benchmarks.ratio import Ratio
from benchmarks.reference import reference
from benchmarks.tables import missed_in, table
from formulations.errors import one_line
from formulations.runtime.command_line import Command, Parser, names
from formulations.runtime.program import UsageError
from formulations.runtime.progress import tell
from formulations.runtime.standard_output import results
from instances.storage.store import Store
from reports.formats import plain_text
from solvers.processes.child_pipe import ChildPipe

PROGRAMS = {
    "aims": "every aim of speed by processor time, each work and its peer in turn",
    "price_search_scaling": "the price search up to 10,000,000 users against one pass of exp, and many snapshots",
    "price_search_against_scip": "the exact price search against SCIP on the same P1",
    "kkt_against_cvxpy": "Algorithm 2 against Clarabel and a CVXPY re-solve of the same P2",
    "batch_scan_against_models": "the exact batch scan against the models of split offloading",
    "batch_scan_scaling": "the batch scan up to 1,000,000 users, and many snapshots",
    "per_dqn_against_batch_scan": "the exact batch scan against the learned policy",
    "gqap_branch_and_bound_against_highs": "branch and bound for the GQAP against HiGHS, SCIP and CP-SAT",
    "price_decomposition_against_highs": "several servers: the price decomposition against HiGHS on the MILP",
    "other_solvers": "exact methods against discopt, Gurobi and BARON, where they are installed",
    "explorer_latency": "a slider of the explorer released to its answer drawn, in a browser",
    "main_command": "what a user of the command waits for",
    "growth_of_methods": "how time and memory of every method grow, and the largest size that each solves",
}
"""Every program with what it is about, in the order of a run."""

ON_SEVERAL_THREADS = {"price_search_scaling"}
"""Programs that say themselves how many threads they use."""

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Environment of the others; kernels heed it, too."""

HISTORY = Path(__file__).with_name("history.csv")
LONGEST_SECONDS = {"quick": 60.0, "full": 300.0}
"""Time after which a program is stopped [s]."""

LONGER = {"aims": 4.0, "growth_of_methods": 40.0}
"""Programs that may take so many times as long."""

PAGE = "page.html"
"""Name of the page of a run, beside the history."""


def _arguments(parser: Parser) -> None:
    parser.add_argument("--quick", action="store_true", help="small sizes, some minutes without growth_of_methods")
    parser.add_argument("--only", type=names, metavar="A,B", help="programs; all by default")
    parser.add_argument("--history", type=Path, default=HISTORY, help="CSV file that the ratios are added to")
    parser.add_argument("--page", type=Path, help="HTML page; page.html beside the history by default")


def _run(options: Namespace) -> int:
    for name in options.only or ():
        if name not in PROGRAMS:
            raise UsageError(f"--only: expected names among {', '.join(PROGRAMS)}, got '{name}'")
    run = about(options.quick)
    with ExitStack() as stack:
        try:
            kept = stack.enter_context(Store(options.history, history.ROWS))
        except OSError as fault:
            raise UsageError(
                f"--history: expected a file that can be written to, got an error ({fault.strerror})"
            ) from None
        before = history.last_values(kept.known, run)
        print("\n".join(heading(run)), file=results(), flush=True)
        found: list[Ratio] = []
        well = True
        chosen = options.only or tuple(PROGRAMS)
        for name in chosen:
            ratios, ended = measured(name, run, kept, before)
            found, well = found + ratios, well and ended and not missed_in(ratios)
    print("\n" + plain_text.render([page.summary(found)]), end="", file=results(), flush=True)
    try:
        latest = history.latest(kept.known, run)
        earlier = [latest[name] for name in PROGRAMS if name in latest and name not in chosen]
        ratios = [*found, *(ratio for of in earlier for ratio in of.ratios)]
        page.write(options.page or options.history.with_name(PAGE), ratios, [*heading(run), *map(said, earlier)])
    except OSError as fault:
        raise UsageError(
            f"--page: expected a file that can be written to, got an error ({fault.strerror})"
        ) from None
    return 0 if well else 1


def said(of: history.Earlier) -> str:
    """Which run the ratios of a program are from."""
    return f"{of.program}: of the run of {of.started} UTC, commit {of.commit or 'unknown'}"


def about(quick: bool) -> history.RunOf:
    """What all ratios of this run share."""
    return history.RunOf(
        started=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        commit=machine.commit(),
        machine=machine.machine(),
        load=f"{os.getloadavg()[0]:.2f}",
        versions=", ".join(f"{package} {version}" for package, version in machine.package_versions().items()),
        setting="quick" if quick else "full",
    )


def heading(run: history.RunOf) -> Iterator[str]:
    """Machine, versions, and the machine's own limits."""
    limits = reference()
    yield f"{run.setting} run of {run.started} UTC, commit {run.commit or 'unknown'}"
    yield f"{run.machine}, load {run.load}"
    yield run.versions
    yield (
        f"one pass of exp over 1,000,000 doubles: {1e3 * limits.exp_seconds:.2f} ms; "
        f"one copy: {1e3 * limits.copy_seconds:.2f} ms, {limits.copied_bytes_per_second / 1e9:.1f} GB/s"
    )


def measured(
    name: str, run: history.RunOf, kept: history.History, before: dict[str, float]
) -> tuple[list[Ratio], bool]:
    """Run one program, keep and print its ratios; return them, and whether it ended well."""
    tell(f"{name} ...")
    found: list[Ratio] = []
    fault = ""
    try:
        for ratio in child(name, run.setting):
            found.append(ratio)
            if not math.isnan(ratio.value) or "largest" in ratio.context:  # times of too few sizes for an exponent
                history.append(kept, run, name, ratio)
    except ChildProcessError as failure:
        fault = str(failure)
    print(
        "\n" + plain_text.render([table(name, PROGRAMS[name], found, before, fault)]),
        end="",
        file=results(),
        flush=True,
    )
    return found, not fault


def child(name: str, setting: str) -> Iterator[Ratio]:
    """Ratios of a program in a process of its own, as they come.

    Raises
    ------
    ChildProcessError
        If it fails, or takes too long and is stopped; the message says which.
    """
    environment = os.environ | ({} if name in ON_SEVERAL_THREADS else ONE_THREAD)
    overdue = threading.Event()
    with tempfile.TemporaryFile() as errors, ChildPipe() as records:
        words = [sys.executable, "-m", f"benchmarks.{name}", "--records", records.path]
        process = subprocess.Popen(
            words + ["--quick"] * (setting == "quick"),
            cwd=Path(__file__).parents[1],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            pass_fds=(records.child_end,),
            start_new_session=True,
        )

        def stop() -> None:
            overdue.set()
            os.killpg(process.pid, signal.SIGKILL)

        longest = LONGER.get(name, 1.0) * LONGEST_SECONDS[setting]
        timer = threading.Timer(longest, stop)
        timer.start()
        try:
            for line in records.reader():
                yield from_json(line.decode())
            status = process.wait()
        finally:
            timer.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        errors.seek(0)
        last = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
    if overdue.is_set():
        raise ChildProcessError(f"{name} was stopped after {longest:g} s")
    if status != 0:
        raise ChildProcessError(one_line(f"{name} failed with exit status {status}: {last}"))


main = Command(
    module="benchmarks.run",
    summary="Measure every ratio in one run.",
    arguments=_arguments,
    run=_run,
    example=("--quick", "--only main_command"),
    statuses={0: "every aim is reached", 1: "an aim is missed, or a program failed"},
    interrupted="what was measured is in the history",
)
"""Measures every ratio."""

if __name__ == "__main__":
    main.script()
