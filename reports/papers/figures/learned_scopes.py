"""Figs 8 and 9 of paper B: learning curves of the three scopes, and their decisions on the same specific cases.

The curves are kept with the weights of the networks that ship: for those trained as published the moving average
of the returns of exploring episodes, as the paper draws it, and for all greedy decoding on the validation cases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from reports.drawing.figure import OPTIMUM, Figure, Panel, Series
from reports.drawing.points import Point
from reports.papers.figures.decisions import Draw, decided, network, registered, shipped_network, snapshot
from reports.papers.figures.paper_b_learned import LEARNED, PERFORMANCE, PUBLISHED, SMALLEST_LOSS, learned_policies
from reports.papers.figures.settings import Run
from reports.papers.figures.specific import STEPS, curve, specific
from solvers.split_offloading.exact.batch_scan_many import scan_many
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, cases_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import draw_cases, generator
from solvers.split_offloading.per_dqn.decision_process.rewards import all_local_objectives
from solvers.split_offloading.per_dqn.network.weights import SHIPPED
from solvers.split_offloading.per_dqn.training.curve import VALIDATION_CASES, VALIDATION_SEED
from solvers.split_offloading.per_dqn.training.scope import Scope, fixed_cases

GPUS = (1, 2, 4, 8)
"""Numbers of GPUs that a network of their own ships for."""

CASE = Draw(20, 8, 0)
"""The specific case of Fig. 8c."""

CASES = (Draw(10, 8, 0), CASE, Draw(30, 8, 0), Draw(20, 4, 0), Draw(20, 2, 0), Draw(20, 1, 0))
"""Specific cases of Fig. 9; the paper names neither its users nor its GPUs."""

STEPS_LABEL = "gradient steps"

CONSTRAINED = "dqn-tuned, network for G"

SPECIFIC = "dqn-tuned, specific network"

PUBLISHED_CONSTRAINED = "per-dqn, network for G"

PUBLISHED_SPECIFIC = "per-dqn, specific network"

PUBLISHED_CASES: Mapping[Draw, str] = {Draw(30, 8, 0): "paper_n30"}
"""Specific cases that a network trained as published ships for, with its file; the one is that of n30."""


def figure_8(run: Run) -> Figure:
    """Learning curves of the general, the GPU-constrained and the specific scope (Fig. 8a-c)."""
    kept = {f"dqn-tuned, network for G = {gpus}": f"gpus{gpus}" for gpus in GPUS}
    curves = {LEARNED: shipped_curve("general")} | {label: shipped_curve(name) for label, name in kept.items()}
    means = {LEARNED: validation(run, "general")["optimum"]}
    means |= {label: validation(run, name)["optimum"] for label, name in kept.items()}
    curves[SPECIFIC] = curve(specific(run, CASE))
    means[SPECIFIC] = decided(run, registered("batch-scan"), CASE)["objective"]
    published = as_published()
    losses = {label: shipped_curve(name) for label, name in published.items()} | curves
    panels = (
        *_returns(run, published),
        Panel("general, ours", STEPS_LABEL, PERFORMANCE, _learning([LEARNED], curves, means)),
        Panel("GPU-constrained, ours", STEPS_LABEL, PERFORMANCE, _learning(list(kept), curves, means)),
        Panel(f"specific, ours: {CASE}", STEPS_LABEL, PERFORMANCE, _learning([SPECIFIC], curves, means)),
        Panel(
            "below the certified optimum",
            STEPS_LABEL,
            "loss per user [s]",
            _losses(losses),
            log_x=True,
            log_y=True,
        ),
    )
    caption = (
        "Paper B, Fig. 8. As published: mean objective of the last 1000 episodes of the training, with their "
        "exploration, as the paper draws it; black the certified optimum's mean over the training's cases. Ours: "
        f"greedy decoding on {VALIDATION_CASES} validation snapshots (one case for the specific network), black "
        "the optimum's mean over them. Last panel: loss of greedy decoding on the validation snapshots; losses "
        f"below {SMALLEST_LOSS:g} s are drawn there. Specific networks: the published one of "
        f"{next(iter(PUBLISHED_CASES))}, ours of {CASE} with {STEPS[run.settings.full]} gradient steps."
    )
    return Figure("b-fig8", "Paper B, Fig. 8", caption, panels)


def as_published() -> Mapping[str, str]:
    """Return files of the networks trained as published that ship, by label."""
    names = {PUBLISHED: "paper_general", f"{PUBLISHED}, up to 20 users": "paper_general20"}
    names |= {f"{PUBLISHED_CONSTRAINED} = {gpus}": f"paper_gpus{gpus}" for gpus in GPUS}
    names |= {f"{PUBLISHED_SPECIFIC}: {case}": name for case, name in PUBLISHED_CASES.items()}
    return {label: name for label, name in names.items() if ships(name)}


def ships(name: str) -> bool:
    """Return whether a network comes with the package."""
    return (SHIPPED / f"{name}.safetensors").exists()


def _returns(run: Run, published: Mapping[str, str]) -> tuple[Panel, ...]:
    """Returns over episodes, one panel for all numbers of GPUs and one for every other network."""
    panels: dict[str, list[Series]] = {}
    for label, name in published.items():
        episodes, returns = zip(*shipped_network(name).provenance.returns, strict=True)
        kind, colon, case = re.sub("^per-dqn, | network", "", label).partition(":")
        title = f"{'GPU-constrained' if _OF_G in label else kind}, as published{colon}{case}"
        best = _mean_optimum(run, name)
        panels.setdefault(title, []).extend(
            (
                Series(label, episodes, returns, kind="curve"),
                Series(_optimum_beside(label), (episodes[0], episodes[-1]), (best, best), kind="curve"),
            )
        )
    return tuple(Panel(title, "episodes", "mean return [s]", tuple(series)) for title, series in panels.items())


_OF_G = " for G"


def _optimum_beside(label: str) -> str:
    """Return the label of the optimum beside a network: of its G where there is one."""
    _, of_g, gpus = label.partition(_OF_G)
    return f"{OPTIMUM}, G{gpus}" if of_g else OPTIMUM


def _mean_optimum(run: Run, name: str) -> float:
    """Mean of the certified optimum [s] over the cases of a training as published."""
    for case, file in PUBLISHED_CASES.items():
        if name == file:
            return decided(run, registered("batch-scan"), case)["objective"] * case.users
    return run.points.get(f"training cases, {network(name).key}", lambda: _training_optimum(name))["optimum"]


def _training_optimum(name: str) -> Point:
    provenance = shipped_network(name).provenance
    size = provenance.configuration.training_cases
    assert size is not None  # as published, all are made once
    cases = fixed_cases(Scope(name, provenance.distribution), size, provenance.seed)
    return {"optimum": float((scan_many(cases.snapshots).gain + all_local_objectives(cases)).mean())}


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
        label: np.nanmax(
            [optimal["objective"] - point["objective"] for optimal, point in zip(best, points, strict=True)]
        )
        for label, points in found.items()
        if label != OPTIMUM
    }
    lost = ", ".join(f"{label} {max(0.0, gap):.2g} s" for label, gap in largest.items())
    caption = (
        f"Paper B, Fig. 9: {len(cases)} specific cases, drawn with seed 0; the paper does not say which it uses. "
        f"Largest loss per user to the certified optimum: {lost}. Our specific networks are the best of "
        f"{STEPS[run.settings.full]} gradient steps on their case alone, the others never saw it. Where no "
        "network of a scope is trained as published, its bar is left out."
    )
    return Figure("b-fig9", "Paper B, Fig. 9", caption, panels)


def scope_points(run: Run, cases: Sequence[Draw]) -> Mapping[str, list[Point]]:
    """Return what the networks of the three scopes, and the optimum, make of specific cases."""
    best, general = registered("batch-scan"), learned_policies()

    def shipped_for(case: Draw, name: str) -> Point:
        return decided(run, network(name), case) if ships(name) else NO_NETWORK

    found = {
        PUBLISHED: [decided(run, general[PUBLISHED], case) for case in cases],
        PUBLISHED_CONSTRAINED: [shipped_for(case, f"paper_gpus{case.gpus}") for case in cases],
        PUBLISHED_SPECIFIC: [shipped_for(case, PUBLISHED_CASES.get(case, "")) for case in cases],
        LEARNED: [decided(run, general[LEARNED], case) for case in cases],
        CONSTRAINED: [shipped_for(case, f"gpus{case.gpus}") for case in cases],
        SPECIFIC: [specific(run, case) for case in cases],
        OPTIMUM: [decided(run, best, case) for case in cases],
    }
    return {label: points for label, points in found.items() if any(point != NO_NETWORK for point in points)}


NO_NETWORK: Point = dict.fromkeys(("objective", "mean_pai", "mean_latency_seconds"), float("nan"))
"""What stands where no network is trained."""


def shipped_curve(name: str) -> Mapping[int, float]:
    """Return the gap per user [s] on the validation cases after some numbers of gradient steps."""
    return {step: gap for step, gap, _ in shipped_network(name).provenance.curve}


def validation(run: Run, name: str) -> Point:
    """Mean and spread of the certified optimum per user [s] on the validation cases of a shipped network."""
    return run.points.get(f"validation, {network(name).key}", lambda: _validation(name))


def _validation(name: str) -> Point:
    cases = validation_cases(name)
    objective = (scan_many(cases.snapshots).gain + all_local_objectives(cases)) / cases.snapshots.user_count
    return {"optimum": float(objective.mean()), "spread": float(objective.std())}


def validation_cases(name: str) -> Cases:
    """Draw the cases again that the learning curve of a shipped network is measured on."""
    for case, file in PUBLISHED_CASES.items():
        if name == file:
            return cases_of([snapshot(case)])
    distribution = shipped_network(name).provenance.distribution
    assert distribution is not None  # all others are trained on more than one case
    return draw_cases(distribution, VALIDATION_CASES, generator(VALIDATION_SEED, "training"))


def _learning(
    labels: Sequence[str], curves: Mapping[str, Mapping[int, float]], means: Mapping[str, float]
) -> tuple[Series, ...]:
    """Return the objective per user over the training, each with the optimum that it can reach."""
    drawn = []
    for label in labels:
        steps, gaps = np.array(list(curves[label])), np.array(list(curves[label].values()))
        best = means[label]
        drawn.append(Series(label, tuple(steps.tolist()), tuple((best - gaps).tolist()), kind="curve"))
        drawn.append(Series(_optimum_beside(label), (int(steps[0]), int(steps[-1])), (best, best), kind="curve"))
    return tuple(drawn)


def _losses(curves: Mapping[str, Mapping[int, float]]) -> tuple[Series, ...]:
    return tuple(
        Series(label, tuple(gaps)[1:], tuple(max(SMALLEST_LOSS, gap) for gap in gaps.values())[1:], kind="curve")
        for label, gaps in curves.items()
    )
