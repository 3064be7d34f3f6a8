"""Formats numbers for tables: enough digits to tell apart what differs, and no more."""

from __future__ import annotations

import math
from collections.abc import Callable

from formulations.evaluation import Metric

ABSENT = "-"
"""What stands where there is no number."""

SMALLEST_FIXED = 5e-5
"""Below this a gap is written with a power of ten, so that 2e-7 does not read as 0."""


def by_format(form: str) -> Callable[[float | None], str]:
    """Return what writes a number in a format of Python's, such as ``.3f``."""
    return lambda value: ABSENT if value is None or math.isnan(value) else format(value, form)


def objective(value: float | None) -> str:
    """An objective or a bound, to six decimals; with a power of ten where these would say little or too much."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if 0.0 < abs(value) < SMALLEST_FIXED:
        return f"{value:.6e}"
    return f"{value + 0.0:.6f}" if abs(value) < 1e9 else f"{value:.9e}"  # + 0.0 takes the sign of -0.0


def gap_percent(gap: float | None) -> str:
    """Return a gap in per cent from a fraction: ``0``, ``2.0e-07`` or ``18.9104``."""
    return ABSENT if gap is None else _gap(100.0 * gap, decimals=4)


def absolute_gap(gap: float | None) -> str:
    """Return a gap in units of the objective: ``0``, ``1.1e-08`` or ``1.017193``."""
    return ABSENT if gap is None else _gap(gap, decimals=6)


def count(value: float | None) -> str:
    """Return a number of things, rounded where it is a mean."""
    return ABSENT if value is None else f"{value:.0f}"


def signed_percent(share: float | None) -> str:
    """Return a difference in per cent from a fraction, with its sign: ``0``, ``+0.1200``, ``-18.9104``."""
    if share is None or not math.isfinite(share):
        return ABSENT
    return "0" if share == 0.0 else ("+" if share > 0.0 else "-") + gap_percent(abs(share))


def share_percent(share: float | None) -> str:
    """Return a share in per cent from a fraction, to four decimals: ``99.9731``."""
    return ABSENT if share is None or not math.isfinite(share) else _unsigned_zero(f"{100.0 * share:.4f}")


def rough_percent(share: float | None) -> str:
    """Return a share in per cent from a fraction, to one decimal: ``99.7``."""
    return ABSENT if share is None else f"{100.0 * share:.1f}"


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds from seconds, to three digits: ``0.0123``, ``45.6``."""
    return ABSENT if math.isnan(seconds) else f"{1e3 * seconds:.3g}"


def _gap(value: float, decimals: int) -> str:
    if not math.isfinite(value):
        return ABSENT
    if value == 0.0:
        return "0"
    return f"{value:.1e}" if value < SMALLEST_FIXED or value >= 1e7 else f"{value:.{decimals}f}"


def seconds(value: float | None) -> str:
    """Return a run time [s], with more digits the shorter it is."""
    if value is None:
        return ABSENT
    for limit, decimals in ((0.1, 4), (10.0, 3), (1000.0, 1)):
        if value < limit:
            return f"{value:.{decimals}f}"
    return f"{value:.0f}"


def metric(value: float | None, kind: Metric) -> str:
    """Return a component of the objective in its own format; counts that are means get one decimal."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if kind.format == "d":
        return f"{value:.0f}" if value == round(value) else f"{value:.1f}"
    return _unsigned_zero(format(value, kind.format))


def _unsigned_zero(text: str) -> str:
    """Return a number that rounds to zero from below without its sign."""
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text
