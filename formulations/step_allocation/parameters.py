"""Data of the step allocation problem (paper A, section II), validated once and immutable afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
from pydantic import (
    Field,
    StrictBool,
    model_validator,
)

from formulations.fields import (
    MAX_USERS,
    PLAIN,
    FloatArray,
    NonNegative,
    NonNegativePerUser,
    PositivePerUser,
)
from formulations.section import Section, refuse_overflow

LOCAL = 0
"""Place r = 0: the user's own device."""

EDGE = 1
"""Place r = 1: the edge server that all users share."""


class StepAllocation(Section):
    """One scenario of step allocation; per-user fields are read-only arrays of shape (N,).

    A per-user field is given as one number for all users or as a sequence with one number per user.

    Raises
    ------
    formulations.errors.InstanceError
        If a field is missing, unknown, of another length than ``users``, not finite or out of range.
    """

    problem = "step_allocation"

    users: Annotated[int, Field(strict=True, ge=1, le=MAX_USERS), PLAIN]
    """N, number of users."""
    integer_steps: Annotated[StrictBool, PLAIN] = False
    """Whether s_n has to be a whole number."""
    local_seconds_per_step: PositivePerUser
    """dt_{n,0} [s], time of one reverse step on the device."""
    edge_seconds_per_step: PositivePerUser
    """dt_{n,1} [s], time of one reverse step at the edge."""
    local_cpu_hz: NonNegativePerUser
    """f_n [Hz], CPU frequency of the device."""
    edge_cpu_hz: NonNegativePerUser
    """g_n [Hz], edge capacity allocated to the user."""
    local_power_coefficient: NonNegativePerUser
    """k_n [W/Hz^3], so that the device draws k_n f_n^3 watt."""
    edge_power_coefficient: NonNegativePerUser
    """k_e [W/Hz^3], so that the edge draws k_e g_n^3 watt for this user."""
    forward_error: NonNegativePerUser
    """eps_fwd [-], average error before any reverse step."""
    error_decay_per_step: NonNegativePerUser
    """C1_n [1/step], decay rate of the error."""
    utility_decay_per_step: NonNegativePerUser
    """C2_n [1/step], saturation rate of the utility."""
    local_max_steps: NonNegativePerUser
    """S^max_{n,0} [steps], most steps on the device."""
    edge_max_steps: NonNegativePerUser
    """S^max_{n,1} [steps], most steps of this user at the edge."""
    edge_step_capacity: NonNegative
    """S^max_e [steps], the edge's budget, shared by all users."""
    time_weight_per_second: NonNegative
    """c1 [1/s], weight of time."""
    error_weight: NonNegative
    """c2 [-], weight of error."""
    energy_weight_per_joule: NonNegative
    """c3 [1/J], weight of energy."""
    cost_weight: NonNegative
    """w1 [-], weight of cost."""
    utility_weight: NonNegative
    """w2 [-], weight of utility."""

    @property
    def local_power_watts(self) -> FloatArray:
        """Power k_n f_n^3 of the device [W], from paper A (5)."""
        return _power_watts(self.local_power_coefficient, self.local_cpu_hz)

    @property
    def edge_power_watts(self) -> FloatArray:
        """Power k_e g_n^3 of the edge for one user [W], from paper A (6)."""
        return _power_watts(self.edge_power_coefficient, self.edge_cpu_hz)

    @property
    def local_step_limit(self) -> FloatArray:
        """Most steps on the device [steps]; whole where steps are integer."""
        return np.floor(self.local_max_steps) if self.integer_steps else self.local_max_steps

    @property
    def edge_step_limit(self) -> FloatArray:
        """Most steps of one user at the edge [steps]; whole where steps are integer."""
        return np.floor(self.edge_max_steps) if self.integer_steps else self.edge_max_steps

    @property
    def edge_step_budget(self) -> float:
        """Steps that the edge can spend on all users [steps]; whole where steps are integer."""
        return float(np.floor(self.edge_step_capacity)) if self.integer_steps else self.edge_step_capacity

    @model_validator(mode="after")
    def _costs_are_finite(self) -> Self:
        """Refuse numbers that are finite alone but overflow in a user's cost, its slope or its curvature."""
        terms = ((fields, largest * self.users) for fields, largest in _largest_terms(self))
        refuse_overflow(terms, "a finite product with")
        return self


def _largest_terms(data: StepAllocation) -> Iterator[tuple[list[str], FloatArray]]:
    """Bounds of the terms that methods compute from a user's data, shape (N,), and the fields in them."""
    total = np.zeros(data.users)
    for place, power in (("local", data.local_power_watts), ("edge", data.edge_power_watts)):
        yield [f"{place}_cpu_hz", f"{place}_power_coefficient"], power
        seconds, limit = getattr(data, f"{place}_seconds_per_step"), getattr(data, f"{place}_max_steps")
        weight = 1.0 + data.time_weight_per_second + data.energy_weight_per_joule * power
        linear = (1.0 + data.cost_weight) * weight * seconds * (1.0 + limit)
        total += linear
        yield (
            [
                f"{place}_max_steps",
                f"{place}_seconds_per_step",
                "the power",
                "the weights of time, energy and cost",
            ],
            linear,
        )
    error = (1.0 + data.cost_weight) * (1.0 + data.error_weight) * (1.0 + data.forward_error)
    utility = np.full(data.users, 1.0 + data.utility_weight)
    total += error + utility
    yield ["forward_error", "error_weight", "cost_weight"], error
    yield (
        ["error_decay_per_step", "its square", "the weighted error"],
        error * (1.0 + data.error_decay_per_step) ** 2,
    )
    yield (
        ["utility_decay_per_step", "its square", "utility_weight"],
        utility * (1.0 + data.utility_decay_per_step) ** 2,
    )
    yield ["utility_weight", "itself", "the costs of all users"], total**2
    yield ["edge_step_capacity", "the costs of all users"], total * (1.0 + data.edge_step_capacity)


def _power_watts(coefficient: FloatArray, frequency_hz: FloatArray) -> FloatArray:
    with np.errstate(over="ignore", invalid="ignore"):
        # Two products: a power of floating-point numbers takes ten times as long for a million users.
        return np.asarray(coefficient * (np.square(frequency_hz) * frequency_hz))
