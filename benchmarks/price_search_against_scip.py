"""Seconds of the exact price search against SCIP on the same P1, in three forms, side by side in one run.

    python -m benchmarks.price_search_against_scip [--quick]

All prove the same optimum to the same gap; their objectives are compared, too. The strongest form that we can
write is ``reduced``: the device's side is one number a user, nothing is nonlinear but where it has to be, it is
written for SCIP itself (PySCIPOpt), and SCIP's settings are the fastest found at 30 users.
``printed`` and ``convex`` are the explicit models, written in Pyomo. The choices favour SCIP: models are tuned
(bounds, supporting lines, separators and heuristics that do not pay off here off), and it runs inside this
process. :mod:`benchmarks.side_by_side` says what a ratio times. One thread each. Where SCIP reaches the time limit
the ratio is a lower bound, and counts for no aim.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import diffload
from benchmarks import side_by_side
from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from benchmarks.rounds import in_turn
from benchmarks.side_by_side import Peer, Solve
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

SCIP_MODELS: dict[str, Solve] = {
    "printed": scip.solve_literal,
    "convex": scip.solve_convex,
    "reduced": scip_reduced.solve,
}


LIMITS = Limits(time_limit=15.0)


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of both SCIP models over those of the price search, by the number of users."""
    for users in (AIM_USERS,) if quick else (AIM_USERS, 100, 300):
        for integer_steps in (False, True):
            yield from compare(generate(users=users, integer_steps=integer_steps))


def compare(instance: Instance) -> Iterator[Ratio]:
    """Median times on one scenario."""
    data = instance.section("step_allocation")
    assert isinstance(data, StepAllocation)
    kind = "integer" if data.integer_steps else "continuous"
    aimed = data.users == AIM_USERS
    own = partial(price_search.solve, data, LIMITS, 0)
    user = partial(diffload.solve, instance, method="price-search")
    turns = in_turn(own, user, SCIP_MODELS, data, LIMITS)
    best = objective(data, turns.outcome)
    for model, peer in turns.peers.items():
        assert isinstance(peer, Peer)
        yield from side_by_side.ratios(
            f"price-search/scip-{model}/{data.users}/{kind}",
            f"speed of the price search, {data.users} users, {kind} steps",
            (turns.own, turns.user),
            (peer.solving, peer.whole),
            limit=f"SCIP, P1 {model}",
            cut_off=not peer.finished,
            aim=(AIM_REDUCED if model == "reduced" else AIM_RATIO) if aimed else None,
            context={
                "finished": "yes" if peer.finished else "no",
                "objectives differ by": abs(best - objective(data, peer.outcome)) / abs(best),
            },
        )
    yield Ratio(
        f"price-search/seconds/{data.users}/{kind}",
        f"price search certified, {data.users} users, {kind} steps",
        turns.own.clock,
        "s",
        aim=AIM_SECONDS if aimed else None,
        context={"CPU s": turns.own.processor},
    )


def objective(data: StepAllocation, outcome: Outcome) -> float:
    """Objective of what a method returns, recomputed; NaN where it found nothing."""
    return float("nan") if outcome.solution is None else evaluate_solution(data, outcome.solution).objective


if __name__ == "__main__":
    alone(ratios, __doc__).script()
