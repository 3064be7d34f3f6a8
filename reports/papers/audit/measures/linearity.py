"""How far series of public measurements over the batch size lie from a line, one card and one program each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

import instances

SERIES = Path(instances.__file__).parent / "batch_series.csv"
"""Seconds of a whole run by device and batch size."""


class Line(NamedTuple):
    """The least-squares line through one device's series."""

    device: str
    place: str
    constant_share: float
    """h / k."""
    largest_error: float
    """Of the line, relative to the measured time."""


def lines() -> list[Line]:
    """Return the line of every device."""
    return [_line(str(device), series) for device, series in pd.read_csv(SERIES).groupby("device", sort=False)]


def sources() -> set[str]:
    """Return who measured the series."""
    return {source_of(str(text)) for text in pd.read_csv(SERIES)["source"]}


def source_of(text: str) -> str:
    """Return whose measurements they are, without the files."""
    return text.partition(":")[0]


def _line(device: str, series: pd.DataFrame) -> Line:
    batch, seconds = (series[name].to_numpy(dtype=np.float64) for name in ("batch", "seconds"))
    per_item, base = np.polyfit(batch, seconds, 1)
    error = np.abs((per_item * batch + base) / seconds - 1.0)
    return Line(device, str(series["place"].iloc[0]), float(base / per_item), float(error.max()))
