"""Seconds of the exact price search against SCIP on the same P1, as printed and convex, side by side in one run.

    python benchmarks/price_search_against_scip.py [--users 30 100 300] [--repeats 3] [--time-limit 15]

All prove the same optimum to the same gap; their objectives are compared, too. The choices favour SCIP: its models
are tuned (bounds, supporting lines, separators and heuristics that do not pay off here off), it runs inside
this process, and building the Pyomo model is left out of its time, while the price search's is that of the whole
call. Where SCIP reaches the time limit the ratio is a lower bound, marked by >. The aims are held against
whichever SCIP model is faster.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median

from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import StepAllocation
from instances.generator import generate
from solvers.limits import Limits
from solvers.result import Outcome
from solvers.step_allocation import price_search, scip

AIM_RATIO = 200.0
"""Ratio that the price search is to reach at ``AIM_USERS``."""

AIM_SECONDS = 0.010
"""Time in which it is to be certified there [s]."""

AIM_USERS = 30
"""Number of users that the aims are about."""

OURS_PER_SCIP = 7
"""Runs of the price search per run of SCIP: a millisecond needs more of them for a steady median."""

SCIP_MODELS: dict[str, Callable[[StepAllocation, Limits, int], Outcome]] = {
    "printed": scip.solve_literal,
    "convex": scip.solve_convex,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per size, kind of steps and model; exit status 1 if an aim is missed or the optima differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, nargs="+", default=[30, 100, 300], help="sizes N")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median counts")
    parser.add_argument("--time-limit", type=float, default=15.0, help="SCIP's time limit [s]")
    options = parser.parse_args(arguments)
    limits = Limits(time_seconds=options.time_limit)
    heading = f"{'users':>6} {'steps':>10} {'price ms':>10} {'P1':>8} {'SCIP ms':>10} {'ratio':>9}"
    print(f"{heading} {'objectives differ by':>21}")
    missed = []
    for users in options.users:
        for integer_steps in (False, True):
            data = generate(users=users, integer_steps=integer_steps).section("step_allocation")
            assert isinstance(data, StepAllocation)
            missed += compare(data, limits, options.repeats)
    print("\n".join(missed) or "every aim reached")
    return 1 if missed else 0


def compare(data: StepAllocation, limits: Limits, repeats: int) -> list[str]:
    """Print the median times of one scenario; return what was asked of them and does not hold."""
    kind = "integer" if data.integer_steps else "continuous"
    # Not counted: the first call loads the compiled kernels.
    price_search.solve(data, limits, 0)
    missed, ratios = [], []
    for model, solve in SCIP_MODELS.items():
        ours, theirs = [], []
        finished = True
        while len(theirs) < (repeats if finished else 1):
            for _ in range(OURS_PER_SCIP):
                start = time.perf_counter()
                priced = price_search.solve(data, limits, 0)
                ours.append(time.perf_counter() - start)
            solved = solve(data, limits, 0)
            theirs.append(solved.solve_seconds)
            finished = solved.reason == "gap closed"
        ratios.append(median(theirs) / median(ours))
        difference = abs(objective(data, priced) - objective(data, solved)) / abs(objective(data, priced))
        ratio = f"{'' if finished else '>'}{ratios[-1]:.0f}"
        times = f"{1e3 * median(ours):10.3f} {model:>8} {1e3 * median(theirs):10.1f}"
        print(f"{data.users:6d} {kind:>10} {times} {ratio:>9} {difference:21.1e}", flush=True)
        if finished and difference > limits.gap:
            missed.append(f"{data.users} users, {kind} steps: the optima differ by {difference:.1e}")
        if data.users == AIM_USERS and median(ours) > AIM_SECONDS:
            missed.append(
                f"{data.users} users, {kind} steps: {1e3 * median(ours):.1f} ms, aim {1e3 * AIM_SECONDS:g} ms"
            )
    if data.users == AIM_USERS and min(ratios) < AIM_RATIO:
        missed.append(f"{data.users} users, {kind} steps: ratio {min(ratios):.0f}, aim {AIM_RATIO:.0f}")
    return missed


def objective(data: StepAllocation, outcome: Outcome) -> float:
    """Objective of what a method hands in, recomputed; NaN where it found nothing."""
    return float("nan") if outcome.solution is None else evaluate_solution(data, outcome.solution).objective


if __name__ == "__main__":
    raise SystemExit(main())
