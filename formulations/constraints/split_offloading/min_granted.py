"""A minimum number of granted users, among all or among some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from formulations.constraints.split_offloading.base import TOLERANCE, Row, SplitConstraint
from formulations.fields import MAX_USERS, PLAIN, FloatArray
from formulations.split_offloading.parameters import SplitOffloading


class MinGranted(SplitConstraint):
    """sum_i x_i >= least_granted over the users that it is about."""

    type: Literal["min_granted"]
    """Which constraint it is."""
    least_granted: Annotated[int, Field(strict=True, ge=0, le=MAX_USERS), PLAIN]
    """Fewest users that have to be granted [users]."""

    title = "minimum number granted"
    unit = "users"
    limit = "least_granted"

    def describe(self, user: int | None = None) -> str:
        """The group and its limit in words."""
        group = self.group()
        return f"{self.title}{f' of users{group}' if group else ''} ({self.least_granted})"

    def rows(self, data: SplitOffloading) -> tuple[Row, ...]:
        """-sum_i x_i <= -least_granted."""
        return (Row(-self.named(data.users).astype(np.float64), -float(self.least_granted)),)

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Users that are granted too few [users]."""
        return np.asarray(self.least_granted - solution["x"][self.named(data.users)].sum())

    def tolerance(self, data: SplitOffloading) -> float:
        return TOLERANCE * max(1.0, float(self.least_granted))
