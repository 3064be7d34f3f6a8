"""The convex subproblem P2 of paper A: surrogates (10) and (11), penalty (12) to (15).

A product of nonnegative numbers obeys x y <= x^2 q + y^2 / (4 q), with equality at q = y / (2 x). Paper A
bounds a_n R_n and a_n s_n so, with q = u, v, z taken at the previous iterate (docs/theory/step_allocation).

Two things that the paper leaves out make this sound:

* R_{n,r} may be negative. Since (1 - a_n) + a_n = 1, adding M_n to both places' costs changes P1 by a
  constant only; :func:`cost_shift` makes both at least 1 on the domain, where R^2 is then convex.
* u, v or z = 0 or infinity would freeze a_n or s_n for ever, so the iterate they are taken at stays
  :class:`Margins` inside: :data:`OFFLOAD_MARGIN` inside (0, 1) and at :data:`STEPS_MARGIN` or above.

With constraints that separate by user, s_n stays between (1 - a_n) L0_n + a_n L1_n and (1 - a_n) U0_n + a_n U1_n,
the ends of what they leave at each place, and a_n is fixed where they leave only one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from formulations.constraints.base import Interval
from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.best_response import place_costs, respond
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

OFFLOAD_MARGIN = 1e-4
"""Distance of a_n from 0 and 1 at which u, v and z are still taken [-]."""

STEPS_MARGIN = 1e-2
"""Smallest s_n at which z is taken [steps]."""

SMALLEST_SHIFTED_COST = 1.0
"""Least value of the shifted costs over places and steps [-]; more where the costs are very large."""

_ROUNDING = 16.0 * np.finfo(np.float64).eps
"""Least shifted cost as a share of the cost: a smaller one is lost in rounding, and u and v divide by it."""


class Margins(NamedTuple):
    """How far from its ends an iterate stays where u, v and z are taken; the paper leaves it open."""

    offload: float = OFFLOAD_MARGIN
    """Of a_n from 0 and 1 [-]."""
    steps: float = STEPS_MARGIN
    """Of s_n from 0 [steps]."""


MARGINS = Margins()
"""Those of every method."""


@dataclass(frozen=True)
class Subproblem:
    """One P2 (16): the scenario, the auxiliaries and the penalty's linearisation; arrays of shape (N,).

    Attributes
    ----------
    data : StepAllocation
        The scenario; whole steps are relaxed to continuous ones.
    shift : FloatArray
        M_n [-], see :func:`cost_shift`.
    u, v : FloatArray
        Auxiliaries of the local and the edge cost [-], (10).
    z : FloatArray
        Auxiliaries of the capacity [1/steps], (11).
    previous_offload : FloatArray
        a_n^(i) [-], where the penalty is linearised, (15).
    tau : float
        Penalty tau [-], (14).
    """

    data: StepAllocation
    shift: FloatArray
    u: FloatArray
    v: FloatArray
    z: FloatArray
    previous_offload: FloatArray
    tau: float

    @cached_property
    def penalty_slope(self) -> FloatArray:
        """Slope tau (2 a_n^(i) - 1) of tau H in a_n [-], from (15)."""
        return self.tau * (2.0 * self.previous_offload - 1.0)


def subproblem(
    data: StepAllocation,
    shift: FloatArray,
    offload: FloatArray,
    steps: FloatArray,
    previous_offload: FloatArray,
    tau: float,
    margins: Margins = MARGINS,
) -> Subproblem:
    """P2 with its auxiliaries taken at the iterate (a^(k), s^(k)), Algorithm 1 lines 2 and 5."""
    z = capacity_auxiliary(offload, steps, margins)
    offload = np.clip(offload, margins.offload, 1.0 - margins.offload)
    steps = np.maximum(steps, 0.0)
    return Subproblem(
        data=data,
        shift=shift,
        u=auxiliary(shifted_cost(data, shift, steps, LOCAL), 1.0 - offload),
        v=auxiliary(shifted_cost(data, shift, steps, EDGE), offload),
        z=z,
        previous_offload=np.asarray(previous_offload, dtype=np.float64),
        tau=tau,
    )


def capacity_auxiliary(offload: FloatArray, steps: FloatArray, margins: Margins = MARGINS) -> FloatArray:
    """Auxiliaries z of (11) at an iterate [1/steps], shape (N,)."""
    inside = np.clip(offload, margins.offload, 1.0 - margins.offload)
    return auxiliary(np.maximum(steps, margins.steps), inside)


def auxiliary(x: FloatArray, y: FloatArray) -> FloatArray:
    """Auxiliary q = y / (2 x) at which x^2 q + y^2 / (4 q) touches x y; u, v and z of (10) and (11)."""
    return np.asarray(y / (2.0 * x))


def product_bound(x: FloatArray, y: FloatArray, q: FloatArray) -> FloatArray:
    """Upper bound x^2 q + y^2 / (4 q) of the product x y, for q > 0."""
    return np.asarray(np.square(x) * q + np.square(y) / (4.0 * q))


def cost_shift(data: StepAllocation, least: float = SMALLEST_SHIFTED_COST) -> FloatArray:
    """Shift M_n = least - min R_{n,r}(s) over both places and 0 <= s <= max(U0_n, U1_n) [-], shape (N,).

    (16c) lets a fractional a_n take steps between both limits, so both costs are met on the larger range.
    They differ by a linear term only, hence the place with the cheaper step has the smaller cost throughout.
    Where costs are so large that ``least`` would be lost in their rounding, the shift is larger.
    """
    local, edge = place_costs(data, LOCAL), place_costs(data, EDGE)
    cheaper = local._replace(
        rate=np.minimum(local.rate, edge.rate), lower=np.zeros(data.users), limit=largest_steps(data)
    )
    minimiser, minimum = np.empty(data.users), np.empty(data.users)
    respond(cheaper, 0.0, False, minimiser, minimum)
    return np.asarray(np.maximum(least, _ROUNDING * np.abs(minimum)) - minimum)


def largest_steps(data: StepAllocation) -> FloatArray:
    """Most steps max(U0_n, U1_n) that (16c) allows for any a_n in [0, 1] [steps]."""
    return np.maximum(model_steps(data, LOCAL).upper, model_steps(data, EDGE).upper)


def shifted_cost(data: StepAllocation, shift: FloatArray, steps: FloatArray, place: int) -> FloatArray:
    """Cost R_{n,r}(s) + M_n [-], at least :data:`SMALLEST_SHIFTED_COST` on the domain."""
    return costs.cost(data, steps, place) + shift


def surrogate_cost(p2: Subproblem, offload: FloatArray, steps: FloatArray) -> float:
    """G(a, s | u, v) of (10) with shifted costs: at least sum (1-a) R_0 + a R_1 + M [-]."""
    local = shifted_cost(p2.data, p2.shift, steps, LOCAL)
    edge = shifted_cost(p2.data, p2.shift, steps, EDGE)
    return float(np.sum(product_bound(local, 1.0 - offload, p2.u) + product_bound(edge, offload, p2.v)))


def capacity_use(p2: Subproblem, offload: FloatArray, steps: FloatArray) -> float:
    """Surrogate sum s_n^2 z_n + a_n^2 / (4 z_n) >= sum a_n s_n of the edge steps used [steps], (11), (16b)."""
    return float(np.sum(product_bound(steps, offload, p2.z)))


def penalty(offload: FloatArray) -> float:
    """Sum a_n (a_n - 1) <= 0 of (13), 0 where a is binary [-]; (14) subtracts tau times it."""
    return float(np.sum(offload * (offload - 1.0)))


def linearised_penalty(offload: FloatArray, previous_offload: FloatArray) -> float:
    """H(a | a^(i)) = sum a^(i) (a^(i) - 1) + (2 a^(i) - 1) (a - a^(i)) <= sum a (a - 1) [-], (15)."""
    slope = 2.0 * previous_offload - 1.0
    return penalty(previous_offload) + float(np.sum(slope * (offload - previous_offload)))


def objective(p2: Subproblem, offload: FloatArray, steps: FloatArray) -> float:
    """Objective G - tau H of P2 [-], (15) and (16)."""
    return surrogate_cost(p2, offload, steps) - p2.tau * linearised_penalty(offload, p2.previous_offload)


def mixed_limit(data: StepAllocation, offload: FloatArray) -> FloatArray:
    """Limit (1 - a_n) U0_n + a_n U1_n of the steps [steps], (2) and (16c)."""
    return np.asarray((1.0 - offload) * model_steps(data, LOCAL).upper + offload * model_steps(data, EDGE).upper)


def mixed_lower(data: StepAllocation, offload: FloatArray) -> FloatArray:
    """Lower bound on steps (1 - a_n) L0_n + a_n L1_n [steps]; 0 without constraints."""
    return np.asarray((1.0 - offload) * model_steps(data, LOCAL).lower + offload * model_steps(data, EDGE).lower)


def offload_range(data: StepAllocation) -> Interval:
    """Least and largest a_n [-]: 0 and 1 but where constraints leave a user only one place, shape (N,) each."""
    return Interval(np.asarray(1.0 - may_be_at(data, LOCAL), np.float64), may_be_at(data, EDGE).astype(np.float64))


def least_capacity_use(data: StepAllocation, z: FloatArray) -> float:
    """Least of the surrogate use (11) over a_n and steps that users may have [steps]: above S_e, P2 is infeasible.

    With the lower bound on steps s = L0 + a (L1 - L0), s^2 z + a^2 / (4 z) is a parabola in a.
    """
    (local, may_stay), (edge, may_offload) = (
        (model_steps(data, place), may_be_at(data, place)) for place in (LOCAL, EDGE)
    )
    rise = edge.lower - local.lower
    lowest = -2.0 * z * rise * local.lower / (2.0 * z * np.square(rise) + 1.0 / (2.0 * z))
    offload = np.clip(lowest, 1.0 - may_stay, may_offload)
    return float(np.sum(product_bound(local.lower + offload * rise, offload, z)))


def relaxed_cost(data: StepAllocation, offload: FloatArray, steps: FloatArray) -> float:
    """Objective sum (1 - a_n) R_{n,0}(s_n) + a_n R_{n,1}(s_n) of P1, a fractional a allowed [-], (8)."""
    local, edge = costs.cost(data, steps, LOCAL), costs.cost(data, steps, EDGE)
    return float(np.sum((1.0 - offload) * local + offload * edge))
