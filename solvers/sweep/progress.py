"""Shows on standard error how far a sweep is and about how long it will still take."""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from solvers.sweep.task import Task

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

LINE_EVERY_SECONDS = 10.0
"""How often a line is printed where standard error is not a terminal."""

START_SECONDS = {True: 0.5, False: 0.01}
"""What a run takes beside its solve [s]: an interpreter of its own where the method is isolated, else little."""


class Estimate:
    """Time that a sweep will still take, from the work done so far and the time that has passed for it.

    Work is counted in seconds of solving. A method that has not been seen yet counts like the mean of all.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._left = Counter(_kind(task) for task in tasks)
        self._runs: Counter[tuple[str, str]] = Counter()
        self._work: defaultdict[tuple[str, str], float] = defaultdict(float)

    def finished(self, task: Task, seconds: float) -> None:
        """Take note of a run that took ``seconds`` of solving."""
        kind = _kind(task)
        self._left[kind] -= 1
        self._runs[kind] += 1
        self._work[kind] += seconds + START_SECONDS[task.method.isolated]

    def remaining(self, elapsed: float) -> float | None:
        """Seconds that the rest will take, None before anything is finished."""
        runs, work = self._runs.total(), sum(self._work.values())
        if not runs:
            return None
        mean = {kind: self._work[kind] / self._runs[kind] for kind in self._runs}
        left = sum(number * mean.get(kind, work / runs) for kind, number in self._left.items())
        return elapsed * left / work


def _kind(task: Task) -> tuple[str, str]:
    return task.method.problem, task.method.name


class SweepProgress:
    """Shows nothing; the base class of the displays below."""

    def __init__(self) -> None:
        self.total = 0
        self.count = 0
        self._began = 0.0
        self._estimate = Estimate(())

    @contextmanager
    def of(self, tasks: Sequence[Task]) -> Iterator[None]:
        """Enclose the run of these tasks."""
        self.total, self.count = len(tasks), 0
        self._began, self._estimate = time.perf_counter(), Estimate(tasks)
        yield

    def finished(self, task: Task, value: Any) -> None:
        """Called when a task is done or lost."""
        self.count += 1
        result = getattr(value, "result", None)
        self._estimate.finished(task, result.seconds if result is not None else 0.0)
        self.show()

    def show(self) -> None:
        """Say how far it is."""

    def text(self) -> str:
        """``120 of 500 done, about 3 min left``."""
        left = self._estimate.remaining(time.perf_counter() - self._began)
        rest = "" if left is None or self.count == self.total else f", about {duration(left)} left"
        return f"{self.count} of {self.total} done{rest}"


class SweepLines(SweepProgress):
    """A plain line now and then, for logs."""

    def __init__(self) -> None:
        super().__init__()
        self._last = 0.0

    @contextmanager
    def of(self, tasks: Sequence[Task]) -> Iterator[None]:
        self._last = time.perf_counter()
        with super().of(tasks):
            yield

    def show(self) -> None:
        now = time.perf_counter()
        if now - self._last >= LINE_EVERY_SECONDS or self.count == self.total:
            self._last = now
            print(self.text(), file=sys.stderr, flush=True)


class SweepBar(SweepProgress):
    """A bar on the terminal, which disappears in the end."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: Bar | None = None

    @contextmanager
    def of(self, tasks: Sequence[Task]) -> Iterator[None]:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with super().of(tasks), Bar(*columns, console=Console(stderr=True), transient=True) as self._bar:
            self._bar.add_task(self.text(), total=len(tasks))
            yield
        self._bar = None

    def show(self) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self.count, description=self.text())


def duration(seconds: float) -> str:
    """A duration to read: ``8 s``, ``3 min``, ``2.5 h``."""
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
