"""Least costs of users at given multipliers, as the checker of certificates bounds them: by tangents.

At multipliers p every user costs V_{n,0}(p) or V_{n,1}(p) (docs/theory/step_allocation, section 7). Every sum is
exact to its last bit (``math.fsum``), and every bound gives away what rounding may have added to its terms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from formulations.fields import BoolArray, FloatArray
from solvers.step_allocation.certificates.problem import Problem
from solvers.step_allocation.certificates.tree import StepRange

BISECTIONS = 64
"""Halvings of a user's step range, counted in floats: two neighbours are left, however large the range is."""

UNIT_ROUNDING = 2.0**-53
"""Share by which one operation rounds."""

OPERATIONS = 16
"""Roundings that a user's cost takes beside those of the rows, generously counted."""

BEYOND = 1e-9
"""Share of the largest costs' sizes by which a bound has to exceed them to prove that there is no solution."""


class UserCosts(NamedTuple):
    """Every user's least cost at each place, shape (2, N) each."""

    least: FloatArray
    """Infinite where a user has no step left at a place, and finite elsewhere."""
    size: FloatArray
    """Sum of the absolute values of the terms in it."""
    steps: FloatArray
    """Steps that it is near."""


class Multipliers:
    """A problem at given multipliers, which are finite and not negative."""

    def __init__(self, problem: Problem, multipliers: FloatArray) -> None:
        self.problem = problem
        self.share = (OPERATIONS + 2.0 * problem.rows) * UNIT_ROUNDING
        nothing = np.zeros(problem.users)
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused where it is used
            self.base = -(multipliers * problem.right_hand_side)
            self.once = np.array([nothing, multipliers @ problem.offload])
            self.once_size = np.array([nothing, multipliers @ np.abs(problem.offload)])
            self.rate = problem.rate + multipliers @ problem.per_step
            self.rate_size = problem.rate + multipliers @ np.abs(problem.per_step)

    def user_costs(self, steps: Sequence[StepRange] = ()) -> UserCosts:
        """Least costs within the intervals of the problem and of some branches.

        Raises
        ------
        ValueError
            If a cost is not finite although the user has steps at the place.
        """
        problem = self.problem
        lower, upper, allowed = within(problem, steps)
        with np.errstate(over="ignore", invalid="ignore"):
            least, at = least_cost(problem, self.rate, lower, upper, lambda steps: self.share * self._size(steps))
            least = least + self.once
            size = self._size(at) + self.once_size
        if not (np.isfinite(least) & np.isfinite(size))[allowed].all() or not np.isfinite(self.base).all():
            raise ValueError("multipliers of the certificate overflow: the bound is not finite")
        return UserCosts(np.where(allowed, least, np.inf), np.where(allowed, size, 0.0), at)

    def _size(self, steps: FloatArray) -> FloatArray:
        """Sizes of the terms that change with the steps, shape (..., 2, N)."""
        return np.asarray(self.rate_size * steps + self.problem.error_at(steps) + self.problem.utility_at(steps))

    def total(self, costs: FloatArray, sizes: FloatArray) -> float:
        """Lower bound from the costs of all users; infinite where one of them is.

        Raises
        ------
        ValueError
            If the sum of finite costs is not finite.
        """
        if np.isposinf(costs).any():
            return math.inf
        try:
            bound = math.fsum([*costs.tolist(), *self.base.tolist()])
            lost = self.share * math.fsum([*sizes.tolist(), *np.abs(self.base).tolist()])
        except OverflowError:
            bound = lost = math.inf
        if not (math.isfinite(bound) and math.isfinite(lost)):
            raise ValueError("multipliers of the certificate overflow: the bound is not finite")
        return bound - lost


def within(problem: Problem, branches: Sequence[StepRange]) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Ends of the steps that branches leave, and where a user may still be, shape (2, N) each."""
    if not branches:
        return problem.lower, problem.upper, problem.allowed
    lower, upper = problem.lower.copy(), problem.upper.copy()
    for user, place, most, down in branches:
        if down:
            upper[place, user] = min(upper[place, user], most)
        else:
            lower[place, user] = max(lower[place, user], most + 1)
    allowed = problem.allowed & (lower <= upper)
    return np.where(allowed, lower, 0.0), np.where(allowed, upper, 0.0), allowed


def least_cost(
    problem: Problem,
    rate: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    lost: Callable[[FloatArray], FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Lower bound on min rate_n s + phi_n(s) over intervals of steps, and the steps that it is near, shape (2, N).

    The cost is convex, so its tangents at two points bound it from below; bisection on the slope only makes the
    bound sharp. Over whole steps the minimum is at a neighbour of the continuous one; which one counts what
    rounding may have ``lost`` at each.
    """
    low, high = lower + 0.0, upper + 0.0  # an end of -0 would be last in the order of floats

    def value(steps: FloatArray) -> FloatArray:
        return rate * steps + problem.quality(steps)

    def slope(steps: FloatArray) -> FloatArray:
        return rate + problem.quality_slope(steps)

    for _ in range(BISECTIONS):
        middle = _between(low, high)
        falls = slope(middle) < 0.0
        low, high = np.where(falls, middle, low), np.where(falls, high, middle)
    if problem.whole:
        around = np.stack([np.clip(np.floor(low) + shift, lower, upper) for shift in (0.0, 1.0, 2.0)])
        costs = value(around)
        # Each neighbour gives away its own rounding: that of one which costs far more says nothing of the least.
        best = (costs - lost(around)).argmin(axis=0)[None]
        return np.take_along_axis(costs, best, axis=0)[0], np.take_along_axis(around, best, axis=0)[0]
    from_low = value(low) - np.maximum(-slope(low), 0.0) * (high - low)
    from_high = value(high) - np.maximum(slope(high), 0.0) * (high - low)
    return np.maximum(from_low, from_high), high


def _between(low: FloatArray, high: FloatArray) -> FloatArray:
    """The float half-way from one to the other in the order of all floats, both positive or 0."""
    first, last = low.view(np.int64), high.view(np.int64)
    return (first + (last - first) // 2).view(np.float64)


def largest_cost(problem: Problem) -> float:
    """More than any solution can cost: R_{n,r} is convex, hence largest at an end of the steps."""
    ends = np.array([problem.lower, problem.upper])
    largest = problem.rate * ends + problem.quality(ends)
    sizes = problem.rate * ends + problem.error_at(ends) + problem.utility_at(ends)
    of_user = np.where(problem.allowed, largest, -np.inf).max(axis=(0, 1))
    return math.fsum(of_user) + BEYOND * math.fsum(np.where(problem.allowed, sizes, 0.0).max(axis=(0, 1)))
