"""Gaps and methods that the figures of a sweep show: one gap per problem, methods in one order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.gap_report.study import Case, Study
from reports.tables.gap_measures import MEASURES
from solvers.core.registry import Problem
from solvers.core.result import Status
from solvers.core.validation import relative_gap
from solvers.sweep.ledger_record import Recorded

SMALLEST_GAP = 1e-7
"""Gaps below it, 0 included, are drawn at it: a logarithmic axis has no 0."""

MOST_PICTURED = 6
"""Instances of a problem that get pictures of their own."""

_PER_USER = "gap_per_user"


@dataclass(frozen=True)
class Scale:
    """The gap that a problem's figures show: in per cent, or per user where the objective may be near 0.

    Attributes
    ----------
    problem : Problem
        The problem.
    """

    problem: Problem

    @property
    def is_per_user(self) -> bool:
        """Whether it is |objective - bound| / users."""
        return _PER_USER in self.problem.gap_measures

    @property
    def label(self) -> str:
        """What an axis says."""
        return f"gap per user [{self.problem.objective_unit}]" if self.is_per_user else "gap [%]"

    def words(self, gap: float) -> str:
        """Return a gap in a sentence."""
        unit = self.problem.objective_unit if self.is_per_user else "%"
        return f"gap {'per user ' if self.is_per_user else ''}{gap:.3g} {unit}"

    def of(self, recorded: Recorded) -> float | None:
        """Return the gap of a result to the best proven bound, None without a trusted solution or a bound."""
        if recorded.result.status is Status.ERROR:
            return None
        measure = MEASURES[_PER_USER if self.is_per_user else "gap"]
        value = measure.value(recorded.result, recorded.users)
        return None if value is None else value * measure.record[1]

    def between(self, value: float, reference: float, users: int) -> float:
        """Return the distance of any objective or bound from a reference, on this scale."""
        return abs(value - reference) / users if self.is_per_user else 100.0 * relative_gap(value, reference)


def drawn(gap: float) -> float:
    """Return a gap as a logarithmic axis shows it."""
    return max(gap, SMALLEST_GAP)


def methods(study: Study) -> tuple[str, ...]:
    """Return every method that took part, in the order in which methods are run."""
    return tuple(dict.fromkeys(item.result.solver for case in study.cases for item in case.results))


def runs(case: Case, method: str) -> list[Recorded]:
    """Return all results of a method on an instance, one a seed."""
    return [item for item in case.results if item.result.solver == method]


def pictured(cases: Sequence[Case]) -> tuple[Case, ...]:
    """At most :data:`MOST_PICTURED` instances, evenly chosen from the smallest to the largest."""
    if len(cases) <= MOST_PICTURED:
        return tuple(cases)
    by_size = sorted(cases, key=lambda case: case.users)
    last = len(by_size) - 1
    return tuple(by_size[round(place * last / (MOST_PICTURED - 1))] for place in range(MOST_PICTURED))


def heuristics(study: Study) -> tuple[str, ...]:
    """Return methods none of whose results has a bound of its own."""
    proving = {item.result.solver for item in _all(study) if item.result.bound is not None}
    return tuple(method for method in methods(study) if method not in proving)


def _all(study: Study) -> Iterable[Recorded]:
    return (item for case in study.cases for item in case.results)
