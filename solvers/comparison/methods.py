"""Runs all methods on one problem of an instance and compares their results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from formulations.runtime.program import UsageError
from formulations.runtime.progress import Progress
from instances import Instance
from solvers.comparison.cross_check import Verdict, cross_check
from solvers.core import registry, run
from solvers.core.limits import Limits
from solvers.core.registry import AuxiliaryTable, Method, Problem
from solvers.core.result import Result, Status
from solvers.core.run import Case, Failure
from solvers.processes import isolation, schedule
from solvers.processes.schedule import Job


@dataclass(frozen=True)
class Plan:
    """What is to be run on one problem of one instance.

    Attributes
    ----------
    problem : Problem
        The problem, with its sense and evaluator.
    case : Case
        Its data.
    runs : tuple of (Method, int)
        Every method with every seed, in the order of the registry.
    auxiliary_tables : tuple of AuxiliaryTable
        Tables of its own that go with it.
    """

    problem: Problem
    case: Case
    runs: tuple[tuple[Method, int], ...]
    auxiliary_tables: tuple[AuxiliaryTable, ...]

    @property
    def isolated_jobs(self) -> int:
        """Number of child processes that it takes."""
        return sum(method.isolated for method, _ in self.runs) + len(self.auxiliary_tables)


@dataclass(frozen=True)
class Comparison:
    """What came of a plan.

    Attributes
    ----------
    results : tuple of Result
        In the order of the plan, gaps filled in.
    verdict : Verdict
        What they prove together.
    auxiliary_tables : tuple of (AuxiliaryTable, value)
        What the function of each table returned, or a :class:`~solvers.core.run.Failure`.
    missing : tuple of str
        Jobs that an interrupted run did not finish.
    interrupted : bool
        Whether Ctrl-C ended it.
    conflict : str
        Where nothing is feasible: which constraints cannot hold together, in a sentence.
    """

    plan: Plan
    results: tuple[Result, ...]
    verdict: Verdict
    auxiliary_tables: tuple[tuple[AuxiliaryTable, Any], ...]
    missing: tuple[str, ...] = ()
    interrupted: bool = False
    conflict: str = ""

    @property
    def consistent(self) -> bool:
        """Whether no row is an error and no two claims contradict each other."""
        statuses = [result.status for result in self.results]
        statuses.extend(value.status for _, value in self.auxiliary_tables if isinstance(value, Failure))
        return not self.verdict.contradictions and Status.ERROR not in statuses


def plans(
    instance: Instance, solvers: Sequence[str] | None, problem: str | None, seeds: range
) -> tuple[Plan, ...]:
    """What to run on an instance: every problem it poses, or the one named, with all methods or those named.

    Raises
    ------
    UsageError
        If a name is unknown, or nothing named fits the instance.
    """
    check_names(solvers, problem)
    posed = [candidate for candidate in registry.problems() if candidate.name in instance.problems]
    chosen = [candidate for candidate in posed if problem in (None, candidate.name)]
    if not chosen:
        names = ", ".join(instance.problems)
        raise UsageError(f"instance '{instance.name}' does not pose '{problem}', expected one of {names}")
    found = tuple(_plan(instance, candidate, solvers, seeds) for candidate in chosen)
    found = tuple(plan for plan in found if plan.runs)
    if not found:
        names = ", ".join(candidate.name for candidate in chosen)
        raise UsageError(f"no solver named solves {names} of instance '{instance.name}'")
    return found


def named(plan: Plan, label: str) -> Plan:
    """The same plan, whose results and tables call the instance by another name."""
    return replace(plan, case=replace(plan.case, instance=label))


def check_names(solvers: Sequence[str] | None, problem: str | None) -> None:
    """Refuse the name of a problem or a method that does not exist.

    Raises
    ------
    UsageError
        Naming those that do.
    """
    if problem is not None:
        registry.problem(problem)
    for name in solvers or ():
        registry.method(name)


def _plan(instance: Instance, problem: Problem, solvers: Sequence[str] | None, seeds: range) -> Plan:
    methods = [
        method for method in registry.methods_for(problem.name) if solvers is None or method.name in solvers
    ]
    auxiliary_tables = [item for item in problem.auxiliary_tables if solvers is None or item.beside in solvers]
    return Plan(
        problem=problem,
        case=Case(instance.name, instance.sha256, problem.name, instance.section(problem.name)),
        runs=tuple((method, seed) for method in methods for seed in (seeds if method.random else seeds[:1])),
        auxiliary_tables=tuple(auxiliary_tables),
    )


def default_limits(found: Iterable[Plan], time_limit: float | None, gap: float, threads: int) -> Limits:
    """Limits of every method of one instance; without a time limit, one that suits their number."""
    if time_limit is None:
        isolated = sum(plan.isolated_jobs for plan in found)
        time_limit = schedule.default_time_limit(isolated, schedule.workers(threads))
    return Limits(time_limit=time_limit, gap=gap, threads=threads)


def compare_methods(plan: Plan, limits: Limits, progress: Progress) -> Comparison:
    """Run a plan and hold its results against each other; Ctrl-C keeps what is done."""
    jobs = _jobs(plan, limits)
    done: dict[Job, Any] = {}
    interrupted = False
    isolated = [method.function for method, _ in plan.runs if method.isolated]
    isolated += [auxiliary.function for auxiliary in plan.auxiliary_tables]
    if isolated:
        isolation.warm_up(isolated)
    try:
        _run(plan, jobs, schedule.workers(limits.threads), progress, done)
    except KeyboardInterrupt:
        interrupted = True
    runs, auxiliary_tables = jobs[: len(plan.runs)], jobs[len(plan.runs) :]
    results, verdict = cross_check([done[job] for job in runs if job in done], plan.problem.sense)
    conflict = ""
    if not interrupted and verdict.infeasible_by and verdict.objective is None and plan.case.data.constraints:
        try:
            conflict = _conflict(plan, limits, progress)
        except KeyboardInterrupt:
            interrupted = True
    return Comparison(
        plan=plan,
        results=results,
        verdict=verdict,
        auxiliary_tables=tuple(
            (item, done[job])
            for item, job in zip(plan.auxiliary_tables, auxiliary_tables, strict=True)
            if job in done
        ),
        missing=tuple(job.name for job in jobs if job not in done),
        interrupted=interrupted,
        conflict=conflict,
    )


def _run(plan: Plan, jobs: Sequence[Job], side_by_side: int, progress: Progress, done: dict[Job, Any]) -> None:
    """Run jobs and put their values into ``done`` as they come; a log gets a line for each but the quick ones."""
    title, began = f"{plan.case.instance} {plan.problem.name}", time.perf_counter()

    def finished(job: Job, value: Any) -> None:
        done[job] = value
        status, seconds = getattr(value, "status", "done"), time.perf_counter() - began
        line = f"{title}: {job.name} {status} after {seconds:.1f} s" if job.isolated else ""
        progress.finished(job.name, line)

    with progress.of(title, len(jobs)):
        schedule.run_all(jobs, side_by_side, lambda job: progress.started(job.name), finished)


def _conflict(plan: Plan, limits: Limits, progress: Progress) -> str:
    """Which constraints cannot hold together, found in a child process."""
    question = (plan.problem.name, plan.case.data, limits)
    work: Callable[[], Any] = partial(run.isolated, "solvers.core.infeasibility:explain", question, limits)
    job = Job("conflicting constraints", True, work)
    answer: dict[Job, Any] = {}
    _run(plan, [job], 1, progress, answer)
    found = answer[job]
    if isinstance(found, Failure):
        return f"which constraints are in conflict was not found: {found.reason}"
    return found.sentence if found is not None else "which constraints are in conflict was not found in time"


def _jobs(plan: Plan, limits: Limits) -> list[Job]:
    several = {method.name for method, seed in plan.runs if seed != plan.runs[0][1]}
    jobs = []
    for method, seed in plan.runs:
        name = f"{method.name} (seed {seed})" if method.name in several else method.name
        jobs.append(Job(name, method.isolated, partial(run.run, method, plan.case, limits, seed)))
    for auxiliary in plan.auxiliary_tables:
        work: Callable[[], Any] = partial(run.isolated, auxiliary.function, (plan.case.data, limits), limits)
        jobs.append(Job(auxiliary.title, True, work))
    return jobs
