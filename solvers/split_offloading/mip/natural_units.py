"""Hands snapshots to solvers with absolute tolerances in natural units of time, without their waits."""

from __future__ import annotations

from collections.abc import Callable

from formulations.split_offloading.units import Snapshot, in_units, natural_unit_seconds
from formulations.split_offloading.users import SnapshotUsers
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.external.algebraic import rescaled
from solvers.external.tolerances import BOUND


def solve_in_natural_units(
    data: Snapshot, limits: Limits, seed: int, solve: Callable[[Snapshot, Limits, int], Outcome]
) -> Outcome:
    """Solve the snapshot in its natural unit, and measure objective and bound in seconds, waits included."""
    unit = natural_unit_seconds(data)
    return rescaled(solve(in_units(data, unit), limits, seed), unit, offset=-float(data.wait_seconds.sum()))


def uncertainty(data: SnapshotUsers, tolerance: float = BOUND) -> float:
    """What a solver's tolerances may add to its bound [s]: some for every user, times what its terms are worth.

    The least number of local steps is in every decision, so that no tolerance changes what it costs.
    """
    most = data.total_steps - data.min_local_steps
    worth = 1.0 + data.accuracy_weight + most * data.local_seconds_per_step
    return tolerance * float(worth.sum())
