"""Where to branch: on how many users of an interval offload, from all users down to a single one.

At the best price two choices of users meet, one just over the budget and one within it. Where their counts
differ, the count is branched on; where they merely swap users, an interval that tells the two apart is
split off. Users with similar steps stand next to each other in the order, so near-identical users are
decided by one count and never one by one (docs/theory/step_allocation, section 5).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.fields import BoolArray, FloatArray
from solvers.step_allocation.lagrangian import DualPoint, IntArray


class Branch(NamedTuple):
    """Either at most ``most`` of the free users begin..end-1 offload, or at least one more."""

    begin: int
    end: int
    most: int


def branch_on(point: DualPoint, ranges: IntArray, budget: float, similarity: FloatArray) -> Branch | None:
    """Branch that cuts off both choices which meet at the best price, or None where they are the same.

    Parameters
    ----------
    point : DualPoint
        The two choices and the budget that they use.
    ranges : ndarray of int, shape (K, 4)
        The node's ranges, as :func:`~solvers.step_allocation.lagrangian.bound_at` reads them.
    budget : float
        S_e [steps].
    similarity : FloatArray
        Key by which the free users are ordered; intervals are split where it jumps.
    """
    if (point.chosen_low == point.chosen_high).all():
        return None
    weight_low = (budget - point.use_high) / (point.use_low - point.use_high)
    return branch_between(point.chosen_low, point.chosen_high, weight_low, ranges, similarity)


def branch_between(
    chosen: BoolArray, other: BoolArray, weight: float, ranges: IntArray, similarity: FloatArray
) -> Branch:
    """Branch that cuts off two different choices, of which the first has a weight in the relaxation's optimum."""
    begin, end = _interval_to_branch(chosen.astype(np.int64) - other.astype(np.int64), ranges, similarity)
    most = int(chosen[begin:end].sum())
    least = int(other[begin:end].sum())
    mixed = int(np.floor(weight * most + (1.0 - weight) * least))
    least, most = min(least, most), max(least, most)
    return Branch(begin, end, min(max(mixed, least), most - 1))


def _interval_to_branch(difference: IntArray, ranges: IntArray, similarity: FloatArray) -> tuple[int, int]:
    """Widest interval whose counts differ, or else a new one within the narrowest that holds a swap."""
    intervals = [(0, difference.size)] + [(int(row[0]), int(row[1])) for row in ranges[::-1]]
    for begin, end in intervals:
        if difference[begin:end].sum() != 0:
            return begin, end
    begin, end = min(
        (interval for interval in intervals if difference[interval[0] : interval[1]].any()),
        key=lambda interval: interval[1] - interval[0],
    )
    inside = [(b, e) for b, e in intervals if begin <= b and e <= end and (b, e) != (begin, end)]
    cuts = np.arange(begin + 1, end)
    allowed = np.cumsum(difference[begin : end - 1]) != 0
    for b, e in inside:
        allowed &= (cuts <= b) | (cuts >= e)
    cuts = cuts[allowed]
    cut = cuts[np.argmax(np.abs(similarity[cuts] - similarity[cuts - 1]))]
    return begin, int(cut)


def restrict(ranges: IntArray, branch: Branch, *, at_most: bool) -> IntArray:
    """Ranges of one child: the branch's interval with its new limit, inner intervals first."""
    begin, end, threshold = branch
    fewest, most = (0, threshold) if at_most else (threshold + 1, end - begin)
    rows = []
    for row in ranges:
        if (row[0], row[1]) == (begin, end):
            fewest, most = max(fewest, int(row[2])), min(most, int(row[3]))
        else:
            rows.append((int(row[0]), int(row[1]), int(row[2]), int(row[3])))
    rows.append((begin, end, fewest, most))
    rows.sort(key=lambda row: row[1] - row[0])
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


NO_RANGES = np.empty((0, 4), dtype=np.int64)
"""Ranges of the root: every choice of users is allowed."""
