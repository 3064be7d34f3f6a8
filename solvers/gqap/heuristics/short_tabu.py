"""Short tabu search that gives the exact methods of the GQAP their first incumbent."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.gqap.parameters import GQAP
from solvers.gqap.heuristics import tabu

SETTING = tabu.Setting(pool=10, patience=80)
"""Much shorter than the method of its own."""

SHARE = 0.3
"""Share of the time left that it may take."""


def short_tabu(data: GQAP, seed: int, deadline: float) -> NDArray[np.int64] | None:
    """The best assignment found, shape (n,), or None where none within the capacities was found."""
    now = perf_counter()
    return tabu.search(data, seed, now + SHARE * max(deadline - now, 0.0), SETTING).place
