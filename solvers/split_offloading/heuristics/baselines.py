"""Paper B's three baselines ([1]_, 6.2): all offload with the best or with a fixed split, and nobody offloads.

Where more users ask than the batch takes, those that asked first are granted, as the paper has it: the request
time is k_i = K - l_i^R, so those that wait longest; of equal ones, the first in the list. Under further
constraints the mandatory users come first, those who may not be granted are passed over, and the batch is the
largest that this makes feasible (:func:`solvers.split_offloading.exact.constrained_choice.first_in_order`).

References
----------
.. [1] W. Yang, Z. Xiong, S. Guo, S. Mao, D. I. Kim, M. Debbah, "Efficient Multi-user Offloading of Personalized
   Diffusion Models: A DRL-Convex Hybrid Solution" (2024).
"""

from __future__ import annotations

from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.split_offloading.exact.batch_scan import load_kernels_for, solution_of
from solvers.split_offloading.exact.constrained_choice import NOTHING_ALLOWED, Choices, first_in_order

Reading = Literal["offload N_hat steps", "split at N_hat"]
"""What "a fixed offloading of N_hat steps" means: n = N - N_hat, read literally, or n = N_hat, as in (18)."""


def solve_all_offload_best_split(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Baseline 1: the first min(I, B_max) requests are granted, each with its best split."""
    load_kernels_for(data)
    started = perf_counter()
    deadline = started + limits.time_limit
    granted = first_allowed(data, deadline) if data.constraints else earliest(data)
    solution = None if granted is None else solution_of(data, granted)
    return _outcome(solution, started, limits if data.constraints else None)


def solve_all_offload_fixed_split(
    data: SplitOffloading, limits: Limits, seed: int, *, reading: Reading = "offload N_hat steps"
) -> Outcome:
    """Baseline 2: the first min(I, B_max) requests are granted with the same split, see :func:`fixed_split`."""
    load_kernels_for(data)
    started = perf_counter()
    deadline = started + limits.time_limit
    same = fixed_split(data, reading)
    granted = first_allowed(data, deadline, same) if data.constraints else earliest(data)
    if granted is None:
        return _outcome(None, started, limits)
    offload, split = np.zeros(data.users), np.full(data.users, float(data.total_steps))
    offload[granted] = 1.0
    split[granted] = same
    return _outcome({"x": offload, "n": split}, started, limits if data.constraints else None)


def solve_all_offload_at_n_hat(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Baseline 2 in its other reading: the same with n = N_hat, as (18) has it."""
    return solve_all_offload_fixed_split(data, limits, seed, reading="split at N_hat")


def solve_all_local(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Baseline 3: nobody offloads."""
    started = perf_counter()
    granted = np.zeros(data.users, dtype=np.bool_)
    if data.constraints and Choices(data).shortfall(granted) > 0.0:
        return Outcome(None, reason="the constraints do not allow to deny everybody")
    solution = {"x": np.zeros(data.users), "n": np.full(data.users, float(data.total_steps))}
    return _outcome(solution, started)


def _outcome(solution: dict[str, FloatArray] | None, started: float, limits: Limits | None = None) -> Outcome:
    """What a baseline has found, ending now; with ``limits`` where these may have ended it."""
    seconds = perf_counter() - started
    ended = TIME_LIMIT if limits is not None and seconds >= limits.time_limit else ""
    if solution is None:
        ended = f"{ended}: {NOTHING_ALLOWED}" if ended else NOTHING_ALLOWED
    return Outcome(solution, reason=ended, solve_seconds=seconds)


def first_allowed(
    data: SplitOffloading, deadline: float = np.inf, split: float | None = None
) -> NDArray[np.int64] | None:
    """The first requests that further constraints allow, with their best splits or all with one; None if none."""
    return first_in_order(Choices(data, split), np.argsort(-data.wait_seconds, kind="stable"), deadline)


def earliest(data: SplitOffloading) -> NDArray[np.int64]:
    """The min(I, B_max) users that asked first, in ascending order."""
    by_request = np.argsort(-data.wait_seconds, kind="stable")
    return np.sort(by_request[: data.largest_batch])


def fixed_split(data: SplitOffloading, reading: Reading) -> float:
    """Split n [steps] of baseline 2 under a reading; never below N_hat, which C3 (4) demands of every split."""
    literal = reading == "offload N_hat steps"
    return float(max(data.total_steps - data.min_local_steps if literal else 0, data.min_local_steps))
