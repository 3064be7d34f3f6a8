"""What paper B says of learning and of its three scopes, for the configuration as published and for ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from formulations.fields import FloatArray
from reports.drawing.figure import OPTIMUM
from reports.drawing.points import Points
from reports.papers.audit.claim import Claim, Finding, Ours, Size, Verdict, share_verdict
from reports.papers.audit.learned_policy import SECONDS, SOLVED, Judged, in_both_columns
from reports.papers.figures.learned_scopes import (
    CASES,
    CONSTRAINED,
    GPUS,
    SPECIFIC,
    scope_points,
    shipped_curve,
    validation,
)
from reports.papers.figures.paper_b_learned import LEARNED
from reports.papers.figures.settings import Run, Settings
from solvers.split_offloading.per_dqn.network import weights


def scopes(judged: Judged) -> dict[str, str]:
    """Files of the general network and of those for one G that ship, by how a sentence calls them."""
    general = judged.decider.removeprefix("network ")
    prefix = general.removesuffix("general")
    names = {"general": general} | {f"G = {gpus}": f"{prefix}gpus{gpus}" for gpus in GPUS}
    return {label: name for label, name in names.items() if (weights.SHIPPED / f"{name}.safetensors").exists()}


def _specific(size: Size) -> Run:
    """Settings of the networks for specific cases, full ones where the audit is."""
    return Run(Settings(size.cases, full=size.cases >= 50, seconds=SECONDS), _POINTS)


_POINTS = Points()


@cache
def _scopes(size: Size) -> tuple[Mapping[str, FloatArray], FloatArray]:
    """Loss per user [s] of the networks of the three scopes on specific cases, and |optimum| per user [s]."""
    cases = CASES if size.cases >= 50 else CASES[:2]
    found = scope_points(_specific(size), cases)
    best = np.array([point["objective"] for point in found[OPTIMUM]])
    losses = {
        label: np.maximum(0.0, best - np.array([point["objective"] for point in points]))
        for label, points in found.items()
        if label != OPTIMUM
    }
    return losses, np.abs(best)


SLIGHT = 0.01
"""Loss, relative to the optimum, up to which a difference of the scopes counts as slight."""


def specific_is_superior(size: Size) -> Finding:
    """Fig. 9: losses of the three scopes on the same specific cases."""
    losses, scale = _scopes(size)
    general, constrained, specific = (losses[label] for label in (LEARNED, CONSTRAINED, SPECIFIC))
    best_of_others = np.minimum(general, constrained)
    share = float(np.mean(specific <= best_of_others + SOLVED))
    better = float(np.mean(specific < best_of_others - SOLVED))
    largest = np.max([found / scale for found in (general, constrained, specific)], axis=0)
    slight = float(np.mean(largest <= SLIGHT))
    solved = ", ".join(
        f"{name} {100 * np.mean(found <= SOLVED):.0f} %"
        for name, found in zip(("general", "GPU-constrained", "specific"), losses.values(), strict=True)
    )
    text = (
        f"The specific network is at least as good as both others on {100 * share:.0f} % of {general.size} cases "
        f"and better on {100 * better:.0f} %. At the certified optimum: {solved}. No scope is further from it "
        f"than {100 * SLIGHT:.0f} % of the objective on {100 * slight:.0f} % of the cases; the largest loss is "
        f"{100 * largest.max():.2g} %."
    )
    superior = Verdict.PART if share == 1.0 and better == 0.0 else share_verdict(share)
    verdict = superior if slight == 1.0 or superior is not Verdict.HOLDS else Verdict.PART
    evidence = {"at_least_as_good": share, "better": better, "slight": slight, "largest_loss": largest.max()}
    return Finding(verdict, text, general.size, evidence)


def learns(size: Size, judged: Judged) -> Finding:
    """Fig. 8: what training leaves of the gap of the untrained network."""
    left = {}
    for label, name in scopes(judged).items():
        gaps = list(shipped_curve(name).values())
        left[label] = gaps[-1] / gaps[0]
    text = (
        f"Training leaves {', '.join(f'{100 * share:.2g} % ({label})' for label, share in left.items())} of the "
        "gap to the certified optimum that the untrained network has on the validation snapshots."
    )
    missing = [f"G = {gpus}" for gpus in GPUS if f"G = {gpus}" not in left]
    if missing:
        text += f" Not trained: {', '.join(missing)}."
    most, learned = max(left.values()), float(np.mean(np.array(list(left.values())) <= LEFT))
    verdict = share_verdict(learned)
    if (verdict is Verdict.HOLDS and missing) or (verdict is Verdict.FAILS and most < HALF):
        verdict = Verdict.PART
    return Finding(verdict, text, len(left), left)


LEFT = 0.05
"""Share of the untrained network's gap up to which a scope counts as learned."""

HALF = 0.5
"""The same, up to which it counts as learned in part."""


def general_fluctuates(size: Size, judged: Judged) -> Finding:
    """Fig. 8: fluctuation of the curves' second halves by scope, and of the optimum itself."""
    run, (general, *constrained) = _specific(size), scopes(judged).values()
    if not constrained:
        return Finding(Verdict.UNCHECKED, "Not judged: no network for one G was trained as published.", 1)
    late = {name: _late_deviation(list(shipped_curve(name).values())) for name in (general, *constrained)}
    spread = {name: validation(run, name)["spread"] for name in (general, *constrained)}
    late_of_one = float(np.mean([late[name] for name in constrained]))
    spread_of_one = float(np.mean([spread[name] for name in constrained]))
    text = (
        "On the same validation snapshots throughout, the gap's standard deviation over the second half of the "
        f"training is {late[general]:.2g} s per user for the general network and {late_of_one:.2g} s on average "
        f"for those of one G ({len(constrained)} trained). The certified optimum per user itself deviates by "
        f"{spread[general]:.3g} s from one snapshot to the next in general, by {spread_of_one:.3g} s for one G, "
        "and not at all for a specific case; a curve of returns shows both."
    )
    verdict = share_verdict(float(np.mean([late[general] > late_of_one, spread[general] > spread_of_one])))
    evidence = {"general": late[general], "constrained": late_of_one, "optimum_general": spread[general]}
    return Finding(verdict, text, 1 + len(constrained), evidence)


def _late_deviation(gaps: list[float]) -> float:
    return float(np.std(gaps[len(gaps) // 2 :]))


def ours_alone(check: Callable[[Size], Finding]) -> Callable[[Size], Finding]:
    """The check of our own networks, beside the paper's configuration that is not judged."""

    def both(size: Size) -> Finding:
        found = check(size)
        ours = Ours(found.verdict, found.measured)
        unchecked = "Not judged: no network for a specific case was trained as published."
        return Finding(Verdict.UNCHECKED, unchecked, found.instances, found.evidence, ours)

    return both


CLAIMS = (
    Claim(
        "b-learned-learns",
        "B",
        "6.2, Fig. 8",
        "The agent learns effectively in all scopes.",
        in_both_columns(learns),
    ),
    Claim(
        "b-learned-fluctuates",
        "B",
        "6.2, Fig. 8",
        "The more general the model, the more its learning curve fluctuates.",
        in_both_columns(general_fluctuates),
    ),
    Claim(
        "b-learned-specific",
        "B",
        "6.2, Fig. 9",
        "The specific model is generally superior; the differences of the scopes are slight.",
        ours_alone(specific_is_superior),
    ),
)
