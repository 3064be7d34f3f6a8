"""Edge energy budget: all offloaded users together may not draw more energy from the edge than a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.step_allocation.base import TOLERANCE, Row, StepConstraint
from formulations.fields import FloatArray, NonNegative
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, StepAllocation


class EdgeEnergyBudget(StepConstraint):
    """sum_n a_n E_{n,1}(s_n) <= most_joules, with the energy of paper A (6)."""

    type: Literal["edge_energy_budget"]
    """Which constraint it is."""
    most_joules: NonNegative
    """Most energy that the edge may spend on these users together [J]."""

    title = "edge energy budget"
    unit = "J"
    limit = "most_joules"

    def rows(self, data: StepAllocation) -> tuple[Row, ...]:
        """Energy of all edge steps, sum E_{n,1}(1) a_n s_n <= most_joules [J]."""
        nothing = np.zeros(data.users)
        return (Row(nothing, nothing, self._joules_per_step(data), self.most_joules),)

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Energy beyond the budget [J], one number."""
        spent = solution["a"] * costs.energy_joules(data, solution["s"], EDGE)
        return np.asarray(np.sum(spent[self.named(data.users)]) - self.most_joules)

    def tolerance(self, data: StepAllocation) -> float:
        return TOLERANCE * max(self.most_joules, float(self._joules_per_step(data).max()))

    def _joules_per_step(self, data: StepAllocation) -> FloatArray:
        """E_{n,1}(1) of the users that it is about [J], shape (N,)."""
        return np.where(self.named(data.users), costs.energy_joules(data, np.ones(data.users), EDGE), 0.0)
