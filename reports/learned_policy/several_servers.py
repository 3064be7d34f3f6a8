"""What the learned policies lose with several servers: measured on held-out instances, and shown as a table.

The instances are those of :mod:`instances.generation.multi_edge` by their seeds; training draws from a stream of
its own. A loss is (optimum - objective) / (optimum - all-local), where the optimum is certified to a gap of 1e-6.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import fmean, median
from time import process_time
from typing import NamedTuple

from formulations.errors import InstanceError
from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.runtime.command_line import LARGEST_SEED, Command, Parser, add_seed, whole
from formulations.runtime.progress import tell
from formulations.runtime.standard_output import results
from formulations.runtime.version import VERSION
from instances.generation.multi_edge import generate
from instances.storage.atomic import check_replaceable
from instances.storage.layouts import rows_of
from instances.storage.store import write
from reports.formats import markdown
from reports.tables.table import Column, Row, Table
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.multi_edge_offloading.learned_policy import SHIPPED

METHODS = ("greedy", "per-dqn", "dqn-tuned", "price-decomposition")
"""What is measured; the last gives the optimum."""

NETWORKS = {"per-dqn": "paper", "dqn-tuned": "tuned"}

SIZES = {(20, 2): 1.0, (40, 3): 1.0, (60, 4): 1.0, (100, 5): 1.0, (300, 10): 0.2, (1000, 20): 0.05}
"""Users and servers, those of training and larger ones, and the share of the instances that each gets."""

LIMITS = Limits(time_limit=60.0)


class Record(NamedTuple):
    """One method on the instances of one size."""

    users: int
    servers: int
    instances: int
    seed: int
    method: str
    weights: str
    """Start of the SHA-256 of the network's file; empty without one."""
    mean_loss: float
    largest_loss: float
    ms_per_user: float
    """Median over the instances of the processor time of the whole call [ms]."""
    version: str
    """Of this package."""


ROWS = rows_of(Record)
"""Layout of the file of records."""


def measured(users: int, servers: int, count: int, seed: int) -> list[Record]:
    """Records of every method on instances of one size."""
    scenarios = [
        MultiEdgeOffloading(**generate(seed + number, users=users, servers=servers)) for number in range(count)
    ]
    gains, seconds = zip(*(_decided(name, scenarios) for name in METHODS), strict=True)
    records = []
    for name, mine, spent in zip(METHODS, gains, seconds, strict=True):
        losses = [_share(best - gain, best) for best, gain in zip(gains[-1], mine, strict=True)]
        mean, largest, each = (
            float(f"{value:.6g}") for value in (fmean(losses), max(losses), 1000.0 * median(spent) / users)
        )
        records.append(Record(users, servers, count, seed, name, _weights(name), mean, largest, each, VERSION))
    return records


def _decided(name: str, scenarios: Sequence[MultiEdgeOffloading]) -> tuple[list[float], list[float]]:
    """Gain over all-local of a method on each instance [s], and its processor time [s]."""
    solve = registry.method(name, "multi_edge_offloading").load()
    solve(scenarios[0], LIMITS, 0)  # loads kernels and weights before the clock starts
    gains, seconds = [], []
    for data in scenarios:
        began = process_time()
        outcome = solve(data, LIMITS, 0)
        seconds.append(process_time() - began)
        assert outcome.solution is not None  # nobody has to offload
        gains.append(evaluate_solution(data, outcome.solution).metrics["gain_over_all_local"])
    return gains, seconds


def _share(lost: float, best: float) -> float:
    return max(lost, 0.0) / best if best > 0.0 else 0.0


def _weights(name: str) -> str:
    if name not in NETWORKS:
        return ""
    return sha256((SHIPPED / f"{NETWORKS[name]}.safetensors").read_bytes()).hexdigest()[:12]


def table(records: Iterable[Record]) -> Table:
    """One row for every size, one column for the loss and the time of every method."""
    found = list(records)
    columns = [Column("users", "users"), Column("servers", "servers"), Column("instances", "instances")]
    columns += [Column(f"{name}.loss", f"{name} loss", "%") for name in METHODS[:-1]]
    columns += [Column(f"{name}.time", name, "ms a user") for name in METHODS]
    rows = []
    for size in dict.fromkeys(record[:3] for record in found):
        mine = {record.method: record for record in found if record[:3] == size}
        losses = [f"{100.0 * mine[name].mean_loss:.2f}" for name in METHODS[:-1]]
        rows.append(Row((*map(str, size), *losses, *(f"{mine[name].ms_per_user:.3f}" for name in METHODS))))
    return Table("Several servers", tuple(columns), tuple(rows))


def _run(options: Namespace) -> None:
    try:
        check_replaceable(options.out)
    except OSError as fault:
        raise InstanceError(f"{options.out}: cannot be written ({fault.strerror})") from None
    records: list[Record] = []
    for (users, servers), share in SIZES.items():
        count = max(1, round(share * options.instances))
        records += measured(users, servers, count, options.seed)
        write(options.out, ROWS, {record: record for record in records})
        tell(f"{users} users, {servers} servers: measured")
    print(markdown.render([table(records)]), end="", file=results())


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="FILE.csv", help="records, in place of those that are there")
    add(
        "--instances",
        type=whole(1, LARGEST_SEED),
        default=100,
        metavar="S",
        help="of each size that was trained for; a fifth and a twentieth of the larger ones (%(default)s)",
    )
    add_seed(parser, "of the first instance; the others follow")


main = Command(
    module="reports.learned_policy.several_servers",
    summary="Measure the learned policies for several servers against greedy and the optimum.",
    arguments=_arguments,
    run=_run,
    example=("--seed 500000 --out docs/per_dqn/servers.csv",),
    more="Set OMP_NUM_THREADS=1: times are processor times, of all threads together.",
)
"""Measures the learned policies for several servers."""

if __name__ == "__main__":
    main.script()
