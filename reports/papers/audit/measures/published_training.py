"""How far the trainings in the published configuration came: their steps, and whether they had stopped rising.

The paper does not say how long it trains. A verdict on a network that was still rising at its end is therefore
none on the paper's own, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reports.papers.figures.decisions import shipped_network

FLAT = 0.01
"""Fall of the gap from the last but one to the last fifth of a training that counts as flat, as a share of the gap
that the untrained network has."""


def still_rising(name: str) -> bool:
    """Whether the gap on the validation cases still fell over the last fifth of a shipped network's training."""
    gaps = [gap for _, gap, _ in shipped_network(name).provenance.curve]
    fifth = max(1, len(gaps) // 5)
    before, last = float(np.mean(gaps[-2 * fifth : -fifth])), float(np.mean(gaps[-fifth:]))
    return before - last > FLAT * gaps[0]


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
