"""What every problem's evaluator returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

FEASIBILITY_TOLERANCE = 1e-6
"""Largest violation, in the constraint's own unit, that still counts as satisfied."""


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
    """

    objective: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    violations: Mapping[str, float] = field(default_factory=dict)

    @property
    def worst_violation(self) -> float:
        """Largest violation over all families."""
        return max(self.violations.values(), default=0.0)

    @property
    def feasible(self) -> bool:
        """Whether every family holds within :data:`FEASIBILITY_TOLERANCE`."""
        return self.worst_violation <= FEASIBILITY_TOLERANCE
