"""Data of split offloading with several edge servers, validated once and immutable afterwards.

Each of I users stays local or goes to one of m servers. A server runs its users in one batch, shares its bandwidth
among them, and holds some of K models; a user may go only where its model is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from formulations.fields import (
    MAX_USERS,
    PLAIN,
    CountPerServer,
    FloatArray,
    NonNegativePerServer,
    NonNegativePerUser,
    PositivePerServer,
    WholePerServer,
    WholePerUser,
    frozen,
)
from formulations.matrices import PositiveMatrix, shaped
from formulations.section import refuse_overflow
from formulations.split_offloading.users import SnapshotUsers

MAX_SERVERS = 10_000
"""Most edge servers."""

MAX_PAIRS = 100_000_000
"""Most pairs of a user and a server; their spectral efficiencies still fit in common memory."""


class MultiEdgeOffloading(SnapshotUsers):
    """One snapshot with several edge servers; arrays are read-only, of shape (I,), (m,) or (I, m).

    A field with one number per user or per server is given as one number for all or as a list.

    Raises
    ------
    formulations.errors.InstanceError
        If a field is missing, unknown, of another length than asked for, not finite or out of range.
    """

    problem = "multi_edge_offloading"

    wait_seconds: NonNegativePerUser
    """l_i^R = K - k_i [s], time until the interval ends; slots times their length."""
    prompt_bits: NonNegativePerUser
    """s_i^p [bit], size of the prompt sent to the edge."""
    latent_bits: NonNegativePerUser
    """s_i^m [bit], size of the intermediate latent sent back."""
    servers: Annotated[int, Field(strict=True, ge=1, le=MAX_SERVERS), PLAIN]
    """m, number of edge servers."""
    edge_seconds_per_step_per_item: NonNegativePerServer
    """k_j [s], what one more item in the batch of a GPU adds to a step at the server."""
    edge_seconds_per_step_base: NonNegativePerServer
    """h_j [s], what a step at the server takes whatever the batch is."""
    gpus: CountPerServer
    """G_j, GPUs of the server that share its batch."""
    max_batch: WholePerServer
    """B_j, most users that the server may take."""
    bandwidth_hz: PositivePerServer
    """W_j [Hz], bandwidth that the users of the server share equally."""
    spectral_efficiency: PositiveMatrix
    """eta_ij [bit/s/Hz] between user and server: one number for all, or I rows of m numbers."""
    models: Annotated[int, Field(strict=True, ge=1, le=MAX_USERS), PLAIN] = 1
    """K, number of cluster models."""
    model_of_user: Annotated[WholePerUser, Field(validate_default=True)] = 0.0  # type: ignore[assignment]
    """Model that the user asks for, counted from 0."""
    model_slots: Annotated[WholePerServer, Field(validate_default=True)] = 1.0  # type: ignore[assignment]
    """C_j, models that the server can hold."""

    @field_validator("servers", mode="after")
    @classmethod
    def _not_too_many_pairs(cls, servers: int, info: ValidationInfo) -> int:
        users = info.data.get("users", 1)
        if users * servers > MAX_PAIRS:
            raise PydanticCustomError(
                "pairs",
                "expected at most {most} pairs of a user and a server, got {users} x {servers}",
                {"most": MAX_PAIRS, "users": users, "servers": servers},
            )
        return servers

    @field_validator("spectral_efficiency", mode="after")
    @classmethod
    def _one_number_per_pair(cls, values: FloatArray, info: ValidationInfo) -> FloatArray:
        if "users" not in info.data or "servers" not in info.data:
            return values
        shape = (info.data["users"], info.data["servers"])
        if values.ndim == 0:
            return frozen(np.full(shape, float(values)))
        return shaped(values, shape, "users x servers")

    @model_validator(mode="after")
    def _models_are_there(self) -> Self:
        beyond = self.model_of_user >= self.models
        if beyond.any():
            index = int(np.argmax(beyond))
            raise PydanticCustomError(
                "model_of_user",
                "expected a model from 0 to {last}, got {got}",
                {
                    "fields": ["model_of_user"],
                    "index": index,
                    "last": self.models - 1,
                    "got": f"{self.model_of_user[index]:.6g}",
                },
            )
        return self

    @property
    def chooses_models(self) -> bool:
        """Whether some server cannot hold every model, so that which ones it holds is decided."""
        return bool((self.model_slots < self.models).any())

    @property
    def largest_batch(self) -> FloatArray:
        """Most users that each server can take, min(I, B_j), shape (m,)."""
        return np.minimum(self.max_batch, float(self.users))

    @model_validator(mode="after")
    def _objective_is_finite(self) -> Self:
        """Refuse numbers that are finite alone but overflow in the objective."""
        refuse_overflow(_largest_terms(self), "data whose objective is finite together with")
        return self


def _largest_terms(data: MultiEdgeOffloading) -> Iterator[tuple[list[str], FloatArray]]:
    """Bounds of the terms of the objective, and the fields in them."""
    users, steps = data.users, data.total_steps
    per_item = data.edge_seconds_per_step_per_item * users / data.gpus
    yield ["edge_seconds_per_step_per_item", "users"], per_item * steps * users
    base = data.edge_seconds_per_step_base
    yield ["edge_seconds_per_step_base", "total_steps", "users"], base * steps * users
    local = steps * data.local_seconds_per_step
    yield ["local_seconds_per_step", "total_steps", "users"], local * users
    hertz = data.spectral_efficiency.min(axis=0) * data.bandwidth_hz
    yield ["bandwidth_hz", "spectral_efficiency"], np.where(hertz > 0.0, 1.0 / hertz, np.inf)
    bits = data.prompt_bits.max() + data.latent_bits.max()
    sending = (bits * users / hertz).max()
    yield ["latent_bits", "prompt_bits", "users", "bandwidth_hz", "spectral_efficiency"], sending * users
    yield ["wait_seconds", "users"], data.wait_seconds * users
    yield ["accuracy_weight", "users"], data.accuracy_weight * users
    yield (
        ["pai_slope", "pai_threshold", "total_steps"],
        np.asarray(data.pai_slope * (steps + data.pai_threshold)),
    )
    yield ["accuracy_weight", "pai_slope"], data.accuracy_weight * data.pai_slope
    computing = local.max() + steps * (per_item.max() + base.max()) + sending
    largest = users * (data.accuracy_weight + data.wait_seconds + computing)
    yield ["accuracy_weight", "all latencies"], largest + data.accuracy_weight * data.pai_slope
