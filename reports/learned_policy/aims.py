"""Compares the learned policy with its aims, for every training seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reports.tables import numbers
from reports.tables.table import Column, Row, Table, cells
from solvers.split_offloading.per_dqn.measurement.records import Measured, Task

GREEDY = "greedy-decoding"
"""The method that decides by the action with the larger Q."""

SET = "mixed"
"""The set that the aims are for."""

BEST = "best-of-16"


class Aims(NamedTuple):
    """Bounds on the quality of a network's decisions, None where there is none.

    Attributes
    ----------
    gap_per_user, gap_per_user_95 : float or None
        Largest [s].
    captured_share, solved_share, solved_by_best : float or None
        Smallest; the last is the share solved by the best of 16 episodes.
    """

    gap_per_user: float | None = None
    gap_per_user_95: float | None = None
    captured_share: float | None = None
    solved_share: float | None = None
    solved_by_best: float | None = None


AIMS: Mapping[str, Aims] = {
    "general": Aims(0.001, 0.005, 0.9995, 0.95, 0.995),
    "tuned-mlp": Aims(gap_per_user=0.008),
    "paper general": Aims(),
    "paper general20": Aims(),
    "paper general20 240000 steps": Aims(),
}
"""By the name of the network."""

_QUALITY = (
    Column("gap_per_user", "mean gap per user", "s", show=numbers.absolute_gap),
    Column("gap_per_user_95", "95th percentile", "s", show=numbers.absolute_gap),
    Column("captured_share", "captured share", "%", show=numbers.share_percent),
    Column("solved_share", "solved", "%", show=numbers.rough_percent),
    Column("solved_by_best", "solved by best of 16", "%", show=numbers.rough_percent),
)
_MISSED = Column("missed", "missed", numeric=False)


class Measurement(NamedTuple):
    """Aims measured for one network on one cell."""

    network: str
    training_seed: str
    max_batch: str
    quality: Aims


def tables(records: Mapping[Task, Measured]) -> list[Table]:
    """The set as a whole by training seed, and every B_max by the worst seed; none where nothing is measured."""
    found = list(measured(records))
    if not found:
        return []
    return [by_seed(found), by_max_batch(found)]


def measured(records: Mapping[Task, Measured]) -> Iterator[Measurement]:
    """Return every network with aims on every cell of the set."""
    known = {
        (task.method, task.training_seed, task.weights, task.max_batch): quality
        for task, quality in records.items()
        if task.set == SET
    }
    for task, quality in records.items():
        if task.set != SET or task.method != GREEDY or task.network not in AIMS:
            continue
        best = known.get((BEST, task.training_seed, task.weights, task.max_batch))
        yield Measurement(
            task.network,
            task.training_seed,
            task.max_batch,
            Aims(
                quality.gap_per_user,
                quality.gap_per_user_95,
                quality.captured_share,
                quality.solved_share,
                None if best is None else best.solved_share,
            ),
        )


def by_seed(found: Sequence[Measurement]) -> Table:
    """Return each network on the whole set, below the aims for it."""
    rows = []
    for network, aims in AIMS.items():
        mine = [one for one in found if one.network == network and " " in one.max_batch]
        if mine and aims != Aims():
            rows.append(Row((network, "aim", *_bounds(aims), "")))
        rows += [
            Row((network, one.training_seed, *cells(_QUALITY, one.quality), missed(one.quality, aims)))
            for one in sorted(mine, key=lambda one: one.training_seed)
        ]
    columns = (Column("network", "network", numeric=False), Column("seed", "training seed"), *_QUALITY, _MISSED)
    return Table(f"{SET}: aims and measurements", columns, tuple(rows))


def by_max_batch(found: Sequence[Measurement]) -> Table:
    """Return each B_max by the worst that any training seed of a network comes to."""
    rows = []
    for network, aims in AIMS.items():
        mine = [one for one in found if one.network == network and " " not in one.max_batch]
        for max_batch in dict.fromkeys(one.max_batch for one in mine):
            seeds = [one.quality for one in mine if one.max_batch == max_batch]
            quality = worst(seeds)
            rows.append(
                Row((network, str(len(seeds)), max_batch, *cells(_QUALITY, quality), missed(quality, aims)))
            )
    columns = (
        Column("network", "network", numeric=False),
        Column("seeds", "training seeds"),
        Column("max_batch", "B_max"),
        *_QUALITY,
        _MISSED,
    )
    return Table(f"{SET}: every B_max, the worst of the training seeds", columns, tuple(rows))


def worst(qualities: Sequence[Aims]) -> Aims:
    """Return the largest gaps and the smallest shares; an absent number where one is absent."""
    columns = zip(*qualities, strict=True)
    return Aims(
        *(
            None if None in values else (max if name.startswith("gap") else min)(values)
            for name, values in zip(Aims._fields, columns, strict=True)
        )
    )


def missed(quality: Aims, aims: Aims) -> str:
    """Return names of the aims that are not reached."""
    names = []
    for column, reached, aim in zip(_QUALITY, quality, aims, strict=True):
        if aim is None or reached is None:
            continue
        if reached > aim if column.key.startswith("gap") else reached < aim:
            names.append(column.label)
    return ", ".join(names)


def _bounds(aims: Aims) -> Iterator[str]:
    for name, value in aims._asdict().items():
        if value is None:
            yield numbers.ABSENT
        else:
            yield f"<= {value:g}" if name.startswith("gap") else f">= {100.0 * value:g}"
