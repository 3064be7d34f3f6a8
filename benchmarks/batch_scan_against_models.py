"""Seconds of the exact batch scan against the algebraic models of split offloading, side by side in one run.

    python -m benchmarks.batch_scan_against_models [--quick]

Every method gets the same snapshots, drawn as in section 6.1.1 of paper B, on one thread, with compiled code
loaded before. A time is the median over the snapshots; :mod:`benchmarks.side_by_side` says
what a ratio times. The strongest form of the peer is
``highs-batch-lp``: the linear program of the batch-indexed model has a whole optimum, and is written for HiGHS
itself. The models with fixed splits solve a restriction of P1: ``loss_per_user`` says how much worse than the
scan's the objectives are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from statistics import fmean

import diffload
from benchmarks import side_by_side
from benchmarks.alone import alone
from benchmarks.ratio import Aim, Ratio
from benchmarks.rounds import in_turn
from benchmarks.side_by_side import Peer, Seconds, Solve, combined
from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.parameters import SplitOffloading
from instances import Instance
from instances.generation.generator import generate
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.split_offloading.exact import batch_scan
from solvers.split_offloading.mip import gqap_fixed_split, highs_batch_indexed, highs_batch_lp, scip

AIM = Aim("at least", 10.0)
"""Ratio that the scan is to reach against every model at every size."""

MODELS: dict[str, Solve] = {
    "highs-batch-lp": highs_batch_lp.solve,
    "highs-batch-indexed": highs_batch_indexed.solve,
    "scip-minlp": scip.solve,
    "highs-gqap-fixed-split": gqap_fixed_split.solve_linearised,
    "scip-gqap-fixed-split": gqap_fixed_split.solve_quadratic,
}


SECONDS = 15.0
"""Time limit of every model [s]."""

GPUS = 8


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of every model over those of the scan, by the number of users."""
    limits = Limits(time_limit=SECONDS)
    for users in (5, 40) if quick else (5, 10, 20, 30, 40):
        instances = [instance(users, GPUS, seed) for seed in range(1 if quick else 3)]
        snapshots = [snapshot(users, GPUS, seed) for seed in range(len(instances))]
        turns = [
            in_turn(
                partial(batch_scan.solve, data, limits, 0),
                partial(diffload.solve, each, method="batch-scan"),
                MODELS,
                data,
                limits,
            )
            for each, data in zip(instances, snapshots, strict=True)
        ]
        best = [objective(data, turn.outcome) for data, turn in zip(snapshots, turns, strict=True)]
        ours = (combined(turn.own for turn in turns), combined(turn.user for turn in turns))
        for name in MODELS:
            runs = [run for turn in turns if isinstance(run := turn.peers[name], Peer)]
            losses = [
                best_of - objective(data, run.outcome)
                for best_of, data, run in zip(best, snapshots, runs, strict=True)
            ]
            yield from compare(users, name, runs, ours, fmean(losses) / users)


def instance(users: int, gpus: int, seed: int) -> Instance:
    """Users and devices drawn as in section 6.1.1."""
    return generate(problems=("split_offloading",), users=users, seed=seed, split_offloading={"gpus": gpus})


def snapshot(users: int, gpus: int, seed: int) -> SplitOffloading:
    """Return data of an instance."""
    data = instance(users, gpus, seed).section("split_offloading")
    assert isinstance(data, SplitOffloading)
    return data


def objective(data: SplitOffloading, outcome: Outcome) -> float:
    """Objective of what a method returns, recomputed; minus infinity where it found nothing."""
    return float("-inf") if outcome.solution is None else evaluate_solution(data, outcome.solution).objective


def compare(
    users: int, name: str, runs: Sequence[Peer], ours: tuple[Seconds, Seconds], loss: float
) -> Iterator[Ratio]:
    """How many times as long as the scan a method takes."""
    return side_by_side.ratios(
        f"batch-scan/{name}/{users}",
        f"speed of the batch scan, {users} users",
        ours,
        (combined(run.solving for run in runs), combined(run.whole for run in runs)),
        limit=name,
        cut_off=not all(run.finished for run in runs),
        aim=AIM,
        context={"finished": f"{sum(run.finished for run in runs)} of {len(runs)}", "loss_per_user": loss},
    )


if __name__ == "__main__":
    alone(ratios, __doc__).script()
