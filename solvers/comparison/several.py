"""All methods on several instances, from Python: arguments checked, comparisons in the order asked for."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, cast

from formulations.runtime.command_line import LARGEST_SEED
from formulations.runtime.progress import Progress
from instances import Instance
from instances.from_data import as_instance
from solvers.comparison import methods as comparison
from solvers.comparison.labels import labels
from solvers.comparison.methods import Comparison, Plan
from solvers.core.limits import Limits, limits_of, name_of, whole_number
from solvers.core.solve import with_data

Source: TypeAlias = Instance | str | os.PathLike[str] | Mapping[str, Any]
"""An instance, or where one is."""

MOST_SEEDS = 10_000


def compared(
    instances: Source | Iterable[Source],
    method: str | Iterable[str] | None,
    *,
    problem: str | None,
    time_limit: float | None,
    gap: float | None,
    threads: int | None,
    seed: int,
    seeds: int,
    limits: Limits | None,
    progress: Progress,
) -> list[Comparison]:
    """Compare methods on instances; see :func:`diffload.compare`.

    Raises
    ------
    TypeError, ValueError
        In a sentence about the argument that cannot be used.
    KeyboardInterrupt
        After Ctrl-C; its ``parts`` are the comparisons that were begun.
    """
    asked = limits_of(limits, time_limit=time_limit, gap=gap, threads=threads)
    drawn = range(whole_number("seed", seed, 0, LARGEST_SEED), seed + whole_number("seeds", seeds, 1, MOST_SEEDS))
    whole_number("seeds", drawn[-1], 0, LARGEST_SEED)
    if problem is not None:
        name_of("problem", problem, "the name of a problem")
    names = None if method is None else names_of(method)
    if names is not None and not names:
        raise ValueError("method: expected at least one name, got none")
    loaded = [as_instance(item) for item in listed(instances)]
    if not loaded:
        raise ValueError("instances: expected at least one, got none")
    called = labels([instance.name for instance in loaded], [instance.sha256[:8] for instance in loaded])
    planned = [
        [comparison.named(plan, label) for plan in _plans(instance, names, problem, drawn)]
        for instance, label in zip(loaded, called, strict=True)
    ]
    found: list[Comparison] = []
    for plans in planned:
        own = asked if limits is not None or time_limit is not None else _default(plans, asked)
        for plan in plans:
            done = comparison.compare_methods(plan, own, progress)
            known = tuple(with_data(result, plan.case.data) for result in done.results)
            found.append(replace(done, results=known))
            if done.interrupted:
                stopped: Any = KeyboardInterrupt()  # no class of its own, of which Python knows no exit status
                stopped.parts = found
                raise stopped
    for text in contradictions(found):
        warnings.warn(text, RuntimeWarning, stacklevel=4)
    return found


def contradictions(found: Iterable[Comparison]) -> list[str]:
    """Return a sentence for each pair of claims that cannot both be true, with the instance."""
    return [f"{each.plan.case.instance}: {text}" for each in found for text in each.verdict.contradictions]


def conflicts(found: Iterable[Comparison]) -> list[str]:
    """Return a sentence for each infeasible instance: which constraints cannot hold together."""
    return [f"{each.plan.case.instance}: {each.conflict}" for each in found if each.conflict]


def names_of(method: str | Iterable[str]) -> list[str]:
    """Return the names of methods that a caller gives as one or several.

    Raises
    ------
    TypeError
        If they are no names.
    """
    if isinstance(method, str):
        return [method]
    if not isinstance(method, Iterable):
        raise TypeError(f"method: expected the name of a method or several, got {type(method).__name__}")
    return [name_of("method", name, "names of methods") for name in method]


def listed(instances: Source | Iterable[Source]) -> Sequence[Source]:
    """Return one instance or several as a list.

    Raises
    ------
    TypeError
        If they are neither.
    """
    if isinstance(instances, Instance | str | os.PathLike | Mapping):
        return [instances]
    if hasattr(instances, "columns"):  # a table of pandas would be gone through by its columns' names
        return [cast(Source, instances)]
    if not isinstance(instances, Iterable):
        raise TypeError(f"instances: expected an instance or several, got {type(instances).__name__}")
    return list(instances)


def _default(plans: Sequence[Plan], asked: Limits) -> Limits:
    return comparison.default_limits(plans, None, asked.gap, asked.threads)


def _plans(instance: Instance, names: Sequence[str] | None, problem: str | None, seeds: range) -> Iterator[Plan]:
    """What to run, without the tables that only the command shows."""
    for plan in comparison.plans(instance, names, problem, seeds):
        yield replace(plan, auxiliary_tables=())
