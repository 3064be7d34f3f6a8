"""Networks for one specific case (paper B, section 6.2), trained where they are needed: none ships."""

from __future__ import annotations

from collections.abc import Mapping

from formulations.split_offloading.evaluation import evaluate_solution
from reports.drawing.points import Point
from reports.papers.figures.decisions import Draw, decisions_of, point_of, snapshot
from reports.papers.figures.settings import Run
from solvers.core.limits import Limits
from solvers.split_offloading.per_dqn.network.configuration import TUNED
from solvers.split_offloading.per_dqn.network.weights import Trained
from solvers.split_offloading.per_dqn.train import check_torch, provenance
from solvers.split_offloading.per_dqn.training import scope

STEPS = {True: 600, False: 200}
"""Gradient steps, in a full run or not."""

_GAP = "gap after "


def specific(run: Run, draw: Draw) -> Point:
    """What a network makes of the one case that it was trained for, with its learning curve, see :func:`curve`.

    The best network of the training decides: on the one case that counts, which it is costs nothing to see.
    """
    steps = STEPS[run.settings.full]
    return run.points.get(f"network specific, best of {steps} steps, {draw}", lambda: _trained(run, draw, steps))


def curve(point: Point) -> Mapping[int, float]:
    """Return the gap per user [s] after some numbers of gradient steps."""
    return {int(name.removeprefix(_GAP)): gap for name, gap in point.items() if name.startswith(_GAP)}


def _trained(run: Run, draw: Draw, steps: int) -> Point:
    check_torch("cpu")
    import torch

    from solvers.split_offloading.per_dqn.training.run import Training

    run.tell(f"training a network for {draw}")
    torch.set_num_threads(1)
    data = snapshot(draw)
    configuration = TUNED.replaced(largest_users=max(TUNED.largest_users, data.users))
    training = Training(configuration, scope.for_case(str(draw), data), draw.seed, steps)
    gaps: dict[str, float] = {}
    best = training.policy()
    while not training.finished:
        training.round()
        policy = training.policy()
        row = training.curve.measure(training.learner.steps, training.episodes, training.seconds, policy)
        if row.gap_per_user < min(gaps.values(), default=float("inf")):
            best = policy
        gaps[f"{_GAP}{row.step}"] = row.gap_per_user
    decide = decisions_of(Trained(best, provenance(training)))
    solution = decide(data, Limits(), draw.seed).solution
    assert solution is not None
    return {**point_of(data, evaluate_solution(data, solution)), **gaps}
