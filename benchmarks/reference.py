"""The machine's own limits that a run is measured against: one pass of ``exp`` and one copy over memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np

DOUBLES = 1_000_000
"""Doubles that a pass goes over."""


class Reference(NamedTuple):
    """Times that this machine needs at least, now."""

    exp_seconds: float
    copy_seconds: float

    @property
    def copied_bytes_per_second(self) -> float:
        """Memory bandwidth of the copy: 8 bytes read and 8 written a double."""
        return 16.0 * DOUBLES / self.copy_seconds


def reference(repeats: int = 5) -> Reference:
    """Median times of one pass of exp and of one copy over 1,000,000 doubles, into an array that is there [s]."""
    x = np.linspace(-4.0, 0.0, DOUBLES)
    y = np.empty_like(x)
    return Reference(timed(lambda: np.exp(x, out=y), repeats), timed(lambda: np.copyto(y, x), repeats))


def timed(work: Callable[[], object], repeats: int) -> float:
    """Median wall-clock time of a call [s]."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return median(times)
