"""Runs a sweep of many methods on many instances; what the ledger already holds is not run again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from formulations.runtime.program import CommandError
from formulations.runtime.progress import Progress, duration
from solvers.core.result import Status
from solvers.processes import schedule
from solvers.processes.schedule import Job
from solvers.sweep.estimate import Estimate
from solvers.sweep.ledger import Ledger
from solvers.sweep.ledger_record import Recorded
from solvers.sweep.task import Task, perform


class SweepError(CommandError, RuntimeError):
    """A sweep that cannot go on; the message is one sentence, and the ledger keeps what is done."""


@dataclass(frozen=True)
class Lost:
    """A task that the scheduler gave up, and why: nothing is filed, so that the next run tries again."""

    reason: str


Finished = Callable[[Task, Recorded | Lost], None]


class Scheduler(Protocol):
    """Where tasks run."""

    def run(self, tasks: Sequence[Task], finished: Finished) -> None:
        """Run all tasks and call ``finished`` in this thread for each.

        Raises
        ------
        SweepError
            If it cannot go on.
        KeyboardInterrupt
            On Ctrl-C, once no child process of this machine is left.
        """


@dataclass(frozen=True)
class Serial:
    """Runs tasks here: quick methods one after another, external solvers side by side in child processes.

    Attributes
    ----------
    side_by_side : int
        How many external solvers run at a time.
    """

    side_by_side: int = 1

    def run(self, tasks: Sequence[Task], finished: Finished) -> None:
        """See :meth:`Scheduler.run`."""
        jobs = {Job(task.name, task.method.isolated, partial(perform, task)): task for task in tasks}
        schedule.run_all(
            list(jobs), self.side_by_side, lambda job: None, lambda job, value: finished(jobs[job], value)
        )


@dataclass(frozen=True)
class Swept:
    """What came of a sweep.

    Attributes
    ----------
    done : int
        Results that this run has filed.
    lost : tuple of (Task, str)
        Tasks that the scheduler gave up, and why.
    interrupted : bool
        Whether Ctrl-C ended it.
    """

    done: int
    lost: tuple[tuple[Task, str], ...] = ()
    interrupted: bool = False


def missing(tasks: Sequence[Task], ledger: Ledger, *, retry_errors: bool = False) -> list[Task]:
    """Tasks without a result in the ledger; with ``retry_errors``, those that ended in an error too."""
    again = (None, Status.ERROR) if retry_errors else (None,)
    return [task for task in tasks if ledger.status(task.key) in again]


def run(
    tasks: Sequence[Task],
    ledger: Ledger,
    scheduler: Scheduler | None = None,
    *,
    retry_errors: bool = False,
    progress: Progress | None = None,
) -> Swept:
    """Run what is missing and file every result as it comes; Ctrl-C keeps what is done.

    Parameters
    ----------
    tasks : sequence of Task
        What is wanted, see :func:`solvers.sweep.task.tasks`.
    ledger : Ledger
        Open for writing.
    scheduler : Scheduler, optional
        Where tasks run; here, one after another, by default.
    retry_errors : bool
        Whether to run again what ended in an error.
    progress : Progress, optional
        Says how far it is; nothing by default.

    Raises
    ------
    SweepError
        If the scheduler cannot go on.
    OSError
        If the ledger cannot be written.
    """
    todo = missing(tasks, ledger, retry_errors=retry_errors)
    progress = progress or Progress()
    estimate, began = Estimate(todo), time.perf_counter()
    lost: list[tuple[Task, str]] = []
    done = 0

    def finished(task: Task, value: Recorded | Lost) -> None:
        nonlocal done
        if isinstance(value, Lost):
            lost.append((task, value.reason))
        else:
            ledger.append(value)
            done += 1
        estimate.finished(task, 0.0 if isinstance(value, Lost) else value.result.seconds)
        count, left = done + len(lost), estimate.remaining(time.perf_counter() - began)
        rest = "" if left is None or count == len(todo) else f"about {duration(left)} left"
        progress.finished(
            task.name, line=", ".join(filter(None, (f"{count} of {len(todo)} done", rest))), rest=rest
        )

    try:
        with progress.of("", len(todo)):
            if todo:
                (scheduler or Serial()).run(todo, finished)
    except KeyboardInterrupt:
        return Swept(done, tuple(lost), interrupted=True)
    return Swept(done, tuple(lost))
