"""Seconds to a proven optimum of the GQAP: our branch and bound against HiGHS, SCIP and CP-SAT, in one run.

    python -m benchmarks.gqap_branch_and_bound_against_highs [--quick]

Instances are edge servers (:mod:`instances.generation.edge_servers`), n users by m servers. Drawn ones are in
whole numbers, tenths of the weights and 0.1 ms, which CP-SAT needs; those of the library are as they are. Peers
are written for the solvers themselves (:mod:`benchmarks.gqap_peers`), each on one thread with the same limit,
starting from the same short tabu search, whose time counts as solving for every method. Times are summed over
the instances of a size; :mod:`benchmarks.side_by_side` says what a ratio times. Where a peer reaches the limit
the ratio is a lower bound, which says how much time was given and counts for no aim. A peer that does not take
an instance or is not installed is skipped with the reason. The library's instance that nobody finishes is
compared by the gaps that are left when the time is up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

import diffload
from benchmarks import gqap_peers, side_by_side
from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from benchmarks.rounds import in_turn
from benchmarks.side_by_side import Peer, Solve, combined, finished
from formulations.gqap.evaluation import evaluate_solution
from formulations.gqap.parameters import GQAP
from instances import Instance, load
from instances.generation.generator import generate
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported
from solvers.gqap.mip import cp_sat
from solvers.gqap.tree import branch_and_bound

AIM = Aim("at least", 1.0)
"""To be worth its code, our method is not to be slower than any of its peers."""

SECONDS = 8.0
"""Time limit of every solve of one instance [s]."""

SIZES = ((6, 3), (8, 3), (10, 3), (12, 4))
QUICK_SIZES = ((6, 3),)
DRAWN = 2
"""Instances drawn of each size."""

OPEN = "edge_servers_20x5"

PEERS: dict[str, Solve] = {
    "highs-compact": gqap_peers.solve_compact,
    "highs-rlt1": gqap_peers.solve_rlt1,
    "scip-quadratic": gqap_peers.solve_quadratic,
    "cp-sat": cp_sat.solve,
}


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of every peer over ours, by size; then the gaps left on an open instance."""
    limits = Limits(time_limit=SECONDS)
    branch_and_bound.load_kernels()
    for users, servers in QUICK_SIZES if quick else SIZES:
        cases = [drawn(users, servers, seed) for seed in range(1, 1 + DRAWN)]
        yield from compare(f"{users}x{servers}/whole", f"sum over {DRAWN} drawn in whole numbers", cases, limits)
    for name in ("edge_servers_8x3",) if quick else ("edge_servers_8x3", "edge_servers_12x4"):
        yield from compare(name, f"{name}.json", [load(name)], limits)
    if not quick:
        yield from gaps_left(limits)


def compare(size: str, what: str, cases: Sequence[Instance], limits: Limits) -> Iterator[Ratio]:
    """Ratios of summed times on the same instances."""
    problems = [data_of(case) for case in cases]
    call = partial(diffload.solve, method="branch-and-bound", limits=limits)
    turns = [
        in_turn(partial(branch_and_bound.solve, data, limits, 0), partial(call, case), PEERS, data, limits)
        for case, data in zip(cases, problems, strict=True)
    ]
    found = [turn.outcome for turn in turns]
    own = (combined((turn.own for turn in turns), sum), combined((turn.user for turn in turns), sum))
    for name in PEERS:
        about = (
            f"gqap/native-{name}/{size}",
            f"speed of branch and bound, {size.removesuffix('/whole')} ({what})",
        )
        unfit = [run for turn in turns if isinstance(run := turn.peers[name], Unsupported)]
        if unfit or not all(map(finished, found)):
            why = str(unfit[0]) if unfit else "branch and bound reached the limit"
            yield Ratio(*about, math.nan, limit=name, aim=None if unfit else AIM, context={"not measured": why})
            continue
        runs = [run for turn in turns if isinstance(run := turn.peers[name], Peer)]
        theirs = [objective(data, run.outcome) for data, run in zip(problems, runs, strict=True)]
        ours = [objective(data, outcome) for data, outcome in zip(problems, found, strict=True)]
        yield from side_by_side.ratios(
            *about,
            own,
            (combined((run.solving for run in runs), sum), combined((run.whole for run in runs), sum)),
            limit=name,
            cut_off=not all(run.finished for run in runs),
            aim=AIM,
            context={
                "finished": how_many(run.finished for run in runs),
                "limit of each solve s": limits.time_limit,
                "objectives differ by": max(abs(a - b) / abs(a) for a, b in zip(ours, theirs, strict=True)),
            },
        )


def gaps_left(limits: Limits) -> Iterator[Ratio]:
    """Gaps of the peers over ours when the time is up."""
    data = data_of(load(OPEN))
    own = gap(data, branch_and_bound.solve(data, limits, 0))
    for name, solve in PEERS.items():
        if name != "cp-sat":  # which takes whole numbers alone
            yield of_gaps(name, own, gap(data, solve(data, limits, 0)), limits)


def of_gaps(name: str, own: float, theirs: float, limits: Limits) -> Ratio:
    """A peer's gap over ours, where both are positive and finite; without one of ours the aim is missed."""
    context: dict[str, float | str] = {"own gap": own, "peer gap": theirs}
    lacking = "branch and bound" if not 0.0 < own < math.inf else "the peer" if math.isinf(theirs) else None
    if lacking is not None:
        context["not measured"] = f"{lacking} has no gap that a ratio could be of"
    return Ratio(
        f"gqap/native-{name}/{OPEN}/gap",
        f"gap left after {limits.time_limit:g} s, share of the objective, {OPEN}.json",
        theirs / own if lacking is None else math.nan,
        limit=name,
        aim=AIM if lacking is None or math.isinf(own) else None,
        context=context,
    )


def drawn(users: int, servers: int, seed: int) -> Instance:
    """Users and servers as the generator draws them, weights in tenths and times in 0.1 ms, all whole."""
    made = generate(problems=("gqap",), users=users, seed=seed, gqap={"servers": servers})
    data = data_of(made)
    whole = {
        "assignment_cost": np.round(1e4 * data.assignment_cost),
        "flow": np.round(10.0 * data.flow),
        "distance": np.round(1e3 * data.distance),
    }
    return Instance.from_dict(
        {
            "schema_version": 1,
            "name": f"{made.name}-whole",
            "gqap": data.model_dump(exclude={"constraints"}) | whole,
        }
    )


def data_of(instance: Instance) -> GQAP:
    """The GQAP of an instance."""
    data = instance.section("gqap")
    assert isinstance(data, GQAP)
    return data


def objective(data: GQAP, outcome: Outcome) -> float:
    """Cost of what a method returns, recomputed; infinite where it found nothing."""
    return math.inf if outcome.solution is None else evaluate_solution(data, outcome.solution).objective


def gap(data: GQAP, outcome: Outcome) -> float:
    """Gap that a method leaves, a share of its objective; infinite where it has no solution or no bound.

    It is not a share of the bound, which is next to 0 where a solver has hardly begun.
    """
    if outcome.solution is None or outcome.bound is None:
        return math.inf
    cost = objective(data, outcome)
    return abs(cost - outcome.bound) / abs(cost) if cost else math.inf


def how_many(flags: Iterator[bool]) -> str:
    """How many are true."""
    each = list(flags)
    return f"{sum(each)} of {len(each)}"


if __name__ == "__main__":
    alone(ratios, __doc__).script()
