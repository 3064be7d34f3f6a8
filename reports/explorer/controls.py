"""What a person can move on an instance: a field of its problem, from where to where, in which steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from formulations.split_offloading.parameters import SplitOffloading
from formulations.step_allocation.parameters import StepAllocation

AIMED_DIGITS = 4
"""Digits of a number that a slider is moved to; a number that is typed keeps all of its own."""

CURVE_POINTS = 15
"""Most points of a trade-off curve."""

USERS = "users"
"""The control that is no field: of how many of the instance's users, the first ones."""


@dataclass(frozen=True)
class Control:
    """One slider.

    Attributes
    ----------
    field : str
        Field of the problem's section, or :data:`USERS`.
    label, unit : str
        What a person reads.
    value : float
        Where the instance has it.
    low, high : float
        Ends of the slider; a number that is typed may lie above.
    whole : bool
        Whether values are whole numbers.
    factor : bool
        Whether the value multiplies the field of every user, and is not the field itself.
    """

    field: str
    label: str
    unit: str
    value: float
    low: float
    high: float
    whole: bool = False
    factor: bool = False

    def rounded(self, value: float) -> float:
        """The value that the slider means at a place, with no more digits than a person can aim at."""
        return round(value) if self.whole else float(f"{value:.{AIMED_DIGITS}g}")

    def spread(self, now: float) -> NDArray[np.float64]:
        """Values for a trade-off curve, from end to end and with the present one among them."""
        values = np.linspace(self.low, max(self.high, now), CURVE_POINTS)
        return np.unique(np.append(np.round(values) if self.whole else values, now))


def _amount(data: Any, field: str, label: str, unit: str) -> Control:
    """A number from nothing to twice what it is."""
    value = float(getattr(data, field))
    return Control(field, label, unit, value, 0.0, 2.0 * value or 1.0)


def step_allocation(data: StepAllocation) -> tuple[Control, ...]:
    """Budget and weights."""
    return (
        _amount(data, "edge_step_capacity", "edge budget", "steps"),
        _amount(data, "time_weight_per_second", "weight of time c1", "1/s"),
        _amount(data, "error_weight", "weight of error c2", "-"),
        _amount(data, "energy_weight_per_joule", "weight of energy c3", "1/J"),
        _amount(data, "cost_weight", "weight of cost w1", "-"),
        _amount(data, "utility_weight", "weight of utility w2", "-"),
    )


def split_offloading(data: SplitOffloading) -> tuple[Control, ...]:
    """GPUs, batch limit, and the weight of accuracy against latency."""
    return (
        Control("gpus", "GPUs", "GPUs", data.gpus, 1.0, max(16.0, 2.0 * data.gpus), whole=True),
        Control(
            "max_batch", "batch limit", "users", data.max_batch, 0.0, max(data.users, data.max_batch), whole=True
        ),
        Control("accuracy_weight", "weight of accuracy, times", "-", 1.0, 0.0, 3.0, factor=True),
    )


CONTROLS: Mapping[str, Callable[[Any], tuple[Control, ...]]] = {
    "step_allocation": step_allocation,
    "split_offloading": split_offloading,
}
"""What can be moved, by problem; the explorer shows these problems."""


def controls(data: Any) -> tuple[Control, ...]:
    """Every control of the data of a problem in :data:`CONTROLS`, how many users there are last."""
    users = Control(USERS, "users", "users", data.users, 1.0, data.users, whole=True)
    return (*CONTROLS[data.problem](data), users)
