"""Computed points of figures, stored one by one so that an interrupted run goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from reports.formats.lines import Lines

Point: TypeAlias = Mapping[str, float]
"""Numbers of one run by name."""


class Points:
    """Points by key, kept in memory alone unless in lines of a file that is open."""

    def __init__(self, lines: Lines | None = None) -> None:
        self._lines = Lines() if lines is None else lines

    def get(self, key: str, compute: Callable[[], Point]) -> Point:
        """The point of a key, computed and kept where it is not known."""
        if key not in self._lines.known:
            self._lines.add(key, {name: float(value) for name, value in compute().items()})
        return self._lines.known[key]
