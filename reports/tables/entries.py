"""Rows of a gap table, best first: one per method, the seeds of a random method taken together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from solvers.comparison.cross_check import as_cost
from solvers.core.result import CUT_SHORT, Result, Sense, Status

SAME_BOUND = 1e-6
"""Bounds closer than this times max(1, |bound|) count as equally good, so that time decides."""

_FROM_BEST_TO_WORST = (
    Status.OPTIMAL,
    Status.FEASIBLE,
    Status.INFEASIBLE,
    Status.UNKNOWN,
    Status.UNSUPPORTED,
    Status.ERROR,
)


@dataclass(frozen=True)
class Entry:
    """One method of a comparison: its result, or the mean of its results over seeds.

    Attributes
    ----------
    results : tuple of Result
        One per seed, in order.
    solved : tuple of Result
        Those with a feasible objective, over which means are taken; all of an only result's numbers are kept.
    """

    results: tuple[Result, ...]
    solved: tuple[Result, ...]

    @property
    def solver(self) -> str:
        return self.results[0].solver

    @property
    def label(self) -> str:
        """The method's name, and over how many seeds the row is a mean."""
        return f"{self.solver} (mean of {len(self.solved)})" if self.is_mean else self.solver

    @property
    def is_mean(self) -> bool:
        return len(self.results) > 1 and len(self.solved) > 0

    @property
    def worst(self) -> Result:
        """The first result with the least welcome status; among equal ones, one that was cut short."""
        return max(
            self.results,
            key=lambda result: (_FROM_BEST_TO_WORST.index(result.status), result.reason in CUT_SHORT),
        )

    @property
    def status(self) -> Status:
        return self.worst.status

    @property
    def reason(self) -> str:
        return self.worst.reason

    @property
    def bound(self) -> float | None:
        """The proven bound; none where it is infinite, which proves nothing, or where seeds differ."""
        bound = self.results[0].bound
        return bound if len(self.results) == 1 and bound is not None and math.isfinite(bound) else None

    @property
    def objective(self) -> float | None:
        return self.mean(lambda result: result.objective)

    @property
    def raw_objective(self) -> float | None:
        return self.mean(lambda result: result.raw_objective)

    @property
    def seconds(self) -> float:
        return statistics.fmean(result.seconds for result in self.results)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation of the objective over seeds."""
        values = [result.objective for result in self.solved if result.objective is not None]
        return statistics.stdev(values) if len(values) > 1 else None

    def best(self, sense: Sense) -> Result | None:
        """Return the seed with the best objective."""
        return min(self.solved, key=lambda result: as_cost(result.objective, sense), default=None)

    def metrics(self, keys: Iterable[str]) -> dict[str, float | None]:
        """Return components of the objective, as means over seeds."""
        return {key: self.mean(_metric(key)) for key in keys}

    def mean(self, value: Callable[[Result], float | None]) -> float | None:
        """Return the mean over seeds of a number that every result has, or may have."""
        numbers = [number for number in map(value, self.solved) if number is not None]
        return statistics.fmean(numbers) if numbers else None


def entries(results: Sequence[Result], sense: Sense) -> list[Entry]:
    """Group results by method and sort them.

    Methods with a proven bound come first, the best bound on top and the fastest of equal ones; then the others
    by objective; then those that have neither.
    """
    by_solver: dict[str, list[Result]] = {}
    for result in results:
        by_solver.setdefault(result.solver, []).append(result)
    rows = [_entry(found) for found in by_solver.values()]
    best = min((-as_cost(row.bound, sense) for row in rows if _proves(row) and row.bound is not None), default=0.0)
    return sorted(rows, key=lambda row: _rank(row, sense, best))


def _entry(results: Sequence[Result]) -> Entry:
    trusted = [result for result in results if result.objective is not None and result.status is not Status.ERROR]
    solved = trusted if len(results) > 1 else [result for result in results if result.objective is not None]
    return Entry(tuple(results), tuple(solved))


def _rank(row: Entry, sense: Sense, best: float) -> tuple[int, float, float]:
    if _proves(row):
        short = 0.0 if row.bound is None else -as_cost(row.bound, sense) - best
        return 0, 0.0 if short <= SAME_BOUND * max(1.0, abs(best)) else short, row.seconds
    if row.objective is not None and row.status is not Status.ERROR:
        return 1, as_cost(row.objective, sense), row.seconds
    return 2, float(_FROM_BEST_TO_WORST.index(row.status)), 0.0


def _proves(row: Entry) -> bool:
    return row.status is Status.INFEASIBLE or (row.bound is not None and row.status is not Status.ERROR)


def _metric(key: str) -> Callable[[Result], float | None]:
    def value(result: Result) -> float | None:
        metrics: Mapping[str, float] = result.evaluation.metrics if result.evaluation else {}
        number = metrics.get(key)
        return None if number is None or number != number else number

    return value
