"""Seconds of the exact batch scan against the algebraic models of split offloading, side by side in one run.

    python benchmarks/batch_scan_against_models.py [--users 5 10 20 30 40] [--gpus 8] [--snapshots 3] [--limit 15]

Every method gets the same snapshots, drawn as in section 6.1.1 of paper B, one after another. A time is for
building and solving, the median over the snapshots, with compiled code loaded before. The models with fixed splits
solve a restriction of P1: the last column says how much worse than the scan's the objectives are, per user.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from statistics import fmean, median
from typing import NamedTuple

from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.parameters import SplitOffloading
from instances.generator import generate
from solvers.limits import Limits
from solvers.result import Outcome
from solvers.split_offloading import batch_scan, gqap_fixed_split, highs_batch_indexed, scip

AIM = 10.0
"""Ratio that the scan is to reach against every model at every size."""

SCAN_REPEATS = 20
"""Scans of each snapshot, of which the median counts; one takes well below a millisecond."""

Solve = Callable[[SplitOffloading, Limits, int], Outcome]

MODELS: dict[str, Solve] = {
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per size and method; exit status 1 if a ratio misses the aim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, nargs="+", default=[5, 10, 20, 30, 40], help="sizes I")
    parser.add_argument("--gpus", type=int, default=8, help="GPUs of the edge server")
    parser.add_argument("--snapshots", type=int, default=3, help="snapshots of each size")
    parser.add_argument("--limit", type=float, default=15.0, help="seconds for each model")
    options = parser.parse_args(arguments)
    limits = Limits(time_seconds=options.limit)
    print(f"{'users':>5}  {'method':<22} {'ms':>10} {'times the scan':>15} {'finished':>9} {'loss per user':>14}")
    smallest = float("inf")
    for users in options.users:
        snapshots = [snapshot(users, options.gpus, seed) for seed in range(options.snapshots)]
        scans = [scan(data, limits) for data in snapshots]
        show(users, "batch-scan", scans, scans)
        for name, solve in MODELS.items():
            ratio = show(users, name, [measure(solve, data, limits) for data in snapshots], scans)
            smallest = min(smallest, ratio)
    print(f"smallest ratio {smallest:.0f}, aim {AIM:.0f}")
    return 0 if smallest >= AIM else 1


def snapshot(users: int, gpus: int, seed: int) -> SplitOffloading:
    """Users and devices drawn as in section 6.1.1."""
    arguments = {"gpus": gpus}
    made = generate(problems=("split_offloading",), users=users, seed=seed, split_offloading=arguments)
    data = made.section("split_offloading")
    assert isinstance(data, SplitOffloading)
    return data


def scan(data: SplitOffloading, limits: Limits) -> Measurement:
    """The scan, run many times."""
    runs = [measure(batch_scan.solve, data, limits) for _ in range(SCAN_REPEATS)]
    return runs[0]._replace(seconds=median(run.seconds for run in runs))


def measure(solve: Solve, data: SplitOffloading, limits: Limits) -> Measurement:
    """One run of a method."""
    outcome = solve(data, limits, 0)
    objective = float("-inf")
    if outcome.solution is not None:
        objective = evaluate_solution(data, outcome.solution).objective
    finished = not outcome.reason.endswith("limit")
    return Measurement(outcome.build_seconds + outcome.solve_seconds, objective, finished)


def show(users: int, name: str, runs: Sequence[Measurement], scans: Sequence[Measurement]) -> float:
    """Print the line of one method; return how many times as long as the scan it takes."""
    seconds = median(run.seconds for run in runs)
    ratio = seconds / median(run.seconds for run in scans)
    loss = fmean(best.objective - run.objective for run, best in zip(runs, scans, strict=True)) / users
    finished = f"{sum(run.finished for run in runs)} of {len(runs)}"
    print(f"{users:5d}  {name:<22} {1e3 * seconds:10.3f} {ratio:15.0f} {finished:>9} {loss:14.6f}", flush=True)
    return ratio


if __name__ == "__main__":
    raise SystemExit(main())
