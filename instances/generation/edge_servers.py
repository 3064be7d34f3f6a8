"""Several edge servers of limited size as a generalised quadratic assignment problem: who goes to which server.

Users share one scene: user i asks for p_i images of it at once, all denoised for the same M = N - N_hat steps in
the batch of the server that takes the user, and waits until it has the images of all users, its own included. With
u_i the weight of its latency, a_i the server at its access point and hops(j, j') the links between two servers,

    A_ij  = u_i (M h_e + p_i hops(a_i, j) s^m / r)    request and images pass the links to the access point [s]
    F_ii' = u_i p_i'                                  images that user i waits for, weighted [images]
    D_jj  = M k_e / G_j                               contention: each image in the batch of server j slows all [s]
    D_jj' = hops(j, j') s^m / r                       transfer: each image comes over the links between servers [s]

v = 1, w_i = p_i and c_j are in images. docs/gqap_data.md says where each number comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from formulations.errors import InstanceError, require
from formulations.fields import FloatArray, show
from formulations.gqap.parameters import MAX_SIZE
from instances.calibration.devices import Device, find
from instances.generation.presets import uniform
from instances.generation.split_scenario import PUBLISHED

USERS = 12
"""Users unless the caller says otherwise."""

GPUS = (1, 2, 4)
"""GPUs that a server may have, all equally likely; paper B's smaller cases."""

_DECIMALS = 6


@dataclass(frozen=True)
class EdgeServers:
    """What an instance is drawn from.

    Attributes
    ----------
    servers : int
        m.
    most_images : int
        Largest p_i, drawn from 1 on.
    fill : float
        Images of all users as a share of what all servers take together.
    backhaul_bits_per_second : float
        r [bit/s], rate of a link between neighbouring servers, which stand along a line.
    weight_spread : float
        u_i is drawn from 1 - spread to 1 + spread.
    edge_device : str
        Row of the device table that k_e and h_e are taken from.
    """

    servers: int = 4
    most_images: int = 4
    fill: float = 0.85
    backhaul_bits_per_second: float = 20e6
    weight_spread: float = 0.5
    edge_device: str = "H100 PCIe"

    def check(self) -> None:
        """Refuse values out of range that no field of the instance would show.

        Raises
        ------
        InstanceError
            Naming the argument, and what was expected.
        """
        require("servers", self.servers, 1 <= self.servers <= MAX_SIZE, f"a whole number from 1 to {MAX_SIZE}")
        require("most_images", self.most_images, self.most_images >= 1, "a whole number >= 1")
        require("fill", self.fill, 0.0 < self.fill <= 1.0, "a share > 0 and <= 1")
        rate = self.backhaul_bits_per_second
        require("backhaul_bits_per_second", rate, bool(np.isfinite(rate)) and rate > 0.0, "a finite number > 0")
        require("weight_spread", self.weight_spread, 0.0 <= self.weight_spread < 1.0, "a number >= 0 and < 1")


def edge_servers(scenario: EdgeServers, users: int, seed: int, devices: dict[str, Device]) -> dict[str, Any]:
    """Return fields of the section ``gqap``.

    Parameters
    ----------
    scenario : EdgeServers
        What it is drawn from.
    users : int
        n.
    seed : int
        Seed of the draws.
    devices : dict
        The device table.

    Raises
    ------
    InstanceError
        Naming the argument that cannot be used, and why.
    """
    scenario.check()
    require("users", users, 1 <= users <= MAX_SIZE, f"a whole number from 1 to {MAX_SIZE}")
    device = find(devices, "edge_device", scenario.edge_device)
    if device.seconds_per_step_per_item is None or device.seconds_per_step_base is None:
        raise InstanceError(f"edge_device: expected a device with a line k b + h, got {show(device.device)}")
    steps = PUBLISHED["total_steps"] - PUBLISHED["min_local_steps"]
    images = 1.0 + _whole_draw("gqap.images", users, seed, scenario.most_images)
    weight = np.round(1.0 + scenario.weight_spread * (2.0 * uniform("gqap.urgency", users, seed) - 1.0), 2)
    access = _whole_draw("gqap.access", users, seed, scenario.servers)
    gpus = np.array(GPUS)[_whole_draw("gqap.gpus", scenario.servers, seed, len(GPUS)).astype(int)]
    places = np.arange(scenario.servers)
    link_seconds = PUBLISHED["latent_bits"] / scenario.backhaul_bits_per_second
    distance = link_seconds * np.abs(places[:, None] - places[None, :])
    np.fill_diagonal(distance, steps * device.seconds_per_step_per_item / gpus)
    own = steps * device.seconds_per_step_base + images[:, None] * link_seconds * np.abs(access[:, None] - places)
    capacity = _capacities(images, gpus, scenario.fill)
    return {
        "items": users,
        "places": scenario.servers,
        "assignment_cost": np.round(weight[:, None] * own, _DECIMALS),
        "flow": np.round(np.outer(weight, images), _DECIMALS),
        "distance": np.round(distance, _DECIMALS),
        "cost_factor": 1.0,
        "weight": images,
        "capacity": capacity,
    }


def _whole_draw(name: str, count: int, seed: int, choices: int) -> FloatArray:
    """Whole numbers from 0 to ``choices`` - 1 from the stream of a name, shape (count,)."""
    return np.asarray(np.floor(uniform(name, count, seed) * choices))


def _capacities(images: FloatArray, gpus: FloatArray, fill: float) -> FloatArray:
    """Images that each server takes, by its GPUs, shape (m,); more where the users would not fit largest first."""
    share = gpus / gpus.sum() * images.sum() / fill
    capacity = np.ceil(share)
    while not _first_fit(images, capacity):
        capacity += 1.0
    return np.asarray(capacity)


def _first_fit(images: FloatArray, capacity: FloatArray) -> bool:
    """Return whether users in decreasing order of their images fit, each at the emptiest server."""
    left = capacity.copy()
    for size in np.sort(images)[::-1]:
        left[np.argmax(left)] -= size
    return bool((left >= 0.0).all())
