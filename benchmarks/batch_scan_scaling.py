"""The exact batch scan: one snapshot of up to 1,000,000 users, and 100,000 snapshots of 20 users.

    python -m benchmarks.batch_scan_scaling [--quick]

The large snapshots have a bandwidth of 100 MHz, with which the scan goes on to B_max = 100; with the published
1 MHz it stops earlier. ``evaluations`` is the time of evaluating every user in every batch that was tried, on a
sample, scaled up: the ratio of this time to the scan's says what the bound spares. As a worst case for that bound
there is a line for nearly identical users, a ratio below 1 where it does not pay. ``exp passes`` is the time over
that of one pass of exp over 1,000,000 doubles.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.alone import alone
from benchmarks.growth import growth
from benchmarks.ratio import Aim, Ratio
from benchmarks.reference import reference, timed
from formulations.split_offloading.gain import Users, edge_of, gains, users_of
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import split_range
from solvers.core.limits import Limits
from solvers.split_offloading.exact.batch_scan import load_kernels, scan_batches, solve
from solvers.split_offloading.exact.batch_scan_many import Snapshots, scan_many

ONE_SNAPSHOT_AIMS = {20: Aim("at most", 0.0002), 1_000_000: Aim("at most", 5.0)}
"""Seconds allowed for one snapshot, by its number of users; others are shown without a limit."""

EXP_PASSES = Aim("at most", 150.0)
"""Passes of exp in which a million users are to be certified with the paper's largest batch."""

NEARLY_IDENTICAL = {1_000_000: Aim("at most", 0.5)}
"""Seconds allowed for one snapshot of nearly identical users, by their number."""

MANY_SNAPSHOTS_SECONDS = 0.5
"""Seconds allowed for 100,000 snapshots of 20 users on one thread: 400,000 a second on two."""

SAMPLE = 200_000
"""Users on whom evaluating is timed."""

FIT_FROM = 1000
"""Users from which on the growth is fitted: below, the fixed cost of a call shows."""


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times by the number of users, their growth, and many snapshots in one call."""
    load_kernels()
    sizes = (20, 1000, 10_000, 100_000) if quick else (20, 100, 1000, 10_000, 100_000, 1_000_000)
    seconds = {}
    for users in sizes:
        for ratio in one(users, near=False):
            yield ratio
            seconds[users] = float(ratio.context["seconds"])
    what = "the batch scan's time, B_max = 100"
    yield growth("batch-scan/growth", what, {users: seconds[users] for users in sizes if users >= FIT_FROM})
    yield from one(max(sizes), near=True)
    if not quick:
        yield certified()
    yield many(10_000 if quick else 100_000)


def one(users: int, *, near: bool) -> Iterator[Ratio]:
    """One snapshot with B_max = 100, or the paper's constants up to 100 users."""
    wide = users > 100
    data = snapshot(users, near=near, bandwidth_hz=1e8 if wide else 1e6, max_batch=100 if wide else 20)
    seconds = timed(lambda: solve(data, Limits(), 0), repeats=3 if wide else 301)
    tried = scan_batches(data).gain_of_batch.size - 1
    sample = snapshot(min(users, SAMPLE), near=near, bandwidth_hz=data.bandwidth_hz, max_batch=data.max_batch)
    each = timed(lambda: gains(sample, 10.0), repeats=3 if wide else 301) * users / sample.users
    kind = "nearly identical users" if near else "users"
    name = f"batch-scan/{'near' if near else 'one'}/{users}"
    behind: dict[str, float | str] = {"seconds": seconds, "batches": tried}
    behind |= {"evaluations s": each * tried, "exp passes": seconds / reference().exp_seconds}
    what = f"one snapshot, {users:,} {kind}"
    yield Ratio(
        name, what, seconds, "s", aim=(NEARLY_IDENTICAL if near else ONE_SNAPSHOT_AIMS).get(users), context=behind
    )
    spared = each * tried / seconds
    yield Ratio(f"{name}/evaluations", what, spared, limit="evaluating every user in every batch", context=behind)


def certified() -> Ratio:
    """A million users with the paper's constants, on one thread, against one pass of exp."""
    data = snapshot(1_000_000, near=False, bandwidth_hz=1e6, max_batch=20)
    passes, seconds = [], []
    for _ in range(5):
        passes.append(reference().exp_seconds)
        seconds.append(timed(lambda: solve(data, Limits(), 0), repeats=1))
    return Ratio(
        "batch-scan/certify/1000000",
        "one snapshot proven optimal, 1,000,000 users, B_max = 20",
        min(seconds) / min(passes),
        limit="one exp pass over 1,000,000 doubles",
        aim=EXP_PASSES,
        context={"seconds": min(seconds), "exp s": min(passes)},
    )


def many(snapshots: int) -> Ratio:
    """Snapshots of 20 users with the paper's constants, in one call."""
    together = stacked(snapshots)
    scan_many(first_of(together))
    seconds = timed(lambda: scan_many(together), repeats=1)
    data = snapshot(20 * snapshots, near=False, bandwidth_hz=1e6, max_batch=20)
    each = timed(lambda: gains(data, 10.0), repeats=1)
    return Ratio(
        f"batch-scan/many/{snapshots}",
        f"{snapshots:,} snapshots of 20 users in one call",
        seconds,
        "s",
        aim=Aim("at most", MANY_SNAPSHOTS_SECONDS * snapshots / 100_000),
        context={"snapshots a second": snapshots / seconds, "evaluations s": 20 * each},
    )


def stacked(snapshots: int) -> Snapshots:
    """Snapshots of 20 users with the paper's constants, side by side."""
    data = snapshot(20 * snapshots, near=False, bandwidth_hz=1e6, max_batch=20)
    edge = edge_of(data)
    return Snapshots(
        users=Users(*(array.reshape(snapshots, 20) for array in users_of(data))),
        user_count=np.full(snapshots, 20),
        per_item=np.full(snapshots, edge.per_item),
        base=np.full(snapshots, edge.base),
        max_batch=np.full(snapshots, 20),
        curve=split_range(data),
    )


def read_bytes(stacked: Snapshots) -> int:
    """Bytes of the users' arrays."""
    return sum(array.nbytes for array in stacked.users)


def first_of(stacked: Snapshots) -> Snapshots:
    """The first snapshot alone."""
    return Snapshots(
        users=Users(*(array[:1] for array in stacked.users)),
        user_count=stacked.user_count[:1],
        per_item=stacked.per_item[:1],
        base=stacked.base[:1],
        max_batch=stacked.max_batch[:1],
        curve=stacked.curve,
    )


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


if __name__ == "__main__":
    alone(ratios, __doc__).script()
