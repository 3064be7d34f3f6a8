"""Step allocation as the checker of certificates reads it, written apart from what the methods use.

Everything is computed from the documented fields of the instance and of its constraints. Only a constraint of a
type that the package does not have is asked for its interval and its rows.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from formulations.constraints.step_allocation.device_energy_budget import DeviceEnergyBudget
from formulations.constraints.step_allocation.edge_energy_budget import EdgeEnergyBudget
from formulations.constraints.step_allocation.error_ceiling import ErrorCeiling
from formulations.constraints.step_allocation.latency_deadline import LatencyDeadline
from formulations.constraints.step_allocation.max_offloaded import MaxOffloaded
from formulations.constraints.step_allocation.utility_floor import UtilityFloor
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.step_allocation.certificates import quality

END_ROUNDING = 1e-9
"""Share of an end of an interval, of 1 at least, that counts as rounding; of whole steps at most half a one."""


class Problem(NamedTuple):
    """P1 with costs rate_r s + phi(s), see ``quality.py``; place r is the first axis."""

    rate: FloatArray
    """Cost of a step at each place [1/step], shape (2, N)."""
    error: FloatArray
    """w1 c2 eps [-], shape (N,)."""
    error_decay: FloatArray
    """C1 [1/step], shape (N,)."""
    utility: float
    """w2 [-]."""
    utility_decay: FloatArray
    """C2 [1/step], shape (N,)."""
    lower: FloatArray
    """Lower bounds on steps at each place, shape (2, N); 0 where a user may not be."""
    upper: FloatArray
    """Most steps at each place, shape (2, N); 0 where a user may not be."""
    allowed: BoolArray
    """Whether a user may be at a place, shape (2, N)."""
    offload: FloatArray
    """Coefficient of a_n in every row, the budget first, shape (K, N)."""
    per_step: FloatArray
    """Coefficient of a step at each place in every row [1/step], shape (2, K, N)."""
    right_hand_side: FloatArray
    """Limit of every row, shape (K,)."""
    whole: bool
    """Whether steps are whole."""

    @property
    def users(self) -> int:
        return self.error.size

    def error_at(self, steps: FloatArray) -> FloatArray:
        """Weighted error w1 c2 err_n(s) [-], of the shape of steps (..., N)."""
        return quality.error(self.error, self.error_decay, steps)

    def utility_at(self, steps: FloatArray) -> FloatArray:
        """Weighted utility w2 U_n(s) [-], of the shape of steps (..., N)."""
        return quality.utility(self.utility, self.utility_decay, steps)

    def quality(self, steps: FloatArray) -> FloatArray:
        """phi_n(s) = w1 c2 err_n(s) - w2 U_n(s) [-], of the shape of steps (..., N)."""
        return self.error_at(steps) - self.utility_at(steps)

    def quality_slope(self, steps: FloatArray) -> FloatArray:
        """phi_n'(s) [1/step], not positive, of the shape of steps (..., N)."""
        error = quality.error_slope(self.error, self.error_decay, steps)
        return error - quality.utility_slope(self.utility, self.utility_decay, steps)

    @property
    def rows(self) -> int:
        return self.right_hand_side.size

    def row_name(self, row: int) -> str:
        """What a sentence calls a row."""
        return "the edge_budget" if row == 0 else f"row {row} of the constraints"


class Row(NamedTuple):
    """sum offload_n a_n + local_n (1 - a_n) s_n + edge_n a_n s_n <= right_hand_side."""

    offload: Any
    local: Any
    edge: Any
    right_hand_side: float


def read_problem(data: StepAllocation) -> Problem:
    """P1 with all its constraints, from the fields of the instance.

    Raises
    ------
    ValueError
        If a constraint that is not the package's own says something that is not a number.
    """
    watts = np.array(
        [
            data.local_power_coefficient * data.local_cpu_hz**3,
            data.edge_power_coefficient * data.edge_cpu_hz**3,
        ]
    )
    seconds = np.array([data.local_seconds_per_step, data.edge_seconds_per_step])
    weight = data.time_weight_per_second + data.energy_weight_per_joule * watts
    budget = math.floor(data.edge_step_capacity) if data.integer_steps else data.edge_step_capacity
    lower, upper = _ends(data, seconds, seconds * watts)
    allowed = lower <= upper
    allowed[EDGE] &= lower[EDGE] <= budget
    rows = [Row(0.0, 0.0, 1.0, budget), *_coupling_rows(data, seconds * watts)]
    return Problem(
        rate=data.cost_weight * seconds * weight,
        error=data.cost_weight * (data.error_weight * data.forward_error),
        error_decay=data.error_decay_per_step,
        utility=data.utility_weight,
        utility_decay=data.utility_decay_per_step,
        lower=np.where(allowed, lower, 0.0),
        upper=np.where(allowed, upper, 0.0),
        allowed=allowed,
        offload=_finite([row.offload for row in rows], data.users),
        per_step=np.stack(
            [_finite([row.local for row in rows], data.users), _finite([row.edge for row in rows], data.users)]
        ),
        right_hand_side=_finite([[row.right_hand_side] for row in rows], 1)[:, 0],
        whole=data.integer_steps,
    )


