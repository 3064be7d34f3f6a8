"""Where an optimum can be, given what some plan costs.

No plan costs less than what all users cost together when each is at its best, alone. What a known plan costs above
that is therefore the most that one user may lose in an optimum. R_{n,r} is convex in the steps, so those at which
it loses no more are an interval. Outside it a term may be 1e12 times as large as all others together, and would
decide the units in which a solver sees the scenario, although no optimum goes there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Interval
from formulations.constraints.step_allocation.base import Row
from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.best_response import best_steps_at_price
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

ROUNDING = 1e-12
"""Share of all users' costs that rounding may have moved a sum of them by."""

HALVINGS = 100
"""Bisections by which an end of an interval is found."""


@dataclass(frozen=True)
class Reach:
    """Steps at each place that an optimum may have, in the place of a further constraint; nothing breaks it.

    Attributes
    ----------
    local, edge : Interval
        Lower and upper bounds on steps [steps], shape (N,) each; crossed where no optimum has the user there.
    """

    local: Interval
    edge: Interval
    type: Literal["reach"] = "reach"

    def interval(self, data: StepAllocation, place: int) -> Interval:
        """Steps within reach of an optimum at a place [steps]."""
        return self.edge if place == EDGE else self.local

    def rows(self, data: StepAllocation) -> tuple[Row, ...]:
        """No rows."""
        return ()

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Nothing: a plan that is no optimum is allowed."""
        return np.zeros(data.users)

    def tolerance(self, data: StepAllocation) -> float:
        """Any positive number."""
        return 1.0


def least_cost(data: StepAllocation, place: int) -> tuple[FloatArray, FloatArray]:
    """Best steps of each user alone at a place, and their cost R_{n,r}; infinite where it may not be there."""
    steps = best_steps_at_price(data, place, 0.0)
    return steps, np.where(may_be_at(data, place), costs.cost(data, steps, place), np.inf)


def reach_of(data: StepAllocation, plan_cost: float) -> Reach:
    """Steps at which no user alone loses more than a plan of this cost does altogether.

    Parameters
    ----------
    data : StepAllocation
        The scenario; every user may be somewhere.
    plan_cost : float
        Objective (8) of a plan that satisfies all constraints [-].
    """
    best = {place: least_cost(data, place) for place in (LOCAL, EDGE)}
    least = np.minimum(best[LOCAL][1], best[EDGE][1])
    rounding = ROUNDING * (abs(plan_cost) + float(np.abs(least).sum()))
    most = least + max(plan_cost - float(least.sum()), 0.0) + rounding
    local, edge = (_within(data, place, *best[place], most) for place in (LOCAL, EDGE))
    return Reach(local, edge)


def _within(
    data: StepAllocation, place: int, best: FloatArray, least: FloatArray, most_cost: FloatArray
) -> Interval:
    """Steps between the ends of what is allowed at which R_{n,r}(s) <= ``most_cost``, rounded outwards."""
    first, last = model_steps(data, place)
    lower = _crossing(data, place, first, best, most_cost)
    upper = _crossing(data, place, last, best, most_cost)
    possible = least <= most_cost
    return Interval(np.where(possible, lower, 1.0), np.where(possible, upper, -1.0))


def _crossing(
    data: StepAllocation, place: int, outside: FloatArray, inside: FloatArray, most_cost: FloatArray
) -> FloatArray:
    """Steps next to ``outside`` from where the cost is within ``most_cost``, found by bisection, still outside."""
    outside, inside = outside.copy(), inside.copy()
    within = costs.cost(data, outside, place) <= most_cost
    inside[within] = outside[within]
    for _ in range(HALVINGS):
        middle = 0.5 * (outside + inside)
        within = costs.cost(data, middle, place) <= most_cost
        inside = np.where(within, middle, inside)
        outside = np.where(within, outside, middle)
    return outside
