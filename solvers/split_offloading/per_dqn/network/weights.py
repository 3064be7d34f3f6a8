"""Files of trained networks: safetensors with what they were trained on and how, checked before use."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from formulations.errors import InstanceError, field_error, sentence
from instances.storage.atomic import replacing
from solvers.split_offloading.per_dqn.decision_process.draw_cases import Distribution
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.network.inference import Weights, shapes
from solvers.split_offloading.per_dqn.network.policy import Policy

SCHEMA = "diffload.per_dqn/1"
"""Of the metadata and the weights."""

SHIPPED = Path(__file__).parents[1] / "trained"
"""Folder of the networks that come with the package."""


class Provenance(BaseModel):
    """How a network came to be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    configuration: Configuration
    scope: str
    """What it is for: ``general``, ``gpus 8`` or ``case NAME``."""
    distribution: Distribution | None
    """What its snapshots were drawn from; None for one fixed case, which a file may say by an empty object."""
    seed: int
    steps: Annotated[int, Field(ge=0)]
    """Gradient steps."""
    episodes: Annotated[int, Field(ge=0)]
    seconds: float
    """Time spent in training [s]."""
    curve: list[tuple[int, float, float]]
    """Rows of the learning curve: gradient steps, gap per user [s], share solved, on the validation cases."""
    returns: list[tuple[int, float]] = []
    """Rows of the same curve: episodes, and the mean objective of the last 1000, exploring [s] (Fig. 8)."""
    versions: dict[str, str]
    """Of this package and what it trained with."""

    @field_validator("distribution", mode="before")
    @classmethod
    def _of_a_case(cls, given: object) -> object:
        return None if given == {} else given


class Trained(NamedTuple):
    """A network and how it came to be."""

    policy: Policy
    provenance: Provenance


def write_weights(path: str | os.PathLike[str], weights: Weights, provenance: Provenance) -> None:
    """Write a file of trained weights."""
    metadata = {"schema": SCHEMA, "provenance": provenance.model_dump_json()}
    content = save({name: np.ascontiguousarray(array) for name, array in weights.items()}, metadata=metadata)
    with replacing(path) as file:
        file.write(content)


def read_weights(path: str | os.PathLike[str]) -> Trained:
    """Read a file of trained weights.

    Raises
    ------
    InstanceError
        If it cannot be read, or schema, metadata, names, shapes or numbers are not what they have to be; one
        sentence.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except OSError as fault:
        raise InstanceError(f"{path}: expected a file of weights, got {fault.strerror or fault}") from None
    except (SafetensorError, TypeError, AttributeError, KeyError) as fault:
        raise InstanceError(f"{path}: expected safetensors with arrays of float32, got {fault}") from None
    schema = metadata.get("schema", "none")
    if schema != SCHEMA:
        raise InstanceError(f"{path}: schema: expected {SCHEMA}, got {schema[:100]}")
    provenance = _provenance(path, metadata.get("provenance", ""))
    _check_arrays(path, shapes(provenance.configuration), weights)
    return Trained(Policy(provenance.configuration, weights), provenance)


def _provenance(path: str | os.PathLike[str], text: str) -> Provenance:
    try:
        return Provenance.model_validate(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as fault:
        raise InstanceError(f"{path}: provenance: expected JSON, got {fault}") from None
    except ValidationError as error:
        raise InstanceError(sentence(path, *field_error(error, Provenance))) from None


def _check_arrays(path: str | os.PathLike[str], expected: dict[str, tuple[int, ...]], weights: Weights) -> None:
    for name in sorted(expected.keys() | weights.keys()):
        wanted = expected.get(name)
        array = weights.get(name)
        if wanted is None:
            raise InstanceError(f"{path}: {name}: expected no such array with this configuration")
        if array is None:
            raise InstanceError(f"{path}: {name}: expected an array of shape {wanted}, got none")
        if array.shape != wanted or array.dtype != np.float32:
            raise InstanceError(
                f"{path}: {name}: expected float32 of shape {wanted}, got {array.dtype} of shape {array.shape}"
            )
        if not np.isfinite(array).all():
            raise InstanceError(f"{path}: {name}: expected finite numbers")


@cache
def published() -> Trained:
    """The paper's network of the general scope, trained as published."""
    return read_weights(SHIPPED / "paper_general.safetensors")


@cache
def tuned() -> Trained:
    """The tuned network of the general scope: better for each G than those that ship for one G alone."""
    return read_weights(SHIPPED / "general.safetensors")
