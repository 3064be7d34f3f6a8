"""How a time grows with the size: the exponent p of c N^p, fitted to the logarithms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.ratio import Aim, Ratio


def exponent(seconds: Mapping[int, float]) -> float:
    """Least-squares slope of log time over log size.

    Raises
    ------
    ValueError
        If there are fewer than two sizes.
    """
    if len(seconds) < 2:
        raise ValueError(f"expected at least two sizes, got {len(seconds)}")
    sizes = np.log(np.array(list(seconds), dtype=np.float64))
    times = np.log(np.array(list(seconds.values()), dtype=np.float64))
    slope, _ = np.polyfit(sizes, times, 1)
    return float(slope)


def growth(name: str, what: str, seconds: Mapping[int, float], aim: Aim | None = None) -> Ratio:
    """The fitted exponent as a line of its own, with the times behind it."""
    context: dict[str, float | str] = {f"N={size}_s": value for size, value in seconds.items()}
    return Ratio(name, f"growth of {what} over N", exponent(seconds), "exponent", aim=aim, context=context)
