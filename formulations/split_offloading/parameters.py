"""Data of the split offloading problem (paper B, sections 3 and 4), validated once and immutable afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from formulations.fields import (
    MAX_USERS,
    PLAIN,
    BoolArray,
    FloatArray,
    LabelPerUser,
    NonNegative,
    NonNegativePerUser,
    Positive,
    PositivePerUser,
    broadcast,
    broadcast_labels,
)
from formulations.section import Section

MAX_STEPS = 1_000_000
"""Most denoising steps of a task; far beyond every sampler in use."""


class SplitOffloading(Section):
    """One snapshot of split offloading; per-user fields are read-only arrays of shape (I,).

    A per-user field is given as one number for all users or as a sequence with one number per user.

    Raises
    ------
    formulations.errors.InstanceError
        If a field is missing, unknown, of another length than ``users``, not finite or out of range.
    """

    problem = "split_offloading"

    users: Annotated[int, Field(strict=True, ge=1, le=MAX_USERS), PLAIN]
    """I, number of users that ask within the interval."""
    total_steps: Annotated[int, Field(strict=True, ge=1, le=MAX_STEPS), PLAIN]
    """N [steps], denoising steps of every task."""
    min_local_steps: Annotated[int, Field(strict=True, ge=0, le=MAX_STEPS), PLAIN]
    """N_hat [steps], last steps that run on the device in any case; at most ``total_steps``."""
    pai_slope: Positive
    """a_F [1/step], slope of the personalised accuracy index over the split point."""
    pai_threshold: NonNegative
    """b_F [steps], split point at which the personalised accuracy index is one half."""
    accuracy_weight: NonNegativePerUser
    """alpha_i [s], seconds of latency that an accuracy index of one is worth."""
    local_seconds_per_step: PositivePerUser
    """L_i(1) = k_i + h_i [s], time of one denoising step on the device."""
    device: LabelPerUser = ()
    """What the device is called; empty where it is not known. It decides nothing."""
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

    @field_validator("min_local_steps", mode="after")
    @classmethod
    def _at_most_all_steps(cls, steps: int, info: ValidationInfo) -> int:
        total = info.data.get("total_steps")
        if total is not None and steps > total:
            raise PydanticCustomError(
                "min_local_steps",
                "expected at most total_steps = {total}, got {got}",
                {"total": total, "got": steps},
            )
        return steps

    @field_validator(
        "accuracy_weight",
        "local_seconds_per_step",
        "prompt_bits",
        "latent_bits",
        "wait_seconds",
        mode="after",
    )
    @classmethod
    def _one_number_per_user(cls, values: FloatArray, info: ValidationInfo) -> FloatArray:
        users = info.data.get("users")
        return values if users is None else broadcast(values, users)

    @field_validator("device", mode="after")
    @classmethod
    def _one_label_per_user(cls, labels: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        users = info.data.get("users")
        return labels if users is None else broadcast_labels(labels, users)

    @property
    def largest_batch(self) -> int:
        """Most users that can be granted, min(I, B_max), by C2 (3)."""
        return min(self.users, self.max_batch)

    @model_validator(mode="after")
    def _objective_is_finite(self) -> Self:
        """Refuse numbers that are finite alone but overflow in the objective."""
        with np.errstate(all="ignore"):
            for fields, largest in _largest_terms(self):
                finite = np.isfinite(largest)
                if not finite.all():
                    raise PydanticCustomError(
                        "overflow",
                        "expected data whose objective is finite together with {others}, got an overflow",
                        {"fields": fields, "others": " and ".join(fields[1:]), "index": _first_user(finite)},
                    )
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


def _first_user(finite: BoolArray) -> int | None:
    """Index of the first user whose term is not finite; None for a term that all users share."""
    return int(np.argmin(finite)) if finite.ndim else None
