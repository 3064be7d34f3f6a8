"""Seconds to a proven optimum with several servers: the price decomposition against HiGHS, in one run.

    python -m benchmarks.price_decomposition_against_highs [--quick]

HiGHS gets the batch-indexed MILP, the strongest model that is known, as arrays through its own interface: no
modelling language, presolve on. Both have one thread, the same gap and the library's instances, users x servers,
and take turns: ours, HiGHS, ours, HiGHS. Of each the fastest turn counts, with and without what building takes
(the table of gains, which both need, counts as building for HiGHS alone). Gaps are shares of what the best bound
gains over all-local. Where HiGHS reaches its limit the ratio is a lower bound, and ``finished`` says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.evaluation import all_local_objective
from instances.files.documents import load
from instances.generation.multi_edge import generate
from instances.library import FOLDER
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.multi_edge_offloading.mip import highs_native
from solvers.multi_edge_offloading.tree import branch_and_bound

GAP = 1e-6
"""Gap to which an optimum is proven."""

PEER_SECONDS = 100.0
"""Time limit of HiGHS [s]."""

TURNS = 3
"""Turns of each method on an instance; one on the largest, where HiGHS takes half a minute."""

SIZES: dict[str, tuple[float, float | None]] = {
    "100x5": (0.05, None),
    "100x5_models": (1.0, None),
    "300x10": (0.3, 5.0),
    "1000x20": (5.0, 20.0),
}
"""Most seconds that ours is to take, and how many times faster than HiGHS it is to be, if that is asked."""

QUICK_SIZES = ("100x5", "300x10")

LARGE = {"users": 10_000, "servers": 100}
LARGE_GAP = Aim("at most", 1e-3)
LARGE_SECONDS = 60.0
"""A size that is beyond HiGHS: the gap that is left within this time."""

Solve = Callable[[MultiEdgeOffloading, Limits, int], Outcome]


class Turn(NamedTuple):
    """One method on one instance."""

    seconds: float
    """Building and solving [s]."""
    solving: float
    """Solving alone [s]."""
    gap: float


def ratios(quick: bool) -> Iterator[Ratio]:
    """Our times, HiGHS's times over ours, and the gap that is left on an instance of 10,000 users."""
    branch_and_bound.load_kernels()
    for size in QUICK_SIZES if quick else SIZES:
        yield from compare(size, from_library(f"multi_{size}"), *SIZES[size])
    if not quick:
        yield large()


def compare(size: str, data: MultiEdgeOffloading, most_seconds: float, times: float | None) -> Iterator[Ratio]:
    """Our time on an instance, and HiGHS's with and without building over it."""
    turns = [
        (turn(branch_and_bound.solve, data, GAP), turn(highs_native.solve, data, GAP))
        for _ in range(1 if data.users >= 1000 else TURNS)
    ]
    own, peer = (min(taken, key=lambda each: each.seconds) for taken in zip(*turns, strict=True))
    context: dict[str, float | str] = {
        "own s": own.seconds,
        "peer s": peer.seconds,
        "own gap": own.gap,
        "peer gap": peer.gap,
        "finished": "yes" if peer.gap <= 2.0 * GAP else "no",
    }
    what = size.replace("_", " with ")
    yield Ratio(
        f"multi_edge/own/{size}",
        f"seconds to a proven optimum, {what}",
        own.seconds if own.gap <= GAP else float("inf"),
        unit="s",
        aim=Aim("at most", most_seconds),
        context=context,
    )
    aim = None if times is None else Aim("at least", times)
    for kind, seconds in (("with", peer.seconds), ("without", peer.solving)):
        yield Ratio(
            f"multi_edge/highs-native/{size}/{kind}-building",
            f"speed against HiGHS {kind} its building, {what}",
            seconds / own.seconds,
            limit="HiGHS, batch-indexed MILP as arrays",
            aim=aim,
            context=context | {"peer s": seconds},
        )


def large() -> Ratio:
    """The gap that our method leaves at 10,000 users and 100 servers."""
    data = MultiEdgeOffloading.model_validate(generate(0, **LARGE))
    taken = turn(branch_and_bound.solve, data, LARGE_GAP.value, LARGE_SECONDS)
    return Ratio(
        "multi_edge/own/10000x100/gap",
        f"gap within {LARGE_SECONDS:g} s, 10000x100",
        taken.gap if taken.seconds <= LARGE_SECONDS + 1.0 else float("inf"),
        unit="share",
        aim=LARGE_GAP,
        context={"own s": taken.seconds},
    )


def from_library(name: str) -> MultiEdgeOffloading:
    """An instance that comes with the package."""
    data = load(FOLDER / f"{name}.json").section("multi_edge_offloading")
    assert isinstance(data, MultiEdgeOffloading)
    return data


def turn(solve: Solve, data: MultiEdgeOffloading, gap: float, seconds: float = PEER_SECONDS) -> Turn:
    """One method on one instance; its gap is infinite where it has no solution or no bound."""
    began = time.perf_counter()
    outcome = solve(data, Limits(time_limit=seconds, gap=gap), 0)
    taken = time.perf_counter() - began
    if outcome.solution is None or outcome.bound is None:
        return Turn(taken, outcome.solve_seconds, float("inf"))
    gained = outcome.bound - all_local_objective(data)
    open_gap = outcome.bound - evaluate_solution(data, outcome.solution).objective
    return Turn(taken, outcome.solve_seconds, open_gap / gained if gained else 0.0)


if __name__ == "__main__":
    alone(ratios, __doc__).script()
