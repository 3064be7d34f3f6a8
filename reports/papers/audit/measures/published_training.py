"""How far the shipped networks' trainings came: their steps, what they leave, and whether they had stopped rising.

The paper does not say how long it trains. A verdict on a network that was still rising at its end is therefore
none on the paper's own, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from reports.papers.audit.claim import Verdict
from reports.papers.figures.decisions import shipped_network
from reports.papers.figures.learned_scopes import validation_cases
from solvers.split_offloading.exact.batch_scan_many import scan_many

FLAT = 0.01
"""Fall of the gap from the last but one to the last fifth of a training that counts as flat, as a share of what
granting nobody loses."""

NOT_MET = (Verdict.PART, Verdict.FAILS)
"""Verdicts of a statement that is not met as it stands."""


def left(name: str) -> float:
    """Return the mean gap over the last fifth of a network's curve, as a share of :func:`granting_nobody`."""
    return _fifths(name)[1] / granting_nobody(name)


@cache
def granting_nobody(name: str) -> float:
    """Return what granting nobody loses on a shipped network's validation cases [s per user].

    It needs no untrained network, and is where one begins that grants nobody.
    """
    cases = validation_cases(name)
    return float((scan_many(cases.snapshots).gain / cases.snapshots.user_count).mean())


def still_rising(name: str) -> bool:
    """Whether the gap on the validation cases still fell over the last fifth of a shipped network's training."""
    before, last = _fifths(name)
    return before - last > FLAT * granting_nobody(name)


def _fifths(name: str) -> tuple[float, float]:
    """Return the mean gaps of the last but one and of the last fifth of a curve [s per user]."""
    gaps = [gap for _, gap, _ in shipped_network(name).provenance.curve]
    fifth = max(1, len(gaps) // 5)
    return float(np.mean(gaps[-2 * fifth : -fifth])), float(np.mean(gaps[-fifth:]))


def depends_on_length(verdict: Verdict, networks: Mapping[str, str], flat: Verdict | None = None) -> Verdict:
    """Return a verdict on trainings, whatever it is, with how long they were.

    Where one of them was still rising, a longer one may turn the verdict, for and against: it depends on what is
    unpublished. A training that was flat decides where it does not meet the statement either, or agrees.
    """
    if verdict is Verdict.UNCHECKED or not any(map(still_rising, networks.values())):
        return verdict
    return flat if flat is not None and (flat in NOT_MET or flat is verdict) else Verdict.OPEN


def how_trained(networks: Mapping[str, str]) -> str:
    """A sentence of how shipped networks were trained, one seed each, from their files by what they are for."""
    parts = []
    for label, name in networks.items():
        steps = f"{label} {shipped_network(name).provenance.steps:,} gradient steps"
        parts.append(f"{steps}, still rising" if still_rising(name) else steps)
    return f"Trained with one seed: {'; '.join(parts)}."


def neighbour_distance(returns: list[tuple[int, float]]) -> float:
    """How far a point of the second half of a curve lies from the mean of its two neighbours, root mean square."""
    late = np.array([value for _, value in returns[len(returns) // 2 :]])
    return float(np.sqrt(np.mean((late[1:-1] - (late[2:] + late[:-2]) / 2.0) ** 2)))
