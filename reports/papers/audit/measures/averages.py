"""What paper B's methods reach per user, over the users, B_max and the GPUs of its figures 9 and 10."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.split_offloading.parameters import SplitOffloading
from instances.generation.generator import generate
from reports.papers.audit.measures.outcomes import evaluated

OPTIMUM, BASELINE_1, BASELINE_2, BASELINE_2_AT_N_HAT, ALL_LOCAL = (
    "batch-scan",
    "all-offload-best-split",
    "all-offload-fixed-split",
    "all-offload-at-n-hat",
    "all-local",
)

USERS = (5, 10, 20, 30, 40)

GPUS = (1, 2, 4, 8, 16)

LARGEST_BATCHES = (20, 40)
"""B_max, which the paper does not publish: its guess of the batch, and one that takes all users."""

GROUPS = (40, 20, 10, 5)
"""Users that ask at once, of the same 40."""

ROUNDING = 1e-9
"""Seconds per user by which equal plans may differ."""

_PER_USER = ("accuracy_weight", "local_seconds_per_step", "prompt_bits", "latent_bits", "wait_seconds")


def snapshots(cases: int, users: int = 20, **scenario: Any) -> Iterator[SplitOffloading]:
    """Return snapshots of the paper's setting with seeds 0, 1, ..."""
    for seed in range(cases):
        made = generate(problems=("split_offloading",), users=users, seed=seed, split_offloading=scenario)
        yield made.section("split_offloading")


@cache
def by_users(name: str, cases: int, max_batch: int) -> FloatArray:
    """Return the objective per user [s] with 8 GPUs, shape (USERS, cases)."""
    return np.array(
        [
            [evaluated(name, data.replaced({"max_batch": max_batch})).objective / users for data in drawn]
            for users, drawn in ((users, snapshots(cases, users)) for users in USERS)
        ]
    )


@cache
def by_gpus(name: str, cases: int) -> FloatArray:
    """Return the objective per user [s] of 20 users with the emphases of 8 GPUs, shape (GPUS, cases)."""
    return np.array(
        [
            [evaluated(name, data.replaced({"gpus": gpus})).objective / data.users for data in snapshots(cases)]
            for gpus in GPUS
        ]
    )


class Gap(NamedTuple):
    """Baseline 1 less baseline 2 [s per user]."""

    users: FloatArray
    """Means by the users, for the B_max with which they vary least."""
    gpus: FloatArray
    """Means by the GPUs."""
    above: float
    """Share of the single cases in which it is not negative."""


def gap_above(second: str, cases: int) -> Gap:
    """Return the gap of baseline 1 above a reading of baseline 2."""
    users = [by_users(BASELINE_1, cases, batch) - by_users(second, cases, batch) for batch in LARGEST_BATCHES]
    gpus = by_gpus(BASELINE_1, cases) - by_gpus(second, cases)
    steadiest = min((each.mean(axis=1) for each in users), key=ratio)
    every = np.concatenate([each.ravel() for each in (*users, gpus)])
    return Gap(steadiest, gpus.mean(axis=1), float(np.mean(every >= -ROUNDING)))


def ratio(means: FloatArray) -> float:
    """Return the largest over the smallest of positive means; infinite where one is not positive."""
    return float(means.max() / means.min()) if means.min() > 0.0 else float("inf")


class Gains(NamedTuple):
    """What an optimum gains per user when fewer users ask or more GPUs serve, one number a step."""

    latency: FloatArray
    """Seconds by which the mean latency falls."""
    accuracy: FloatArray
    """Change of the mean weighted accuracy [s]; negative where it is lost."""


def gains_of_fewer_users(cases: int) -> Gains:
    """Return the gains of the same 40 users as they ask in groups of 20, 10 and 5, shape (3 cases,)."""
    found = [
        _gains([only(data, range(first, first + size)) for first in range(0, data.users, size)] for size in GROUPS)
        for data in snapshots(cases, GROUPS[0])
    ]
    return _together(found)


def gains_of_more_gpus(cases: int) -> Gains:
    """Return the gains of 20 users from each number of GPUs to the next, shape (4 cases,)."""
    found = [_gains([data.replaced({"gpus": gpus})] for gpus in GPUS) for data in snapshots(cases)]
    return _together(found)


def only(data: SplitOffloading, users: range) -> SplitOffloading:
    """Return a snapshot in which some of the users ask."""
    own = {name: getattr(data, name)[list(users)] for name in _PER_USER}
    return data.replaced({"users": len(users), "device": "any", **own})


def _gains(stages: Iterable[list[SplitOffloading]]) -> Gains:
    parts = []
    for stage in stages:
        found = [evaluated(OPTIMUM, data) for data in stage]
        users = np.array([data.users for data in stage], dtype=np.float64)
        latency = np.array([each.metrics["mean_latency_seconds"] for each in found]) @ users / users.sum()
        objective = sum(each.objective for each in found) / users.sum()
        parts.append((latency, objective + latency))
    change = np.diff(np.array(parts), axis=0)
    return Gains(-change[:, 0], change[:, 1])


def _together(found: list[Gains]) -> Gains:
    return Gains(*(np.concatenate(each) for each in zip(*found, strict=True)))
