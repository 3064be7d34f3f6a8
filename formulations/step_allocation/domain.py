"""Steps that a user may have at each place once every further constraint that separates by user is counted in.

Paper A has 0 <= s_n <= S_{n,r} (2). A constraint of :mod:`formulations.constraints.step_allocation` may leave
less, or nothing at all: the user may then not be at that place. Without constraints this is (2) again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import ROUNDING, Interval
from formulations.fields import BoolArray
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation


def allowed_steps(data: StepAllocation, place: int) -> Interval:
    """Steps that every user may have at a place [steps], shape (N,) each; whole ends where steps are whole.

    The lower end exceeds the upper one where the user may not be at that place. Ends that cross by rounding alone
    are put together.
    """
    allowed = Interval(np.zeros(data.users), costs.step_limit(data, place))
    if not data.constraints:
        return allowed
    for constraint in data.constraints:
        allowed = allowed & constraint.interval(data, place)
    lower, upper = allowed
    slack = ROUNDING * np.maximum(1.0, np.abs(upper))
    if data.integer_steps:
        lower, upper = np.ceil(lower - slack), np.floor(upper + slack)
    meet = (lower > upper) & (lower <= upper + slack)
    return Interval(np.where(meet, upper, lower), upper)


def may_be_at(data: StepAllocation, place: int) -> BoolArray:
    """Users that have an allowed number of steps at a place, shape (N,); at the edge also within the budget."""
    allowed = allowed_steps(data, place)
    within = np.asarray(allowed.lower <= allowed.upper)
    return within & (allowed.lower <= data.edge_step_budget) if place == EDGE else within


def stranded(data: StepAllocation) -> NDArray[np.int64]:
    """Users that may be nowhere: with any of them the scenario is infeasible. Indices."""
    return np.flatnonzero(~(may_be_at(data, LOCAL) | may_be_at(data, EDGE)))