def _ends(data: StepAllocation, seconds: FloatArray, joules: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bounds on steps at each place, shape (2, N); they cross where a user may not be there."""
    lower = np.zeros((2, data.users))
    upper = np.array([data.local_max_steps, data.edge_max_steps])
    if data.integer_steps:
        upper = np.floor(upper)
    for constraint in data.constraints:
        least, largest = _interval(data, constraint, seconds, joules)
        if np.isnan(least).any() or np.isnan(largest).any():
            raise ValueError(f"constraint '{constraint.type}' leaves steps that are not numbers")
        lower, upper = np.maximum(lower, least), np.minimum(upper, largest)
    spare_below, spare_above = _spare(lower, data.integer_steps), _spare(upper, data.integer_steps)
    if data.integer_steps:
        lower = np.ceil(lower - np.minimum(spare_below, 0.5 * np.abs(lower)))
        upper = np.floor(upper + spare_above)
        spare_above = _spare(upper, whole=True)
    meet = (lower > upper) & (lower <= upper + spare_above)
    return np.where(meet, upper, lower), upper


def _spare(end: FloatArray, whole: bool) -> FloatArray:
    """What rounding may have moved an end by [steps]."""
    spare = END_ROUNDING * np.maximum(1.0, np.abs(end))
    return np.where(np.isfinite(end), np.minimum(spare, 0.5) if whole else spare, 0.0)


def _interval(
    data: StepAllocation, constraint: Any, seconds: FloatArray, joules: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Steps that one constraint leaves at each place, shape (2, N) each."""
    lower, upper = np.full((2, data.users), -np.inf), np.full((2, data.users), np.inf)
    kind = type(constraint)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if kind is LatencyDeadline:
            upper = _of_users(data, constraint, constraint.most_seconds, np.inf) / seconds
        elif kind is DeviceEnergyBudget:
            upper[LOCAL] = _of_users(data, constraint, constraint.most_joules, np.inf) / joules[LOCAL]
        elif kind is ErrorCeiling:
            ceiling = _of_users(data, constraint, constraint.most_error, np.inf)
            needed = quality.steps_to_error(ceiling / data.forward_error, data.error_decay_per_step)
            lower[:] = np.where(data.forward_error <= ceiling, -np.inf, needed)
        elif kind is UtilityFloor:
            floor = _of_users(data, constraint, constraint.least_utility, 0.0)
            needed = quality.steps_to_utility(floor, data.utility_decay_per_step)
            lower[:] = np.where(floor > 0.0, needed, -np.inf)
        elif kind not in (EdgeEnergyBudget, MaxOffloaded):
            for place in (LOCAL, EDGE):
                lower[place], upper[place] = constraint.interval(data, place)
    return lower, upper


def _coupling_rows(data: StepAllocation, joules: FloatArray) -> list[Row]:
    """Every row that couples users, beside the budget, in the order of the constraints."""
    rows = []
    for constraint in data.constraints:
        kind = type(constraint)
        if kind is EdgeEnergyBudget:
            named = _of_users(data, constraint, 1.0, 0.0)
            rows.append(Row(0.0, 0.0, named * joules[EDGE], constraint.most_joules))
        elif kind is MaxOffloaded:
            rows.append(Row(_of_users(data, constraint, 1.0, 0.0), 0.0, 0.0, constraint.most_users))
        elif kind not in (LatencyDeadline, DeviceEnergyBudget, ErrorCeiling, UtilityFloor):
            rows.extend(Row(*row) for row in constraint.rows(data))
    return rows


def _of_users(data: StepAllocation, constraint: Any, parameter: Any, elsewhere: float) -> FloatArray:
    """Parameter of the users that a constraint is about, ``elsewhere`` for all others, shape (N,)."""
    values = np.full(data.users, elsewhere)
    values[slice(None) if constraint.users is None else list(constraint.users)] = parameter
    return values


def _finite(rows: list[Any], width: int) -> FloatArray:
    """Coefficients as an array of shape (K, width)."""
    values = np.array([np.broadcast_to(np.asarray(row, dtype=np.float64), width) for row in rows])
    if not np.isfinite(values).all():
        raise ValueError("a row of a constraint holds a number that is not finite")
    return values
