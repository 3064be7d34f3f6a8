"""How large the costs are that decisions can change: what a search's unit and its tolerances are shares of.

A user's error may hold a constant that no number of steps changes, or a term that vanishes at any useful one. Both
may dwarf everything else, and nothing may be measured by them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from formulations.evaluation import near_power_of_two
from formulations.fields import FloatArray
from formulations.section import once
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.arrays import ERROR

_LOST = 2.0**-52
"""Share of the error below which a change of it is lost in rounding."""

_FAR = 2.0**10
"""Times what matters near an optimum from which the largest error is no unit."""


def constant_error(error: FloatArray, decay: FloatArray, reach: FloatArray) -> FloatArray:
    """The error of users whose steps cannot change it, 0 for all others [-].

    Parameters
    ----------
    error, decay : FloatArray
        Coefficient [-] and decay rate [1/step] of the error.
    reach : FloatArray
        Most steps at any place [steps].
    """
    return np.where(decay * reach <= _LOST, error, 0.0)


def cost_near_optimum(
    error: FloatArray, decay: FloatArray, utility: FloatArray, rate: FloatArray, reach: FloatArray
) -> FloatArray:
    """What the quality and the steps of a user alone are worth, less the error that it cannot avoid [-]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = ERROR.steps_at_slope(decay, rate / error)
    steps = np.clip(np.where(np.isfinite(wanted), wanted, reach), 0.0, reach)
    return np.asarray(utility + rate * steps + error * ERROR.fall(decay, steps, reach))


def may_dominate(largest: Any, utility: Any) -> Any:
    """Whether the largest quality may dominate what matters near an optimum, which is at least the utility."""
    return largest > _FAR * utility


def unit_for(largest: float, near_optimum: float) -> float:
    """Power of two next to the largest quality, or to what matters near an optimum where that is far less."""
    size = min(largest, _FAR * near_optimum) if near_optimum > 0.0 else largest
    return near_power_of_two(size)


def constant_cost(data: StepAllocation) -> FloatArray:
    """Summands of the objective that no decision changes [-], shape (N,); computed once for a scenario."""
    return once(_constant_cost, data)


def _constant_cost(data: StepAllocation) -> FloatArray:
    return constant_error(costs.error_coefficient(data), data.error_decay_per_step, _reach(data))


def search_unit(data: StepAllocation) -> float:
    """Unit of cost in which a search of P1 has numbers of about 1; a power of two [-]."""
    error = costs.error_coefficient(data) - constant_cost(data)
    utility = data.utility_weight
    largest = float(error.max()) + utility
    if not may_dominate(largest, utility):
        return unit_for(largest, utility)
    rate = np.minimum(costs.cost_per_step(data, LOCAL), costs.cost_per_step(data, EDGE))
    near = cost_near_optimum(error, data.error_decay_per_step, np.full(data.users, utility), rate, _reach(data))
    return unit_for(largest, float(near.max()))


def ideal_cost(data: StepAllocation) -> float:
    """Cost of full utility, no error beyond the unavoidable and free steps; constants are not counted [-]."""
    error = costs.error_coefficient(data) - constant_cost(data)
    return float(np.sum(error * ERROR.left(data.error_decay_per_step, _reach(data)) - data.utility_weight))


def _reach(data: StepAllocation) -> FloatArray:
    return np.maximum(data.local_max_steps, data.edge_max_steps)
