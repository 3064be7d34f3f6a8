"""What a further constraint on split offloading may say: splits per place and batch, or linear rows.

A constraint that separates by user says which splits it leaves to a denied and to a granted user, the latter for
every size of the batch. One that couples users says it as rows that are linear in x_i. Every model and method
of the package is built from these two, so that a constraint is one class and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from formulations.constraints.base import Constraint, Interval, everything
from formulations.fields import FloatArray
from formulations.split_offloading.parameters import SplitOffloading

TOLERANCE = 1e-7
"""Share of its limit by which rounding may miss a constraint [-]."""

MOST_LISTED = 8
"""Users that a sentence lists."""

LOCAL = 0
"""Denied: all N steps on the device."""

EDGE = 1
"""Granted: n_i steps on the device, the others at the edge."""


class Row(NamedTuple):
    """sum_i granted_i x_i <= right_hand_side."""

    granted: FloatArray
    """Coefficients of x_i, shape (I,)."""
    right_hand_side: float


class SplitConstraint(Constraint):
    """A further constraint on split offloading."""

    on: Literal["split_offloading", "multi_edge_offloading"]
    """Problem that it is on: with several servers, a user is granted where one of them serves it."""

    def interval(self, data: SplitOffloading, place: int, batch: int) -> Interval:
        """Splits n_i that it leaves to each user [steps]: denied (LOCAL), or granted in a batch of b (EDGE).

        Everything by default. A denied user has n_i = N and may be denied if that is in the interval. Splits are
        whole, the ends need not be.
        """
        return everything(data.users)

    def rows(self, data: SplitOffloading) -> tuple[Row, ...]:
        """Linear constraints that couple users; none by default."""
        return ()

    def group(self) -> str:
        """Users that the constraint is about, as a sentence lists them behind its title; empty for all of them."""
        listed = ", ".join(map(str, (self.users or ())[:MOST_LISTED]))
        return f" {listed}{', ...' if len(self.users or ()) > MOST_LISTED else ''}" if listed else ""

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Excess over the limit in the constraint's unit, one number or shape (I,); not positive where it holds.

        Computed from the quantity that is limited and not from the interval, so that the evaluator checks both.
        """
        raise NotImplementedError

    def tolerance(self, data: SplitOffloading) -> float:
        """Violation that counts as rounding, in the constraint's unit."""
        raise NotImplementedError
