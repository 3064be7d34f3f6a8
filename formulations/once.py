"""What is computed from immutable data once, and forgotten with it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TypeVar, cast

Data = TypeVar("Data")
Computed = TypeVar("Computed")

_known: dict[tuple[Callable[..., object], int], tuple[weakref.ref[object], object]] = {}


def once(function: Callable[[Data], Computed], data: Data) -> Computed:
    """``function(data)``, computed at the first call for this very object.

    The object is told by its identity, because comparing it would cost more than what is saved.
    """
    key = (function, id(data))
    known = _known.get(key)
    if known is not None and known[0]() is data:
        return cast(Computed, known[1])
    computed = function(data)
    _known[key] = (weakref.ref(data, lambda _: _known.pop(key, None)), computed)
    return computed
