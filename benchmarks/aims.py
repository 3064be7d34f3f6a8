"""Every aim of speed in one run, by processor time: each work and its peer in turn, at least seven times.

    python -m benchmarks.aims [--quick]

A ratio times our call on loaded data, or, where it says so, ``diffload.solve()``, which validates and
evaluates, too. A peer builds its model and solves it. ``least`` and ``most`` are the ends of the ratio over the
turns. ``limit s`` is the time that the arithmetic alone takes on this machine: two exponentials a user, place
and price at the pace of one ``numpy.exp`` over 1,000,000 doubles, for as many prices as a superlinear root
search needs (:data:`PRICES`), or reading the data once at the pace of a copy where that is longer. ``share of
limit`` says how close the work comes to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial

import numpy as np

import diffload
from benchmarks import batch_scan_against_models, batch_scan_scaling, price_search_scaling
from benchmarks.alone import alone
from benchmarks.interleaved import Work, interleaved, rate
from benchmarks.ratio import Aim, Ratio
from benchmarks.reference import DOUBLES, reference
from formulations.step_allocation.models.surrogate import cost_shift
from formulations.step_allocation.parameters import StepAllocation
from instances import Instance
from instances.generation.generator import generate
from solvers.core.limits import Limits
from solvers.processes import isolation
from solvers.snapshots.solve import solve_many
from solvers.split_offloading.exact import batch_scan
from solvers.split_offloading.mip import highs_batch_lp
from solvers.step_allocation import price_search
from solvers.step_allocation.kkt import bisection
from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2
from solvers.step_allocation.kkt.p2_validation import example
from solvers.step_allocation.mip import scip_reduced

PRICES = 4
"""Prices after the first that the best search for one needs, from a start that is a tenth off."""

LIMITS = Limits(time_limit=15.0)
CERTIFIED = Limits(time_limit=600.0, gap=1e-9)


def ratios(quick: bool) -> Iterator[Ratio]:
    """All aims, small works first."""
    machine = reference()
    for integer in (False, True):
        yield from against_scip(integer, machine.exp_seconds)
    for users in (5, 40) if quick else (5, 10, 20, 30, 40):
        yield from against_linear_program(users)
    yield against_cvxpy()
    count = 5_000 if quick else 100_000
    for integer in (False, True):
        snapshots = price_search_scaling.snapshots(count, integer)
        yield rate(
            f"aims/snapshots/{price_search_scaling.kind(integer)}",
            f"validated snapshots of 20 users, step allocation, {price_search_scaling.kind(integer)}",
            lambda snapshots=snapshots: solve_many(snapshots, gap=1e-9),  # type: ignore[misc]
            count,
            Aim("at least", 30_000.0),
            20 * count * 2 * (2 + PRICES) * machine.exp_seconds / DOUBLES,
        )
    stacked = batch_scan_scaling.stacked(count)
    yield rate(
        "aims/snapshots/split",
        "validated snapshots of 20 users, split offloading",
        lambda: solve_many(stacked),
        count,
        Aim("at least", 200_000.0),
        batch_scan_scaling.read_bytes(stacked) / machine.copied_bytes_per_second,
    )
    yield from million(100_000 if quick else 1_000_000, machine.exp_seconds)
    yield few_kinds()
    if not quick:
        yield from ten_times_a_million()
        yield nearly_identical()
        yield from commands()


def against_scip(integer: bool, exp_seconds: float) -> Iterator[Ratio]:
    """Step allocation of 30 users against the strongest model for SCIP, which builds and solves."""
    instance = generate(users=30, integer_steps=integer)
    kind, data = price_search_scaling.kind(integer), steps(instance)
    yield from call_and_solve(
        f"aims/scip/30/{kind}",
        f"price search, 30 users, {kind}",
        partial(price_search.solve, data, LIMITS, 0),
        partial(diffload.solve, instance, method="price-search", limits=LIMITS),
        partial(scip_reduced.solve, data, LIMITS, 0),
        peer="SCIP, P1 reduced, with building",
        aim=Aim("at least", 300.0),
        limit_seconds=30 * 2 * (2 + PRICES) * exp_seconds / DOUBLES,
    )


def against_linear_program(users: int) -> Iterator[Ratio]:
    """The batch scan against HiGHS on the linear program with the same optimum, and its time alone."""
    instance = batch_scan_against_models.instance(users, batch_scan_against_models.GPUS, 0)
    data = batch_scan_against_models.snapshot(users, batch_scan_against_models.GPUS, 0)
    found = call_and_solve(
        f"aims/lp/{users}",
        f"batch scan, {users} users",
        partial(batch_scan.solve, data, LIMITS, 0),
        partial(diffload.solve, instance, method="batch-scan", limits=LIMITS),
        partial(highs_batch_lp.solve, data, LIMITS, 0),
        peer="HiGHS, the linear program, with building",
        aim=Aim("at least", 100.0),
    )
    yield from found
    seconds = float(found[0].context["CPU s"])
    yield Ratio(
        f"aims/scan/{users}",
        f"batch scan, {users} users: call on loaded data, many in a row",
        1e6 * seconds,
        "us",
        aim=Aim("at most", 10.0),
    )


def call_and_solve(
    name: str,
    what: str,
    call: Work,
    user: Work,
    against: Work,
    *,
    peer: str,
    aim: Aim,
    limit_seconds: float = float("nan"),
) -> tuple[Ratio, Ratio]:
    """Our call on loaded data, many in a row, and ``diffload.solve()``, each against the same work of a peer."""
    return (
        interleaved(
            name,
            f"{what}: call on loaded data",
            call,
            against,
            peer=peer,
            aim=aim,
            calls=300,
            limit_seconds=limit_seconds,
        ),
        interleaved(f"{name}/solve", f"{what}: diffload.solve()", user, against, peer=peer, aim=None, calls=50),
    )


def against_cvxpy() -> Ratio:
    """Algorithm 2 on P2 of 30 users against a re-solve of the compiled model."""
    data = steps(generate(users=30))
    model, p2 = CvxpyP2(data, cost_shift(data), tolerances={}), example(data, 1.0)
    bisection.load_kernels()
    return interleaved(
        "aims/cvxpy/30",
        "Algorithm 2 on P2, 30 users",
        lambda: bisection.solve(p2),
        lambda: model.solve(p2),
        peer="CVXPY, re-solve",
        aim=Aim("at least", 100.0),
        calls=50,
    )


def million(users: int, exp_seconds: float) -> Iterator[Ratio]:
    """Very many users certified to 1e-9, in passes of exp over as many doubles."""
    numbers, into = np.linspace(-4.0, 0.0, users), np.empty(users)
    for integer in (False, True):
        data = price_search_scaling.instance(users, integer)
        yield interleaved(
            f"aims/certify/{users}/{price_search_scaling.kind(integer)}",
            f"price search certified to 1e-9, {users:,} users, {price_search_scaling.kind(integer)}",
            lambda data=data: price_search.solve(data, CERTIFIED, 0),  # type: ignore[misc]
            lambda: np.exp(numbers, out=into),
            peer=f"one exp pass over {users:,} doubles",
            aim=Aim("at most", 45.0),
            peer_calls=5,
            limit_seconds=users * 2 * (2 + PRICES) * exp_seconds / DOUBLES,
        )


def ten_times_a_million() -> Iterator[Ratio]:
    """Ten million users against a million, and their memory in units of the instance's arrays."""
    for integer in (False, True):
        kind, users = price_search_scaling.kind(integer), 10 * price_search_scaling.MILLION
        ten, one = (price_search_scaling.instance(size, integer) for size in (users, users // 10))
        yield interleaved(
            f"aims/ten-times/{kind}",
            f"price search certified to 1e-9, {users:,} users, {kind}",
            lambda ten=ten: price_search.solve(ten, CERTIFIED, 0),  # type: ignore[misc]
            lambda one=one: price_search.solve(one, CERTIFIED, 0),  # type: ignore[misc]
            peer="1,000,000 users",
            aim=Aim("at most", 11.0),
            peer_calls=5,
        )
        held = isolation.call("benchmarks.price_search_scaling:held", (users, integer), 600.0)
        what = f"most memory of {users:,} users, {kind}"
        yield Ratio(f"aims/memory/{kind}", what, held, "times", "the instance's arrays", Aim("at most", 3.0))


def few_kinds() -> Ratio:
    """2,047 users of three kinds, whole steps."""
    data = price_search_scaling.instance(2_047, True, kinds=3)
    found = rate("", "", lambda: price_search.solve(data, LIMITS, 0), 1, Aim("at least", 0.0))
    seconds = float(found.context["CPU s"])
    what = "price search, 2,047 users of 3 kinds, whole steps"
    return Ratio("aims/kinds", what, seconds, "CPU s", aim=Aim("at most", 0.2))


def nearly_identical() -> Ratio:
    """A million nearly identical users and the paper's largest batch."""
    data = batch_scan_scaling.snapshot(1_000_000, near=True, bandwidth_hz=1e8, max_batch=100)
    found = rate("", "", lambda: batch_scan.solve(data, LIMITS, 0), 1, Aim("at least", 0.0))
    seconds = float(found.context["CPU s"])
    what = "batch scan, 1,000,000 nearly identical users, B_max = 100"
    return Ratio("aims/near", what, seconds, "CPU s", aim=Aim("at most", 0.5))


def commands() -> Iterator[Ratio]:
    """The main job when all is compiled, on two cores, and the first runs when nothing is."""
    compare = [sys.executable, "-m", "diffload", "compare", "n30"]
    child_seconds(compare, {})
    yield Ratio("aims/compare", "compare n30, warm", child_seconds(compare, {}), "CPU s", aim=Aim("at most", 20.0))
    for method, most in (("price-search", 4.0), ("batch-scan", 4.0)):
        with tempfile.TemporaryDirectory() as folder:
            words = [sys.executable, "-m", "diffload", "solve", "n30", "--method", method]
            seconds = child_seconds(words, {"NUMBA_CACHE_DIR": folder})
        yield Ratio(f"aims/cold/{method}", f"first run of {method}", seconds, "CPU s", aim=Aim("at most", most))


def child_seconds(words: list[str], settings: dict[str, str]) -> float:
    """Processor time of a command and its children [s]."""

    def used() -> float:
        import resource  # of POSIX alone

        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    before = used()
    quiet = subprocess.DEVNULL
    subprocess.run(words, check=True, stdout=quiet, stderr=quiet, env=os.environ | settings)
    return used() - before


def steps(instance: Instance) -> StepAllocation:
    """Step allocation of an instance."""
    data = instance.section("step_allocation")
    assert isinstance(data, StepAllocation)
    return data


if __name__ == "__main__":
    alone(ratios, __doc__).script()
