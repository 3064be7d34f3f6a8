"""What every program of this folder measures: ratios to a limit or to a peer, each with its aim where it has one.

A program is a module with a docstring and ``ratios(quick: bool) -> Iterator[Ratio]``; ``quick`` asks for sizes
that take seconds. It yields each ratio as soon as it is measured, hands itself to :func:`benchmarks.alone.alone`
where it is the main module, and has its line in :data:`benchmarks.run.PROGRAMS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Aim:
    """The value that a ratio is to reach."""

    sense: Literal["at most", "at least"]
    value: float

    def __str__(self) -> str:
        return f"{self.sense} {self.value:g}"

    def met_by(self, value: float) -> bool:
        """Whether a value reaches it; one that is infinite or not a number does not."""
        if not math.isfinite(value):
            return False
        return value <= self.value if self.sense == "at most" else value >= self.value


@dataclass(frozen=True)
class Ratio:
    """One measured ratio.

    Attributes
    ----------
    name : str
        What it is called in every run, so that a history can be followed: ``certify/1000000/continuous``.
    what : str
        What was measured, in words, with its size.
    value : float
        The measured value; NaN where nothing was measured, for a reason that ``context`` names.
    unit : str
        Unit of ``value``: ``times`` for a ratio, ``times at least`` where the peer was cut off, else s, GB,
        ``share`` for a gap, or ``exponent`` for growth over the size.
    limit : str
        What it is compared to: ``one exp pass over 1,000,000 doubles``, ``SCIP, P1 convex``, empty for none.
    aim : Aim or None
        What it is to reach, None where it is only reported.
    context : mapping
        What stands behind it: both times [s], gaps, whether the peer finished; by name with its unit.
    """

    name: str
    what: str
    value: float
    unit: str = "times"
    limit: str = ""
    aim: Aim | None = None
    context: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached, None where there is none."""
        return None if self.aim is None else self.aim.met_by(self.value)


Program: TypeAlias = Callable[[bool], Iterator[Ratio]]
