"""Simulates a policy over an hour, ``python -m reports.rolling_horizon --methods batch-scan,all-local``.

Simulates the periodic mechanism of paper B (requests gather for an interval, are decided at its end, and run in a
batch that shrinks) with any methods of split offloading, of one server or of several, all on the same requests,
and prints one row for each.
"""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from formulations.multi_edge_offloading.parameters import MAX_SERVERS
from formulations.runtime.command_line import (
    Command,
    Parser,
    add_gap,
    add_out,
    add_seed,
    add_time_limit,
    names,
    whole,
)
from formulations.runtime.program import INTERRUPTED, UNUSABLE, UsageError, say
from formulations.runtime.progress import NOW_AND_THEN, Progress, display
from instances.generation.multi_edge import Plane
from instances.generation.split_scenario import SplitScenario
from instances.storage.atomic import writing
from reports.formats import csv_text, folder, plain_text
from reports.formats.output import write
from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells
from solvers.comparison.arguments import add_threads
from solvers.core import registry
from solvers.core.limits import Limits

if TYPE_CHECKING:
    from solvers.split_offloading.rolling_horizon.horizon import Horizon
    from solvers.split_offloading.rolling_horizon.simulate import Simulated

USUAL = {
    "split_offloading": ("batch-scan", "greedy", "all-local"),
    "multi_edge_offloading": ("price-decomposition", "greedy", "all-local"),
}
"""Methods by default, by what every interval poses."""

_THREE, _FOUR, _ONE = map(numbers.by_format, (".3f", ".4f", ".1f"))

_COLUMNS = (
    Column("method", "method", numeric=False),
    Column("granted_share", "granted", "%", show=_ONE),
    Column("mean_pai", "mean PAI", "-", show=_FOUR),
    Column("worth_per_user", "worth per request", "s", show=_THREE),
    Column("latency_mean", "latency mean", "s", show=_THREE),
    Column("latency_p50", "median", "s", show=_THREE),
    Column("latency_p95", "95th percentile", "s", show=_THREE),
    Column("latency_p99", "99th percentile", "s", show=_THREE),
    Column("model_mean", "mean by the model", "s", show=_THREE),
    Column("start_delay_mean", "start delay granted", "s", show=_THREE),
    Column("edge_busy", "edge busy", "%", show=_ONE),
    Column("decision_ms", "decision per interval", "ms", show=_THREE),
)


def summary(simulated: Simulated) -> dict[str, Any]:
    """Return numbers of one method: shares [%], latencies and worth alpha F - L [s] over all requests."""
    requests = simulated.requests
    record: dict[str, Any] = {"method": simulated.method, "requests": requests.size}
    if requests.size == 0:
        return record
    latency, granted = requests["latency_seconds"], requests["granted"]
    p50, p95, p99 = np.percentile(latency, [50.0, 95.0, 99.0]).tolist()
    return record | {
        "granted_share": 100.0 * float(granted.mean()),
        "mean_pai": float(requests["pai"].mean()),
        "worth_per_user": float(np.mean(requests["weight"] * requests["pai"] - latency)),
        "latency_mean": float(latency.mean()),
        "latency_p50": p50,
        "latency_p95": p95,
        "latency_p99": p99,
        "model_mean": float(requests["model_seconds"].mean()),
        "start_delay_mean": float(requests["queue_seconds"][granted].mean()) if granted.any() else None,
        "edge_busy": 100.0 * simulated.busy_seconds / simulated.end_seconds,
        "decision_ms": 1e3 * float(simulated.decision_seconds.mean()),
    }


def table(horizon: Horizon, simulations: Sequence[Simulated]) -> Table:
    """Return one row per method on the same requests."""
    records = [summary(simulated) for simulated in simulations]
    count = records[0]["requests"] if records else 0
    busy = {
        "queue": "a batch waits until the one before it is done",
        "deny": "nobody is granted while a batch runs",
        "ignore": "every batch finds the GPUs free, as the paper has it",
    }[horizon.when_busy]
    servers = "" if horizon.plane is None else f", {horizon.plane.servers} servers"
    length = f"{horizon.intervals} intervals of {horizon.interval_seconds:g} s"
    return Table(
        title=f"Rolling horizon: {count} requests in {length}",
        columns=_COLUMNS,
        rows=tuple(Row(cells(_COLUMNS, record)) for record in records),
        lead=(f"{busy}; seed {horizon.seed}{servers}",),
        notes=(
            "mean by the model: latency (6), with the first batch for all steps and no earlier batch",
            "start delay: from the decision to the first step at the edge; deciding takes no simulated time",
        ),
        records=records,
    )


