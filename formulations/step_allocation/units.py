"""Units in which a scenario's numbers are neither tiny nor huge, for solvers with absolute tolerances.

Measuring cost and steps in other units changes no decision. Both units are powers of two, so that going there and
back loses nothing to rounding. Limits beyond any sensible number of steps are cut: they stand for "no limit", and
a solver would multiply its tolerance by them. Further constraints are measured in the new unit too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.constraints.view import ConstraintView
from formulations.evaluation import near_power_of_two
from formulations.fields import BoolArray, FloatArray
from formulations.runtime.moved import former_names
from formulations.step_allocation import costs
from formulations.step_allocation.domain import coupling_rows, model_steps, step_range
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.arrays import ERROR, UTILITY, Exponential

__getattr__ = former_names(__name__)

TYPICAL_STEPS = 64.0
"""Size that the largest useful number of steps is brought to where steps are continuous [natural units]."""


class Units(NamedTuple):
    """How much of the original one natural unit is."""

    cost: float
    """[-]"""
    steps: float
    """[steps]"""


def natural_units(data: StepAllocation) -> Units:
    """Units in which a user's quality is worth about 1, and the most useful steps are about 64; powers of two.

    What counts is what quality is worth beyond the lower bound on steps.
    """
    most = max(float(useful_limit(data, place).max()) for place in (LOCAL, EDGE))
    cost = near_power_of_two(float(costs.quality_worth(data, step_range(data).lower).max()))
    return Units(cost, 1.0 if data.integer_steps else near_power_of_two(most / TYPICAL_STEPS))


def useful_limit(data: StepAllocation, place: int) -> FloatArray:
    """Step limit, cut where one more step surely costs more than it brings [steps], shape (N,).

    Where each term of -phi_n'(s) is at most half of lam_{n,r}, the cost R_{n,r} no longer falls. Steps beyond may
    still be wanted by a constraint: as a lower bound on steps, or by a row that more steps help to satisfy.
    """
    rate = costs.cost_per_step(data, place)
    utility = np.full(data.users, data.utility_weight)
    cut = np.maximum(
        _half_rate_steps(ERROR, costs.error_coefficient(data), data.error_decay_per_step, rate),
        _half_rate_steps(UTILITY, utility, data.utility_decay_per_step, rate),
    )
    if data.constraints:
        lower, upper = model_steps(data, place)
        return np.where(_helps_a_row(data, place), upper, np.minimum(upper, np.maximum(np.ceil(cut), lower)))
    return np.minimum(costs.step_limit(data, place), np.ceil(cut))


def _helps_a_row(data: StepAllocation, place: int) -> BoolArray:
    """Whether more steps of a user at a place make some row easier to satisfy, shape (N,)."""
    helps = np.zeros(data.users, dtype=np.bool_)
    for _, row in coupling_rows(data):
        helps |= (row.edge_steps if place == EDGE else row.local_steps) < 0.0
    return helps


def _half_rate_steps(
    share: Exponential, coefficient: FloatArray, decay: FloatArray, rate: FloatArray
) -> FloatArray:
    """Steps s from which a term of the quality cost falls by at most half the rate, infinite where that is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = share.steps_at_slope(decay, 0.5 * rate / coefficient)
    falls = coefficient * decay > 0.0
    return np.where(falls, np.where(rate > 0.0, np.maximum(steps, 0.0), np.inf), 0.0)


def in_units(data: StepAllocation, units: Units) -> StepAllocation:
    """Return the same scenario measured in other units, with useful limits; a stays, s is divided."""
    return data.replaced(
        {
            "cost_weight": data.cost_weight / units.cost,
            "utility_weight": data.utility_weight / units.cost,
            "local_seconds_per_step": data.local_seconds_per_step * units.steps,
            "edge_seconds_per_step": data.edge_seconds_per_step * units.steps,
            "error_decay_per_step": data.error_decay_per_step * units.steps,
            "utility_decay_per_step": data.utility_decay_per_step * units.steps,
            "local_max_steps": useful_limit(data, LOCAL) / units.steps,
            "edge_max_steps": useful_limit(data, EDGE) / units.steps,
            "edge_step_capacity": data.edge_step_budget / units.steps,
            "constraints": tuple(ConstraintView(constraint, data, units.steps) for constraint in data.constraints),
        }
    )
