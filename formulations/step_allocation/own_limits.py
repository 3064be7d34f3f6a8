"""Limits that P1 of step allocation has by itself, with values at which they limit nothing."""

from __future__ import annotations

import numpy as np

from formulations.constraints.part import OwnLimit
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

ROOM = 4.0
"""Multiple of the fewest steps that any constraint asks for, which is as good as no limit."""


def own_limits(data: StepAllocation) -> tuple[OwnLimit, ...]:
    """The budget (1) and both step limits (2) of paper A [steps]."""
    local, edge = (_beyond(data, place) for place in (LOCAL, EDGE))
    return (
        OwnLimit("local step limit", "steps", "local_max_steps", local),
        OwnLimit("edge step limit", "steps", "edge_max_steps", edge),
        OwnLimit("edge budget", "steps", "edge_step_capacity", float(edge.sum())),
    )


def _beyond(data: StepAllocation, place: int) -> np.ndarray:
    """Steps at a place that no constraint asks for, shape (N,)."""
    asked = [constraint.interval(data, place).lower for constraint in data.constraints]
    limit = data.edge_step_limit if place == EDGE else data.local_step_limit
    finite = [np.where(np.isfinite(lower), lower, 0.0) for lower in asked]
    return np.asarray(np.ceil(ROOM * np.max([limit, *finite], axis=0)) + 1.0)
