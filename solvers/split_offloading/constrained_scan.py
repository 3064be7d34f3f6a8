"""The exact scan of batch sizes under further constraints that separate by user or limit the batch.

For a given batch b, a constraint that separates by user makes some users mandatory, forbids others and narrows the
splits of the rest; the gains v_i(b) are then those of the splits left. The best choice is the mandatory users and,
of the others that may be granted, those with the largest gains, b users in all. A row in which all users count the
same limits b. Any other row couples users within a batch, which a choice by gains alone cannot see
(docs/theory/split_offloading, section 5).
"""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.split_offloading.domain import batch_sizes, coupling_rows, must_grant
from formulations.split_offloading.gain import gains, unrestricted_gains
from formulations.split_offloading.parameters import SplitOffloading
from solvers.limits import Limits
from solvers.result import Unsupported


class ConstrainedScan(NamedTuple):
    """What the scan found.

    Attributes
    ----------
    granted : NDArray of int64 or None
        Users of the best batch; None where no choice of users was found feasible.
    gain_of_batch : FloatArray
        Largest gain over all-local of every batch size b = 0, 1, ... up to the last one tried [s]; minus infinity
        where no choice of b users is feasible.
    most : float
        No feasible choice gains more than this [s]: the largest of ``gain_of_batch`` if the scan is complete.
    complete : bool
        Whether time was enough.
    """

    granted: NDArray[np.int64] | None
    gain_of_batch: FloatArray
    most: float
    complete: bool


def scan(data: SplitOffloading, limits: Limits) -> ConstrainedScan:
    """Scan the batch sizes of a snapshot with further constraints, in O(I B_max log I) time and O(I) memory.

    Without constraints no gain rises with b (Lemma 3), so a batch of b or more gains at most the sum of all
    positive unrestricted gains in a batch of b. The scan stops where that is not above the best found.

    Raises
    ------
    Unsupported
        If a row couples users and does not count all of them the same.
    """
    refuse_coupling(data)
    started = perf_counter()
    granted: NDArray[np.int64] | None = None
    highest = -np.inf
    gain_of_batch = np.full(data.largest_batch + 1, -np.inf)
    tried = 0
    for batch in batch_sizes(data):
        ceiling = float(np.maximum(unrestricted_gains(data, batch), 0.0).sum())
        if ceiling <= highest:
            break
        if perf_counter() - started > limits.time_seconds:
            return ConstrainedScan(granted, gain_of_batch[:tried], max(ceiling, highest), complete=False)
        gain = gains(data, batch)
        chosen = best_choice(gain, must_grant(data, batch), batch)
        tried = batch + 1
        if chosen is not None:
            gain_of_batch[batch] = gain[chosen].sum()
        if gain_of_batch[batch] > highest:
            granted, highest = chosen, float(gain_of_batch[batch])
    return ConstrainedScan(granted, gain_of_batch[:tried], highest, complete=True)


def best_choice(gain: FloatArray, mandatory: BoolArray, batch: int) -> NDArray[np.int64] | None:
    """The b users of largest gain in total, in ascending order, all mandatory ones among them; None without any.

    Parameters
    ----------
    gain : FloatArray
        v_i(b) [s], shape (I,); minus infinity for users that may not be granted.
    mandatory : BoolArray
        Users that have to be granted, shape (I,).
    batch : int
        b.
    """
    by_gain = np.argsort(np.where(mandatory, -np.inf, -gain), kind="stable")
    chosen = np.sort(by_gain[:batch])
    fits = np.count_nonzero(mandatory) <= batch and bool((gain[chosen] > -np.inf).all())
    return chosen if fits else None


def refuse_coupling(data: SplitOffloading) -> None:
    """Refuse a row that couples users within a batch.

    Raises
    ------
    Unsupported
        Naming the first such constraint.
    """
    for row in coupling_rows(data):
        if not row.of_the_batch:
            raise Unsupported(
                f"constraint '{row.family}' couples users and does not count all of them the same, "
                "and a scan of batch sizes chooses users by their own gains alone"
            )


def refuse_constraints(data: SplitOffloading, what: str) -> None:
    """Refuse any further constraint, for a method that can honour none.

    Raises
    ------
    Unsupported
        Naming ``what`` it is that ignores them, and the first constraint.
    """
    for constraint in data.constraints:
        raise Unsupported(f"{what} knows no further constraints, and the instance has '{constraint.type}'")
