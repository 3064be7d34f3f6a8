"""Pictures of results: each draws into the axes given, or into a new figure, and returns the axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from diffload.comparing import Comparison
from instances.from_data import as_instance
from reports.notebook import pictures
from solvers.comparison.several import Source
from solvers.core.limits import Limits, limits_of, name_of
from solvers.core.result import Result
from solvers.core.solve import solve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["convergence", "gaps", "solution", "tradeoff"]


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def solution(result: Result, ax: Axes | None = None) -> Axes:
    """Draw who runs where, and how many steps each user takes under its own limit; as ``result.plot()``.

    Parameters
    ----------
    result : Result
        With a solution.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Examples
    --------
    >>> import diffload, matplotlib
    >>> matplotlib.use("agg")
    >>> diffload.plot.solution(diffload.solve("n10")).get_ylabel()
    'steps [steps]'
    """
    if not isinstance(result, Result):
        raise TypeError(f"result: expected a Result, got {type(result).__name__}")
    return pictures.solution(result, ax)


def gaps(
    comparison: Comparison, ax: Axes | None = None, *, instance: str | None = None, problem: str | None = None
) -> Axes:
    """Draw how far every method is from the best proven bound of all of them, on a logarithmic axis.

    Parameters
    ----------
    comparison : Comparison
        Of methods, at least one of them with a bound.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    instance, problem : str, optional
        The only one to draw; all by default.

    Examples
    --------
    >>> import diffload, matplotlib
    >>> matplotlib.use("agg")
    >>> comparison = diffload.compare("n10", ["price-search", "all-local"])
    >>> diffload.plot.gaps(comparison).get_yscale()
    'log'
    """
    if not isinstance(comparison, Comparison):
        raise TypeError(f"comparison: expected a Comparison, got {type(comparison).__name__}")
    return pictures.gaps(comparison.parts, ax, instance=instance, problem=problem)


def convergence(results: Result | Iterable[Result], ax: Axes | None = None) -> Axes:
    """Draw objective and bound over the time, or the iterations, of methods that record a trace.

    Parameters
    ----------
    results : Result, Comparison, or several results
        Of SCIP, HiGHS or SCA.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Examples
    --------
    >>> import diffload, matplotlib
    >>> matplotlib.use("agg")
    >>> diffload.plot.convergence(diffload.solve("n10", "sca-published")).get_xlabel()
    'outer iteration'
    """
    shown = list(results) if isinstance(results, Iterable) else [results]
    if not all(isinstance(each, Result) for each in shown):
        raise TypeError(f"results: expected a Result or several, got {type(results).__name__}")
    return pictures.convergence(shown, ax)


def tradeoff(
    instance: Source,
    field: str,
    values: Sequence[float],
    *,
    metric: str = "objective",
    method: str | None = None,
    problem: str | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    threads: int | None = None,
    seed: int = 0,
    limits: Limits | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how the certified optimum changes with one field of the instance, which is solved for each value.

    Parameters
    ----------
    instance : Instance, path, name or mapping
        The scenario.
    field : str
        What changes, such as ``edge_step_capacity``.
    values : sequence of float
        Its values.
    metric : str
        What is drawn: the objective, or a component of it, such as ``mean_error``.
    method, problem, time_limit, gap, threads, seed, limits : optional
        As :func:`diffload.solve` takes them.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Examples
    --------
    >>> import diffload, matplotlib
    >>> matplotlib.use("agg")
    >>> ax = diffload.plot.tradeoff("n10", "edge_step_capacity", [100, 200, 300])
    >>> ax.get_xlabel()
    'edge_step_capacity'
    """
    name_of("field", field, "the name of a field")
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"values: expected several values of the field, got {type(values).__name__}")
    values = list(values)
    if not values:
        raise ValueError("values: expected at least one, got none")
    base = as_instance(instance)
    allowed = limits_of(limits, time_limit=time_limit, gap=gap, threads=threads)
    results = [
        solve(base.replace(**{field: value}), method, problem=problem, seed=seed, limits=allowed)
        for value in values
    ]
    return pictures.tradeoff(field, values, results, metric, ax)
