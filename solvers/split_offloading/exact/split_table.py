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


class SplitTable(NamedTuple):
    """F at the whole splits from N_hat to N."""

    curve: SplitRange
    """F and the range of splits."""
    accuracy: FloatArray
    """F(N_hat), ..., F(N) [-]."""
    rise: FloatArray | None
    """F(n + 1) - F(n) for n = N_hat, ..., N - 1 [-], and minus infinity; None where there is no table."""


@lru_cache(maxsize=16)
def split_table(curve: SplitRange) -> SplitTable:
    """The table of F; none where F is not concave on the range, or the range is long.

    It is kept: for a few users it takes as long as their scan. Kernels are compiled for either kind by itself.
    """
    if curve.lower < curve.threshold or curve.total - curve.lower > MOST_SPLITS:
        return SplitTable(curve, np.empty(0), None)
    return SplitTable(curve, *_tabulated(curve))


@compiled
def _tabulated(curve: SplitRange) -> tuple[FloatArray, FloatArray]:
    size = int(curve.total - curve.lower)
    accuracy, rise = np.empty(size + 1), np.empty(size + 1)
    rise[size] = -np.inf  # so that a walk through the table ends here without asking for the end
    below = 0.0  # 1 - F(n), which a difference would round away where F is close to 1
    for place in range(size + 1):
        odds = np.exp(-curve.slope * (curve.lower + place - curve.threshold))
        accuracy[place] = 1.0 / (1.0 + odds)
        if place > 0:
            rise[place - 1] = accuracy[place] * below * -np.expm1(-curve.slope)
        below = odds / (1.0 + odds)
    return accuracy, rise


@compiled
def gain_in_table(
    weight: float,
    local_seconds: float,
    transmission: float,
    edge: Edge,
    curve: SplitRange,
    accuracy: FloatArray,
    rise: FloatArray | None,
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
    curve, accuracy, rise : SplitRange, FloatArray, FloatArray or None
        The table, taken apart: compiled code counts references to arrays whenever it takes them from a tuple.
    batch : float
        b [users]; not less than the batch of ``reached``.
    reached : NDArray of int32
        Best split of each user in the smaller batch, as a place in the table; see :func:`first_place`. Updated.
    user : int
        Its place in ``reached``.
    """
    if rise is None:
        return gain_of(weight, local_seconds, transmission, edge, curve, batch)
    advantage = local_seconds - (edge.per_item * batch + edge.base)
    place = reached[user]
    place += weight * rise[place] >= advantage  # once without a branch, which the processor could not foresee
    while weight * rise[place] >= advantage:
        place += 1
    reached[user] = place
    lost = weight * (curve.accuracy_at_total - accuracy[place])
    return float(advantage * (accuracy.size - 1 - place) - lost - transmission * batch)


@compiled
def first_place(weight: float, advantage: float, rise: FloatArray) -> int:
    """Place of the best split in the table, by bisection without branches: those of several users overlap."""
    place, left = 0, rise.size
    while left > 1:
        half = left // 2
        place += half * (weight * rise[place + half - 1] >= advantage)
        left -= half
    return place
