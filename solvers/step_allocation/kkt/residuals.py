"""Residuals of the KKT conditions (18) to (20) and (16) of P2 at a point.

Every residual is relative: the left side of its equation over the largest of the terms that are added in it,
so that 1e-16 is rounding whatever tau or the auxiliaries are. Written from the paper's equations and the
evaluator's costs, it shares no code with the kernels that it checks.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.domain import model_steps
from formulations.step_allocation.models.surrogate import (
    Subproblem,
    capacity_use,
    mixed_limit,
    mixed_lower,
    offload_range,
    shifted_cost,
)
from formulations.step_allocation.parameters import EDGE, LOCAL
from formulations.step_allocation.quality.arrays import ERROR, UTILITY

_Terms: TypeAlias = list[FloatArray]


class Multipliers(NamedTuple):
    """Multipliers of P2, all >= 0 (20); arrays of shape (N,)."""

    beta: FloatArray
    """Of -a_n <= 0, or of a_n >= 1 where a user may not run locally [-]."""
    gamma: FloatArray
    """Of a_n - 1 <= 0, or of a_n <= 0 where a user may not offload [-]."""
    delta: float
    """Of the capacity (16b) [1/step]."""
    zeta: FloatArray
    """Of the steps' limit (16c) [1/step]."""
    nu: FloatArray
    """Of the lower bound on steps, -s_n <= 0 without further constraints [1/step], which the paper leaves out."""


class Residuals(NamedTuple):
    """Largest relative residual of each family of conditions [-]."""

    stationarity_offload: float
    """(18a)."""
    stationarity_steps: float
    """(18b), with -nu_n added."""
    complementarity: float
    """(19a) to (19d), and the same of the lower bounds."""
    primal: float
    """(16a) to (16c), and the lower bounds."""
    dual: float
    """(20): negative part of a multiplier, relative to the largest of its family."""

    @property
    def worst(self) -> float:
        """Largest of all."""
        return max(self)


def residuals(p2: Subproblem, offload: FloatArray, steps: FloatArray, multipliers: Multipliers) -> Residuals:
    """Residuals of a primal-dual point (a, s; beta, gamma, delta, zeta, nu)."""
    return Residuals(
        stationarity_offload=_relative(
            _sum(offload_terms(p2, offload, multipliers)), offload_terms(p2, offload, multipliers)
        ),
        stationarity_steps=_relative(
            _sum(steps_terms(p2, steps, multipliers)), steps_terms(p2, steps, multipliers)
        ),
        complementarity=_complementarity(p2, offload, steps, multipliers),
        primal=_primal(p2, offload, steps),
        dual=_dual(multipliers),
    )


def offload_terms(p2: Subproblem, offload: FloatArray, multipliers: Multipliers) -> _Terms:
    """Terms of (18a), D_n - beta_n + gamma_n = 0, with D_n as defined below it and nu_n beside zeta_n."""
    local, edge = model_steps(p2.data, LOCAL), model_steps(p2.data, EDGE)
    return [
        offload / (2.0 * p2.u),
        offload / (2.0 * p2.v),
        offload * multipliers.delta / (2.0 * p2.z),
        -1.0 / (2.0 * p2.u),
        -p2.penalty_slope,
        multipliers.zeta * local.upper,
        -multipliers.zeta * edge.upper,
        -multipliers.nu * local.lower,
        multipliers.nu * edge.lower,
        -multipliers.beta,
        multipliers.gamma,
    ]


def steps_terms(p2: Subproblem, steps: FloatArray, multipliers: Multipliers) -> _Terms:
    """Terms of (18b), dG/ds + 2 delta s z + zeta - nu = 0, dG/ds multiplied out by the terms of R'."""
    data = p2.data
    terms = [2.0 * multipliers.delta * steps * p2.z, multipliers.zeta, -multipliers.nu]
    error_slope = -costs.error_coefficient(data) * ERROR.slope(data.error_decay_per_step, steps)
    utility_slope = -data.utility_weight * UTILITY.slope(data.utility_decay_per_step, steps)
    for place, auxiliary in ((LOCAL, p2.u), (EDGE, p2.v)):
        factor = 2.0 * auxiliary * shifted_cost(data, p2.shift, steps, place)
        terms += [factor * slope for slope in (costs.cost_per_step(data, place), error_slope, utility_slope)]
    return terms


def _complementarity(p2: Subproblem, offload: FloatArray, steps: FloatArray, multipliers: Multipliers) -> float:
    data = p2.data
    capacity = data.edge_step_budget
    use = capacity_use(p2, offload, steps)
    local = (1.0 - offload) * model_steps(data, LOCAL).upper
    edge = offload * model_steps(data, EDGE).upper
    lower = mixed_lower(data, offload)
    least, most = offload_range(data)
    zeta, gamma = multipliers.zeta, multipliers.gamma
    return max(
        _of_scale(multipliers.beta * (offload - least), multipliers.beta),  # (19a)
        _relative(gamma * (offload - most), [gamma * offload, gamma]),  # (19b)
        float(multipliers.delta > 0.0) * abs(use - capacity) / max(use, capacity),  # (19c)
        _relative(zeta * (steps - local - edge), [zeta * steps, zeta * local, zeta * edge]),  # (19d)
        _of_scale(multipliers.nu * (steps - lower), multipliers.nu * np.maximum(1.0, mixed_limit(data, offload))),
    )


def _primal(p2: Subproblem, offload: FloatArray, steps: FloatArray) -> float:
    data = p2.data
    capacity = data.edge_step_budget
    excess = max(capacity_use(p2, offload, steps) - capacity, 0.0)
    limit, lower = mixed_limit(data, offload), mixed_lower(data, offload)
    least, most = offload_range(data)
    return max(
        float(np.max(np.maximum(least - offload, offload - most), initial=0.0)),  # (16a)
        _relative(np.array([excess]), [np.array([capacity])]),  # (16b)
        _relative(np.maximum(steps - limit, 0.0), [steps, limit]),  # (16c)
        _of_scale(np.maximum(lower - steps, 0.0), np.maximum(1.0, limit)),
    )


def _dual(multipliers: Multipliers) -> float:
    return max(_of_scale(np.maximum(-np.asarray(family), 0.0), np.asarray(family)) for family in multipliers)


def _sum(terms: _Terms) -> FloatArray:
    return np.asarray(np.sum(terms, axis=0))


def _relative(value: FloatArray, terms: _Terms) -> float:
    """Largest |value_n| over the largest term of equation n; 0 where every term is 0."""
    size = np.max(np.abs(terms), axis=0)
    return float(np.max(np.abs(value) / np.where(size > 0.0, size, 1.0), initial=0.0))


def _of_scale(value: FloatArray, family: FloatArray) -> float:
    """Largest |value_n| over the largest member of its family; 0 where the family is 0."""
    size = float(np.max(np.abs(family), initial=0.0))
    return float(np.max(np.abs(value), initial=0.0)) / size if size > 0.0 else 0.0
