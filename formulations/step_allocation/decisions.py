"""What a solution of step allocation decides for each user, with the parts of its cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.evaluation import families
from formulations.evaluation import named
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

ONE_OF = {"steps": "step", "users": "user"}
"""Units that are plural, and a single one of them."""


def per_user(data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return place, steps, time, error, energy, utility and cost of every user, shape (N,) each."""
    at_edge = np.asarray(solution["a"]) > 0.5
    steps = np.asarray(solution["s"], dtype=np.float64)

    def here(of_place: Any) -> NDArray[Any]:
        return np.asarray(np.where(at_edge, of_place(data, steps, EDGE), of_place(data, steps, LOCAL)))

    return {
        "place": np.where(at_edge, "edge", "device"),
        "steps": steps,
        "time_seconds": here(costs.time_seconds),
        "error": costs.error(data, steps),
        "energy_joules": here(costs.energy_joules),
        "utility": costs.utility(data, steps),
        "cost": here(costs.cost),
    }


def decision(solution: Mapping[str, NDArray[Any]]) -> str:
    """Return who offloads, in a line."""
    at_edge = np.asarray(solution["a"]) > 0.5
    return f"{at_edge.sum()} of {at_edge.size} users at the edge{named(np.flatnonzero(at_edge))}"


def dual_units(data: StepAllocation, names: Iterable[str]) -> dict[str, str]:
    """Return the unit of every multiplier: cost per unit of its limit; ``delta`` is that of the edge's budget."""
    units = {family: constraint.unit for family, constraint in families(data)} | {"delta": "step"}
    known = {name: units.get(name.partition(", row")[0], "-") for name in names}
    return {name: "-" if unit == "-" else f"1/{ONE_OF.get(unit, unit)}" for name, unit in known.items()}
