"""Limit on offloaded users: at most so many users may run at the edge at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from formulations.constraints.step_allocation.base import TOLERANCE, Row, StepConstraint
from formulations.fields import MAX_USERS, PLAIN, FloatArray
from formulations.step_allocation.parameters import StepAllocation


class MaxOffloaded(StepConstraint):
    """sum_n a_n <= most_users."""

    type: Literal["max_offloaded"]
    """Which constraint it is."""
    most_users: Annotated[int, Field(strict=True, ge=0, le=MAX_USERS), PLAIN]
    """Most users at the edge, of those that it is about [users]."""

    title = "limit on offloaded users"
    unit = "users"
    limit = "most_users"

    def rows(self, data: StepAllocation) -> tuple[Row, ...]:
        """Number of offloaded users, sum a_n <= most_users [users]."""
        nothing = np.zeros(data.users)
        return (Row(self.named(data.users).astype(np.float64), nothing, nothing, float(self.most_users)),)

    def violation(self, data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Offloaded users beyond the limit [users], one number."""
        return np.asarray(np.sum(solution["a"][self.named(data.users)]) - self.most_users)

    def tolerance(self, data: StepAllocation) -> float:
        return TOLERANCE
