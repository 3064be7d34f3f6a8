"""What every problem's evaluator returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray

FEASIBILITY_TOLERANCE = 1e-6
"""Largest violation, in the constraint's own unit, that counts as satisfied where an evaluator names none."""

SMALLEST_TOLERANCE = 1e-300
"""Keeps a tolerance positive where all limits are 0."""


OBJECTIVE_ROUNDING = 2.0**-47
"""Share of the sizes of all its terms by which floating point may miss an objective, or a method's bound on it."""


class Metric(NamedTuple):
    """A component of the objective, as a table shows it."""

    key: str
    label: str
    unit: str
    format: str


@dataclass(frozen=True)
class Evaluation:
    """Objective, components and violations of one solution, recomputed from the instance.

    Attributes
    ----------
    objective : float
        Objective in the problem's own sense.
    metrics : Mapping[str, float]
        Components, by the keys that the problem's ``METRICS`` explain; NaN where undefined.
    violations : Mapping[str, float]
        Largest violation per constraint family, 0 where satisfied.
    tolerances : Mapping[str, float]
        Violation that still counts as satisfied, for families whose unit has no natural size.
    magnitude : float or None
        Sum of the absolute values of all terms that the objective adds up, of each no more than decisions can
        change: the size that tolerances of the objective are relative to. None where an evaluator does not say.
    rounding : float
        What floating point may do to the objective: constants that no decision can change count here alone.
    """

    objective: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    violations: Mapping[str, float] = field(default_factory=dict)
    tolerances: Mapping[str, float] = field(default_factory=dict)
    magnitude: float | None = None
    rounding: float = 0.0

    @property
    def worst_violation(self) -> tuple[str, float]:
        """Family with the largest violation as a multiple of its tolerance, and that violation in its own unit."""
        return max(self.violations.items(), key=lambda item: item[1] / self.tolerance(item[0]), default=("", 0.0))

    @property
    def feasible(self) -> bool:
        """Whether every family holds within its tolerance."""
        return all(violation <= self.tolerance(family) for family, violation in self.violations.items())

    def tolerance(self, family: str) -> float:
        """Violation of a family that still counts as satisfied, in the constraint's own unit."""
        return max(self.tolerances.get(family, FEASIBILITY_TOLERANCE), SMALLEST_TOLERANCE)


MOST_NAMED = 24
"""Most numbers that a line names; of more it names the first ones."""


def named(numbers: NDArray[Any]) -> str:
    """Return whole numbers as the end of a line: a colon and the first of them; empty where there are none."""
    first = " ".join(map(str, np.asarray(numbers, dtype=np.int64)[:MOST_NAMED].tolist()))
    return "" if not numbers.size else f": {first}{' ...' if numbers.size > MOST_NAMED else ''}"


def per_user(users: int, symbol: str, values: NDArray[Any]) -> FloatArray:
    """Array of a solution as float64 of shape (users,).

    Raises
    ------
    ValueError
        If it has another shape, or holds a value that is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (users,):
        raise ValueError(f"solution array '{symbol}' has shape {array.shape}, expected ({users},)")
    if not np.isfinite(array).all():
        raise ValueError(f"solution array '{symbol}' holds a value that is not finite")
    return array


def binary_violation(choices: FloatArray) -> float:
    """Largest distance of a choice from {0, 1}: paper A (9), paper B (2)."""
    return float(np.minimum(np.abs(choices), np.abs(choices - 1.0)).max())


def near_power_of_two(size: float) -> float:
    """Power of two next to a size, in which going there and back loses nothing to rounding; 1 for no size."""
    return float(np.exp2(np.round(np.log2(size)))) if size > 0.0 else 1.0
