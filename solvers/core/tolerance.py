"""Differences up to which two objectives or bounds count as the same: one rule for every comparison.

Both sizes are the evaluator's: ``size`` is what decisions can change of the objective, ``rounding`` what floating
point may do to it. A constant that no decision can change is in the second alone.
"""

from __future__ import annotations

from formulations.evaluation import SMALLEST_TOLERANCE

ABSOLUTE_GAP = 1e-9
"""A gap of this share of what decisions can change is closed, however close to 0 the objective itself is."""

BOUND_TOLERANCE = 1e-6
"""A bound contradicts an objective when it is further than this share of its size on the wrong side."""


def negligible(size: float, rounding: float) -> float:
    """Difference that counts as none."""
    return max(ABSOLUTE_GAP * size, rounding, SMALLEST_TOLERANCE)


def largest_closed_gap(gap: float, objective: float, size: float, rounding: float) -> float:
    """Difference of objective and bound at which a relative ``gap`` is closed.

    The gap is relative to the objective, or to what decisions can change of it where that is less.
    """
    return max(gap * min(abs(objective), size), negligible(size, rounding))


def largest_excess(size: float, rounding: float) -> float:
    """How far a bound may be on the wrong side of an objective before the two contradict each other."""
    return max(BOUND_TOLERANCE * size, rounding, SMALLEST_TOLERANCE)
