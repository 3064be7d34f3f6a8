"""Solvers with absolute tolerances see every snapshot in its natural unit of time, without its waits."""

from __future__ import annotations

from collections.abc import Callable

from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.units import in_units, natural_unit_seconds
from solvers.algebraic import measured
from solvers.limits import Limits
from solvers.result import Outcome


def solve_in_natural_units(
    data: SplitOffloading, limits: Limits, seed: int, solve: Callable[[SplitOffloading, Limits, int], Outcome]
) -> Outcome:
    """Solve the snapshot in its natural unit, and measure objective and bound in seconds, waits included."""
    unit = natural_unit_seconds(data)
    return measured(solve(in_units(data, unit), limits, seed), unit, offset=-float(data.wait_seconds.sum()))
