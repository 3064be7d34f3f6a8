"""What paper B says of learning and of its three scopes, for the configuration as published and for ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from reports.papers.audit.measures.published_training import (
    depends_on_length,
    how_trained,
    left,
    neighbour_distance,
    still_rising,
)
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
from reports.papers.figures.specific import STEPS


def scopes(learned: LearnedPolicy) -> dict[str, str]:
    """Files of the networks that ship for each scope, by how a sentence calls them, the most general first."""
    general = learned.decider.removeprefix("network ")
    prefix = general.removesuffix("general")
    names = {"general": general} | {f"G = {gpus}": f"{prefix}gpus{gpus}" for gpus in GPUS}
    if learned is PUBLISHED:
        names |= {f"specific, {case}": name for case, name in PUBLISHED_CASES.items()}
    return {label: name for label, name in names.items() if ships(name)}


def missing(found: Iterable[str]) -> list[str]:
    """Return for what no network ships, of what :func:`scopes` calls them."""
    labels = list(found)
    absent = [f"G = {gpus}" for gpus in GPUS if f"G = {gpus}" not in labels]
    return [*absent, *([] if "specific" in map(_kind, labels) else ["a specific case"])]


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
    ordered = 100 * np.mean(constrained <= general + SOLVED)
    text = (
        f"Cases that all three scopes have a network for: {scale.size}. The specific network is at least as good "
        f"as both others on {100 * share:.0f} % and better on {100 * better:.0f} %; of these, the GPU-constrained "
        f"one is at least as good as the general one on {ordered:.0f} %. At the certified "
        f"optimum: {solved}. Mean loss relative to the optimum: {lost}; no scope loses more than "
        f"{100 * SLIGHT:.0f} %, which is read as slight, on {100 * slight:.0f} %, and the largest loss is "
        f"{100 * largest.max():.2g} %."
    )
    if learned is OURS:
        steps = STEPS[_specific(size).settings.full]
        text += f" The specific networks are the best of one training each, {steps} gradient steps on their case."
    superior = Verdict.PART if share == 1.0 and better == 0.0 else share_verdict(share)
    verdict = superior if slight == 1.0 or superior is not Verdict.HOLDS else Verdict.PART
    evidence = {"at_least_as_good": share, "better": better, "slight": slight, "largest_loss": largest.max()}
    return Finding(verdict, text, general.size, evidence)


def learns(size: Size, learned: LearnedPolicy) -> Finding:
    """Fig. 8: what training leaves of the gap of granting nobody."""
    leaves = {label: left(name) for label, name in scopes(learned).items()}
    shares = ", ".join(f"{100 * share:.2g} % ({label})" for label, share in leaves.items())
    text = (
        "Of the gap to the certified optimum that granting nobody has on the validation snapshots, training "
        f"leaves {shares}, the mean over the last fifth of its curve. A scope is read as learned "
        f"effectively up to {100 * LEFT:.0f} %, and all of them as learned in part up to {100 * HALF:.0f} %."
    )
    if learned is PUBLISHED and not still_rising(UP_TO_20):
        few = 100 * left(UP_TO_20)
        text += f" The general network for up to 20 users, whose training is flat, leaves {few:.2g} %."
    absent = missing(leaves)
    if absent:
        text += f" Not judged, for no network of it ships: {', '.join(absent)}."
    most, within = max(leaves.values()), float(np.mean(np.array(list(leaves.values())) <= LEFT))
    verdict = share_verdict(within)
    if (verdict is Verdict.HOLDS and absent) or (verdict is Verdict.FAILS and most < HALF):
        verdict = Verdict.PART
    return Finding(verdict, text, len(leaves), leaves)


UP_TO_20 = PUBLISHED_FEW.decider.removeprefix("network ")
"""File of the general network for up to 20 users."""

LEFT = 0.05
"""Share of the gap of granting nobody up to which a scope counts as learned."""

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
    kinds: dict[str, list[float]] = {}
    for label, distance in distances.items():
        kinds.setdefault(_kind(label), []).append(distance)
    by_mean = [wider > narrower for wider, narrower in pairwise(map(float, map(np.mean, kinds.values())))]
    by_each = [
        wider > narrower for above, below in pairwise(kinds.values()) for wider in above for narrower in below
    ]
    text = (
        "Of the curves as the paper draws them, mean objectives of the last 1000 episodes, a point of the second "
        "half lies from the mean of its two neighbours, root mean square, "
        f"{', '.join(f'{distance:.2g} s ({label})' for label, distance in distances.items())}. With the mean over "
        f"the numbers of GPUs for their scope, the more general scope fluctuates more in {sum(by_mean)} of "
        f"{len(by_mean)} comparisons, with each of them by itself in {sum(by_each)} of {len(by_each)}. A sum over "
        f"more or fewer users, from one snapshot to the next, is part of it. {how_trained(found)}"
    )
    verdict = depends_on_length(share_verdict(float(np.mean([*by_mean, *by_each]))), found)
    return Finding(verdict, text, len(found), distances)


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
    run, found = _specific(size), scopes(OURS)
    general, *constrained = found.values()
    late = {name: _late_deviation(list(shipped_curve(name).values())) for name in (general, *constrained)}
    spread = {name: validation(run, name)["spread"] for name in (general, *constrained)}
    late_of_one = float(np.mean([late[name] for name in constrained]))
    spread_of_one = float(np.mean([spread[name] for name in constrained]))
    above = [late[general] > late[name] for name in constrained]
    text = (
        "On the same validation snapshots throughout, the gap's standard deviation over the second half of the "
        f"training is {late[general]:.2g} s per user for the general network and {late_of_one:.2g} s on average "
        f"for those of one G ({', '.join(f'{late[name]:.2g}' for name in constrained)}); the general one's is "
        f"above {sum(above)} of these {len(above)}. The certified optimum per user itself deviates by "
        f"{spread[general]:.3g} s from one snapshot to the next in general, by {spread_of_one:.3g} s for one G, "
        "and not at all for a specific case; a curve of returns shows both."
    )
    absent = missing(found)
    if absent:
        text += f" Not judged, for no network of it ships: {', '.join(absent)}."
    met = [late[general] > late_of_one, spread[general] > spread_of_one, *above]
    verdict = share_verdict(float(np.mean(met)))
    if verdict is Verdict.HOLDS and absent:
        verdict = Verdict.PART
    evidence = {"general": late[general], "constrained": late_of_one, "optimum_general": spread[general]}
    return Finding(verdict, f"{text} {how_trained(found)}", 1 + len(constrained), evidence)


def _late_deviation(gaps: list[float]) -> float:
    return float(np.std(gaps[len(gaps) // 2 :]))


CLAIMS = claims(
    {
        "b-learned-learns": in_both_columns(learns, scopes),
        "b-learned-fluctuates": fluctuates,
        "b-learned-specific": in_both_columns(specific_is_superior, scopes),
    }
)
