"""Records of the measurement, and their layout in a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, get_type_hints

from instances.storage.layouts import Rows


class Task(NamedTuple):
    """One method on one cell: what a record is looked up by.

    Attributes
    ----------
    set, users, gpus, max_batch : str
        The cell.
    method : str
        What decides.
    network : str
        Whose weights, empty for a method without any.
    training_seed : str
        Seed of its training, empty for a method without any.
    weights : str
        Start of the SHA-256 of the weights' file, so that new weights are measured anew.
    instances, seed : int
        How many snapshots, and the seed of the evaluation stream.
    """

    set: str
    users: str
    gpus: str
    max_batch: str
    method: str
    network: str
    training_seed: str
    weights: str
    instances: int
    seed: int


class Measured(NamedTuple):
    """How good the decisions of a task are, and how long they take.

    Attributes
    ----------
    gap_per_user, gap_per_user_95, captured_share, solved_share : float
        See :class:`~solvers.split_offloading.per_dqn.training.curve.Quality`.
    seconds_single, seconds_batched : float
        Processor time of a decision, which other programs on the machine lengthen little. The first is the median
        where each snapshot is decided alone; the second is the mean where all are decided in one call, NaN where
        there is no such call.
    """

    gap_per_user: float
    gap_per_user_95: float
    captured_share: float
    solved_share: float
    seconds_single: float
    seconds_batched: float


def _entry(values: Sequence[Any]) -> tuple[Task, Measured]:
    first = len(Task._fields)
    return Task(*values[:first]), Measured(*values[first:])


def _cells(task: Task, measured: Measured) -> tuple[object, ...]:
    return (*task, *(f"{value:.6g}" for value in measured))


ROWS = Rows({**get_type_hints(Task), **get_type_hints(Measured)}, _entry, _cells)
"""Layout of the file of records."""
