"""Computed points of figures, stored one by one so that an interrupted run goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from instances.storage.layouts import JsonLines
from instances.storage.store import Store

Point: TypeAlias = Mapping[str, float]
"""Numbers of one run by name."""


class Points:
    """Points by key, kept in memory alone unless in a store that is open."""

    def __init__(self, store: Store[str, Point] | None = None) -> None:
        self._store = Store[str, Point](None, JsonLines()) if store is None else store

    def get(self, key: str, compute: Callable[[], Point]) -> Point:
        """Return the point of a key, computed and kept where it is not known."""
        if key not in self._store.known:
            self._store.add(key, {name: float(value) for name, value in compute().items()})
        return self._store.known[key]
