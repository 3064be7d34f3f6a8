"""Figs 8 and 9 of paper B: learning curves of the three scopes, and their decisions on the same specific cases.

The curves are those of the networks that ship, kept with their weights: greedy decoding on the validation cases of
the training, in place of the paper's moving average of the returns of exploring episodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reports.drawing.figure import OPTIMUM, Figure, Panel, Series
from reports.drawing.points import Point
from reports.papers.figures.decisions import Decider, Draw, decided, network, registered, shipped_network
from reports.papers.figures.paper_b_learned import LEARNED, PERFORMANCE, SMALLEST_LOSS
from reports.papers.figures.settings import Run
from reports.papers.figures.specific import STEPS, curve, specific
from solvers.split_offloading.exact.batch_scan_many import scan_many
from solvers.split_offloading.per_dqn.decision_process.draw_cases import draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.rewards import all_local_objectives
from solvers.split_offloading.per_dqn.training.curve import VALIDATION_CASES, VALIDATION_SEED

GPUS = (1, 2, 4, 8)
"""Numbers of GPUs that a network of their own ships for."""

CASE = Draw(20, 8, 0)
"""The specific case of Fig. 8c."""

CASES = (Draw(10, 8, 0), CASE, Draw(30, 8, 0), Draw(20, 4, 0), Draw(20, 2, 0), Draw(20, 1, 0))
"""Specific cases of Fig. 9; the paper names neither its users nor its GPUs."""

STEPS_LABEL = "gradient steps"

SPECIFIC = "dqn-tuned, specific network"


def figure_8(run: Run) -> Figure:
    """Learning curves of the general, the GPU-constrained and the specific scope (Fig. 8a-c)."""
    kept = {f"dqn-tuned, network for G = {gpus}": f"gpus{gpus}" for gpus in GPUS}
    curves = {LEARNED: shipped_curve("general")} | {label: shipped_curve(name) for label, name in kept.items()}
    means = {LEARNED: validation(run, "general")["optimum"]}
    means |= {label: validation(run, name)["optimum"] for label, name in kept.items()}
    curves[SPECIFIC] = curve(specific(run, CASE))
    means[SPECIFIC] = decided(run, registered("batch-scan"), CASE)["objective"]
    panels = (
        Panel("(a) general", STEPS_LABEL, PERFORMANCE, _learning([LEARNED], curves, means)),
        Panel("(b) GPU-constrained", STEPS_LABEL, PERFORMANCE, _learning(list(kept), curves, means)),
        Panel(f"(c) specific: {CASE}", STEPS_LABEL, PERFORMANCE, _learning([SPECIFIC], curves, means)),
        Panel("below the certified optimum", STEPS_LABEL, "loss per user [s]", _losses(curves), log_y=True),
    )
    caption = (
        f"Paper B, Fig. 8: greedy decoding on {VALIDATION_CASES} validation snapshots (one case in c) during the "
        "training of the networks that ship, in the package's configuration; the paper shows moving averages of "
        f"exploring episodes. Black: the certified optimum's mean. Losses below {SMALLEST_LOSS:g} s are drawn "
        f"there. The specific network has {STEPS[run.settings.full]} gradient steps."
    )
    return Figure("b-fig8", "Paper B, Fig. 8", caption, panels)


def figure_9(run: Run) -> Figure:
    """Performance, PAI and latency of the three scopes on the same specific cases (Fig. 9a-c)."""
    cases = CASES if run.settings.full else CASES[1:4:2]
    found = scope_points(run, cases)
    x = tuple(f"{case.users}, {case.gpus}" for case in cases)
    measures = (
        ("(a) overall performance", PERFORMANCE, "objective"),
        ("(b) mean PAI", "mean PAI [-]", "mean_pai"),
        ("(c) mean latency", "mean latency [s]", "mean_latency_seconds"),
    )
    panels = tuple(
        Panel(
            title,
            "users $I$, GPUs $G$",
            unit,
            tuple(
                Series(label, x, tuple(point[name] for point in points), kind="bars")
                for label, points in found.items()
            ),
        )
        for title, unit, name in measures
    )
    best = found[OPTIMUM]
    largest = {
        label: max(optimal["objective"] - point["objective"] for optimal, point in zip(best, points, strict=True))
        for label, points in found.items()
        if label != OPTIMUM
    }
    lost = ", ".join(
        f"{label.removeprefix('dqn-tuned, ')} {max(0.0, gap):.2g} s" for label, gap in largest.items()
    )
    caption = (
        f"Paper B, Fig. 9: {len(cases)} specific cases, drawn with seed 0; the paper does not say which it uses. "
        f"Largest loss per user to the certified optimum: {lost}. The specific networks are the best of "
        f"{STEPS[run.settings.full]} gradient steps on their case alone, the others never saw it."
    )
    return Figure("b-fig9", "Paper B, Fig. 9", caption, panels)


def scope_points(run: Run, cases: Sequence[Draw]) -> Mapping[str, list[Point]]:
    """What the networks of the three scopes, and the optimum, make of specific cases."""
    general, best = network("general"), registered("batch-scan")

    def constrained(case: Draw) -> Decider:
        return network(f"gpus{case.gpus}")

    return {
        LEARNED: [decided(run, general, case) for case in cases],
        "dqn-tuned, network for G": [decided(run, constrained(case), case) for case in cases],
        SPECIFIC: [specific(run, case) for case in cases],
        OPTIMUM: [decided(run, best, case) for case in cases],
    }


def shipped_curve(name: str) -> Mapping[int, float]:
    """Gap per user [s] on the validation cases after some numbers of gradient steps."""
    return {step: gap for step, gap, _ in shipped_network(name).provenance.curve}


def validation(run: Run, name: str) -> Point:
    """Mean and spread of the certified optimum per user [s] on the validation cases of a shipped network."""
    return run.points.get(f"validation, {network(name).key}", lambda: _validation(name))


def _validation(name: str) -> Point:
    distribution = shipped_network(name).provenance.distribution
    assert distribution is not None  # shipped networks are trained on more than one case
    cases = draw_cases(distribution, VALIDATION_CASES, generator(VALIDATION_SEED, "training"))
    objective = (scan_many(cases.snapshots).gain + all_local_objectives(cases)) / cases.snapshots.user_count
    return {"optimum": float(objective.mean()), "spread": float(objective.std())}


def _learning(
    labels: Sequence[str], curves: Mapping[str, Mapping[int, float]], means: Mapping[str, float]
) -> tuple[Series, ...]:
    """Objective per user over the training, each with the optimum that it can reach."""
    drawn = []
    for label in labels:
        steps, gaps = np.array(list(curves[label])), np.array(list(curves[label].values()))
        best = means[label]
        optimum = (
            OPTIMUM
            if len(labels) == 1
            else f"{OPTIMUM}{label.removeprefix('dqn-tuned, network for').replace(' G', ', G')}"
        )
        drawn.append(Series(label, tuple(steps.tolist()), tuple((best - gaps).tolist()), kind="curve"))
        drawn.append(Series(optimum, (int(steps[0]), int(steps[-1])), (best, best), kind="curve"))
    return tuple(drawn)


def _losses(curves: Mapping[str, Mapping[int, float]]) -> tuple[Series, ...]:
    return tuple(
        Series(label, tuple(gaps), tuple(max(SMALLEST_LOSS, gap) for gap in gaps.values()), kind="curve")
        for label, gaps in curves.items()
    )
