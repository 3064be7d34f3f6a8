"""Where to branch: on how many users of an interval offload, from all users down to a single one.

At the best price two choices of users meet, one just over the budget and one within it. Where their counts
differ, the count is branched on; where they merely swap users, an interval that tells the two apart is
split off. Users with similar steps stand next to each other in the order, so near-identical users are
decided by one count and never one by one (docs/theory/step_allocation, section 5).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled
from formulations.fields import BoolArray, FloatArray
from solvers.step_allocation.lagrangian.dual_function import DualPoint, IntArray


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
        The node's ranges, as :func:`~solvers.step_allocation.lagrangian.dual_function.bound_at` reads them.
    budget : float
        S_e [steps].
    similarity : FloatArray
        Key by which the free users are ordered; intervals are split where it jumps.
    """
    if (point.chosen_low == point.chosen_high).all():
        return None
    weight_low = (budget - point.use_high) / (point.use_low - point.use_high)
    return branch_between(point.chosen_low, point.chosen_high, weight_low, ranges, similarity)


@compiled
def branch_between(
    chosen: BoolArray, other: BoolArray, weight: float, ranges: IntArray, similarity: FloatArray
) -> Branch:
    """Branch that cuts off two different choices, of which the first has a weight in the relaxation's optimum."""
    difference = np.empty(chosen.size, np.int64)
    for i in range(chosen.size):
        difference[i] = int(chosen[i]) - int(other[i])
    begin, end = _interval_to_branch(difference, ranges, similarity)
    most, least = 0, 0
    for i in range(begin, end):
        most += chosen[i]
        least += other[i]
    mixed = int(np.floor(weight * most + (1.0 - weight) * least))
    least, most = min(least, most), max(least, most)
    return Branch(begin, end, min(max(mixed, least), most - 1))


@compiled
def _interval_to_branch(difference: IntArray, ranges: IntArray, similarity: FloatArray) -> tuple[int, int]:
    """Widest interval whose counts differ, or else a new one within the narrowest that holds a swap."""
    if _total(difference, 0, difference.size) != 0:
        return 0, difference.size
    for k in range(ranges.shape[0] - 1, -1, -1):
        if _total(difference, ranges[k, 0], ranges[k, 1]) != 0:
            return ranges[k, 0], ranges[k, 1]
    begin, end = 0, difference.size
    for k in range(ranges.shape[0] - 1, -1, -1):
        narrower = ranges[k, 1] - ranges[k, 0] < end - begin
        if narrower and _swaps(difference, ranges[k, 0], ranges[k, 1]):
            begin, end = ranges[k, 0], ranges[k, 1]
    best, widest, run = begin + 1, -1.0, 0
    for cut in range(begin + 1, end):
        run += difference[cut - 1]
        jump = abs(similarity[cut] - similarity[cut - 1])
        if run != 0 and jump > widest and _keeps_nested(cut, begin, end, ranges):
            best, widest = cut, jump
    return begin, best


@compiled
def _total(difference: IntArray, begin: int, end: int) -> int:
    total = 0
    for i in range(begin, end):
        total += difference[i]
    return total


@compiled
def _swaps(difference: IntArray, begin: int, end: int) -> bool:
    found = False
    for i in range(begin, end):
        found = found or difference[i] != 0
    return found


@compiled
def _keeps_nested(cut: int, begin: int, end: int, ranges: IntArray) -> bool:
    """Whether a cut of an interval goes through none of the intervals within."""
    for k in range(ranges.shape[0]):
        inner, outer = ranges[k, 0], ranges[k, 1]
        within = begin <= inner and outer <= end and (inner, outer) != (begin, end)
        if within and inner < cut < outer:
            return False
    return True


@compiled
def restrict(ranges: IntArray, branch: Branch, down: bool) -> IntArray:
    """Ranges of one child: the branch's interval with its new limit, inner intervals first."""
    begin, end, threshold = branch
    lower, upper = (0, threshold) if down else (threshold + 1, end - begin)
    known = 0
    for k in range(ranges.shape[0]):
        if ranges[k, 0] == begin and ranges[k, 1] == end:
            lower, upper = max(lower, ranges[k, 2]), min(upper, ranges[k, 3])
            known = 1
    rows = np.empty((ranges.shape[0] + 1 - known, 4), np.int64)
    written, placed = 0, False
    for k in range(ranges.shape[0] + 1):
        last = k == ranges.shape[0]
        if not placed and (last or ranges[k, 1] - ranges[k, 0] > end - begin):
            rows[written, 0], rows[written, 1], rows[written, 2], rows[written, 3] = begin, end, lower, upper
            written, placed = written + 1, True
        if not last and not (ranges[k, 0] == begin and ranges[k, 1] == end):
            for column in range(4):
                rows[written, column] = ranges[k, column]
            written += 1
    return rows


NO_RANGES = np.empty((0, 4), dtype=np.int64)
"""Ranges of the root: every choice of users is allowed."""
