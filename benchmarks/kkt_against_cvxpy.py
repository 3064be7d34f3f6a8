"""Seconds of the KKT solver against CVXPY and Clarabel on the same P2, side by side in one run.

    python -m benchmarks.kkt_against_cvxpy [--quick]

Three forms of the peer, all by processor time on one thread. ``clarabel`` is the strongest: Clarabel alone,
with the arrays of the subproblem before it. ``cvxpy`` re-solves a compiled model whose parameters are filled
in; a model of more users than CVXPY can keep compiled in memory is left out. ``sca-published`` is what a user
calls, ``diffload.solve()`` with all its subproblems, against the same method with CVXPY, which compiles its
model first. The choices favour CVXPY: Clarabel stops at its default tolerances while the KKT solver goes to
rounding and computes all multipliers. Ours is the median of calls in turn with the peer's, so that it finds its
caches cold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import cvxpy as cp

import diffload
from benchmarks import side_by_side
from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from benchmarks.rounds import in_turn
from benchmarks.side_by_side import Peer, Seconds, combined, seconds
from formulations.step_allocation.models.p2 import load
from formulations.step_allocation.models.surrogate import Subproblem, cost_shift
from instances import Instance
from instances.generation.generator import generate
from solvers.core.limits import Limits
from solvers.step_allocation.kkt import bisection as kkt
from solvers.step_allocation.kkt.p2_cvxpy import CvxpyP2
from solvers.step_allocation.kkt.p2_validation import TAUS, example
from solvers.step_allocation.sca import published, published_cvxpy

AIM = Aim("at least", 20.0)
"""Ratio to a re-solve by CVXPY that the KKT solver is to reach at every size."""

REPEATS = 5
"""Runs of which the median counts."""

LARGEST_SOLVED = 30
"""Users up to which the whole method is run with CVXPY, too: it takes seconds beyond."""

LIMITS = Limits(time_limit=60.0)


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of CVXPY over those of the KKT solver, by the number of users and tau."""
    kkt.load_kernels()
    for users in (30,) if quick else (30, 300, 3000):
        instance = generate(users=users)
        data = instance.section("step_allocation")
        model = CvxpyP2(data, cost_shift(data), tolerances={})
        model.solve(example(data, 0.0))
        for tau in TAUS[1::2] if quick else TAUS:
            yield from compare(model, example(data, tau))
        if users <= LARGEST_SOLVED:
            yield from whole_method(instance)


def compare(model: CvxpyP2, p2: Subproblem) -> Iterator[Ratio]:
    """Median times of one subproblem, taken in turn."""
    clarabel = solving_alone(model, p2)
    peers: dict[str, tuple[Callable[[], object], str, Aim | None]] = {
        "clarabel": (clarabel, "Clarabel alone on its arrays", None)
    }
    if model.compiled_once:
        peers["cvxpy"] = (partial(model.solve, p2), "CVXPY, re-solve", AIM)
    for name, (solve, limit, aim) in peers.items():
        ours, theirs = [], []
        for _ in range(REPEATS):
            ours.append(seconds(partial(kkt.solve, p2)))
            theirs.append(seconds(solve))
        own, other = combined(ours), combined(theirs)
        yield Ratio(
            f"kkt/{name}/{p2.data.users}/tau={p2.tau:g}",
            f"speed of Algorithm 2 on P2, {p2.data.users} users, tau {p2.tau:g}: call on loaded data",
            other.processor / max(own.processor, side_by_side.SHORTEST),
            limit=limit,
            aim=aim,
            context=both(own, other),
        )


def solving_alone(model: CvxpyP2, p2: Subproblem) -> Callable[[], object]:
    """Clarabel on the arrays that CVXPY makes of a subproblem, which are made once, before."""
    load(model.model, p2)
    problem = model.model.problem
    data, chain, _ = problem.get_problem_data(cp.CLARABEL, ignore_dpp=not model.compiled_once)
    return partial(chain.solver.solve_via_data, data, False, False, {})


def whole_method(instance: Instance) -> Iterator[Ratio]:
    """The published SCA, against the same with CVXPY for its subproblems."""
    data = instance.section("step_allocation")
    turns = in_turn(
        partial(published.solve, data, LIMITS, 0),
        partial(diffload.solve, instance, method="sca-published", limits=LIMITS),
        {"cvxpy": published_cvxpy.solve},
        data,
        LIMITS,
    )
    peer = turns.peers["cvxpy"]
    assert isinstance(peer, Peer)
    return side_by_side.ratios(
        f"kkt/sca-published/{data.users}",
        f"speed of the published SCA, {data.users} users",
        (turns.own, turns.user),
        (peer.solving, peer.whole),
        limit="the same with CVXPY",
        cut_off=not peer.finished,
        context={},
    )


def both(own: Seconds, other: Seconds) -> dict[str, float | str]:
    """Times behind a ratio."""
    return {
        "own s": own.clock,
        "own CPU s": own.processor,
        "peer s": other.clock,
        "peer CPU s": other.processor,
    }


if __name__ == "__main__":
    alone(ratios, __doc__).script()
