"""A flag that a clock raises, which compiled code reads while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import TIMEOUT_MAX, Timer
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# Shape (1,); not 0 once the time is over.
Flag: TypeAlias = NDArray[np.uint8]

NEVER: Flag = np.zeros(1, dtype=np.uint8)
"""The flag of a search that has no time limit."""

SHORTEST = 1e-4
"""Time that a thread takes to start and wake [s]; a search with less would end before or after it by chance."""


@contextmanager
def stopping(seconds: float) -> Iterator[Flag]:
    """Flag that is raised after some seconds, at once where fewer than :data:`SHORTEST` are left."""
    stop = np.zeros(1, dtype=np.uint8)
    timer = None
    if seconds <= SHORTEST:
        stop[0] = 1
    elif seconds < np.inf:
        timer = Timer(min(seconds, TIMEOUT_MAX), stop.fill, (1,))
        timer.daemon = True
        timer.start()
    try:
        yield stop
    finally:
        if timer is not None:
            timer.cancel()
