"""Unit of time in which a snapshot's numbers are neither tiny nor huge, for solvers with absolute tolerances.

Measuring time in another unit changes no decision, and waits are constant in it. The unit is a power of two, so
that going there and back loses nothing to rounding. Further constraints have limits in seconds, joules, ..., and a
deadline counts the wait; what they say of x and n has no unit, and they go on saying it of the snapshot as it was.
"""

from __future__ import annotations

from typing import TypeVar

from formulations.constraints.view import ConstraintView
from formulations.evaluation import near_power_of_two
from formulations.split_offloading.users import SnapshotUsers

Snapshot = TypeVar("Snapshot", bound=SnapshotUsers)  # of one edge server, or of several

TYPICAL = 64.0
"""Size that the largest weight or local latency is brought to [natural units]."""


TIMES = (
    "accuracy_weight",
    "local_seconds_per_step",
    "edge_seconds_per_step_per_item",
    "edge_seconds_per_step_base",
)
"""Fields in seconds, but for the waits."""


def natural_unit_seconds(data: SnapshotUsers) -> float:
    """Power of two that brings the largest of alpha_i and N L_i(1) near :data:`TYPICAL` [s]."""
    size = max(float(data.accuracy_weight.max()), data.total_steps * float(data.local_seconds_per_step.max()))
    return near_power_of_two(size / TYPICAL)


def in_units(data: Snapshot, unit_seconds: float) -> Snapshot:
    """Return the same snapshot with time in another unit and without waits."""
    return data.replaced(
        {name: getattr(data, name) / unit_seconds for name in TIMES}
        | {
            "bandwidth_hz": data.bandwidth_hz * unit_seconds,
            "wait_seconds": 0.0,
            "constraints": tuple(ConstraintView(constraint, data) for constraint in data.constraints),
        }
    )
