"""One run of a sweep: a method with a seed on one problem of an instance, under limits."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from formulations.runtime.program import UsageError
from formulations.runtime.version import versions
from instances import Instance
from solvers.comparison import methods as comparison
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.registry import Method
from solvers.core.result import Status
from solvers.core.run import Case
from solvers.sweep.ledger_key import Key, versions_digest
from solvers.sweep.ledger_record import Recorded


@dataclass(frozen=True)
class Task:
    """What is to be run.

    Attributes
    ----------
    instance : Instance
        The instance, which poses the method's problem.
    method : Method
        The method.
    seed : int
        Its seed; 0 for a method that is not random, whose result does not depend on it.
    limits : Limits
        What it may spend.
    """

    instance: Instance
    method: Method
    seed: int
    limits: Limits

    @cached_property
    def key(self) -> Key:
        """What its result is filed under."""
        return Key(
            self.instance.sha256,
            self.method.problem,
            self.method.name,
            self.seed,
            self.limits,
            versions_digest(versions()),
        )

    @property
    def name(self) -> str:
        """What messages call it."""
        seed = f" (seed {self.seed})" if self.method.random else ""
        return f"{self.method.name}{seed} on {self.instance.name}"


def tasks(
    instances: Iterable[Instance],
    solvers: Sequence[str] | None,
    problem: str | None,
    seeds: range,
    limits: Limits,
) -> tuple[Task, ...]:
    """All runs of a sweep, each of them once, instance by instance.

    Instances that pose none of the problems asked for are passed over, and so is a second instance with the
    content of an earlier one.

    Raises
    ------
    UsageError
        If a name is unknown, or nothing named fits any instance.
    """
    comparison.check_names(solvers, problem)
    found: dict[str, Task] = {}
    refusal = UsageError("expected at least one instance, got none")
    for instance in instances:
        try:
            plans = comparison.plans(instance, solvers, problem, seeds)
        except UsageError as fault:
            refusal = fault
            continue
        for plan in plans:
            for method, seed in plan.runs:
                task = Task(instance, method, seed if method.random else 0, limits)
                found.setdefault(task.key.digest, task)
    if not found:
        raise refusal
    return tuple(found.values())


def perform(task: Task) -> Recorded:
    """Run a task here, its external solver in a child process; only the log of a failure is kept."""
    data = task.instance.section(task.method.problem)
    case = Case(task.instance.name, task.instance.sha256, task.method.problem, data)
    result = run.run(task.method, case, task.limits, task.seed)
    if result.status is not Status.ERROR:
        result = replace(result, log="")
    size = getattr(data, registry.problem(task.method.problem).users)
    return Recorded(task.key, result, size, platform.node())
