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
from formulations.section import once
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

WHOLE_ROUNDING = 0.5
"""Most that counts as rounding where steps are whole, however many of them a limit allows [steps]."""


class Domain(NamedTuple):
    """What the users of a scenario may do alone, at both places; read-only arrays."""

    allowed: tuple[Interval, Interval]
    """See :func:`allowed_steps`."""
    possible: tuple[BoolArray, BoolArray]
    """See :func:`may_be_at`."""
    model: tuple[Interval, Interval]
    """See :func:`model_steps`."""


def domain(data: StepAllocation) -> Domain:
    """Steps and places of every user, computed once for a scenario."""
    return once(_domain, data)


def _domain(data: StepAllocation) -> Domain:
    allowed = [_allowed_steps(data, place) for place in (LOCAL, EDGE)]
    possible = [ends.lower <= ends.upper for ends in allowed]
    if data.constraints:
        possible[EDGE] &= allowed[EDGE].lower <= data.edge_step_budget
    model = [
        Interval(*(np.where(here, end, 0.0) for end in ends)) for here, ends in zip(possible, allowed, strict=True)
    ]
    for array in (*possible, *(end for ends in (*allowed, *model) for end in ends)):
        array.flags.writeable = False
    return Domain((allowed[LOCAL], allowed[EDGE]), (possible[LOCAL], possible[EDGE]), (model[LOCAL], model[EDGE]))


def allowed_steps(data: StepAllocation, place: int) -> Interval:
    """Steps that every user may have at a place [steps], shape (N,) each; whole ends where steps are whole.

    The lower end exceeds the upper one where the user may not be at that place. Ends that cross by rounding alone
    are put together.

    Raises
    ------
    ValueError
        If a constraint gives an end that is not a number, or not one for each user.
    """
    return domain(data).allowed[place]


def _allowed_steps(data: StepAllocation, place: int) -> Interval:
    allowed = Interval(np.zeros(data.users), costs.step_limit(data, place))
    if not data.constraints:
        return allowed
    for family, constraint in families(data):
        if type(constraint).interval is StepConstraint.interval:
            continue  # it says nothing of single users
        allowed = allowed & usable(family, constraint.interval(data, place), data.users)
    lower, upper = allowed
    whole, some = data.integer_steps, 0.5 * np.abs(lower)  # of an end that is all but 0 not all is rounding
    if whole:
        lower, upper = (
            np.ceil(lower - np.minimum(_slack(lower, whole), some)),
            np.floor(upper + _slack(upper, whole)),
        )
    meet = (lower > upper) & (lower <= upper + np.minimum(_slack(upper, whole), some))
    return Interval(np.where(meet, upper, lower), upper)


def _slack(end: FloatArray, whole: bool) -> FloatArray:
    """What rounding may have moved an end by [steps]."""
    share = ROUNDING * np.maximum(1.0, np.abs(end))
    return np.asarray(np.where(np.isfinite(end), np.minimum(share, WHOLE_ROUNDING) if whole else share, 0.0))


def may_be_at(data: StepAllocation, place: int) -> BoolArray:
    """Users that have an allowed number of steps at a place, shape (N,); at the edge also within the budget."""
    return domain(data).possible[place]


def model_steps(data: StepAllocation, place: int) -> Interval:
    """:func:`allowed_steps` as a model takes it, where a user that may not be at the place has 0 steps there."""
    return domain(data).model[place]


def step_range(data: StepAllocation) -> Interval:
    """Lower and upper bounds on steps of each user, over the places where it may be [steps]; 0 if nowhere."""
    ends = [(model_steps(data, place), may_be_at(data, place)) for place in (LOCAL, EDGE)]
    lower = np.min([np.where(here, allowed.lower, np.inf) for allowed, here in ends], axis=0)
    upper = np.max([np.where(here, allowed.upper, 0.0) for allowed, here in ends], axis=0)
    return Interval(np.where(np.isfinite(lower), lower, 0.0), upper)


def users_without_place(data: StepAllocation) -> NDArray[np.int64]:
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
    return once(_coupling_rows, data) if data.constraints else ()


def _coupling_rows(data: StepAllocation) -> tuple[Coupling, ...]:
    return tuple(
        Coupling(family, usable_row(family, row, data.users))
        for family, constraint in families(data)
        for row in constraint.rows(data)
    )


def least_use(data: StepAllocation, row: Row) -> float:
    """Smallest left side of a row over all places and steps that users may have alone; infinite if none."""
    return float(np.sum(np.minimum(_least_at(data, row, LOCAL), _least_at(data, row, EDGE))))


def _least_at(data: StepAllocation, row: Row, place: int) -> FloatArray:
    """Smallest summand of a row at a place, shape (N,); infinite where a user may not be there."""
    per_step, alone = (row.edge_steps, row.offload) if place == EDGE else (row.local_steps, 0.0)
    ends = model_steps(data, place)
    least = alone + np.minimum(per_step * ends.lower, per_step * ends.upper)
    return np.where(may_be_at(data, place), least, np.inf)


def budget_row(data: StepAllocation) -> Row:
    """The edge's budget sum a_n s_n <= S_e of paper A (1) as a row [steps]."""
    nothing = np.zeros(data.users)
    return Row(nothing, nothing, np.ones(data.users), data.edge_step_budget)
