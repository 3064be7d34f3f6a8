"""Device energy budget: a user that stays local may not draw more energy from its device than a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.base import Interval, everything, tolerance_of
from formulations.constraints.step_allocation.base import TOLERANCE, StepConstraint
from formulations.fields import FloatArray, PositivePerUser
from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation


class DeviceEnergyBudget(StepConstraint):
    """E_{n,0}(s_n) <= most_joules_n where a_n = 0, with the energy of paper A (5)."""

    type: Literal["device_energy_budget"]
    """Which constraint it is."""
    most_joules: PositivePerUser
    """Most energy that the device may spend [J]."""

    title = "device energy budget"
    unit = "J"
    limit = "most_joules"

    def interval(self, data: StepAllocation, place: int) -> Interval:
        """Steps s_n <= most_joules / E_{n,0}(1) on the device [steps]; everything at the edge."""
        if place == EDGE:
            return everything(data.users)
        budget = self.spread(self.most_joules, data.users, np.inf)
        with np.errstate(divide="ignore"):
            most = budget / costs.energy_joules(data, np.ones(data.users), LOCAL)
        return Interval(np.full(data.users, -np.inf), most)

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Energy beyond the budget [J], shape (N,)."""
        spent = (1.0 - solution["a"]) * costs.energy_joules(data, solution["s"], LOCAL)
        return np.asarray(spent - self.spread(self.most_joules, data.users, np.inf))

    def tolerance(self, data: StepAllocation) -> float:
        reached = costs.energy_joules(data, data.local_step_limit, LOCAL).max()
        return tolerance_of(self.most_joules, TOLERANCE, float(reached))
