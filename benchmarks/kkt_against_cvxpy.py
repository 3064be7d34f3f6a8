"""Seconds of the KKT solver against a CVXPY re-solve of the same P2, side by side in one run.

    python -m benchmarks.kkt_against_cvxpy [--quick]

The choices favour CVXPY: Clarabel stops at its default tolerances while the KKT solver goes to rounding and
computes all multipliers; the model is compiled before the clock starts; and above the size at which CVXPY can
keep a compiled parametrised model in memory, only Clarabel's own time counts, less than any re-solve takes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from formulations.step_allocation.models.surrogate import Subproblem, cost_shift
from formulations.step_allocation.parameters import StepAllocation
from instances.generation.generator import generate
from solvers.step_allocation.kkt import bisection as kkt
from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2
from solvers.step_allocation.kkt.p2_validation import TAUS, example

AIM = Aim("at least", 20.0)
"""Ratio that the KKT solver is to reach at every size."""


REPEATS = 5
"""Runs of which the median counts."""


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of CVXPY over those of the KKT solver, by the number of users and tau."""
    kkt.load_kernels()
    for users in (30, 300) if quick else (30, 300, 3000):
        data = generate(users=users).section("step_allocation")
        assert isinstance(data, StepAllocation)
        model = CvxpyP2(data, cost_shift(data), tolerances={})
        model.solve(example(data, 0.0))
        for tau in TAUS[1::2] if quick else TAUS:
            yield compare(model, example(data, tau))


def compare(model: CvxpyP2, p2: Subproblem) -> Ratio:
    """Both median times of one subproblem, taken in turn."""
    ours, theirs = [], []
    for _ in range(REPEATS):
        start = time.perf_counter()
        kkt.solve(p2)
        ours.append(time.perf_counter() - start)
        point = model.solve(p2)
        theirs.append(point.seconds if model.compiled_once else point.solver_seconds)
    users = p2.data.users
    return Ratio(
        f"kkt/cvxpy/{users}/tau={p2.tau:g}",
        f"speed of Algorithm 2 on P2, {users} users, tau {p2.tau:g}",
        median(theirs) / median(ours),
        limit="CVXPY, re-solve" if model.compiled_once else "Clarabel alone",
        aim=AIM,
        context={"KKT s": median(ours), "CVXPY s": median(theirs)},
    )


if __name__ == "__main__":
    alone(ratios, __doc__).script()
