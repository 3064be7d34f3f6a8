"""Seconds of the exact price search against SCIP on the same P1, in three forms, side by side in one run.

    python -m benchmarks.price_search_against_scip [--quick]

All prove the same optimum to the same gap; their objectives are compared, too. The strongest form that we can
write is ``reduced``: the device's side is one number a user, nothing is nonlinear but where it has to be, and
it is written for SCIP itself (PySCIPOpt). ``printed`` and ``convex`` are the explicit models, written in Pyomo.
The choices favour SCIP: models are tuned (bounds, supporting lines, separators and heuristics that do not pay off
here off), it runs inside this process, and the ratio is of its solving alone, while the price search's time is
that of the whole call on loaded data. What it is with building the model, in processor time, and by
``diffload.solve()`` as a user calls it, which validates and evaluates, too, stands beside it. One thread each.
Where SCIP reaches the time limit the ratio is a lower bound, and ``finished`` says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

import diffload
from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from benchmarks.reference import timed
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import StepAllocation
from instances import Instance
from instances.generation.generator import generate
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.step_allocation import price_search
from solvers.step_allocation.mip import scip, scip_reduced

AIM_RATIO = Aim("at least", 200.0)
"""Ratio that the price search is to reach at ``AIM_USERS``."""

AIM_REDUCED = Aim("at least", 10.0)
"""The same against SCIP on the reduced model."""

AIM_SECONDS = Aim("at most", 0.010)
"""Time in which it is to be certified there [s]."""

AIM_USERS = 30
"""Number of users that the aims are about."""

OURS_PER_SCIP = 7
"""Runs of the price search per run of SCIP: a millisecond needs more of them for a steady median."""

SCIP_MODELS: dict[str, Callable[[StepAllocation, Limits, int], Outcome]] = {
    "printed": scip.solve_literal,
    "convex": scip.solve_convex,
    "reduced": scip_reduced.solve,
}


LIMITS = Limits(time_limit=15.0)


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of both SCIP models over those of the price search, by the number of users."""
    for users in (AIM_USERS,) if quick else (AIM_USERS, 100, 300):
        for integer_steps in (False, True):
            yield from compare(generate(users=users, integer_steps=integer_steps), 1 if quick else 3)


def compare(instance: Instance, repeats: int) -> Iterator[Ratio]:
    """Median times on one scenario, taken in turn."""
    data = instance.section("step_allocation")
    assert isinstance(data, StepAllocation)
    kind = "integer" if data.integer_steps else "continuous"
    aimed = data.users == AIM_USERS
    # Not counted: the first call loads the compiled kernels.
    price_search.solve(data, LIMITS, 0)
    whole_call = timed(lambda: diffload.solve(instance, method="price-search"), OURS_PER_SCIP)
    for model, solve in SCIP_MODELS.items():
        ours: list[float] = []
        theirs: list[float] = []
        whole: list[float] = []
        processor: list[float] = []
        ours_processor: list[float] = []
        finished = True
        while len(theirs) < (repeats if finished else 1):
            for _ in range(OURS_PER_SCIP):
                start, used = time.perf_counter(), time.process_time()
                priced = price_search.solve(data, LIMITS, 0)
                ours.append(time.perf_counter() - start)
                ours_processor.append(time.process_time() - used)
            start, used = time.perf_counter(), time.process_time()
            solved = solve(data, LIMITS, 0)
            whole.append(time.perf_counter() - start)
            processor.append(time.process_time() - used)
            theirs.append(solved.solve_seconds)
            finished = solved.reason == "gap closed"
        difference = abs(objective(data, priced) - objective(data, solved)) / abs(objective(data, priced))
        yield Ratio(
            f"price-search/scip-{model}/{data.users}/{kind}",
            f"speed of the price search, {data.users} users, {kind} steps",
            median(theirs) / median(ours),
            limit=f"SCIP, P1 {model}",
            aim=(AIM_REDUCED if model == "reduced" else AIM_RATIO) if aimed else None,
            context={
                "price s": median(ours),
                "diffload.solve() s": whole_call,
                "SCIP s": median(theirs),
                "SCIP s with building": median(whole),
                "price processor s": median(ours_processor),
                "SCIP processor s with building": median(processor),
                "finished": "yes" if finished else "no",
                "objectives differ by": difference,
            },
        )
    yield Ratio(
        f"price-search/seconds/{data.users}/{kind}",
        f"price search certified, {data.users} users, {kind} steps",
        median(ours),
        "s",
        aim=AIM_SECONDS if aimed else None,
    )


def objective(data: StepAllocation, outcome: Outcome) -> float:
    """Objective of what a method returns, recomputed; NaN where it found nothing."""
    return float("nan") if outcome.solution is None else evaluate_solution(data, outcome.solution).objective


if __name__ == "__main__":
    alone(ratios, __doc__).script()
