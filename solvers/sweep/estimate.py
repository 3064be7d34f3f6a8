"""Estimates how long a sweep will still take."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from solvers.sweep.task import Task

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
