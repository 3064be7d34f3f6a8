"""Collects the results of a sweep and compares them with everything that the ledger knows.

Gaps are not stored: the best bound of an instance may come from a run that is done later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from solvers.comparison.cross_check import Verdict, as_cost, cross_check
from solvers.comparison.labels import labels
from solvers.core import registry
from solvers.core.registry import Problem
from solvers.core.result import Status
from solvers.sweep.ledger_key import Key
from solvers.sweep.ledger_record import Recorded

if TYPE_CHECKING:
    from instances import Instance


@dataclass(frozen=True)
class Case:
    """One problem of one instance.

    Attributes
    ----------
    instance, instance_hash : str
        Name and hash of the instance.
    users : int
        Its number of users or items.
    results : tuple of Recorded
        The results asked for, gaps to the best bound filled in.
    verdict : Verdict
        What all results of the ledger, from the same versions of all packages, prove together.
    data : Section or None
        The problem's data, where the instance is at hand.
    """

    instance: str
    instance_hash: str
    users: int
    results: tuple[Recorded, ...]
    verdict: Verdict
    data: Any = None

    @property
    def infeasible(self) -> bool:
        """Whether infeasibility is proven and no solution was found."""
        return self.verdict.objective is None and bool(self.verdict.infeasible_by)


@dataclass(frozen=True)
class Study:
    """One problem over all instances.

    Attributes
    ----------
    problem : Problem
        The problem.
    cases : tuple of Case
        Its instances, in the order asked for.
    missing : int
        Results asked for that the ledger does not have.
    """

    problem: Problem
    cases: tuple[Case, ...]
    missing: int = 0

    @property
    def results(self) -> list[Recorded]:
        """All results, instance by instance."""
        return [recorded for case in self.cases for recorded in case.results]

    @property
    def contradictions(self) -> list[str]:
        """One sentence for each pair of claims that cannot both be true."""
        return [f"{case.instance}: {text}" for case in self.cases for text in case.verdict.contradictions]

    @property
    def consistent(self) -> bool:
        """Whether no result is an error and no two claims contradict each other."""
        errors = any(recorded.result.status is Status.ERROR for recorded in self.results)
        return not errors and not self.contradictions


def studies(
    recorded: Iterable[Recorded], wanted: Sequence[Key], instances: Iterable[Instance] = ()
) -> list[Study]:
    """Return the results filed under these keys, by problem and instance, with the data of the instances at hand.

    All results of an instance that come from the same versions take part in the check and may give the bound, also
    those of methods, seeds and limits that were not asked for: what is proven is proven.
    """
    known: dict[tuple[str, str, str], list[Recorded]] = {}
    for item in recorded:
        known.setdefault(_group(item.key), []).append(item)
    asked: dict[str, dict[tuple[str, str, str], list[Key]]] = {}
    for key in wanted:
        asked.setdefault(key.problem, {}).setdefault(_group(key), []).append(key)
    by_hash = {instance.sha256: instance for instance in instances}
    found = []
    for problem in registry.problems():
        groups = asked.get(problem.name, {})
        cases = [_case(problem, known[group], keys, by_hash) for group, keys in groups.items() if group in known]
        cases = _told_apart([case for case in cases if case.results])
        missing = sum(len(keys) for keys in groups.values()) - sum(len(case.results) for case in cases)
        if groups:
            found.append(Study(problem, tuple(cases), missing))
    return found


def best_result(problem: Problem, case: Case) -> Recorded | None:
    """Return the result with the best objective among those asked for, None where nothing feasible was found."""
    found = [
        item
        for item in case.results
        if item.result.objective is not None and item.result.status is not Status.ERROR
    ]
    return min(found, key=lambda item: as_cost(item.result.objective, problem.sense), default=None)


def _told_apart(cases: Sequence[Case]) -> list[Case]:
    """Return the cases, with a part of the hash behind an instance's name where several have the same."""
    called = labels([case.instance for case in cases], [case.instance_hash[:8] for case in cases])
    return [replace(case, instance=label) for case, label in zip(cases, called, strict=True)]


def _group(key: Key) -> tuple[str, str, str]:
    return key.problem, key.instance_hash, key.versions


def _case(
    problem: Problem, known: Sequence[Recorded], keys: Sequence[Key], instances: Mapping[str, Instance]
) -> Case:
    checked, verdict = cross_check([item.result for item in known], problem.sense)
    by_key = {item.key: replace(item, result=result) for item, result in zip(known, checked, strict=True)}
    first = known[0]
    instance = instances.get(first.key.instance_hash)
    return Case(
        instance=first.result.instance,
        instance_hash=first.key.instance_hash,
        users=first.users,
        results=tuple(by_key[key] for key in keys if key in by_key),
        verdict=verdict,
        data=None if instance is None else instance.section(problem.name),
    )
