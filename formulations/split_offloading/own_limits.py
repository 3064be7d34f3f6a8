"""The limit that P1 of split offloading has by itself, with a value at which it limits nothing."""

from __future__ import annotations

from formulations.constraints.part import OwnLimit
from formulations.split_offloading.parameters import SplitOffloading


def own_limits(data: SplitOffloading) -> tuple[OwnLimit, ...]:
    """Most granted users B_max, C2 of paper B [users]."""
    return (OwnLimit("largest batch", "users", "max_batch", max(data.users, data.max_batch)),)
