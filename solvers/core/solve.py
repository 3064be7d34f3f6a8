"""Solve one problem of an instance with one method: the call that people make, with words for what is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from formulations.runtime.moved import renamed
from instances import Instance
from instances.from_data import as_instance
from solvers.core import registry
from solvers.core.limits import Limits, limits_of, name_of, seed_of
from solvers.core.registry import Method
from solvers.core.result import Result, Status
from solvers.core.run import Case, run
from solvers.core.summary import with_units


@renamed(method_name="method", solver="method", name="method")
def solve(
    instance: Instance | str | os.PathLike[str] | Mapping[str, Any],
    method: str | None = None,
    *,
    problem: str | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    limits: Limits | None = None,
) -> Result:
    """Solve one problem of an instance, and validate what the method returns.

    Parameters
    ----------
    instance : Instance, path, name or mapping
        The scenario, the file that holds it, its name in :func:`diffload.library`, or its fields.
    method : str, optional
        Name of the method; by default the first exact one of the problem that can take the instance.
    problem : str, optional
        Which problem of the instance; needed only where that is not clear.
    time_limit : float, optional
        Seconds for building and solving; 15 by default.
    gap : float, optional
        Relative gap at which the method may stop, as a fraction; 1e-6 by default.
    threads : int, optional
        Threads of an external solver, and of our own methods for very many users; 1 by default.
    seed : int
        Seed of a random method.
    limits : Limits, optional
        Time, gap and threads at once, in place of the three above.

    Returns
    -------
    Result
        With status, objective, bound, gap and solution. That there is no solution, or that time was too short,
        is a result too.

    Raises
    ------
    TypeError
        If an argument is of another type.
    ValueError
        If a name is unknown, a number is out of its range, or it is not clear which problem is meant.
    InstanceError
        If the file or the data cannot be used.

    Examples
    --------
    >>> import diffload
    >>> result = diffload.solve("n10")
    >>> result.method, result.status.value, round(result.objective, 4)
    ('price-search', 'optimal', -2.5477)
    >>> diffload.solve("n30", "batch-scan").solution["x"].sum()
    np.float64(8.0)
    """
    allowed = limits_of(limits, time_limit=time_limit, gap=gap, threads=threads)
    seed = seed_of(seed)
    instance = as_instance(instance)
    candidates = _candidates(instance, method, problem)
    case = case_of(instance, candidates[0].problem)
    for candidate in candidates:
        result = run(candidate, case, allowed, seed)
        if result.status is not Status.UNSUPPORTED:
            break
    return with_data(with_own_gap(result), case.data)


def with_data(result: Result, data: Any) -> Result:
    """Return a result that knows its problem's data, and so the units of its multipliers."""
    return replace(result, data=data, duals=with_units(result.duals, result.problem, data))


def with_own_gap(result: Result) -> Result:
    """Return the result of a method that nothing is compared with: its gap is that to its own bound."""
    if result.own_gap is None or result.status is Status.ERROR:
        return result
    apart = abs((result.objective or 0.0) - (result.bound or 0.0))
    return replace(result, gap=result.own_gap, absolute_gap=apart, bound_from=result.solver)


def case_of(instance: Instance, problem: str) -> Case:
    """Return one problem of an instance as methods get it."""
    return Case(instance.name, instance.sha256, problem, instance.section(problem))


def posed_problem(instance: Instance, problem: str | None) -> str:
    """Return the name of the problem that is meant.

    Raises
    ------
    TypeError
        If it is no name.
    ValueError
        If the instance does not pose it, or poses several and none is named.
    """
    if problem is None:
        if len(instance.problems) > 1:
            choices = " or ".join(f"problem='{name}'" for name in instance.problems)
            raise ValueError(f"instance '{instance.name}' poses several problems: expected {choices}, got neither")
        return instance.problems[0]
    known = registry.problem(name_of("problem", problem, "the name of a problem"))
    if known.name not in instance.problems:
        names = " and ".join(instance.problems)
        raise ValueError(f"instance '{instance.name}' does not pose '{problem}', expected one of {names}")
    return known.name


def _candidates(instance: Instance, method: str | None, problem: str | None) -> list[Method]:
    """The methods to try, the first of which is taken unless it does not apply."""
    if method is None:
        return _exact(instance, problem)
    name = registry.method(name_of("method", method, "the name of a method"), problem).name
    if problem is not None:
        posed_problem(instance, problem)
    found = [
        each
        for each in registry.methods()
        if each.name == name and problem in (None, each.problem) and each.problem in instance.problems
    ]
    if not found:
        names = " and ".join(instance.problems)
        raise ValueError(f"instance '{instance.name}' poses {names}, which '{name}' does not solve")
    if len(found) > 1:
        choices = " or ".join(f"problem='{each.problem}'" for each in found)
        raise ValueError(f"'{name}' solves several problems of instance '{instance.name}': expected {choices}")
    return found


def _exact(instance: Instance, problem: str | None) -> list[Method]:
    """All exact methods of the problem that is meant, in the order of the registry."""
    if problem is None and len(instance.problems) > 1:
        choices = " or ".join(f"problem='{name}'" for name in instance.problems)
        names = ", ".join(_first_exact(name).name for name in instance.problems)
        raise ValueError(
            f"instance '{instance.name}' poses several problems: expected {choices}, or method= one of their "
            f"methods ({names}, ...)"
        )
    chosen = posed_problem(instance, problem)
    found = [each for each in registry.methods_for(chosen) if each.exact]
    return found or list(registry.methods_for(chosen)[:1])


def _first_exact(problem: str) -> Method:
    known = registry.methods_for(problem)
    return next((each for each in known if each.exact), known[0])
