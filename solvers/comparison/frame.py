"""A comparison as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from formulations.runtime.moved import renamed
from formulations.runtime.progress import Progress
from solvers.comparison.methods import Comparison
from solvers.comparison.several import Source, compared, conflicts, contradictions
from solvers.core.limits import Limits
from solvers.core.result import Result


@renamed(solvers="method")
def compare(
    instances: Source | Iterable[Source],
    method: str | Iterable[str] | None = None,
    *,
    problem: str | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    seeds: int = 5,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """Compare methods on instances; :func:`diffload.compare` does the same and returns more than a table.

    Parameters
    ----------
    instances : Instance, path or name, or several
        What to solve.
    method : str, or several, optional
        Names of the methods; all that apply by default.
    problem : str, optional
        The only problem to solve; all that the instances pose by default.
    time_limit : float, optional
        Seconds for each method; by default what keeps an instance within a minute.
    gap : float, optional
        Relative gap that counts as optimal, as a fraction; 1e-6 by default.
    threads : int, optional
        Threads of each external solver; 1 by default.
    seed, seeds : int
        First seed, and number of seeds of each random method.
    limits : Limits, optional
        Time, gap and threads at once.

    Returns
    -------
    pandas.DataFrame
        One row per instance, problem, method and seed, with status, objective, bound, gap (as a fraction), the
        components of the objective, the time [s] and the solution's arrays. ``attrs["contradictions"]`` lists
        the claims that cannot both be true; there is also a warning for each. ``attrs["conflicts"]`` says of
        every infeasible instance which constraints cannot hold together.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown, or an instance or an argument cannot be used.
    """
    return frame_of(
        compared(
            instances,
            method,
            problem=problem,
            time_limit=time_limit,
            gap=gap,
            threads=threads,
            seed=seed,
            seeds=seeds,
            limits=limits,
            progress=Progress(),
        )
    )


def frame_of(found: Sequence[Comparison]) -> pd.DataFrame:
    """Return one row per result of some comparisons; see :func:`compare`."""
    frame = pd.DataFrame([row(result) for each in found for result in each.results])
    frame.attrs["contradictions"] = contradictions(found)
    frame.attrs["conflicts"] = conflicts(found)
    return frame


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
