"""Limits that P1 of step allocation has by itself, with values at which they limit nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from formulations.constraints.base import NativeBound
from formulations.fields import FloatArray
from formulations.step_allocation.domain import coupling_rows
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

ROOM = 4.0
"""Multiple of the fewest steps that any constraint asks for, which is as good as no limit."""


def native_bounds(data: StepAllocation) -> tuple[NativeBound, ...]:
    """The budget (1) and both step limits (2) of paper A [steps]."""
    local, edge = (_beyond(data, place) for place in (LOCAL, EDGE))
    return (
        NativeBound("local step limit", "steps", "local_max_steps", local),
        NativeBound("edge step limit", "steps", "edge_max_steps", edge),
        NativeBound("edge budget", "steps", "edge_step_capacity", float(edge.sum())),
    )


def _beyond(data: StepAllocation, place: int) -> np.ndarray:
    """Steps at a place that no constraint asks for, shape (N,)."""
    asked = [constraint.interval(data, place).lower for constraint in data.constraints]
    limit = data.edge_step_limit if place == EDGE else data.local_step_limit
    finite = [np.where(np.isfinite(lower), lower, 0.0) for lower in [*asked, *_asked_by_rows(data, place)]]
    return np.asarray(np.ceil(ROOM * np.max([limit, *finite], axis=0)) + 1.0)


def _asked_by_rows(data: StepAllocation, place: int) -> Iterator[FloatArray]:
    """Steps with which one user alone makes up for what a row lacks when all others have none, shape (N,)."""
    for _, row in coupling_rows(data):
        per_step = row.edge_steps if place == EDGE else row.local_steps
        lacking = max(0.0, -row.right_hand_side) + float(np.abs(row.offload).sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            yield np.where(per_step < 0.0, lacking / -per_step, 0.0)
