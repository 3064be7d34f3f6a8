"""Data of the split offloading problem (paper B, sections 3 and 4), validated once and immutable afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from formulations.fields import MAX_USERS, PLAIN, FloatArray, NonNegative, NonNegativePerUser, Positive
from formulations.section import refuse_overflow
from formulations.split_offloading.users import SnapshotUsers


class SplitOffloading(SnapshotUsers):
    """One snapshot of split offloading; per-user fields are read-only arrays of shape (I,).

    A per-user field is given as one number for all users or as a sequence with one number per user.

    Raises
    ------
    formulations.errors.InstanceError
        If a field is missing, unknown, of another length than ``users``, not finite or out of range.
    """

    problem = "split_offloading"

    edge_seconds_per_step_per_item: NonNegative
    """k_e [s], what one more item in the batch of a GPU adds to a step at the edge."""
    edge_seconds_per_step_base: NonNegative
    """h_e [s], what a step at the edge takes whatever the batch is."""
    gpus: Annotated[int, Field(strict=True, ge=1, le=MAX_USERS), PLAIN]
    """G, GPUs of the edge server that share the batch."""
    max_batch: Annotated[int, Field(strict=True, ge=0, le=MAX_USERS), PLAIN]
    """B_max, most users that may be granted."""
    prompt_bits: NonNegativePerUser
    """s_i^p [bit], size of the prompt sent to the edge."""
    latent_bits: NonNegativePerUser
    """s_i^m [bit], size of the intermediate latent sent back."""
    spectral_efficiency: Positive
    """eta [bit/s/Hz]."""
    bandwidth_hz: Positive
    """W_max [Hz], bandwidth that the granted users share equally."""
    wait_seconds: NonNegativePerUser
    """l_i^R = K - k_i [s], time until the interval ends; slots times their length."""

    @property
    def largest_batch(self) -> int:
        """Most users that can be granted, min(I, B_max), by C2 (3)."""
        return min(self.users, self.max_batch)

    @model_validator(mode="after")
    def _objective_is_finite(self) -> Self:
        """Refuse numbers that are finite alone but overflow in the objective."""
        refuse_overflow(_largest_terms(self), "data whose objective is finite together with")
        return self


def _largest_terms(data: SplitOffloading) -> Iterator[tuple[list[str], FloatArray]]:
    """Bounds of the terms of the objective, one number or shape (I,), and the fields in them."""
    users, steps = data.users, data.total_steps
    per_item = np.asarray(data.edge_seconds_per_step_per_item * users / data.gpus)
    yield ["edge_seconds_per_step_per_item", "users"], per_item * steps * users
    base = np.asarray(data.edge_seconds_per_step_base)
    yield ["edge_seconds_per_step_base", "total_steps", "users"], base * steps * users
    local = steps * data.local_seconds_per_step
    yield ["local_seconds_per_step", "total_steps", "users"], local * users
    hertz = np.asarray(data.spectral_efficiency * data.bandwidth_hz)
    yield ["bandwidth_hz", "spectral_efficiency"], 1.0 / hertz
    for name in ("prompt_bits", "latent_bits"):
        yield [name, "users", "bandwidth_hz"], getattr(data, name) * users / hertz * users
    yield ["latent_bits", "prompt_bits"], (data.prompt_bits + data.latent_bits) * users
    transmission = (data.prompt_bits + data.latent_bits) * users / hertz
    yield ["wait_seconds", "users"], data.wait_seconds * users
    yield ["accuracy_weight", "users"], data.accuracy_weight * users
    reach = np.asarray(data.pai_slope * (steps + data.pai_threshold))
    yield ["pai_slope", "pai_threshold", "total_steps"], reach
    slope = data.accuracy_weight * data.pai_slope
    yield ["accuracy_weight", "pai_slope"], slope
    computing = local + steps * (per_item + base)
    largest = users * (data.accuracy_weight + data.wait_seconds + computing + transmission)
    yield ["accuracy_weight", "all latencies"], largest + slope + reach
