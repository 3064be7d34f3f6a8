"""Data of the generalised quadratic assignment problem (GQAP), validated once and immutable afterwards.

Each of n items goes to one of m places of limited capacity; with p_i the place of item i,

    minimise   sum_i A[i, p_i] + v sum_i sum_i' F[i, i'] D[p_i, p_i']      (all ordered pairs, i = i' included)
    such that  sum of w_i over the items i at place j  <=  c_j             for each place j.

Costs are in one unit of the instance's own choice, in which A and v F D are given; weights and capacities share
another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_validator

from formulations.fields import PLAIN, FloatArray, Number
from formulations.matrices import Matrix, NonNegativeVector, shaped
from formulations.section import Section, refuse_overflow

MAX_SIZE = 4000
"""Most items, and most places; their matrices of flows and distances still fit in common memory."""

CAPACITY_TOLERANCE = 1e-9
"""Share of a capacity that a load may exceed it by where weights are not whole: room for rounding in the sum."""

LARGEST_WHOLE = 2.0**53
"""Beyond it not every whole number is a float64."""

_MEANING = {
    "assignment_cost": ("items x places", "items", "places"),
    "flow": ("items x items", "items", "items"),
    "distance": ("places x places", "places", "places"),
    "weight": ("one per item", "items"),
    "capacity": ("one per place", "places"),
}


class GQAP(Section):
    """One generalised quadratic assignment problem; vectors and matrices are read-only arrays.

    Flow and distance may be asymmetric, negative, and different from zero on the diagonal.

    Raises
    ------
    formulations.errors.InstanceError
        If a field is missing, unknown, of the wrong shape, not finite or out of range, or if the cost overflows.
    """

    problem = "gqap"

    items: Annotated[int, Field(strict=True, ge=1, le=MAX_SIZE), PLAIN]
    """n, number of items (users, facilities, tasks)."""
    places: Annotated[int, Field(strict=True, ge=1, le=MAX_SIZE), PLAIN]
    """m, number of places (servers, locations, processors)."""
    assignment_cost: Matrix
    """A_ij [cost], what item i costs at place j by itself, n rows of m numbers."""
    flow: Matrix
    """F_ii' [-], how much item i has to do with item i', n rows of n numbers."""
    distance: Matrix
    """D_jj' [-], how far place j is from place j', m rows of m numbers."""
    cost_factor: Number
    """v [cost], what a flow of one over a distance of one costs."""
    weight: NonNegativeVector
    """w_i [load], capacity that item i takes, n numbers."""
    capacity: NonNegativeVector
    """c_j [load], capacity of place j, m numbers."""

    @field_validator(*_MEANING, mode="after")
    @classmethod
    def _of_its_shape(cls, values: FloatArray, info: ValidationInfo) -> FloatArray:
        meaning, *axes = _MEANING[str(info.field_name)]
        sizes = tuple(info.data[name] for name in axes if name in info.data)
        return shaped(values, sizes, meaning) if len(sizes) == len(axes) else values

    @property
    def has_whole_costs(self) -> bool:
        """Whether every assignment's cost is a whole number, because A, v, F and D are whole."""
        return all(_whole(array) for array in (self.assignment_cost, self.flow, self.distance, self.cost_factor))

    @property
    def has_whole_weights(self) -> bool:
        """Whether every load is a whole number that float64 holds exactly."""
        return _whole(self.weight) and float(self.weight.sum()) <= LARGEST_WHOLE

    @property
    def load_limit(self) -> FloatArray:
        """Largest load of each place that counts as within its capacity [load], shape (m,).

        The capacity, rounded down where weights are whole, and else with :data:`CAPACITY_TOLERANCE` more.
        """
        if self.has_whole_weights:
            return np.floor(self.capacity)
        return self.capacity * (1.0 + CAPACITY_TOLERANCE)

    @model_validator(mode="after")
    def _cost_is_finite(self) -> Self:
        """Refuse numbers that are finite alone but overflow in the cost or in a load."""
        refuse_overflow(_largest_terms(self), "a finite sum with")
        return self


def _whole(values: FloatArray | float) -> bool:
    return bool((np.floor(values) == values).all())


def _largest_terms(data: GQAP) -> Iterator[tuple[list[str], float]]:
    """Bounds of what methods add up, doubled for their intermediate results, and the fields in them."""
    linear = float(np.abs(data.assignment_cost).sum())
    yield ["assignment_cost", "all others of it"], 2.0 * linear
    farthest = float(np.abs(data.distance).sum())
    yield ["distance", "all others of it"], 2.0 * farthest
    products = float(np.abs(data.flow).sum()) * farthest
    yield ["flow", "distance"], 2.0 * products
    yield ["cost_factor", "flow"], 2.0 * abs(data.cost_factor) * float(np.abs(data.flow).sum())
    yield ["cost_factor", "flow", "distance", "assignment_cost"], 2.0 * (abs(data.cost_factor) * products + linear)
    yield ["weight", "all others of it"], 2.0 * float(data.weight.sum())
    yield ["capacity", "all others of it"], 2.0 * float(data.capacity.sum())
