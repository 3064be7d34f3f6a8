"""Users and edge servers in the plane: snapshots of split offloading with several servers.

Servers stand on a jittered grid, one for every cell, and users anywhere in the square. The channel is that of the
3GPP urban micro cell without line of sight (TR 38.901, Table 7.4.1-1, the optional model), at the height of the
ground: PL = 32.4 + 31.9 log10 d + 20 log10 f [dB] with d in m and f in GHz. With the transmit power P, noise of
-174 dBm/Hz and a noise figure, the spectral efficiency is log2(1 + SNR), at most paper B's 10 bit/s/Hz. Users are
those of :mod:`instances.generation.split_draws`, so that devices and weights are those of paper B's snapshots.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from formulations.errors import require
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.parameters import MAX_PAIRS, MAX_SERVERS
from instances.calibration.devices import Device, find, read_devices
from instances.generation.presets import uniform
from instances.generation.split_draws import snapshot
from instances.generation.split_scenario import PUBLISHED, SplitScenario

GPUS = (1, 2, 4, 8)
"""GPUs that a server may have, all equally likely."""

NOISE_DBM_PER_HZ = -174.0
"""Thermal noise at 290 K [dBm/Hz]."""

NOISE_FIGURE_DB = 9.0
"""Noise figure of a user's receiver [dB], as in 3GPP TR 38.802."""

LEAST_EFFICIENCY = 0.001
"""Smallest spectral efficiency [bit/s/Hz], for users so far off that it rounds to 0."""

PRESETS: Mapping[str, Mapping[str, int]] = {
    f"{users}x{servers}": {"users": users, "servers": servers}
    for users, servers in ((20, 2), (20, 3), (40, 4), (100, 5), (300, 10), (1000, 20))
} | {
    "40x4_models": {"users": 40, "servers": 4, "models": 4, "model_slots": 2},
    "100x5_models": {"users": 100, "servers": 5, "models": 6, "model_slots": 2},
    "40x4_b3": {"users": 40, "servers": 4, "max_batch": 3},  # without the limit batches are 4 or 5
    "100x5_b4": {"users": 100, "servers": 5, "max_batch": 4},  # without it, 5 to 7
}
"""Options by name, those of the library's ``multi_*.json``."""

_DECIMALS = 3

_USER_FIELDS = (
    "total_steps",
    "min_local_steps",
    "pai_slope",
    "pai_threshold",
    "accuracy_weight",
    "local_seconds_per_step",
    "device",
    "wait_seconds",
    "prompt_bits",
    "latent_bits",
)


@dataclass(frozen=True)
class Plane:
    """What an instance is drawn from.

    Attributes
    ----------
    users, servers : int
        I and m.
    max_batch : int
        B_j of every server.
    bandwidth_hz : float
        W_j of every server [Hz].
    spacing_metres : float
        Side of the cell that each server stands in [m].
    transmit_dbm : float
        P [dBm], power with which a server sends the latents.
    carrier_ghz : float
        f [GHz].
    models : int
        K, number of cluster models; users ask for model k with a share that falls as 1 / (k + 1).
    model_slots : int
        C_j of every server.
    edge_devices : tuple of str
        Rows of the device table that servers are drawn from, all equally likely; empty for every edge device with
        a line k b + h.
    """

    users: int = 20
    servers: int = 2
    max_batch: int = 20
    bandwidth_hz: float = 1e6
    spacing_metres: float = 400.0
    transmit_dbm: float = 33.0
    carrier_ghz: float = 3.5
    models: int = 1
    model_slots: int = 1
    edge_devices: tuple[str, ...] = ()

    def check(self) -> None:
        """Refuse values out of range that no field of the instance would show.

        Raises
        ------
        InstanceError
            Naming the argument, and what was expected.
        """
        require("users", self.users, _whole(self.users) and self.users >= 1, "a whole number >= 1")
        servers = _whole(self.servers) and 1 <= self.servers <= MAX_SERVERS
        require("servers", self.servers, servers, f"a whole number from 1 to {MAX_SERVERS}")
        pairs = _whole(self.users) and self.users * self.servers <= MAX_PAIRS
        require("servers", self.servers, pairs, f"at most {MAX_PAIRS} pairs with the {self.users} users")
        require("models", self.models, _whole(self.models) and self.models >= 1, "a whole number >= 1")
        for name in ("bandwidth_hz", "spacing_metres", "carrier_ghz"):
            require(name, getattr(self, name), _finite(getattr(self, name), 0.0), "a finite number > 0")
        require("transmit_dbm", self.transmit_dbm, _finite(self.transmit_dbm, -np.inf), "a finite number")
        names = isinstance(self.edge_devices, tuple) and all(isinstance(name, str) for name in self.edge_devices)
        require("edge_devices", self.edge_devices, names, "a list of names of the device table")


def generate(seed: int, **options: Any) -> dict[str, Any]:
    """Return fields of the section ``multi_edge_offloading``.

    Parameters
    ----------
    seed : int
        Seed of the draws.
    **options : Any
        Attributes of :class:`Plane` that are not the default ones; ``preset``, a name in :data:`PRESETS`, stands
        for several of them, and others may be changed beside it.

    Raises
    ------
    InstanceError
        Naming the option that cannot be used, and why.

    Examples
    --------
    >>> fields = generate(0, users=6, servers=2)
    >>> fields["spectral_efficiency"].shape
    (6, 2)
    """
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    if "preset" in options:
        preset = options.pop("preset")
        known = isinstance(preset, str) and preset in PRESETS
        require("preset", preset, known, f"one of {', '.join(PRESETS)}")
        options = {**PRESETS[preset], **options}
    unknown = [name for name in options if name not in Plane.__dataclass_fields__]
    require("option", unknown, not unknown, f"some of preset, {', '.join(asdict(Plane()))}")
    return drawn_fields(Plane(**options), seed, seed, SplitScenario(), read_devices().devices)


