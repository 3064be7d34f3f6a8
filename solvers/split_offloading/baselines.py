"""Paper B's three baselines (section 6.2): all offload with the best or with a fixed split, and nobody offloads.

Where more users ask than the batch takes, those that asked first are granted, as the paper has it: the request
time is k_i = K - l_i^R, so those that wait longest; of equal ones, the first in the list.
"""

from __future__ import annotations

from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from formulations.split_offloading.parameters import SplitOffloading
from solvers.limits import Limits
from solvers.result import Outcome
from solvers.split_offloading.batch_scan import load_kernels, solution_of

Reading = Literal["offload N_hat steps", "split at N_hat"]
"""What "a fixed offloading of N_hat steps" means: n = N - N_hat, read literally, or n = N_hat, as in (18)."""


def solve_all_offload_best_split(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Baseline 1: the first min(I, B_max) requests are granted, each with its best split."""
    load_kernels()
    started = perf_counter()
    return Outcome(solution_of(data, earliest(data)), solve_seconds=perf_counter() - started)


def solve_all_offload_fixed_split(
    data: SplitOffloading, limits: Limits, seed: int, *, reading: Reading = "offload N_hat steps"
) -> Outcome:
    """Baseline 2: the first min(I, B_max) requests are granted with the same split, see :func:`fixed_split`."""
    started = perf_counter()
    granted = earliest(data)
    offload = np.zeros(data.users)
    offload[granted] = 1.0
    split = np.full(data.users, float(data.total_steps))
    split[granted] = fixed_split(data, reading)
    return Outcome({"x": offload, "n": split}, solve_seconds=perf_counter() - started)


def solve_all_local(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Baseline 3: nobody offloads."""
    nobody = np.zeros(data.users)
    return Outcome({"x": nobody, "n": np.full(data.users, float(data.total_steps))})


def earliest(data: SplitOffloading) -> NDArray[np.int64]:
    """The min(I, B_max) users that asked first, in ascending order."""
    by_request = np.argsort(-data.wait_seconds, kind="stable")
    return np.sort(by_request[: data.largest_batch])


def fixed_split(data: SplitOffloading, reading: Reading) -> float:
    """Split n [steps] of baseline 2 under a reading; never below N_hat, which C3 (4) demands of every split."""
    literal = reading == "offload N_hat steps"
    return float(max(data.total_steps - data.min_local_steps if literal else 0, data.min_local_steps))
