"""Users of a snapshot with their tasks and devices, which one edge server or several may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from formulations.fields import (
    MAX_USERS,
    PLAIN,
    LabelPerUser,
    NonNegative,
    NonNegativePerUser,
    Positive,
    PositivePerUser,
)
from formulations.section import Section

MAX_STEPS = 1_000_000
"""Most denoising steps of a task; far beyond every sampler in use."""


class SnapshotUsers(Section):
    """The users of a snapshot; per-user fields are read-only arrays of shape (I,)."""

    users: Annotated[int, Field(strict=True, ge=1, le=MAX_USERS), PLAIN]
    """I, number of users that ask within the interval."""
    total_steps: Annotated[int, Field(strict=True, ge=1, le=MAX_STEPS), PLAIN]
    """N [steps], denoising steps of every task."""
    min_local_steps: Annotated[int, Field(strict=True, ge=0, le=MAX_STEPS), PLAIN]
    """N_hat [steps], last steps that run on the device in any case; at most ``total_steps``."""
    pai_slope: Positive
    """a_F [1/step], slope of the personalised accuracy index over the split point."""
    pai_threshold: NonNegative
    """b_F [steps], split point at which the personalised accuracy index is one half."""
    accuracy_weight: NonNegativePerUser
    """alpha_i [s], seconds of latency that an accuracy index of one is worth."""
    local_seconds_per_step: PositivePerUser
    """L_i(1) = k_i + h_i [s], time of one denoising step on the device."""
    device: LabelPerUser = ()
    """What the device is called; empty where it is not known. It decides nothing."""
    if TYPE_CHECKING:  # of each section, which keeps it where its files have it
        wait_seconds: NonNegativePerUser
        bandwidth_hz: Any

    @field_validator("min_local_steps", mode="after")
    @classmethod
    def _at_most_all_steps(cls, steps: int, info: ValidationInfo) -> int:
        total = info.data.get("total_steps")
        if total is not None and steps > total:
            raise PydanticCustomError(
                "min_local_steps",
                "expected at most total_steps = {total}, got {got}",
                {"total": total, "got": steps},
            )
        return steps
