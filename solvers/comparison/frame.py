"""A comparison as a pandas DataFrame."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from instances import Instance, load
from solvers.comparison import methods as comparison
from solvers.comparison.labels import labels
from solvers.comparison.methods import Plan
from solvers.core.limits import MOST_THREADS
from solvers.core.result import Result
from solvers.processes.progress import Progress


def compare(
    instances: Instance | str | os.PathLike[str] | Iterable[Instance | str | os.PathLike[str]],
    solvers: Sequence[str] | None,
    *,
    problem: str | None,
    time_limit: float | None,
    gap: float,
    seeds: range,
    threads: int,
) -> pd.DataFrame:
    """See :func:`solvers.compare.compare`."""
    if not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"expected 1 to {MOST_THREADS} threads, got {threads}")
    if not seeds or not 0.0 <= gap < 1.0 or (time_limit is not None and not time_limit > 0.0):
        raise ValueError("expected at least one seed, a gap from 0 to below 1 and a positive time limit")
    named = [instances] if isinstance(instances, Instance | str | os.PathLike) else list(instances)
    loaded = [item if isinstance(item, Instance) else load(item) for item in named]
    called = labels([instance.name for instance in loaded], [instance.sha256[:8] for instance in loaded])
    planned = [
        [comparison.named(plan, label) for plan in _plans(instance, solvers, problem, seeds)]
        for instance, label in zip(loaded, called, strict=True)
    ]
    results: list[Result] = []
    contradictions: list[str] = []
    conflicts: list[str] = []
    for plans in planned:
        limits = comparison.default_limits(plans, time_limit, gap, threads)
        for plan in plans:
            compared = comparison.compare_methods(plan, limits, Progress())
            if compared.interrupted:
                raise KeyboardInterrupt
            results.extend(compared.results)
            contradictions.extend(f"{plan.case.instance}: {text}" for text in compared.verdict.contradictions)
            if compared.conflict:
                conflicts.append(f"{plan.case.instance}: {compared.conflict}")
    for text in contradictions:
        warnings.warn(text, RuntimeWarning, stacklevel=3)
    frame = pd.DataFrame([row(result) for result in results])
    frame.attrs["contradictions"] = contradictions
    frame.attrs["conflicts"] = conflicts
    return frame


def _plans(instance: Instance, solvers: Sequence[str] | None, problem: str | None, seeds: range) -> list[Plan]:
    """What to run, without the tables that only the command shows."""
    return [replace(plan, auxiliary_tables=()) for plan in comparison.plans(instance, solvers, problem, seeds)]


def row(result: Result) -> dict[str, Any]:
    """What a data frame holds of one result."""
    metrics = result.evaluation.metrics if result.evaluation else {}
    return {
        "instance": result.instance,
        "problem": result.problem,
        "solver": result.solver,
        "formulation": result.formulation,
        "status": str(result.status),
        "reason": result.reason,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "absolute_gap": result.absolute_gap,
        "bound_from": result.bound_from,
        **metrics,
        "raw_objective": result.raw_objective,
        "seconds": result.seconds,
        "seed": result.seed,
        "instance_hash": result.instance_hash,
        "solution": result.solution,
    }
