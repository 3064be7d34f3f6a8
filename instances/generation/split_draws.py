"""Draws snapshots of split offloading from a scenario: devices, emphases on accuracy, and waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from formulations.errors import InstanceError
from formulations.fields import BoolArray, FloatArray, show
from formulations.split_offloading.accuracy import accuracy_slope
from formulations.split_offloading.latency import edge_seconds_per_step
from formulations.split_offloading.parameters import SplitOffloading
from instances.calibration.devices import Device, find, local_devices
from instances.files.documents import validate
from instances.generation.presets import uniform
from instances.generation.split_scenario import PUBLISHED, SplitScenario

_WEIGHT_DIGITS = 6
_WAIT_DECIMALS = 9


def snapshot(
    scenario: SplitScenario,
    users: int,
    seed: int,
    devices: Mapping[str, Device],
    columns: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return fields of a snapshot, and what its provenance says about the users with dL <= 0.

    Parameters
    ----------
    scenario : SplitScenario
        What it is drawn from.
    users : int
        I.
    seed : int
        Seed of the draws.
    devices : Mapping[str, Device]
        The device table.
    columns : Mapping
        Fields given by the caller, one number or text per user, in place of those drawn. A ``device`` without
        ``local_seconds_per_step`` is looked up in the table.

    Raises
    ------
    InstanceError
        Naming the argument or user that cannot be used, and why.
    """
    scenario.check()
    edge = _edge(devices, scenario.edge_device)
    fields: dict[str, Any] = PUBLISHED | {
        "users": users,
        "gpus": scenario.gpus,
        "max_batch": scenario.max_batch,
        "pai_slope": scenario.pai_slope,
        "pai_threshold": scenario.pai_threshold,
        "edge_seconds_per_step_per_item": edge.seconds_per_step_per_item,
        "edge_seconds_per_step_base": edge.seconds_per_step_base,
        "wait_seconds": _waits(scenario, users, seed),
    }
    fields |= _local(scenario, users, seed, devices, edge, columns)
    fields |= columns
    if "accuracy_weight" in columns:
        return fields, {}
    document = {
        "schema_version": 1,
        "name": "without weights",
        "split_offloading": fields | {"accuracy_weight": 0.0},
    }
    data = validate("", document).section("split_offloading")
    low, high, fast = weight_intervals(scenario, data)
    fields["accuracy_weight"] = _weights(low, high, data.users, seed)
    return fields, {"users_with_floored_saving": int(fast.sum())}


def _local(
    scenario: SplitScenario,
    users: int,
    seed: int,
    devices: Mapping[str, Device],
    edge: Device,
    columns: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the device and L_i(1) [s] of every user: as given, looked up, or drawn."""
    if "local_seconds_per_step" in columns:
        return {}
    if "device" in columns:
        names = list(columns["device"])
        rows = [find(devices, f"split_offloading.device[{user}]", name) for user, name in enumerate(names)]
    else:
        choices = device_choices(scenario, devices, edge)
        positions = np.floor(uniform("split_offloading.device", users, seed) * len(choices)).astype(int)
        rows = [choices[position] for position in positions.tolist()]
    return {
        "device": [row.device for row in rows],
        "local_seconds_per_step": np.array([row.seconds_per_step for row in rows]),
    }


def device_choices(scenario: SplitScenario, devices: Mapping[str, Device], edge: Device) -> list[Device]:
    """Return devices that users are given, all equally likely."""
    names = scenario.local_devices or local_devices(devices)
    choices = [find(devices, "local_devices", name) for name in names]
    if scenario.fast_devices == "exclude":
        seconds = edge.line_seconds(scenario.expected_batch / scenario.gpus)
        choices = [device for device in choices if device.seconds_per_step > seconds]
    if not choices:
        raise InstanceError(
            "local_devices: expected at least one device, slower than the edge if others are excluded"
        )
    return choices


def _savings(scenario: SplitScenario, data: SplitOffloading) -> tuple[FloatArray, BoolArray]:
    """Return the saving that alpha's interval is made for [s], and for whom it is not dL; both of shape (I,)."""
    at_edge = float(edge_seconds_per_step(data, scenario.expected_batch))
    advantage = data.local_seconds_per_step - at_edge
    if scenario.fast_devices == "exclude":
        if (advantage <= 0.0).any():
            user = int(np.argmax(advantage <= 0.0))
            place = f"split_offloading.local_seconds_per_step[{user}]"
            expected = f"a device slower than the edge, whose step takes {at_edge:g} s"
            raise InstanceError(f"{place}: expected {expected}, got {data.local_seconds_per_step[user]:g}")
        return advantage, np.zeros(data.users, dtype=bool)
    floor = scenario.smallest_saving * data.local_seconds_per_step
    return np.maximum(advantage, floor), advantage < floor


def weight_intervals(scenario: SplitScenario, data: SplitOffloading) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Ends of [dL / F'(N_hat), kappa' dL / F'(N)], which alpha_i is drawn from (section 6.1.1 and Remark 1) [s].

    Returns
    -------
    tuple of FloatArray, FloatArray, BoolArray
        Lower end, upper end, and for whom another saving than dL was put in; each of shape (I,).
    """
    saving, fast = _savings(scenario, data)
    ends = np.array([data.min_local_steps, data.total_steps], dtype=np.float64)
    steepest, flattest = accuracy_slope(data, ends)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        low, high = saving / steepest, scenario.latency_focus * saving / flattest
        least = flattest / steepest
    if not (np.isfinite(high).all() and (low <= high).all()):
        expected = f"a share of at least F'(N) / F'(N_hat) = {least:g}, or alpha's interval is empty"
        raise InstanceError(f"latency_focus: expected {expected}, got {show(scenario.latency_focus)}")
    return low, high, fast


def _weights(low: FloatArray, high: FloatArray, users: int, seed: int) -> FloatArray:
    """alpha_i [s] of every user, rounded so that files stay readable, shape (I,)."""
    weights = low + uniform("split_offloading.accuracy_weight", users, seed) * (high - low)
    return np.array([float(f"{weight:.{_WEIGHT_DIGITS}g}") for weight in weights.tolist()])


def _waits(scenario: SplitScenario, users: int, seed: int) -> FloatArray:
    """l_i^R = (K - k_i) slots [s] with k_i in 1..K, shape (I,)."""
    asked = 1.0 + np.floor(uniform("split_offloading.wait_seconds", users, seed) * scenario.slots)
    return np.asarray(np.round((scenario.slots - asked) * scenario.slot_seconds, _WAIT_DECIMALS))


def _edge(devices: Mapping[str, Device], name: str) -> Device:
    edge = find(devices, "edge_device", name)
    if not edge.has_line:
        raise InstanceError(
            f"edge_device: expected a device with k and h, got {show(name)}, measured at batch 1 alone"
        )
    return edge
