"""The exact price search against one pass of exp: 100 to 10,000,000 users, and 100,000 snapshots of 20 users.

    python -m benchmarks.price_search_scaling [--quick]

A solve certifies a relative gap of 1e-9, recomputed here, on two threads. Its time stands as a multiple of one
``numpy.exp`` over 1,000,000 doubles into an array that is there already, the shortest that such a pass can be.
Both are the least of several, the passes taken before and after every solve. On a busy machine a solve of a second
is always interrupted and a pass of two milliseconds is not: ``CPU passes``, the processor time of all threads over
that of a pass, is what remains fair. Where the gap is not reached the ratio is infinite. Memory is the most that
the process has held.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.alone import alone
from benchmarks.growth import growth
from benchmarks.ratio import Aim, Ratio
from benchmarks.reference import reference, timed
from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts, place_costs
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.step_allocation import price_search
from solvers.step_allocation.lagrangian import many as price_search_many
from solvers.step_allocation.lagrangian.many import Snapshots, solve_many
from solvers.step_allocation.large_scale import large_price_search

MILLION = 1_000_000

AIM_EXP_PASSES = Aim("at most", 150.0)
"""Passes of exp in which 1,000,000 users are to be certified."""

AIM_TEN_MILLION = Aim("at most", 11.0)
"""Times as long as that for 10,000,000 users."""

AIM_GIGABYTES = Aim("at most", 8.0)
"""Memory that 10,000,000 users may take."""

LIMITS = Limits(time_limit=600.0, gap=1e-9, threads=2)

FIT_FROM = 10_000
"""Users from which on the growth is fitted: below, the fixed cost of a call shows."""

EXP_PASS = "one exp pass over 1,000,000 doubles"

ALONE = 200
"""Snapshots that are solved one by one, too."""


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times by the number of users, their growth, ten million users, and many snapshots in one call."""
    for load in (price_search.load_kernels, large_price_search.load_kernels, price_search_many.load_kernels):
        load()
    sizes = [100, 1000, 10_000, 100_000] + ([] if quick else [MILLION])
    for integer in (False, True):
        certified = {}
        for users in sizes:
            certified[users] = certify(users, integer, 3 if quick else 7)
            yield certified[users]
        seconds = {users: float(certified[users].context["seconds"]) for users in sizes if users >= FIT_FROM}
        yield growth(f"price-search/growth/{kind(integer)}", f"the price search's time, {kind(integer)}", seconds)
        if not quick:
            yield from ten_million(certified[MILLION], integer)
    for integer in (False, True):
        yield many(10_000 if quick else 100_000, integer)


def certify(users: int, integer: bool, repeats: int) -> Ratio:
    """Passes of exp that certifying one instance takes."""
    data = instance(users, integer)
    seconds, worked, passes, copies = [], [], [], []
    for _ in range(repeats):
        before = reference()
        started, working = time.perf_counter(), time.process_time()
        outcome = price_search.solve(data, LIMITS, 0)
        seconds.append(time.perf_counter() - started)
        worked.append(time.process_time() - working)
        after = reference()
        passes.append(min(before.exp_seconds, after.exp_seconds))
        copies.append(min(before.copy_seconds, after.copy_seconds))
    assert outcome.solution is not None
    assert outcome.bound is not None
    gap = (evaluate_solution(data, outcome.solution).objective - outcome.bound) / abs(outcome.bound)
    return Ratio(
        f"price-search/certify/{users}/{kind(integer)}",
        f"price search certified to 1e-9, {users:,} users, {kind(integer)}",
        min(seconds) / min(passes) if gap <= LIMITS.gap else float("inf"),
        limit=EXP_PASS,
        aim=AIM_EXP_PASSES if users == MILLION else None,
        context={
            "seconds": min(seconds),
            "exp s": min(passes),
            "CPU passes": min(worked) / min(passes),
            "copies": min(seconds) / min(copies),
            "gap": gap,
            "nodes": float(outcome.nodes or 0),
            "GB": gigabytes(),
        },
    )


def ten_million(one_million: Ratio, integer: bool) -> Iterator[Ratio]:
    """Ten times as many users against a million, and the memory."""
    ten = certify(10 * MILLION, integer, 2)
    yield ten
    yield Ratio(
        f"price-search/ten-million/{kind(integer)}",
        f"price search certified to 1e-9, 10,000,000 users, {kind(integer)}",
        ten.value / one_million.value,
        limit="1,000,000 users",
        aim=AIM_TEN_MILLION,
        context=ten.context,
    )
    yield Ratio(
        f"price-search/memory/{kind(integer)}",
        f"memory of 10,000,000 users, {kind(integer)}",
        gigabytes(),
        "GB",
        aim=AIM_GIGABYTES,
    )


def many(count: int, integer: bool) -> Ratio:
    """Snapshots of 20 users in one call, against solving some of them one by one."""
    drawn = snapshots(count, integer)
    seconds = timed(lambda: solve_many(drawn, LIMITS), 1)
    few = [instance(20, integer, seed) for seed in range(ALONE)]
    alone_seconds = timed(lambda: [price_search.solve(single, LIMITS, 0) for single in few], 3) / ALONE
    return Ratio(
        f"price-search/many/{count}/{kind(integer)}",
        f"speed of {count:,} snapshots of 20 users in one call, {kind(integer)}",
        alone_seconds * count / seconds,
        limit="one by one",
        context={
            "snapshots a second": count / seconds,
            "seconds": seconds,
            "exp passes": seconds / reference().exp_seconds,
        },
    )


def snapshots(count: int, integer: bool) -> Snapshots:
    """Snapshots of 20 users each, with budgets of their own."""
    data = instance(20 * count, integer)
    local, edge = (
        PlaceCosts(*(array.reshape(count, 20) for array in place_costs(data, place))) for place in (LOCAL, EDGE)
    )
    budgets = np.floor(np.random.default_rng(1).uniform(300.0, 700.0, count))
    return Snapshots(local, edge, np.full(count, 20), budgets, integer)


def gigabytes() -> float:
    """Most memory that this process has held [GB]."""
    import resource  # not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def held(users: int, integer: bool) -> float:
    """Most memory of a process that makes an instance and solves it, in units of the instance's own arrays."""
    price_search.solve(instance(large_price_search.USERS, integer), LIMITS, 0)
    before = gigabytes()
    data = instance(users, integer)
    price_search.solve(data, LIMITS, 0)
    own = sum(values.nbytes for values in vars(data).values() if isinstance(values, np.ndarray))
    return (gigabytes() - before) * 1e9 / own


def instance(users: int, integer: bool, seed: int = 0, kinds: int | None = None) -> StepAllocation:
    """Users drawn in the ranges that show paper A's trends, with half of the budget that they would use.

    There are as many kinds of them as users by default.
    """
    draw = np.random.default_rng(seed)

    def drawn(low: float, high: float) -> FloatArray:
        return np.resize(draw.uniform(low, high, kinds or users), users)

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
        error_decay_per_step=drawn(0.02, 0.05),
        utility_decay_per_step=drawn(0.02, 0.05),
        local_max_steps=drawn(30.0, 50.0),
        edge_max_steps=drawn(50.0, 80.0),
        edge_step_capacity=25.0 * users,
        time_weight_per_second=1.0,
        error_weight=1.0,
        energy_weight_per_joule=1e-4,
        cost_weight=0.5,
        utility_weight=0.5,
    )


def kind(integer: bool) -> str:
    """The kind of steps, in words."""
    return "whole steps" if integer else "continuous steps"


if __name__ == "__main__":
    alone(ratios, __doc__).script()