def _run(options: Namespace) -> int:
    from solvers.split_offloading.rolling_horizon.horizon import Horizon

    if options.servers > 1 and options.gpus is not None:
        raise UsageError("argument --gpus: expected none with several servers, which have GPUs of their own")
    gpus = options.gpus or (() if options.servers > 1 else ((0.0, 8),))
    plane = Plane(servers=options.servers, max_batch=options.max_batch) if options.servers > 1 else None
    horizon = Horizon(
        scenario=SplitScenario(
            gpus=gpus[0][1] if gpus else 8,
            max_batch=options.max_batch,
            slots=options.slots,
            slot_seconds=options.slot_seconds,
        ),
        intervals=options.intervals,
        users_per_interval=options.users,
        when_busy=options.when_busy,
        gpus=gpus,
        plane=plane,
        seed=options.seed,
    )
    methods = options.methods or USUAL[horizon.problem]
    for name in methods:
        registry.method(name, horizon.problem)
    with ExitStack() as until_written:
        if options.out is not None:
            with writing(options.out):
                until_written.enter_context(folder.held(options.out))
        return _simulate_all(horizon, methods, options)


def _simulate_all(horizon: Horizon, methods: Sequence[str], options: Namespace) -> int:
    """Simulate every method, show and write what was finished, and return the exit status."""
    from solvers.split_offloading.rolling_horizon.simulate import Undecided, simulate

    simulations, status, out = [], 0, options.out
    progress = display(every=NOW_AND_THEN)
    try:
        for name in methods:
            limits = Limits(options.time_limit, options.gap, options.threads)
            with progress.of(name, horizon.intervals):
                simulations.append(simulate(horizon, name, limits, tell=partial(_tell, progress, name, horizon)))
            if out is not None:
                _write_requests(out, simulations[-1])
    except Undecided as fault:
        say(str(fault))
        status = fault.status
    except OSError as fault:
        say(f"cannot write to '{out}' ({fault.strerror or fault})")
        status, out = UNUSABLE, None
    except KeyboardInterrupt:
        status = INTERRUPTED
    if simulations:
        found = table(horizon, simulations)
        write(plain_text.render([found]))
        if out is not None:
            folder.write_table(out, "rolling_horizon", found)
    return status


def _tell(progress: Progress, name: str, horizon: Horizon, interval: int) -> None:
    progress.finished(name, line=f"{name}: interval {interval} of {horizon.intervals}")


def _write_requests(out: Path, simulated: Simulated) -> None:
    """Every request of a method as one CSV file."""
    fields = simulated.requests.dtype.names or ()
    rows = [dict(zip(fields, row, strict=True)) for row in simulated.requests.tolist()]
    folder.write_text(out / f"requests_{simulated.method}.csv", csv_text.render([Table("", (), (), records=rows)]))


def _gpus(text: str) -> tuple[tuple[float, int], ...]:
    """``8``, or ``0:8,1800:4`` for 8 GPUs that become 4 after half an hour."""
    try:
        if ":" not in text:
            return ((0.0, int(text)),)
        pairs = (part.partition(":") for part in text.split(","))
        return tuple((float(since), int(count)) for since, _, count in pairs)
    except ValueError:
        raise ArgumentTypeError(f"expected 8, or 0:8,1800:4 (seconds:GPUs), got '{text}'") from None


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--method",
        "--methods",
        dest="methods",
        type=names,
        metavar="A,B",
        help="methods of the problem (the exact one of our own, greedy, all-local)",
    )
    add(
        "--servers",
        type=whole(1, MAX_SERVERS),
        default=1,
        metavar="M",
        help="edge servers among the users (%(default)s)",
    )
    add("--intervals", type=int, default=60, metavar="N", help="intervals in which requests arrive (%(default)s)")
    add("--users", type=float, default=20.0, metavar="N", help="mean requests in an interval (%(default)g)")
    add("--slots", type=int, default=20, metavar="K", help="slots of an interval (%(default)s)")
    add("--slot-seconds", type=float, default=3.0, metavar="S", help="length of a slot (%(default)g)")
    add("--gpus", type=_gpus, metavar="G", help="8 (default), or 0:8,1800:4 (seconds:GPUs), of one server")
    add("--max-batch", type=int, default=20, metavar="B", help="most users in a batch of a server (%(default)s)")
    add("--when-busy", default="queue", metavar="WHAT", help="queue, deny or ignore (%(default)s)")
    add_time_limit(parser, 15.0, "for every decision")
    add_gap(parser)
    add_threads(parser)
    add_seed(parser, "of the requests")
    add_out(parser, "folder for the table and every request as CSV")


main = Command(
    module="reports.rolling_horizon",
    summary=(__doc__ or "").partition("\n\n")[2].strip(),
    arguments=_arguments,
    run=_run,
    example=(
        "--methods batch-scan,all-local --out simulated",
        "--gpus 0:8,1800:4 --when-busy deny",
        "--servers 3 --users 60 --methods price-decomposition,greedy",
    ),
    statuses={1: "a method gave no decision for an interval"},
)
"""Simulates policies."""
