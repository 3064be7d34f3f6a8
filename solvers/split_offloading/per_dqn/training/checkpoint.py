"""A file from which a training goes on as if it had not been interrupted.

It holds the weights, the target network, the moments of Adam, the memory with its cases and priorities, the random
numbers, the counts and the learning curve. Cases that a configuration makes once are made again from the seed.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from formulations.errors import InstanceError
from instances.storage.atomic import replacing
from solvers.split_offloading.per_dqn.network.configuration import Configuration
from solvers.split_offloading.per_dqn.training.curve import Row
from solvers.split_offloading.per_dqn.training.learner import Learner
from solvers.split_offloading.per_dqn.training.run import Training
from solvers.split_offloading.per_dqn.training.scope import Scope

VERSION = 2
"""Raised whenever older checkpoints cannot be taken up."""

_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


def save(training: Training, path: str | os.PathLike[str]) -> None:
    """Write a training that stands between two rounds."""
    document = identity(training.configuration, training.scope, training.seed) | {
        "total_steps": training.total_steps,
        "steps": training.learner.steps,
        "episodes": training.episodes,
        "owed": training.owed,
        "seconds": training.seconds,
        "random": training.random.bit_generator.state,
        "curve": [list(row) for row in training.curve.rows],
        "returns": list(training.curve.returns),
        "losses": list(training.curve.losses),
    }
    arrays = learner_arrays(training.learner)
    arrays |= {f"memory.{name}": array for name, array in training.memory.arrays().items()}
    with replacing(path) as file:
        np.savez(file, document=np.array(json.dumps(document)), **arrays)  # type: ignore[arg-type]


def load(path: Path, configuration: Configuration, scope: Scope, seed: int, device: str = "cpu") -> Training:
    """Take up a training.

    Raises
    ------
    InstanceError
        If the file cannot be read, or is the checkpoint of another training; one sentence.
    """
    document, arrays = _read(path)
    document["configuration"] = _with_later_fields(document.get("configuration"))
    for name, value in identity(configuration, scope, seed).items():
        if document.get(name) != value:
            raise InstanceError(
                f"{path}: {name}: expected the checkpoint of the same training, got one of another {name}; "
                "use another folder, or remove it"
            )
    try:
        training = Training(configuration, scope, seed, document["total_steps"], device)
        _restore_learner(training.learner, arrays)
        training.learner.steps = document["steps"]
        training.memory.restore(_below(arrays, "memory"))
        training.episodes, training.owed = document["episodes"], document["owed"]
        training.seconds = document["seconds"]
        training.random.bit_generator.state = document["random"]
        training.curve.rows = [Row(*row) for row in document["curve"]]
        training.curve.returns.extend(document["returns"])
        training.curve.losses.extend(document["losses"])
    except (KeyError, TypeError, ValueError, RuntimeError) as fault:
        raise InstanceError(f"{path}: expected a complete checkpoint, got one without {fault}") from None
    return training


def identity(configuration: Configuration, scope: Scope, seed: int) -> dict[str, Any]:
    """What a checkpoint has to agree on with the training that takes it up."""
    return {
        "version": VERSION,
        "configuration": configuration.model_dump(mode="json"),
        "scope": {"name": scope.name, "snapshots": json.loads(json.dumps(scope.describe()))},
        "seed": seed,
    }


def _with_later_fields(configuration: object) -> object:
    """Add the fields that a checkpoint is older than: their defaults are what was done before."""
    try:
        return Configuration.model_validate(configuration).model_dump(mode="json")
    except ValidationError:
        return configuration


def learner_arrays(learner: Learner) -> dict[str, NDArray[Any]]:
    """Both networks and the moments of Adam, by name."""
    arrays: dict[str, NDArray[Any]] = {}
    for label, network in (("current", learner.current), ("target", learner.target)):
        arrays |= {f"{label}.{name}": tensor.cpu().numpy() for name, tensor in network.state_dict().items()}
    for number, moments in learner.optimizer.state_dict()["state"].items():
        arrays |= {f"adam.{number}.{name}": moments[name].cpu().numpy() for name in _MOMENTS}
    return arrays


def _restore_learner(learner: Learner, arrays: Mapping[str, NDArray[Any]]) -> None:
    for label, network in (("current", learner.current), ("target", learner.target)):
        network.load_state_dict({name: torch.from_numpy(array) for name, array in _below(arrays, label).items()})
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, array in _below(arrays, "adam").items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = torch.from_numpy(array.copy())
    if state:
        learner.optimizer.load_state_dict(learner.optimizer.state_dict() | {"state": state})


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        document = json.loads(str(arrays.pop("document")))
    except OSError as fault:
        raise InstanceError(f"{path}: expected a checkpoint, got {fault.strerror or fault}") from None
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as fault:
        raise InstanceError(f"{path}: expected a checkpoint of this command, got {fault}") from None
    return document, arrays


def _below(arrays: Mapping[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    return {key.partition(".")[2]: array for key, array in arrays.items() if key.startswith(f"{name}.")}
