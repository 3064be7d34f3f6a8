"""The device table ``devices.csv``: measured seconds per denoising step of GPUs, one row per device.

A row holds the time of a step at batch 1: median and quartiles over ``records`` measurements. Where it was fitted,
the row also holds the line L(b) = k b + h over the batch size b, and the half-width of its 95 % confidence
intervals where that is known. A step is what Stable Diffusion programs count as one: the U-Net on the latent with
and without the prompt (classifier-free guidance).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from formulations.errors import InstanceError, suggestion
from formulations.fields import Range, show
from instances.files.csv_columns import read_rows
from instances.storage.atomic import replacing, writing
from instances.storage.layouts import csv_lines

TABLE = Path(__file__).parents[1] / "devices.csv"
"""The table that comes with the package."""

PLACES = ("local", "edge")
"""Where a device is used: drawn for users, or named for the edge server."""


@dataclass(frozen=True)
class Device:
    """One row of the table; None where a number was not measured.

    Attributes
    ----------
    device : str
        Its name.
    place : str
        One of :data:`PLACES`.
    seconds_per_step, seconds_per_step_p25, seconds_per_step_p75 : float
        L(1) [s], time of one step at batch 1: median and quartiles.
    records : int
        Measurements at batch 1.
    seconds_per_step_per_item, seconds_per_step_base : float
        k and h [s].
    per_item_margin_95, base_margin_95 : float
        Half-widths of their 95 % confidence intervals [s].
    fits : int
        Sets of batch sizes from which k and h were fitted.
    model, pixels, precision, batches, source : str
        What was measured, on which width of a square image, in which number format, at which batch sizes, and who
        says so.
    """

    device: str
    place: str
    seconds_per_step: float
    seconds_per_step_p25: float | None
    seconds_per_step_p75: float | None
    records: int
    seconds_per_step_per_item: float | None
    per_item_margin_95: float | None
    seconds_per_step_base: float | None
    base_margin_95: float | None
    fits: int | None
    model: str
    pixels: str
    precision: str
    batches: str
    source: str

    @property
    def has_line(self) -> bool:
        """Whether k and h are known, which an edge server needs."""
        return self.seconds_per_step_per_item is not None and self.seconds_per_step_base is not None

    def line_seconds(self, batch: float) -> float:
        """L(b) = k b + h [s], time of one step of a batch of b.

        Raises
        ------
        ValueError
            If k and h are not known.
        """
        if self.seconds_per_step_per_item is None or self.seconds_per_step_base is None:
            raise ValueError(f"{self.device} was measured at batch 1 alone, which gives no k and h")
        return self.seconds_per_step_per_item * batch + self.seconds_per_step_base


@dataclass(frozen=True)
class DeviceTable:
    """A file of devices.

    Attributes
    ----------
    file : str
        Its name, without the folder.
    sha256 : str
        Hash of its bytes.
    devices : dict
        Every device by its name, in the order of the rows.
    """

    file: str
    sha256: str
    devices: dict[str, Device]


_COLUMNS = {field.name: str(field.type) for field in fields(Device)}
_POSITIVE = ("seconds_per_step", "seconds_per_step_p25", "seconds_per_step_p75", "records", "fits")


def read_devices(path: str | os.PathLike[str] = TABLE) -> DeviceTable:
    """Read a table.

    Raises
    ------
    InstanceError
        Naming file, row and column of the first thing that is wrong.
    """
    source, digest, rows = read_rows(path)
    _check_header(source, rows[0][1] if rows else [])
    devices: dict[str, Device] = {}
    for number, row in rows[1:]:
        if len(row) != len(_COLUMNS):
            raise InstanceError(f"{source}: row {number}: expected {len(_COLUMNS)} values, got {len(row)}")
        device = _device(f"{source}: row {number}", dict(zip(_COLUMNS, row, strict=True)))
        if device.device in devices:
            raise InstanceError(
                f"{source}: row {number}: expected every device once, got {show(device.device)} twice"
            )
        devices[device.device] = device
    return DeviceTable(Path(source).name, digest, devices)


def local_devices(devices: Mapping[str, Device]) -> tuple[str, ...]:
    """Return names of the devices that users are given."""
    return tuple(name for name, device in devices.items() if device.place == "local")


def find(devices: Mapping[str, Device], argument: str, name: str) -> Device:
    """Return the device of that name.

    Raises
    ------
    InstanceError
        If there is none; ``argument`` is what the sentence starts with.
    """
    if name not in devices:
        hint = suggestion(name, devices)
        raise InstanceError(f"{argument}: expected a device of the table, got {show(name)}{hint}")
    return devices[name]


def save_devices(path: str | os.PathLike[str], devices: Mapping[str, Device]) -> None:
    """Write a table; a writer that is killed leaves the file that was there before, or the complete new one.

    Raises
    ------
    InstanceError
        If the file cannot be written.
    """
    rows = [["" if value is None else value for value in asdict(device).values()] for device in devices.values()]
    with writing(path), replacing(path) as file:
        file.write(csv_lines([_COLUMNS, *rows]))


def _check_header(source: str, header: Sequence[str]) -> None:
    """Refuse another header than the fields in their order, naming the first column that differs."""
    for position, (expected, got) in enumerate(zip_longest(_COLUMNS, header), 1):
        if expected != got:
            wanted = "no column" if expected is None else f"the column {expected}"
            found = "none" if got is None else show(got)
            raise InstanceError(f"{source}: row 1, column {position}: expected {wanted}, got {found}")


def _check_quartiles(place: str, device: Device) -> None:
    """Refuse a median outside its quartiles, which are mixed up then."""
    low, middle, high = device.seconds_per_step_p25, device.seconds_per_step, device.seconds_per_step_p75
    for name, value, ordered, relation in (
        ("seconds_per_step_p25", low, low is None or low <= middle, "at most"),
        ("seconds_per_step_p75", high, high is None or high >= middle, "at least"),
    ):
        if not ordered:
            raise InstanceError(
                f"{place}, column {name}: expected {relation} the median {middle:g}, got {value:g}"
            )


def _device(place: str, row: Mapping[str, str]) -> Device:
    values: dict[str, Any] = {
        name: text if _COLUMNS[name] == "str" else _number(f"{place}, column {name}", name, text)
        for name, text in row.items()
    }
    device = Device(**values)
    if not device.device or not device.device.isprintable():
        raise InstanceError(f"{place}, column device: expected a name, got {show(device.device)}")
    if device.place not in PLACES:
        raise InstanceError(f"{place}, column place: expected {' or '.join(PLACES)}, got {show(device.place)}")
    if (device.seconds_per_step_per_item is None) != (device.seconds_per_step_base is None):
        raise InstanceError(f"{place}: expected both k and h or none of them, got one")
    _check_quartiles(place, device)
    return device


def _number(place: str, name: str, text: str) -> float | int | None:
    optional, whole = _COLUMNS[name].endswith("None"), _COLUMNS[name].startswith("int")
    allowed = Range(0.0, exclusive=name in _POSITIVE)
    if optional and not text:
        return None
    try:
        number: float | int = int(text) if whole else float(text)
    except ValueError:
        number = np.nan
    if allowed.first_outside(np.array([number], dtype=np.float64)) is not None:
        expected = allowed.expectation.replace("finite", "whole") if whole else allowed.expectation
        raise InstanceError(f"{place}: expected {expected}, got {show(text)}")
    return number
