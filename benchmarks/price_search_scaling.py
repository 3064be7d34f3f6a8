"""The exact price search against one pass of exp and one copy: 100 to 10,000,000 users, and many snapshots.

    python benchmarks/price_search_scaling.py [--users 100 10000 1000000] [--threads 2] [--ten-million]

A solve certifies a relative gap of 1e-9. Its time stands as a multiple of one ``numpy.exp`` over 1,000,000 doubles
(into an array that is there already: the shortest that such a pass can be) and of one copy of as many, measured
before and after every solve; with the median of several solves that is fair on a busy machine, too. The growth
exponent is that of the time over N, fitted from 10,000 users on.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from formulations.step_allocation.best_response import PlaceCosts, place_costs
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.limits import Limits
from solvers.step_allocation import large_price_search, price_search, price_search_many
from solvers.step_allocation.price_search_many import Snapshots, solve_many

MILLION = 1_000_000

AIM_EXP_PASSES = 150.0
"""Passes of exp in which 1,000,000 users are to be certified."""

AIM_TEN_MILLION = 11.0
"""Times as long as that for 10,000,000 users."""

AIM_GIGABYTES = 8.0
"""Memory that may be used."""

GAP = 1e-9
FIT_FROM = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per case; exit status 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, nargs="+", default=[100, 1000, 10_000, 100_000, MILLION])
    parser.add_argument("--ten-million", action="store_true", help="10,000,000 users, too: minutes and 5 GB")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5, help="solves of which the median counts")
    parser.add_argument("--snapshots", type=int, default=100_000)
    options = parser.parse_args(arguments)
    for load in (price_search.load_kernels, large_price_search.load_kernels, price_search_many.load_kernels):
        load()
    limits = Limits(time_seconds=600.0, gap=GAP, threads=options.threads)
    print(f"{'users':>11} {'steps':>10} {'ms':>10} {'exp passes':>11} {'copies':>8} {'gap':>8} {'GB':>6}")
    missed: list[str] = []
    for integer in (False, True):
        sizes = options.users + ([10 * MILLION] if options.ten_million else [])
        passes = {users: one(users, integer, limits, options.repeats, missed) for users in sizes}
        fitted = [users for users in passes if users >= FIT_FROM]
        if len(fitted) > 1:
            exponent = np.polyfit(np.log(fitted), np.log([passes[users] for users in fitted]), 1)[0]
            print(f"{'':>11} {kind(integer):>10} time grows as N^{exponent:.3f} from {FIT_FROM:,} users on")
        if passes.get(MILLION, 0.0) > AIM_EXP_PASSES:
            missed.append(
                f"1,000,000 users, {kind(integer)}: {passes[MILLION]:.0f} passes, aim {AIM_EXP_PASSES:g}"
            )
        if options.ten_million and MILLION in passes:
            growth = passes[10 * MILLION] / passes[MILLION]
            if growth > AIM_TEN_MILLION:
                missed.append(f"10,000,000 users, {kind(integer)}: {growth:.1f} times, aim {AIM_TEN_MILLION:g}")
    for integer in (False, True):
        many(options.snapshots, integer, limits)
    print("\n".join(missed) or "every aim reached")
    return 1 if missed else 0


def one(users: int, integer: bool, limits: Limits, repeats: int, missed: list[str]) -> float:
    """Print one size; return its passes of exp."""
    data = instance(users, integer)
    seconds, against_exp, against_copy = [], [], []
    for _ in range(repeats if users <= MILLION else 1):
        before = reference()
        started = time.perf_counter()
        outcome = price_search.solve(data, limits, 0)
        seconds.append(time.perf_counter() - started)
        exp, copy = np.add(before, reference()) / 2.0
        against_exp.append(seconds[-1] / exp)
        against_copy.append(seconds[-1] / copy)
    assert outcome.solution is not None
    assert outcome.bound is not None
    gap = (evaluate_solution(data, outcome.solution).objective - outcome.bound) / abs(outcome.bound)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    ratios = f"{median(against_exp):11.1f} {median(against_copy):8.0f}"
    print(
        f"{users:11,} {kind(integer):>10} {1e3 * median(seconds):10.2f} {ratios} {gap:8.0e} {memory:6.2f}",
        flush=True,
    )
    if gap > GAP:
        missed.append(f"{users:,} users, {kind(integer)}: gap {gap:.1e}, aim {GAP:g}")
    if memory > AIM_GIGABYTES:
        missed.append(f"{users:,} users, {kind(integer)}: {memory:.1f} GB, aim {AIM_GIGABYTES:g}")
    return median(against_exp)


def many(count: int, integer: bool, limits: Limits) -> None:
    """Print the throughput of snapshots of 20 users, and of solving the first hundreds one by one."""
    data = instance(20 * count, integer)
    places = (
        PlaceCosts(*(array.reshape(count, 20) for array in place_costs(data, place))) for place in (LOCAL, EDGE)
    )
    budgets = np.floor(np.random.default_rng(1).uniform(300.0, 700.0, count))
    stacked = Snapshots(*places, np.full(count, 20), budgets, integer)
    seconds = timed(lambda: solve_many(stacked, limits), 1)
    few = [instance(20, integer, seed) for seed in range(200)]
    alone = timed(lambda: [price_search.solve(single, limits, 0) for single in few], 3) / len(few)
    rate = count / seconds
    print(
        f"{count:,} snapshots of 20 users, {kind(integer)}: {rate:,.0f} a second in one call, "
        f"{rate * alone:.1f} times as many as one by one, {seconds / reference()[0]:,.0f} exp passes in all",
        flush=True,
    )


def instance(users: int, integer: bool, seed: int = 0) -> StepAllocation:
    """Users drawn in the ranges that show paper A's trends, with half of the budget that they would use."""
    draw = np.random.default_rng(seed)
    return StepAllocation(
        users=users,
        integer_steps=integer,
        local_seconds_per_step=1 / 500,
        edge_seconds_per_step=1 / 1000,
        local_cpu_hz=1.5e9,
        edge_cpu_hz=10e9,
        local_power_coefficient=1e-26,
        edge_power_coefficient=1e-26,
        forward_error=1.0,
        error_decay_per_step=draw.uniform(0.02, 0.05, users),
        utility_decay_per_step=draw.uniform(0.02, 0.05, users),
        local_max_steps=draw.uniform(30.0, 50.0, users),
        edge_max_steps=draw.uniform(50.0, 80.0, users),
        edge_step_capacity=25.0 * users,
        time_weight_per_second=1.0,
        error_weight=1.0,
        energy_weight_per_joule=1e-4,
        cost_weight=0.5,
        utility_weight=0.5,
    )


def reference() -> tuple[float, float]:
    """Median times of one pass of exp and of one copy over 1,000,000 doubles in a few tries [s]."""
    x = np.linspace(-4.0, 0.0, MILLION)
    y = np.empty_like(x)
    return timed(lambda: np.exp(x, out=y), 5), timed(lambda: np.copyto(y, x), 5)


def timed(work: Callable[[], object], repeats: int) -> float:
    """Median wall-clock time of a call [s]."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return median(times)


def kind(integer: bool) -> str:
    """The kind of steps, as it is printed."""
    return "integer" if integer else "continuous"


if __name__ == "__main__":
    raise SystemExit(main())
