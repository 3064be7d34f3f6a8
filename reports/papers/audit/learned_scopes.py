"""What paper B says of learning and of its three scopes, for the configuration as published and for ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np

from formulations.fields import FloatArray
from reports.drawing.figure import OPTIMUM
from reports.drawing.points import Points
from reports.papers.audit.claim import Finding, Ours, Size, Verdict, claims, share_verdict
from reports.papers.audit.learned_policy import (
    OURS,
    PUBLISHED,
    PUBLISHED_FEW,
    SECONDS,
    SOLVED,
    LearnedPolicy,
    in_both_columns,
)
from reports.papers.audit.measures.published_training import how_trained, neighbour_distance
from reports.papers.figures import paper_b_learned as figure_labels
from reports.papers.figures.decisions import shipped_network
from reports.papers.figures.learned_scopes import (
    CASES,
    CONSTRAINED,
    GPUS,
    PUBLISHED_CASES,
    PUBLISHED_CONSTRAINED,
    PUBLISHED_SPECIFIC,
    SPECIFIC,
    scope_points,
    shipped_curve,
    ships,
    validation,
)
from reports.papers.figures.settings import Run, Settings


def scopes(learned: LearnedPolicy) -> dict[str, str]:
    """Files of the networks that ship for each scope, by how a sentence calls them, the most general first."""
    general = learned.decider.removeprefix("network ")
    prefix = general.removesuffix("general")
    names = {"general": general} | {f"G = {gpus}": f"{prefix}gpus{gpus}" for gpus in GPUS}
    if learned is PUBLISHED:
        names |= {f"specific, {case}": name for case, name in PUBLISHED_CASES.items()}
    return {label: name for label, name in names.items() if ships(name)}


def published_scopes() -> Mapping[str, str]:
    """Return the same of the networks trained as published."""
    return scopes(PUBLISHED)


def _specific(size: Size) -> Run:
    """Return settings of the networks for specific cases, full ones where the audit is."""
    return Run(Settings(size.cases, full=size.cases >= 50, seconds=SECONDS), _POINTS)


_POINTS = Points()


LABELS = {
    PUBLISHED: (figure_labels.PUBLISHED, PUBLISHED_CONSTRAINED, PUBLISHED_SPECIFIC),
    OURS: (figure_labels.LEARNED, CONSTRAINED, SPECIFIC),
}
"""General, GPU-constrained and specific networks in the figures."""


@cache
def _scopes(size: Size) -> tuple[Mapping[str, FloatArray], FloatArray]:
    """Return loss per user [s] of the networks of the three scopes on specific cases, and |optimum| per user [s].

    A loss is NaN where no network of that kind is trained.
    """
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


def specific_is_superior(size: Size, learned: LearnedPolicy) -> Finding:
    """Fig. 9: losses of the three scopes on the same specific cases."""
    found, scale = _scopes(size)
    losses = np.array([found.get(label, np.full(scale.size, np.nan)) for label in LABELS[learned]])
    trained = ~np.isnan(losses).any(axis=0)
    if not trained.any():
        return Finding(Verdict.UNCHECKED, "Not judged: networks of the three scopes are not all trained.", 0)
    losses, scale = losses[:, trained], scale[trained]
    general, constrained, specific = losses
    best_of_others = np.minimum(general, constrained)
    share = float(np.mean(specific <= best_of_others + SOLVED))
    better = float(np.mean(specific < best_of_others - SOLVED))
    largest = np.max([found / scale for found in (general, constrained, specific)], axis=0)
    slight = float(np.mean(largest <= SLIGHT))
    kinds = ("general", "GPU-constrained", "specific")
    lost = ", ".join(
        f"{name} {100 * np.mean(each / scale):.2g} %" for name, each in zip(kinds, losses, strict=True)
    )
    solved = ", ".join(f"{name} {np.sum(each <= SOLVED)}" for name, each in zip(kinds, losses, strict=True))
    ordered = 100 * np.mean(constrained <= general)
    text = (
        f"Cases that all three scopes have a network for: {scale.size}. The specific network is at least as good "
        f"as both others on {100 * share:.0f} % and better on {100 * better:.0f} %; of these, the GPU-constrained "
        f"one is at least as good as the general one on {ordered:.0f} %. At the certified "
        f"optimum: {solved}. Mean loss relative to the optimum: {lost}; no scope loses more than "
        f"{100 * SLIGHT:.0f} %, which is read as slight, on {100 * slight:.0f} %, and the largest loss is "
        f"{100 * largest.max():.2g} %."
    )
    superior = Verdict.PART if share == 1.0 and better == 0.0 else share_verdict(share)
    verdict = superior if slight == 1.0 or superior is not Verdict.HOLDS else Verdict.PART
    evidence = {"at_least_as_good": share, "better": better, "slight": slight, "largest_loss": largest.max()}
    return Finding(verdict, text, general.size, evidence)


def learns(size: Size, learned: LearnedPolicy) -> Finding:
    """Fig. 8: what training leaves of the gap of the untrained network."""
    left = {label: _left(name) for label, name in scopes(learned).items()}
    text = (
        f"Training leaves {', '.join(f'{100 * share:.2g} % ({label})' for label, share in left.items())} of the "
        "gap to the certified optimum that the untrained network has on the validation snapshots. A scope is read "
        f"as learned effectively up to {100 * LEFT:.0f} %, and all of them as learned in part up to "
        f"{100 * HALF:.0f} %."
    )
    if learned is PUBLISHED:
        few = 100 * _left(UP_TO_20)
        text += f" The general network for up to 20 users, whose training is flat, leaves {few:.2g} %."
    missing = [f"G = {gpus}" for gpus in GPUS if f"G = {gpus}" not in left]
    if missing:
        text += f" Not trained: {', '.join(missing)}."
    most, within = max(left.values()), float(np.mean(np.array(list(left.values())) <= LEFT))
    verdict = share_verdict(within)
    if (verdict is Verdict.HOLDS and missing) or (verdict is Verdict.FAILS and most < HALF):
        verdict = Verdict.PART
    return Finding(verdict, text, len(left), left)


def _left(name: str) -> float:
    gaps = list(shipped_curve(name).values())
    return gaps[-1] / gaps[0]


UP_TO_20 = PUBLISHED_FEW.decider.removeprefix("network ")
"""File of the general network for up to 20 users."""

LEFT = 0.05
"""Share of the untrained network's gap up to which a scope counts as learned."""

