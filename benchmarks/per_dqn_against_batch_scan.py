"""Milliseconds of a decision by the learned policy and by the exact batch scan, side by side in one run.

    python benchmarks/per_dqn_against_batch_scan.py [--users 5 10 20 30 40] [--gpus 8] [--snapshots 200]

``alone`` is the median over snapshots that are decided one by one; ``together`` is the time of one call for all of
them, over their number. ``times`` is the ratio to the scan of the same kind. The last column says how far the
decisions are from the optimum, per user. Kernels and weights are loaded before the clock starts. Set
OMP_NUM_THREADS=1 to measure on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

import numpy as np

from formulations.fields import FloatArray
from solvers.split_offloading.batch_scan import load_kernels, scan_batches
from solvers.split_offloading.batch_scan_many import scan_many
from solvers.split_offloading.per_dqn.cases import Cases, rows_of, scenarios_of
from solvers.split_offloading.per_dqn.draw_cases import Distribution, draw_cases, generator
from solvers.split_offloading.per_dqn.methods import EPISODES
from solvers.split_offloading.per_dqn.policy import Policy
from solvers.split_offloading.per_dqn.rewards import set_gains
from solvers.split_offloading.per_dqn.weights import shipped

Decide = Callable[[Cases], FloatArray]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per size and method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, nargs="+", default=[5, 10, 20, 30, 40], help="sizes I")
    parser.add_argument("--gpus", type=int, default=8, help="GPUs of the edge server")
    parser.add_argument("--snapshots", type=int, default=200, help="snapshots of each size")
    options = parser.parse_args(arguments)
    policy = shipped(options.gpus).policy
    print(
        f"{'users':>5}  {'method':<20} {'alone ms':>10} {'times':>8} {'together ms':>12} {'times':>8} {'loss':>10}"
    )
    for users in options.users:
        distribution = Distribution(users=(users, users), gpus=(options.gpus,))
        compare(users, draw_cases(distribution, options.snapshots, generator(0, "evaluation")), policy)
    return 0


def compare(users: int, cases: Cases, policy: Policy) -> None:
    """Print the lines of one size: the scan, greedy decoding, the best of several episodes."""
    random = np.random.default_rng(0)
    methods: dict[str, Decide] = {
        "batch-scan": lambda part: scan_many(part.snapshots).gain,
        "per-dqn": lambda part: set_gains(part, policy.decide(part)),
        f"per-dqn-best-of-{EPISODES}": lambda part: set_gains(part, policy.decide_best_of(part, EPISODES, random)),
    }
    optimum = methods["batch-scan"](cases)
    scan = (seconds_of_scan(cases), seconds_together(methods["batch-scan"], cases)[0])
    for name, decide in methods.items():
        together, gain = seconds_together(decide, cases)
        alone = scan[0] if name == "batch-scan" else seconds_alone(decide, cases)
        loss = float(((optimum - gain) / users).mean())
        ratios = alone / scan[0], together / scan[1]
        print(
            f"{users:5d}  {name:<20} {1e3 * alone:10.4f} {ratios[0]:8.1f} "
            f"{1e3 * together:12.5f} {ratios[1]:8.1f} {loss:10.6f}",
            flush=True,
        )


def seconds_of_scan(cases: Cases) -> float:
    """Median time of one scan, from the fields of a snapshot to the users of the best batch [s]."""
    load_kernels()
    seconds = []
    for data in scenarios_of(cases):
        started = perf_counter()
        scan_batches(data)
        seconds.append(perf_counter() - started)
    return median(seconds)


def seconds_alone(decide: Decide, cases: Cases) -> float:
    """Median time of a decision on a case of its own [s]."""
    seconds = []
    for row in range(cases.size):
        one = rows_of(cases, np.array([row]))
        started = perf_counter()
        decide(one)
        seconds.append(perf_counter() - started)
    return median(seconds)


def seconds_together(decide: Decide, cases: Cases) -> tuple[float, FloatArray]:
    """Time of one call for all cases over their number [s], and what it gained."""
    decide(cases)
    started = perf_counter()
    gain = decide(cases)
    return (perf_counter() - started) / cases.size, gain


if __name__ == "__main__":
    raise SystemExit(main())
