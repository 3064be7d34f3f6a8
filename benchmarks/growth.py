"""How a time grows with the size: the exponent p of c N^p, fitted to the logarithms."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.ratio import Aim, Ratio
from reports.papers.figures.running_times import exponent


def growth(name: str, what: str, seconds: Mapping[int, float], aim: Aim | None = None) -> Ratio:
    """The fitted exponent as a line of its own, with the times by size behind it.

    Raises
    ------
    ValueError
        If there are fewer than two sizes.
    """
    if len(seconds) < 2:
        raise ValueError(f"expected at least two sizes, got {len(seconds)}")
    fitted = exponent(list(seconds), list(seconds.values()))
    context: dict[str, float | str] = {f"N={size} s": value for size, value in seconds.items()}
    return Ratio(name, f"growth of {what} over N", fitted, "exponent", aim=aim, context=context)
