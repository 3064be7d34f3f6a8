"""Seconds to a proven optimum of the GQAP: our branch and bound against HiGHS and SCIP, side by side in one run.

    python -m benchmarks.gqap_branch_and_bound_against_highs [--quick]

Instances are edge servers (:mod:`instances.generation.edge_servers`), drawn and from the library, n users by m
servers. All methods have one core and the same limit; a time is for building and solving, summed over the
instances of a size. Where a peer reaches the limit the ratio is a lower bound, and ``finished`` says so. The
library's instance that nobody finishes is compared by the gaps that are left when the time is up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from formulations.gqap.evaluation import evaluate_solution
from formulations.gqap.parameters import GQAP
from instances.files.documents import load
from instances.generation.generator import generate
from instances.library import FOLDER
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.core.validation import relative_gap
from solvers.gqap.mip import explicit_models
from solvers.gqap.tree import branch_and_bound

AIM = Aim("at least", 1.0)
"""To be worth its code, our method is not to be slower than any of its peers."""

QUICK_SECONDS, FULL_SECONDS = 4.0, 8.0
"""Time limit of every solve [s]."""

SIZES = ((6, 3), (8, 3), (10, 3), (12, 4))
QUICK_SIZES = ((6, 3),)
DRAWN = 2
"""Instances drawn of each size."""

OPEN = "edge_servers_20x5"

Solve = Callable[[GQAP, Limits, int], Outcome]

PEERS: dict[str, Solve] = {
    "highs-compact": explicit_models.solve_compact,
    "highs-rlt1": explicit_models.solve_rlt1,
    "scip-quadratic": explicit_models.solve_quadratic,
}


class Run(NamedTuple):
    """One method on one instance."""

    seconds: float
    gap: float
    proven: bool


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of every peer over ours, by size; then the gaps left on an open instance."""
    limits = Limits(time_limit=QUICK_SECONDS if quick else FULL_SECONDS)
    branch_and_bound.load_kernels()
    for users, servers in QUICK_SIZES if quick else SIZES:
        cases = [drawn(users, servers, seed) for seed in range(1, 1 + DRAWN)]
        yield from compare(f"{users}x{servers}", f"{DRAWN} drawn instances", cases, limits)
    for name in ("edge_servers_8x3",) if quick else ("edge_servers_8x3", "edge_servers_12x4"):
        yield from compare(name, f"{name}.json", [from_library(name)], limits)
    if not quick:
        yield from gaps_left(limits)


def compare(size: str, what: str, cases: Sequence[GQAP], limits: Limits) -> Iterator[Ratio]:
    """Ratios of summed times on the same instances."""
    ours = [run(branch_and_bound.solve, data, limits) for data in cases]
    own = sum(each.seconds for each in ours)
    for name, solve in PEERS.items():
        theirs = [run(solve, data, limits) for data in cases]
        seconds = sum(each.seconds for each in theirs)
        yield Ratio(
            f"gqap/{name}/{size}",
            f"speed of branch and bound, {size} ({what})",
            seconds / own,
            limit=name,
            aim=AIM,
            context={"own s": own, "peer s": seconds, "own finished": proven(ours), "finished": proven(theirs)},
        )


def gaps_left(limits: Limits) -> Iterator[Ratio]:
    """Gaps of the peers over ours when the time is up."""
    data = from_library(OPEN)
    own = run(branch_and_bound.solve, data, limits)
    for name, solve in PEERS.items():
        theirs = run(solve, data, limits)
        yield Ratio(
            f"gqap/{name}/{OPEN}/gap",
            f"gap left after {limits.time_limit:g} s, {OPEN}.json",
            theirs.gap / own.gap,
            limit=name,
            aim=AIM,
            context={"own gap": own.gap, "peer gap": theirs.gap, "own s": own.seconds, "peer s": theirs.seconds},
        )


def drawn(users: int, servers: int, seed: int) -> GQAP:
    """Users and servers as the generator draws them."""
    made = generate(problems=("gqap",), users=users, seed=seed, gqap={"servers": servers})
    data = made.section("gqap")
    assert isinstance(data, GQAP)
    return data


def from_library(name: str) -> GQAP:
    """An instance that comes with the package."""
    data = load(FOLDER / f"{name}.json").section("gqap")
    assert isinstance(data, GQAP)
    return data


def run(solve: Solve, data: GQAP, limits: Limits) -> Run:
    """One method on one instance; its gap is infinite where it has no solution or no bound."""
    started = time.perf_counter()
    outcome = solve(data, limits, 0)
    seconds = time.perf_counter() - started
    if outcome.solution is None or outcome.bound is None:
        return Run(seconds, float("inf"), False)
    gap = relative_gap(evaluate_solution(data, outcome.solution).objective, outcome.bound)
    return Run(seconds, gap, gap <= limits.gap)


def proven(runs: Sequence[Run]) -> str:
    """How many reached a proven optimum."""
    return f"{sum(run.proven for run in runs)} of {len(runs)}"


if __name__ == "__main__":
    alone(ratios, __doc__).script()
