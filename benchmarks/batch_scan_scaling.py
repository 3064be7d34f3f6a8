"""Seconds of the exact batch scan: one snapshot of up to 1,000,000 users, and 100,000 snapshots of 20 users.

    python benchmarks/batch_scan_scaling.py [--users 20 1000 1000000] [--snapshots 100000]

Each time stands beside its limit. The large snapshots have a bandwidth of 100 MHz, with which the scan goes on to
B_max = 100; with the published 1 MHz it stops earlier. ``evaluations`` is the time of evaluating every user in
every batch that was tried, on a sample, scaled up, and ``ratio`` is this time over the scan's. As a worst case for
the bound that spares evaluations there is a line for nearly identical users: there the scan may take longer than
``evaluations``, a ratio below 1, and has no limit.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from formulations.split_offloading.gain import Users, edge_of, gains, users_of
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import split_range
from solvers.limits import Limits
from solvers.split_offloading.batch_scan import load_kernels, scan_batches, solve
from solvers.split_offloading.batch_scan_many import Snapshots, scan_many

ONE_SNAPSHOT_LIMITS = {20: 0.0002, 1_000_000: 5.0}
"""Seconds allowed for one snapshot, by its number of users; others are shown without a limit."""

MANY_SNAPSHOTS_LIMIT = 10.0
"""Seconds allowed for 100,000 snapshots of 20 users."""

SAMPLE = 200_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per case; exit status 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, nargs="+", default=[20, 100, 1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--snapshots", type=int, default=100_000)
    options = parser.parse_args(arguments)
    load_kernels()
    print(f"{'case':<46} {'batches':>8} {'seconds':>11} {'evaluations':>12} {'ratio':>7} {'limit':>9}")
    met = [one(users, near=False) for users in options.users]
    met.append(one(max(options.users), near=True))
    met.append(many(options.snapshots))
    return 0 if all(met) else 1


def one(users: int, *, near: bool) -> bool:
    """One snapshot with B_max = 100, or the paper's constants up to 100 users."""
    wide = users > 100
    data = snapshot(users, near=near, bandwidth_hz=1e8 if wide else 1e6, max_batch=100 if wide else 20)
    seconds = timed(lambda: solve(data, Limits(), 0), repeats=3 if wide else 301)
    tried = scan_batches(data).gain_of_batch.size - 1
    sample = snapshot(min(users, SAMPLE), near=near, bandwidth_hz=data.bandwidth_hz, max_batch=data.max_batch)
    each = timed(lambda: gains(sample, 10.0), repeats=3 if wide else 301) * users / sample.users
    kind = "nearly identical users" if near else "users"
    limit = None if near else ONE_SNAPSHOT_LIMITS.get(users)
    return show(f"one snapshot, {users:,} {kind}", tried, seconds, each * tried, limit)


def many(snapshots: int) -> bool:
    """Snapshots of 20 users with the paper's constants, in one call."""
    data = snapshot(20 * snapshots, near=False, bandwidth_hz=1e6, max_batch=20)
    edge = edge_of(data)
    stacked = Snapshots(
        users=Users(*(array.reshape(snapshots, 20) for array in users_of(data))),
        user_count=np.full(snapshots, 20),
        per_item=np.full(snapshots, edge.per_item),
        base=np.full(snapshots, edge.base),
        max_batch=np.full(snapshots, 20),
        curve=split_range(data),
    )
    scan_many(stacked._replace(users=Users(*(a[:1] for a in stacked.users)), **first_row(stacked)))
    seconds = timed(lambda: scan_many(stacked), repeats=1)
    each = timed(lambda: gains(data, 10.0), repeats=1)
    limit = MANY_SNAPSHOTS_LIMIT * snapshots / 100_000
    return show(f"{snapshots:,} snapshots of 20 users", 20, seconds, 20 * each, limit)


def first_row(stacked: Snapshots) -> dict[str, np.ndarray]:
    """The per-snapshot arrays of the first snapshot alone."""
    return {name: getattr(stacked, name)[:1] for name in ("user_count", "per_item", "base", "max_batch")}


def snapshot(users: int, *, near: bool, bandwidth_hz: float, max_batch: int) -> SplitOffloading:
    """Users drawn around the paper's constants; ``near`` ones differ by a thousandth."""
    draw = np.random.default_rng(users)
    spread = 1e-3 if near else 1.0
    local = 0.275 + spread * draw.uniform(-0.225, 0.225, users)
    weight = 170.0 * np.maximum(local - 0.08, 0.002) * (1.0 + spread * draw.uniform(-0.4, 0.4, users))
    return SplitOffloading(
        users=users,
        total_steps=200,
        min_local_steps=80,
        pai_slope=0.0413,
        pai_threshold=71.44,
        accuracy_weight=weight,
        local_seconds_per_step=local,
        edge_seconds_per_step_per_item=0.01609,
        edge_seconds_per_step_base=0.0329,
        gpus=8,
        max_batch=max_batch,
        prompt_bits=216.0,
        latent_bits=4.4e6,
        spectral_efficiency=10.0,
        bandwidth_hz=bandwidth_hz,
        wait_seconds=0.0,
    )


def timed(work: Callable[[], object], repeats: int) -> float:
    """Median wall-clock time of a call [s]."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return median(times)


def show(case: str, batches: int, seconds: float, evaluations: float, limit: float | None) -> bool:
    """Print one line; whether the limit is met."""
    met = limit is None or seconds <= limit
    allowed = "-" if limit is None else f"{limit:g}{'' if met else ' MISSED'}"
    ratio = evaluations / seconds
    print(f"{case:<46} {batches:>8} {seconds:>11.6f} {evaluations:>12.6f} {ratio:>7.1f} {allowed:>9}", flush=True)
    return met


if __name__ == "__main__":
    raise SystemExit(main())
