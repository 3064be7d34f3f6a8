"""Milliseconds of a decision by the learned policies and by the exact batch scan, side by side in one run.

    OMP_NUM_THREADS=1 python -m benchmarks.per_dqn_against_batch_scan [--quick]

``per-dqn`` decides by the paper's general network, ``dqn-tuned`` by ours for the number of GPUs. All times are
processor times of deciding loaded snapshots: ``alone`` is the median over snapshots that are decided one by one;
``together`` is the time of one call for all of them, over their number; a ratio is to the scan of the same kind.
``loss_per_user`` says how far the decisions are from the optimum. Kernels and weights are loaded before the clock
starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from time import process_time

import numpy as np

from benchmarks.alone import alone
from benchmarks.ratio import Ratio
from formulations.fields import FloatArray
from solvers.split_offloading.exact.batch_scan import load_kernels, scan_batches
from solvers.split_offloading.exact.batch_scan_many import scan_many
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, rows_of, scenarios_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution, draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.rewards import set_gains
from solvers.split_offloading.per_dqn.methods import EPISODES
from solvers.split_offloading.per_dqn.network.weights import published, tuned

Decide = Callable[[Cases], FloatArray]


GPUS = 8


def ratios(quick: bool) -> Iterator[Ratio]:
    """Times of the learned policies over those of the scan, by the number of users."""
    for users in (5, 20) if quick else (5, 10, 20, 30, 40):
        distribution = Distribution(users=(users, users), gpus=(GPUS,))
        yield from compare(users, draw_cases(distribution, 50 if quick else 200, generator(0, "evaluation")))


def compare(users: int, cases: Cases) -> Iterator[Ratio]:
    """Greedy decoding by both networks, and the best of several episodes by ours, against the scan."""
    random = np.random.default_rng(0)
    paper, ours = published().policy, tuned().policy
    methods: dict[str, Decide] = {
        "per-dqn": lambda part: set_gains(part, paper.decide(part)),
        "dqn-tuned": lambda part: set_gains(part, ours.decide(part)),
        f"dqn-tuned-best-of-{EPISODES}": lambda part: set_gains(part, ours.decide_best_of(part, EPISODES, random)),
    }
    scan_together, optimum = seconds_together(lambda part: scan_many(part.snapshots).gain, cases)
    scan = {"alone": seconds_of_scan(cases), "together": scan_together}
    for name, decide in methods.items():
        together, gain = seconds_together(decide, cases)
        loss = float(((optimum - gain) / users).mean())
        for how, seconds in {"alone": seconds_alone(decide, cases), "together": together}.items():
            yield Ratio(
                f"batch-scan/{name}/{users}/{how}",
                f"speed of the batch scan, {users} users, {how}",
                seconds / scan[how],
                limit=f"a learned policy, {name}",
                context={"scan s": scan[how], "policy s": seconds, "loss_per_user": loss},
            )


def seconds_of_scan(cases: Cases) -> float:
    """Median time of one scan, from the fields of a snapshot to the users of the best batch [s]."""
    load_kernels()
    seconds = []
    for data in scenarios_of(cases):
        started = process_time()
        scan_batches(data)
        seconds.append(process_time() - started)
    return median(seconds)


def seconds_alone(decide: Decide, cases: Cases) -> float:
    """Median time of a decision on a case of its own [s]."""
    seconds = []
    for row in range(cases.size):
        one = rows_of(cases, np.array([row]))
        started = process_time()
        decide(one)
        seconds.append(process_time() - started)
    return median(seconds)


def seconds_together(decide: Decide, cases: Cases) -> tuple[float, FloatArray]:
    """Time of one call for all cases over their number [s], and what it gained."""
    decide(cases)
    started = process_time()
    gain = decide(cases)
    return (process_time() - started) / cases.size, gain


if __name__ == "__main__":
    alone(ratios, __doc__).script()
