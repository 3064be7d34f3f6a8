"""Gains of granted users from a table of F: without an exponential for every user and batch.

Where N_hat >= b_F, F rises by less from one whole step to the next. The best whole split is then the first one
from which another step on the device, worth alpha (F(n + 1) - F(n)), costs more than it is worth
(docs/theory/split_offloading, section 1). A larger batch moves it up only, so that a scan over growing batches
goes on from the split that it has reached.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.split_offloading.gain import Edge, gain_of
from formulations.split_offloading.split_point import SplitRange

MOST_SPLITS = 1_024
"""Whole splits up to which F is tabulated: a table must not take longer than the gains that it is for."""

UNKNOWN = -1
"""What stands for a split that was not looked for yet."""


class SplitTable(NamedTuple):
    """F at the whole splits from N_hat to N."""

    curve: SplitRange
    """F and the range of splits."""
    accuracy: FloatArray
    """F(N_hat), ..., F(N) [-]."""
    rise: FloatArray
    """F(n + 1) - F(n) for n = N_hat, ..., N - 1 [-]; empty where there is no table."""


@lru_cache(maxsize=16)
def split_table(curve: SplitRange) -> SplitTable:
    """The table of F; an empty one where F is not concave on the range, or the range is long.

    It is kept: for a few users it takes as long as their scan.
    """
    return _tabulated(curve)


@compiled
def _tabulated(curve: SplitRange) -> SplitTable:
    size = int(curve.total - curve.lower)
    if curve.lower < curve.threshold or size > MOST_SPLITS:
        return SplitTable(curve, np.empty(0), np.empty(0))
    accuracy, rise = np.empty(size + 1), np.empty(size)
    below = 0.0  # 1 - F(n), which a difference would round away where F is close to 1
    for place in range(size + 1):
        odds = np.exp(-curve.slope * (curve.lower + place - curve.threshold))
        accuracy[place] = 1.0 / (1.0 + odds)
        if place > 0:
            rise[place - 1] = accuracy[place] * below * -np.expm1(-curve.slope)
        below = odds / (1.0 + odds)
    return SplitTable(curve, accuracy, rise)


@compiled
def gain_in_table(
    weight: float,
    local_seconds: float,
    transmission: float,
    edge: Edge,
    curve: SplitRange,
    accuracy: FloatArray,
    rise: FloatArray,
    batch: float,
    reached: NDArray[np.int32],
    user: int,
) -> float:
    """v_i(b) [s], as :func:`~formulations.split_offloading.gain.gain_of` has it.

    Parameters
    ----------
    weight, local_seconds, transmission : float
        One user of :class:`~formulations.split_offloading.gain.Users`.
    edge : Edge
        The edge server.
    curve, accuracy, rise : SplitRange, FloatArray, FloatArray
        The table, taken apart: compiled code counts references to arrays whenever it takes them from a tuple.
    batch : float
        b [users]; not less than at the last call for this user.
    reached : NDArray of int32
        Best split of each user at its last call, as a place in the table; ``UNKNOWN`` before the first. Updated.
    user : int
        Its place in ``reached``.
    """
    if rise.size == 0:
        return gain_of(weight, local_seconds, transmission, edge, curve, batch)
    advantage = local_seconds - (edge.per_item * batch + edge.base)
    place = reached[user]
    if place == UNKNOWN:
        place, end = 0, rise.size
        while place < end:
            middle = (place + end) // 2
            if weight * rise[middle] >= advantage:
                place = middle + 1
            else:
                end = middle
    while place < rise.size and weight * rise[place] >= advantage:
        place += 1
    reached[user] = place
    lost = weight * (curve.accuracy_at_total - accuracy[place])
    return float(advantage * (rise.size - place) - lost - transmission * batch)