HALF = 0.5
"""The same, up to which it counts as learned in part."""


def fluctuates_as_drawn(size: Size) -> Finding:
    """Fig. 8 as published: how much the curves of returns go up and down, by scope."""
    found = scopes(PUBLISHED)
    if len(set(map(_kind, found))) < SCOPES:
        return Finding(Verdict.UNCHECKED, "Not judged: networks of the three scopes are not all trained.", 1)
    distances = {
        label: neighbour_distance(shipped_network(name).provenance.returns) for label, name in found.items()
    }
    text = (
        "Of the curves as the paper draws them, mean objectives of the last 1000 episodes, a point of the second "
        "half lies from the mean of its two neighbours, root mean square, "
        f"{', '.join(f'{distance:.2g} s ({label})' for label, distance in distances.items())}. The scopes are "
        "compared by their means. A sum over more or fewer users, from one snapshot to the next, is part of it. "
        f"{how_trained(found)}"
    )
    kinds: dict[str, list[float]] = {}
    for label, distance in distances.items():
        kinds.setdefault(_kind(label), []).append(distance)
    wider_than = [wider > narrower for wider, narrower in pairwise(map(float, map(np.mean, kinds.values())))]
    return Finding(share_verdict(float(np.mean(wider_than))), text, len(found), distances)


SCOPES = 3
"""General, GPU-constrained and specific."""


def _kind(label: str) -> str:
    """Return the first word of a label of :func:`scopes`: the networks of all G are equally general."""
    return label.partition(" ")[0].rstrip(",")


def fluctuates(size: Size) -> Finding:
    """Return both columns of Fig. 8's fluctuation: returns as published, gaps of ours."""
    found = general_fluctuates(size)
    return replace(fluctuates_as_drawn(size), ours=Ours(found.verdict, found.measured))


def general_fluctuates(size: Size) -> Finding:
    """Fig. 8, our networks: fluctuation of the curves' second halves by scope, and of the optimum itself."""
    run, (general, *constrained) = _specific(size), scopes(OURS).values()
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


CLAIMS = claims(
    {
        "b-learned-learns": in_both_columns(learns, published_scopes),
        "b-learned-fluctuates": fluctuates,
        "b-learned-specific": in_both_columns(specific_is_superior, published_scopes),
    }
)
