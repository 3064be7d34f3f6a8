"""Violations of the further constraints, as the evaluators list them beside those of the papers' own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.section import Section


def constraint_violations(data: Section, solution: Mapping[str, NDArray[Any]]) -> dict[str, float]:
    """Largest violation of every further constraint in its own unit, by family; 0 where it holds.

    Infinite where it is not a number, which does not show that the constraint holds.
    """
    return {family: _largest(constraint.violation(data, solution)) for family, constraint in families(data)}


def _largest(violation: NDArray[Any]) -> float:
    largest = float(np.max(violation, initial=0.0))
    return math.inf if math.isnan(largest) else largest


def constraint_tolerances(data: Section) -> dict[str, float]:
    """Violation of every further constraint that counts as rounding, by family."""
    return {family: constraint.tolerance(data) for family, constraint in families(data)}


def families(data: Section) -> Iterator[tuple[str, Any]]:
    """Every further constraint with its family: its type, numbered from the second of a type on."""
    seen: Counter[str] = Counter()
    for constraint in data.constraints:
        seen[constraint.type] += 1
        count = seen[constraint.type]
        yield constraint.type if count == 1 else f"{constraint.type} {count}", constraint


def listed(data: Section) -> str:
    """Every further constraint with its limit, as a heading lists them; empty without any."""
    return ", ".join(constraint.describe() for constraint in data.constraints)
