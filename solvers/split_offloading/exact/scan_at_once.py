"""The batch scan from data to bound as one compiled call: for few users a dozen calls of NumPy take longer."""

from __future__ import annotations

import numpy as np

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.split_offloading.gain import Edge, Users
from formulations.split_offloading.split_point import best_split
from solvers.core.rounding import SHARE
from solvers.split_offloading.exact.scan_kernel import Workspace, scan_kernel
from solvers.split_offloading.exact.split_table import SplitTable


@compiled
def scan_at_once(
    weight: FloatArray,
    local_seconds: FloatArray,
    wait_seconds: FloatArray,
    prompt_bits: FloatArray,
    latent_bits: FloatArray,
    bits_per_second: float,
    edge: Edge,
    table: SplitTable,
    offload: FloatArray,
    split: FloatArray,
    gain_of_batch: FloatArray,
) -> tuple[float, int]:
    """Solve P1, write x, n and the largest gain of every batch, and return a bound and the batches tried.

    Parameters
    ----------
    weight, local_seconds, wait_seconds, prompt_bits, latent_bits : FloatArray
        alpha_i [s], L_i(1) [s], l_i^R [s], s_i^p and s_i^m [bit], shape (I,).
    bits_per_second : float
        eta W_max [bit/s].
    edge, table : Edge, SplitTable
        The edge server and F.
    offload, split, gain_of_batch : FloatArray
        Written: x_i and n_i [steps], shape (I,); the gains [s], shape (min(I, B_max) + 1,).

    Returns
    -------
    tuple of float and int
        What no objective exceeds [s], with what is lost in rounding counted in, and the number of batches tried.
    """
    size, largest, curve = offload.size, gain_of_batch.size - 1, table.curve
    users = Users(weight.copy(), local_seconds.copy(), (prompt_bits + latent_bits) / bits_per_second)
    ceiling, reached, least = np.empty(size), np.empty(size, np.int32), np.empty(largest)
    chosen, granted = np.empty(largest, np.int64), np.empty(largest, np.int64)
    work = Workspace(ceiling, reached, least, chosen, granted, gain_of_batch)
    batch, tried, _ = scan_kernel(users, edge, table, 0, largest, 0, work)
    at_edge = edge.per_item * batch + edge.base
    worth, lost, terms = 0.0, 0.0, 0.0
    for i in range(size):
        offload[i], split[i] = 0.0, curve.total
        term = weight[i] * curve.accuracy_at_total - wait_seconds[i] - curve.total * local_seconds[i]
        more = worth + term  # and what this addition rounds away is added at the end
        lost += (worth - more) + term if abs(worth) >= abs(term) else (term - more) + worth
        worth = more
        terms += abs(term)
    for place in range(batch):
        i = granted[place]
        offload[i] = 1.0
        split[i], _ = best_split(weight[i], local_seconds[i] - at_edge, curve, True)
    most = gain_of_batch[batch]
    rounding = SHARE * (terms + abs(most))
    return worth + lost + most + (rounding if rounding < np.inf else 0.0), tried
