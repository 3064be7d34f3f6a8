"""How a method's time grows with the users: medians over snapshots, where a tree begins, and which law fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from formulations.fields import FloatArray
from reports.papers.figures.decisions import Decider, Draw, snapshot
from reports.papers.figures.running_times import seconds_of
from solvers.core.limits import Limits

SECONDS = 300.0
"""Time limit of a solve."""

DRAWS = 3
"""Snapshots of every number of users."""

LEAST_POINTS = 3
"""Sizes that two laws of two constants each can be told apart on."""

EXPONENTIAL, POWER = "exponential", "power law"
"""What the two laws are called."""

TOLD_APART = 2.0
"""Ratio of the logarithms of two laws' deviations from which on one of them fits better."""


def _draws(users: int) -> list[Draw]:
    return [Draw(users, 8, seed) for seed in range(DRAWS)]


def median_seconds(solver: Decider, users: Sequence[int]) -> list[float]:
    """Return the median time of a method over the drawn snapshots at each number of users [s]."""
    return [float(np.median([seconds_of(solver, draw, SECONDS) for draw in _draws(count)])) for count in users]


def branching_from(solver: Decider, users: Sequence[int]) -> int:
    """Return the place of the first size whose median search tree has more than its root.

    At least :data:`LEAST_POINTS` sizes are left from there on.
    """
    last = len(users) - LEAST_POINTS
    for place, count in enumerate(users[:last]):
        if np.median([nodes_of(solver, draw) for draw in _draws(count)]) > 1.0:
            return place
    return last


def nodes_of(solver: Decider, draw: Draw) -> int:
    """Return the nodes of the search tree; the root alone is one."""
    return solver.solve(snapshot(draw), Limits(time_limit=SECONDS), draw.seed).nodes or 1


def deviation(x: Sequence[float] | FloatArray, seconds: Sequence[float]) -> float:
    """Return the factor, root mean square, by which times miss the straight line of their logarithms in x."""
    logs = np.log(seconds)
    return float(np.exp(np.sqrt(np.mean((logs - np.polyval(np.polyfit(x, logs, 1), x)) ** 2))))


def better_law(by_exponential: float, by_power: float) -> str:
    """Return which law fits better, from the :func:`deviation` of each; empty where they cannot be told apart."""
    if np.log(by_power) > TOLD_APART * np.log(by_exponential):
        return EXPONENTIAL
    return POWER if np.log(by_exponential) > TOLD_APART * np.log(by_power) else ""
