"""Mutually exclusive users: of a group, at most one may be granted, or at most a given number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from formulations.constraints.split_offloading.base import TOLERANCE, Row, SplitConstraint
from formulations.fields import MAX_USERS, PLAIN, FloatArray
from formulations.split_offloading.parameters import SplitOffloading


class ExclusiveUsers(SplitConstraint):
    """sum_i x_i <= most_granted over the users that it is about; one constraint for each group."""

    type: Literal["exclusive_users"]
    """Which constraint it is."""
    most_granted: Annotated[int, Field(strict=True, ge=0, le=MAX_USERS), PLAIN] = 1
    """Most users of the group that may be granted [users]; one by default."""

    title = "exclusive users"
    unit = "users"
    limit = "most_granted"

    def describe(self, user: int | None = None) -> str:
        """The group and its limit in words."""
        return f"{self.title}{self.group()} (at most {self.most_granted} granted)"

    def rows(self, data: SplitOffloading) -> tuple[Row, ...]:
        """sum_i x_i <= most_granted."""
        return (Row(self.named(data.users).astype(np.float64), float(self.most_granted)),)

    def violation(self, data: SplitOffloading, solution: Mapping[str, NDArray[Any]]) -> FloatArray:
        """Users of the group granted beyond the limit [users]."""
        return np.asarray(solution["x"][self.named(data.users)].sum() - self.most_granted)

    def tolerance(self, data: SplitOffloading) -> float:
        return TOLERANCE * max(1.0, float(self.most_granted))
