"""The limit that P1 of split offloading has by itself, with a value at which it limits nothing."""

from __future__ import annotations

from formulations.constraints.base import NativeBound
from formulations.split_offloading.parameters import SplitOffloading


def native_bounds(data: SplitOffloading) -> tuple[NativeBound, ...]:
    """Most granted users B_max, C2 of paper B [users]."""
    return (NativeBound("largest batch", "users", "max_batch", max(data.users, data.max_batch)),)
