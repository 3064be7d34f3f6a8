"""Unit of time in which a snapshot's numbers are neither tiny nor huge, for solvers with absolute tolerances.

Measuring time in another unit changes no decision, and waits are constant in it. The unit is a power of two, so
that going there and back loses nothing to rounding.
"""

from __future__ import annotations

import numpy as np

from formulations.constraints.view import ConstraintView
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.units import TYPICAL


def natural_unit_seconds(data: MultiEdgeOffloading) -> float:
    """Power of two that brings the largest of alpha_i and N L_i(1) near :data:`TYPICAL` [s]."""
    size = max(float(data.accuracy_weight.max()), data.total_steps * float(data.local_seconds_per_step.max()))
    return float(np.exp2(np.round(np.log2(size / TYPICAL))))


def in_units(data: MultiEdgeOffloading, unit_seconds: float) -> MultiEdgeOffloading:
    """Return the same snapshot with time in another unit and without waits."""
    return data.replaced(
        {
            "accuracy_weight": data.accuracy_weight / unit_seconds,
            "local_seconds_per_step": data.local_seconds_per_step / unit_seconds,
            "edge_seconds_per_step_per_item": data.edge_seconds_per_step_per_item / unit_seconds,
            "edge_seconds_per_step_base": data.edge_seconds_per_step_base / unit_seconds,
            "bandwidth_hz": data.bandwidth_hz * unit_seconds,
            "wait_seconds": 0.0,
            "constraints": tuple(ConstraintView(constraint, data) for constraint in data.constraints),
        }
    )
