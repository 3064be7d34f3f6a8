"""Records of the measurement in a CSV file that is complete after every one of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from instances.errors import InstanceError
from instances.files.atomic import replacing


@dataclass(frozen=True)
class Task:
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


@dataclass(frozen=True)
class Measured:
    """How good the decisions of a task are, and how long they take.

    Attributes
    ----------
    gap_per_user, gap_per_user_95, captured_share, solved_share : float
        See :class:`~solvers.split_offloading.per_dqn.training.curve.Quality`.
    seconds_single, seconds_batched : float
        Processor time of a decision, which other programs on the machine lengthen little: the median where each
        snapshot is decided alone, and the mean where all are decided in one call; NaN where there is no such call.
    """

    gap_per_user: float
    gap_per_user_95: float
    captured_share: float
    solved_share: float
    seconds_single: float
    seconds_batched: float


COLUMNS = tuple(field.name for record in (Task, Measured) for field in fields(record))


def read(path: Path) -> dict[Task, Measured]:
    """Read the records of a file; none if it is not there.

    Raises
    ------
    InstanceError
        If it cannot be read, naming the row.
    """
    if not path.exists():
        return {}
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, csv.Error) as fault:
        raise InstanceError(f"{path}: expected a readable CSV file, got an error ({fault})") from None
    if not rows or tuple(rows[0]) != COLUMNS:
        raise InstanceError(f"{path}: expected the columns {', '.join(COLUMNS)}")
    found = {}
    for number, row in enumerate(rows[1:], 2):
        try:
            values = dict(zip(COLUMNS, row, strict=True))
            found[_task(values)] = Measured(
                **{field.name: float(values[field.name]) for field in fields(Measured)}
            )
        except ValueError as fault:
            raise InstanceError(f"{path}: row {number}: expected one number or text a column, {fault}") from None
    return found


def write(path: Path, records: dict[Task, Measured]) -> None:
    """Write all records; a writer that is killed leaves the file that was there before.

    Raises
    ------
    InstanceError
        If the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for task, quality in records.items():
        writer.writerow([*asdict(task).values(), *(f"{value:.6g}" for value in asdict(quality).values())])
    try:
        with replacing(path) as file:
            file.write(text.getvalue().encode())
    except OSError as fault:
        raise InstanceError(f"{path}: cannot be written ({fault.strerror})") from None


def _task(values: dict[str, str]) -> Task:
    texts: Sequence[str] = [field.name for field in fields(Task) if field.type == "str"]
    return Task(
        **{name: values[name] for name in texts},
        instances=int(values["instances"]),
        seed=int(values["seed"]),
    )