def drawn_fields(
    plane: Plane, seed: int, server_seed: int, scenario: SplitScenario, devices: Mapping[str, Device]
) -> dict[str, Any]:
    """Fields of the section with users and servers from seeds of their own, so that users come and servers stay.

    Parameters
    ----------
    plane : Plane
        What is drawn from.
    seed, server_seed : int
        Of the users, and of the servers and where they stand.
    scenario : SplitScenario
        What users are drawn from, their devices, weights and waits.
    devices : Mapping[str, Device]
        The device table.
    """
    plane.check()
    drawn, _ = snapshot(scenario, plane.users, seed, devices, {})
    edges = _edge_devices(plane, server_seed, devices)
    fields = {name: drawn[name] for name in _USER_FIELDS} | {
        "users": plane.users,
        "servers": plane.servers,
        "edge_seconds_per_step_per_item": np.array([edge.seconds_per_step_per_item for edge in edges]),
        "edge_seconds_per_step_base": np.array([edge.seconds_per_step_base for edge in edges]),
        "gpus": np.array(GPUS)[_choices("multi_edge.gpus", plane.servers, server_seed, len(GPUS))],
        "max_batch": plane.max_batch,
        "bandwidth_hz": plane.bandwidth_hz,
        "spectral_efficiency": spectral_efficiency(plane, distances(plane, seed, server_seed)),
    }
    if plane.models > 1:
        share = np.cumsum(1.0 / np.arange(1.0, plane.models + 1.0))
        drawn_share = uniform("multi_edge.model", plane.users, seed) * share[-1]
        fields |= {
            "models": plane.models,
            "model_of_user": np.searchsorted(share, drawn_share, side="right").astype(np.float64),
            "model_slots": plane.model_slots,
        }
    return fields


def distances(plane: Plane, seed: int, server_seed: int) -> FloatArray:
    """Return the distance of each user to each server [m], shape (I, m)."""
    server, user = (
        np.stack([uniform(f"multi_edge.{name}.{axis}", count, of) for axis in "xy"], axis=1)
        for name, count, of in (("server", plane.servers, server_seed), ("user", plane.users, seed))
    )
    return distances_on_grid(plane, user, server)


def distances_on_grid(plane: Plane, user: FloatArray, server: FloatArray) -> FloatArray:
    """Return the distance of each user to each server [m], from uniform numbers for where they are; shape (I, m).

    Servers stand in the cells of a grid that is as square as their number allows, anywhere in the middle half.

    Parameters
    ----------
    plane : Plane
        Gives the number of servers and the side of a cell.
    user, server : FloatArray
        Numbers in [0, 1) for x and y, shape (I, 2) and (m, 2).
    """
    columns = int(np.ceil(np.sqrt(plane.servers)))
    cells = np.arange(plane.servers)
    size = np.array([columns, np.ceil(plane.servers / columns)])
    stands = np.stack([cells % columns, cells // columns], axis=1) + 0.25 + 0.5 * server
    apart = (user * size)[:, None, :] - stands[None, :, :]
    return np.asarray(plane.spacing_metres * np.sqrt((apart**2).sum(axis=2)))


def spectral_efficiency(plane: Plane, metres: FloatArray) -> FloatArray:
    """Spectral efficiency log2(1 + SNR) [bit/s/Hz] at a distance, at most paper B's, rounded for reading."""
    loss = 32.4 + 31.9 * np.log10(np.maximum(metres, 1.0)) + 20.0 * np.log10(plane.carrier_ghz)
    noise = NOISE_DBM_PER_HZ + NOISE_FIGURE_DB + 10.0 * np.log10(plane.bandwidth_hz)
    with np.errstate(over="ignore"):  # an infinite one is cut to paper B's
        efficiency = np.log2(1.0 + 10.0 ** ((plane.transmit_dbm - loss - noise) / 10.0))
    most = float(PUBLISHED["spectral_efficiency"])
    return np.asarray(np.clip(np.round(efficiency, _DECIMALS), LEAST_EFFICIENCY, most))


def _edge_devices(plane: Plane, seed: int, devices: Mapping[str, Device]) -> list[Device]:
    choices = edge_choices(plane, devices)
    return [choices[pick] for pick in _choices("multi_edge.device", plane.servers, seed, len(choices)).tolist()]


def edge_choices(plane: Plane, devices: Mapping[str, Device]) -> list[Device]:
    """Devices that servers are given, all equally likely."""
    named = [find(devices, "edge_devices", name) for name in plane.edge_devices]
    choices = named or [device for device in devices.values() if device.place == "edge"]
    choices = [device for device in choices if device.has_line]
    require("edge_devices", list(plane.edge_devices), bool(choices), "a device with a line k b + h")
    return choices


def _choices(name: str, count: int, seed: int, choices: int) -> np.ndarray:
    """Whole numbers from 0 to ``choices`` - 1 from the stream of a name, shape (count,)."""
    return np.floor(uniform(name, count, seed) * choices).astype(np.int64)


def _whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _finite(value: object, above: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and bool(np.isfinite(value))
        and value > above
    )
