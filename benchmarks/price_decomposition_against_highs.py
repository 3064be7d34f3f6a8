"""Seconds to a proven optimum with several servers: the price decomposition against HiGHS, in one run.

    python -m benchmarks.price_decomposition_against_highs [--quick]

HiGHS gets the batch-indexed MILP, the strongest model that is known, as arrays through its own interface: no
modelling language, presolve on. Both have one thread, the same gap and the library's instances, users x
servers. Medians of several calls count; :mod:`benchmarks.side_by_side` says what a ratio times (the table
of gains, which both need, counts as building for HiGHS alone). Gaps are shares of what the best bound gains
over all-local. Where HiGHS reaches its limit the ratio is a lower bound, and ``finished`` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import diffload
from benchmarks import side_by_side
from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from benchmarks.rounds import in_turn
from benchmarks.side_by_side import Peer, seconds
from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.evaluation import all_local_objective
from instances import Instance, load
from instances.generation.multi_edge import generate
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.multi_edge_offloading.mip import highs_native
from solvers.multi_edge_offloading.tree import branch_and_bound

GAP = 1e-6
"""Gap to which an optimum is proven."""

PEER_SECONDS = 100.0
"""Time limit of HiGHS [s]."""

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


def ratios(quick: bool) -> Iterator[Ratio]:
    """Our times, HiGHS's times over ours, and the gap that is left on an instance of 10,000 users."""
    branch_and_bound.load_kernels()
    for size in QUICK_SIZES if quick else SIZES:
        yield from compare(size, load(f"multi_{size}"), *SIZES[size])
    if not quick:
        yield large()


def compare(size: str, instance: Instance, most_seconds: float, times: float | None) -> Iterator[Ratio]:
    """Our time on an instance, and HiGHS's over it."""
    data, limits = instance.section("multi_edge_offloading"), Limits(time_limit=PEER_SECONDS, gap=GAP)
    turns = in_turn(
        partial(branch_and_bound.solve, data, limits, 0),
        partial(diffload.solve, instance, method="price-decomposition", limits=limits),
        {"highs-native": highs_native.solve},
        data,
        limits,
    )
    own, own_gap, peer = turns.own, gap(data, turns.outcome), turns.peers["highs-native"]
    assert isinstance(peer, Peer)
    context: dict[str, float | str] = {
        "own gap": own_gap,
        "peer gap": gap(data, peer.outcome),
        "finished": "yes" if peer.finished else "no",
    }
    what = size.replace("_", " with ")
    yield Ratio(
        f"multi_edge/own/{size}",
        f"seconds to a proven optimum, {what}",
        own.clock if own_gap <= GAP else float("inf"),
        unit="s",
        aim=Aim("at most", most_seconds),
        context=context | {"own CPU s": own.processor},
    )
    yield from side_by_side.ratios(
        f"multi_edge/highs-native/{size}",
        f"speed of the price decomposition, {what}",
        (own, turns.user),
        (peer.solving, peer.whole),
        limit="HiGHS, batch-indexed MILP as arrays",
        cut_off=not peer.finished,
        aim=None if times is None else Aim("at least", times),
        context=context,
    )


def large() -> Ratio:
    """The gap that our method leaves at 10,000 users and 100 servers."""
    data = MultiEdgeOffloading.model_validate(generate(0, **LARGE))
    found: list[Outcome] = []
    limits = Limits(time_limit=LARGE_SECONDS, gap=LARGE_GAP.value)
    taken = seconds(lambda: found.append(branch_and_bound.solve(data, limits, 0)))
    return Ratio(
        "multi_edge/own/10000x100/gap",
        f"gap within {LARGE_SECONDS:g} s, 10000x100",
        gap(data, found[0]) if taken.clock <= LARGE_SECONDS + 1.0 else float("inf"),
        unit="share",
        aim=LARGE_GAP,
        context={"own s": taken.clock, "own CPU s": taken.processor},
    )


def gap(data: MultiEdgeOffloading, outcome: Outcome) -> float:
    """Gap that a method leaves; infinite where it has no solution or no bound."""
    if outcome.solution is None or outcome.bound is None:
        return float("inf")
    gained = outcome.bound - all_local_objective(data)
    open_gap = outcome.bound - evaluate_solution(data, outcome.solution).objective
    return open_gap / gained if gained else 0.0


if __name__ == "__main__":
    alone(ratios, __doc__).script()
