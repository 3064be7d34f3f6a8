"""Scenario from which snapshots of split offloading are drawn: section 6.1.1 of paper B, and what it leaves open.

The paper draws alpha_i from [dL / F'(N_hat), kappa' dL / F'(N)] with dL = L_i(1) - L_e(b_hat, G), which needs
dL > 0; with measured latencies a fast device has dL <= 0 where few GPUs serve the expected batch. Such a user is
either given the interval of a device that the edge would save ``smallest_saving`` of its step (``floor``), or its
device is not drawn at all (``exclude``). The length of a slot is not published, and neither is their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from formulations.errors import require
from instances.calibration.pai import PUBLISHED_FIT

PUBLISHED: dict[str, Any] = {
    "total_steps": 200,
    "min_local_steps": 80,
    "prompt_bits": 216.0,
    "latent_bits": 4.4e6,
    "spectral_efficiency": 10.0,
    "bandwidth_hz": 1e6,
}
"""Constants of paper B that every snapshot has."""

USERS = 20
"""I unless the caller says otherwise, as in Fig. 10b."""

FAST_DEVICES = ("floor", "exclude")
"""What may be done about a device with dL <= 0."""


@dataclass(frozen=True)
class SplitScenario:
    """What a snapshot is drawn from.

    Attributes
    ----------
    gpus : int
        G.
    max_batch : int
        B_max.
    edge_device : str
        Row of the device table that k_e and h_e are taken from; paper B's H100 NVL has no public measurement.
    local_devices : tuple of str
        Rows that the users' devices are drawn from, all equally likely; empty for all local ones of the table.
    expected_batch : float
        b_hat, batch for which alpha's interval is made.
    latency_focus : float
        kappa' <= 1, share of the upper end of Remark 1's range that alpha goes up to.
    fast_devices : str
        One of :data:`FAST_DEVICES`.
    smallest_saving : float
        Least dL, as a share of L_i(1) (at most 1, all of it), that alpha's interval is made for; used with
        ``floor`` alone.
    slots : int
        K, slots of an interval; user i asks in slot k_i, drawn from 1..K, and waits K - k_i of them.
    slot_seconds : float
        Length of a slot [s].
    pai_slope, pai_threshold : float
        a_F [1/step] and b_F [steps].
    """

    gpus: int = 8
    max_batch: int = 20
    edge_device: str = "H100 PCIe"
    local_devices: tuple[str, ...] = ()
    expected_batch: float = 20.0
    latency_focus: float = 0.05
    fast_devices: str = "floor"
    smallest_saving: float = 0.1
    slots: int = 20
    slot_seconds: float = 0.05
    pai_slope: float = PUBLISHED_FIT.slope
    pai_threshold: float = PUBLISHED_FIT.threshold

    def check(self) -> None:
        """Refuse values out of range that no field of the instance would show.

        Raises
        ------
        InstanceError
            Naming the argument, and what was expected.
        """
        require("gpus", self.gpus, self.gpus >= 1, "a whole number >= 1")
        _check_positive("expected_batch", self.expected_batch)
        _check_share("latency_focus", self.latency_focus)
        require("fast_devices", self.fast_devices, self.fast_devices in FAST_DEVICES, " or ".join(FAST_DEVICES))
        _check_share("smallest_saving", self.smallest_saving)
        require("slots", self.slots, self.slots >= 1, "a whole number >= 1")
        _check_positive("slot_seconds", self.slot_seconds)


def _check_positive(argument: str, value: float) -> None:
    require(argument, value, bool(np.isfinite(value)) and value > 0.0, "a finite number > 0")


def _check_share(argument: str, value: float) -> None:
    require(argument, value, 0.0 < value <= 1.0, "a share > 0 and <= 1")
