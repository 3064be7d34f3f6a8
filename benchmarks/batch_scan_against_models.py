"""Seconds of the exact batch scan against the algebraic models of split offloading, side by side in one run.

    python -m benchmarks.batch_scan_against_models [--quick]

Every method gets the same snapshots, drawn as in section 6.1.1 of paper B, one after another, on one thread. A
time is for building and solving, the median over the snapshots, with compiled code loaded before; what solving
alone takes, the processor time, and the scan by ``diffload.solve()`` as a user calls it stand beside it. The
strongest form of the peer is ``highs-batch-lp``: the
linear program of the batch-indexed model has a whole optimum, and is written for HiGHS itself. The models with
fixed splits solve a restriction of P1: ``loss_per_user`` says how much worse than the scan's the objectives are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import fmean, median
from time import process_time
from typing import NamedTuple

import diffload
from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from benchmarks.reference import timed
from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.parameters import SplitOffloading
from instances import Instance
from instances.generation.generator import generate
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.split_offloading.exact import batch_scan
from solvers.split_offloading.mip import gqap_fixed_split, highs_batch_indexed, highs_batch_lp, scip

AIM = Aim("at least", 10.0)
"""Ratio that the scan is to reach against every model at every size."""

SCAN_REPEATS = 20
"""Scans of each snapshot, of which the median counts; one takes well below a millisecond."""

Solve = Callable[[SplitOffloading, Limits, int], Outcome]

MODELS: dict[str, Solve] = {
    "highs-batch-lp": highs_batch_lp.solve,
    "highs-batch-indexed": highs_batch_indexed.solve,
    "scip-minlp": scip.solve,
    "highs-gqap-fixed-split": gqap_fixed_split.solve_linearised,
    "scip-gqap-fixed-split": gqap_fixed_split.solve_quadratic,
}


class Measurement(NamedTuple):
    """One method on one snapshot."""

    seconds: float
    objective: float
    finished: bool
    solving: float
    processor: float


SECONDS = 15.0
"""Time limit of every model [s]."""

GPUS = 8


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of every model over those of the scan, by the number of users."""
    limits = Limits(time_limit=SECONDS)
    for users in (5, 20) if quick else (5, 10, 20, 30, 40):
        snapshots = [snapshot(users, GPUS, seed) for seed in range(1 if quick else 3)]
        batch_scan.solve(snapshots[0], limits, 0)
        scans = [scan(data, limits) for data in snapshots]
        call = partial(diffload.solve, instance(users, GPUS, 0), method="batch-scan")
        whole_call = timed(call, SCAN_REPEATS)
        for name, solve in MODELS.items():
            runs = [measure(solve, data, limits) for data in snapshots]
            yield compare(users, name, runs, scans, whole_call)


def instance(users: int, gpus: int, seed: int) -> Instance:
    """Users and devices drawn as in section 6.1.1."""
    return generate(problems=("split_offloading",), users=users, seed=seed, split_offloading={"gpus": gpus})


def snapshot(users: int, gpus: int, seed: int) -> SplitOffloading:
    """Return data of an instance."""
    data = instance(users, gpus, seed).section("split_offloading")
    assert isinstance(data, SplitOffloading)
    return data


def scan(data: SplitOffloading, limits: Limits) -> Measurement:
    """The scan, run many times."""
    runs = [measure(batch_scan.solve, data, limits) for _ in range(SCAN_REPEATS)]
    return runs[0]._replace(
        seconds=median(run.seconds for run in runs), processor=median(run.processor for run in runs)
    )


def measure(solve: Solve, data: SplitOffloading, limits: Limits) -> Measurement:
    """One run of a method."""
    used = process_time()
    outcome = solve(data, limits, 0)
    used = process_time() - used
    objective = float("-inf")
    if outcome.solution is not None:
        objective = evaluate_solution(data, outcome.solution).objective
    finished = not outcome.reason.endswith("limit")
    return Measurement(
        outcome.build_seconds + outcome.solve_seconds, objective, finished, outcome.solve_seconds, used
    )


def compare(
    users: int, name: str, runs: Sequence[Measurement], scans: Sequence[Measurement], whole_call: float
) -> Ratio:
    """How many times as long as the scan a method takes."""
    ours, theirs = (median(run.seconds for run in each) for each in (scans, runs))
    loss = fmean(best.objective - run.objective for run, best in zip(runs, scans, strict=True)) / users
    finished = f"{sum(run.finished for run in runs)} of {len(runs)}"
    return Ratio(
        f"batch-scan/{name}/{users}",
        f"speed of the batch scan, {users} users",
        theirs / ours,
        limit=name,
        aim=AIM,
        context={
            "scan s": ours,
            "diffload.solve() s": whole_call,
            "model s": theirs,
            "model s without building": median(run.solving for run in runs),
            "scan processor s": median(run.processor for run in scans),
            "model processor s": median(run.processor for run in runs),
            "finished": finished,
            "loss_per_user": loss,
        },
    )


if __name__ == "__main__":
    alone(ratios, __doc__).script()
