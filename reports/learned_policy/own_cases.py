"""Table of networks on the cases that their training made once, and on held-out ones like them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reports.learned_policy.aims import BEST, GREEDY
from reports.tables import numbers
from reports.tables.table import Column, Row, Table
from solvers.split_offloading.per_dqn.measurement.records import Measured, Task
from solvers.split_offloading.per_dqn.measurement.sets import HELD_OUT, TRAINING


def tables(records: Mapping[Task, Measured]) -> list[Table]:
    """Return one table, or none where nothing is measured."""
    own = {task: quality for task, quality in records.items() if task.set in (TRAINING, HELD_OUT)}
    networks = list(dict.fromkeys((task.network, task.training_seed) for task in own))
    if not networks:
        return []
    columns = [
        Column("network", "network", numeric=False),
        Column("training_seed", "training seed"),
        Column("users", "I"),
        Column("gpus", "G"),
    ]
    for name in (TRAINING, HELD_OUT):
        columns += [
            Column(f"snapshots_{name}", f"{name} cases"),
            Column(f"gap_{name}", "mean gap per user", "s"),
            Column(f"captured_{name}", "captured share", "%"),
            Column(f"solved_{name}", "solved", "%"),
            Column(f"best_{name}", "captured by best of 16", "%"),
        ]
    rows = []
    for network, seed in networks:
        mine = {
            (task.set, task.method): (task, quality)
            for task, quality in own.items()
            if (task.network, task.training_seed) == (network, seed)
        }
        task = next(iter(mine.values()))[0]
        found = [_cells(mine.get((name, GREEDY)), mine.get((name, BEST))) for name in (TRAINING, HELD_OUT)]
        rows.append(Row((network, seed, task.users, task.gpus, *(text for part in found for text in part))))
    lead = "Each network on the cases that its training made once, and on others from the same distribution."
    return [Table("own: the training's cases, and held-out ones", tuple(columns), tuple(rows), lead=(lead,))]


def _cells(greedy: tuple[Task, Measured] | None, best: tuple[Task, Measured] | None) -> Iterator[str]:
    if greedy is None:
        yield from [numbers.ABSENT] * 4
    else:
        task, quality = greedy
        yield str(task.instances)
        yield numbers.absolute_gap(quality.gap_per_user)
        yield numbers.share_percent(quality.captured_share)
        yield f"{100.0 * quality.solved_share:.1f}"
    yield numbers.share_percent(None if best is None else best[1].captured_share)
