"""Supporting lines of the quality cost phi_n: straight lines below it that touch it.

phi_n is convex, so it is the largest of its supporting lines. Where steps are whole numbers the chord between two
neighbouring integers takes the tangent's place: it is above every tangent between them, and still below phi_n at
every integer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.runtime.moved import former_names
from formulations.step_allocation import costs
from formulations.step_allocation.domain import model_steps
from formulations.step_allocation.parameters import StepAllocation

__getattr__ = former_names(__name__)

GRID = 257
"""Grid points per user on which the curvature of phi_n is summed up."""


FLATTEST = 1e-8
"""Slope below which solvers take a coefficient for 0, but not what goes with it [1/step]."""


class Line(NamedTuple):
    """The line ``intercept + slope s`` per user; both have shape (N,)."""

    slope: FloatArray
    intercept: FloatArray


def tangent(data: StepAllocation, steps: FloatArray) -> Line:
    """Tangent of phi_n at s_n = ``steps``, shape (N,)."""
    slope = costs.quality_slope(data, steps)
    return Line(slope, costs.quality_cost(data, steps) - slope * steps)


def chord(data: StepAllocation, steps: FloatArray, limit: FloatArray) -> Line:
    """Chord of phi_n over the unit interval [k, k + 1] that holds ``steps``, within [0, ``limit``] if it fits."""
    left = np.maximum(np.minimum(np.floor(steps), limit - 1.0), 0.0)
    value = costs.quality_cost(data, left)
    slope = costs.quality_cost(data, left + 1.0) - value
    return Line(slope, value - slope * left)


def supporting_line(data: StepAllocation, steps: FloatArray, place: int) -> Line:
    """The strongest line below phi_n at every allowed number of steps that is exact at (or around) ``steps``.

    A line too flat for a solver lies level instead, as low as it gets over the allowed steps.
    """
    most = model_steps(data, place).upper
    line = chord(data, steps, most) if data.integer_steps else tangent(data, steps)
    flat = np.abs(line.slope) < FLATTEST
    return Line(
        np.where(flat, 0.0, line.slope), np.where(flat, line.intercept + line.slope * most, line.intercept)
    )


def spread_points(data: StepAllocation, place: int, count: int) -> FloatArray:
    """``count`` numbers of steps per user that it may have, dense where phi_n bends; shape (count, N).

    The largest distance between a convex function and its tangents is smallest, to leading order, when the
    integral of the square root of the curvature is the same between all neighbouring points.
    """
    lower, upper = model_steps(data, place)
    share = np.linspace(0.0, 1.0, GRID)
    grid = lower + share[:, None] * (upper - lower)
    density = np.sqrt(costs.quality_curvature(data, grid))
    middle = (density[1:] + density[:-1]) / 2.0
    # A phi_n without any curvature would leave the sum flat; equal spacing is as good as any then.
    middle += np.where(middle.sum(axis=0) > 0.0, 1e-3 * middle.mean(axis=0), 1.0)
    summed = np.vstack([np.zeros(data.users), np.cumsum(middle, axis=0)])
    wanted = np.linspace(0.0, 1.0, count)
    points = [np.interp(wanted, summed[:, user] / summed[-1, user], share) for user in range(data.users)]
    return np.asarray(lower + np.array(points).T * (upper - lower))
