"""Settings of how much a figure computes: a few cases for a look, or as many as the papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reports.drawing.figure import Series
from reports.drawing.points import Point, Points


@dataclass(frozen=True)
class Settings:
    """Size of a run.

    Attributes
    ----------
    cases : int
        Random instances behind every point.
    full : bool
        Whether sweeps are as fine, and limits as long, as in the run that is kept.
    seconds : float
        Time limit of every external solve [s].
    """

    cases: int
    full: bool
    seconds: float


QUICK = Settings(cases=10, full=False, seconds=5.0)
"""Minutes on two cores."""

FULL = Settings(cases=100, full=True, seconds=60.0)
"""100 cases per point, as paper B has."""


@dataclass(frozen=True)
class Run:
    """What a figure is given: its settings, the points known so far, and whom to tell of progress."""

    settings: Settings
    points: Points
    tell: Callable[[str], None] = lambda message: None


def mean_series(label: str, x: Sequence[float], samples: Sequence[Sequence[float]], kind: str = "line") -> Series:
    """Return means over the cases of every abscissa, with the central half of the cases as spread.

    Parameters
    ----------
    label, kind : str
        See :class:`~reports.drawing.figure.Series`.
    x : sequence of float
        Abscissae.
    samples : sequence of sequence of float
        For every abscissa, one number per case.
    """
    means = tuple(float(np.mean(cases)) for cases in samples)
    low, high = (tuple(float(np.percentile(cases, share)) for cases in samples) for share in (25.0, 75.0))
    return Series(label, tuple(x), means, low, high, kind)


def mean_lines(x: Sequence[float], points: Mapping[str, list[list[Point]]], measure: str) -> tuple[Series, ...]:
    """Return one line of means of a measure for each label, whose points are listed by abscissa and case."""
    return tuple(
        mean_series(label, x, [[point[measure] for point in cases] for cases in found])
        for label, found in points.items()
    )
