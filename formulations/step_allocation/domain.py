"""Steps that a user may have at each place once every further constraint that separates by user is counted in.

Paper A has 0 <= s_n <= S_{n,r} (2). A constraint of :mod:`formulations.constraints.step_allocation` may leave
less, or nothing at all: the user may then not be at that place. Without constraints this is (2) again.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import ROUNDING, Interval, usable
from formulations.constraints.evaluation import families
from formulations.constraints.step_allocation.base import Row, StepConstraint, usable_row
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

WHOLE_ROUNDING = 0.5
"""Most that counts as rounding where steps are whole, however many of them a limit allows [steps]."""


def allowed_steps(data: StepAllocation, place: int) -> Interval:
    """Steps that every user may have at a place [steps], shape (N,) each; whole ends where steps are whole.

    The lower end exceeds the upper one where the user may not be at that place. Ends that cross by rounding alone
    are put together.

    Raises
    ------
    ValueError
        If a constraint gives an end that is not a number, or not one for each user.
    """
    allowed = Interval(np.zeros(data.users), costs.step_limit(data, place))
    if not data.constraints:
        return allowed
    for family, constraint in families(data):
        if type(constraint).interval is StepConstraint.interval:
            continue  # it says nothing of single users
        allowed = allowed & usable(family, constraint.interval(data, place), data.users)
    lower, upper = allowed
    whole = data.integer_steps
    if whole:
        spare = np.minimum(_slack(lower, whole), 0.5 * np.abs(lower))  # of an end that is all but 0 not all of it
        lower, upper = np.ceil(lower - spare), np.floor(upper + _slack(upper, whole))
    meet = (lower > upper) & (lower <= upper + _slack(upper, whole))
    return Interval(np.where(meet, upper, lower), upper)


def _slack(end: FloatArray, whole: bool) -> FloatArray:
    """What rounding may have moved an end by [steps]."""
    share = ROUNDING * np.maximum(1.0, np.abs(end))
    return np.asarray(np.where(np.isfinite(end), np.minimum(share, WHOLE_ROUNDING) if whole else share, 0.0))


def may_be_at(data: StepAllocation, place: int) -> BoolArray:
    """Users that have an allowed number of steps at a place, shape (N,); at the edge also within the budget."""
    if not data.constraints:
        return np.ones(data.users, dtype=np.bool_)
    return _possible(data, place, allowed_steps(data, place))


def _possible(data: StepAllocation, place: int, allowed: Interval) -> BoolArray:
    within = np.asarray(allowed.lower <= allowed.upper)
    return within & (allowed.lower <= data.edge_step_budget) if place == EDGE else within


class Place(NamedTuple):
    """What is left to every user at a place, asked of all constraints once."""

    steps: Interval
    """:func:`model_steps`."""
    possible: BoolArray
    """:func:`may_be_at`, shape (N,)."""


def place_domain(data: StepAllocation, place: int) -> Place:
    """What the further constraints leave at a place."""
    allowed = allowed_steps(data, place)
    if not data.constraints:
        return Place(Interval(allowed.lower, allowed.upper.copy()), np.ones(data.users, dtype=np.bool_))
    possible = _possible(data, place, allowed)
    return Place(Interval(*(np.where(possible, ends, 0.0) for ends in allowed)), possible)


def model_steps(data: StepAllocation, place: int) -> Interval:
    """:func:`allowed_steps` as a model takes it, where a user that may not be at the place has 0 steps there."""
    return place_domain(data, place).steps


def step_range(data: StepAllocation) -> Interval:
    """Fewest and most steps of each user over the places where it may be [steps]; 0 where that is nowhere."""
    ends = [(model_steps(data, place), may_be_at(data, place)) for place in (LOCAL, EDGE)]
    fewest = np.min([np.where(here, allowed.lower, np.inf) for allowed, here in ends], axis=0)
    most = np.max([np.where(here, allowed.upper, 0.0) for allowed, here in ends], axis=0)
    return Interval(np.where(np.isfinite(fewest), fewest, 0.0), most)


def stranded(data: StepAllocation) -> NDArray[np.int64]:
    """Users that may be nowhere: with any of them the scenario is infeasible. Indices."""
    return np.flatnonzero(~(may_be_at(data, LOCAL) | may_be_at(data, EDGE)))


class Coupling(NamedTuple):
    """A row, and the family of the constraint that it says."""

    family: str
    row: Row


def coupling_rows(data: StepAllocation) -> tuple[Coupling, ...]:
    """Every linear row that couples users, beside the edge's budget.

    Raises
    ------
    ValueError
        If a constraint gives a row that is not finite or not about all users.
    """
    return tuple(
        Coupling(family, usable_row(family, row, data.users))
        for family, constraint in families(data)
        for row in constraint.rows(data)
    )


def least_use(row: Row, local: Place, edge: Place) -> float:
    """Smallest left side of a row over all places and steps that users may have alone; infinite if none."""
    at_edge = _least_at(edge, row.edge_steps, row.offload)
    return float(np.sum(np.minimum(_least_at(local, row.local_steps, 0.0), at_edge)))


def _least_at(place: Place, per_step: FloatArray, once: FloatArray | float) -> FloatArray:
    """Smallest summand of a row at a place, shape (N,); infinite where a user may not be there."""
    least = once + np.minimum(per_step * place.steps.lower, per_step * place.steps.upper)
    return np.where(place.possible, least, np.inf)


def budget_row(data: StepAllocation) -> Row:
    """The edge's budget sum a_n s_n <= S_e of paper A (1) as a row [steps]."""
    nothing = np.zeros(data.users)
    return Row(nothing, nothing, np.ones(data.users), data.edge_step_budget)
