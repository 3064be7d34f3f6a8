"""Compares all results of one problem: the best bound, the gap of each result to it, contradictions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from solvers.core.result import Result, Sense, Status
from solvers.core.tolerance import largest_excess
from solvers.core.validation import closed_gap, contradicts, magnitude, relative_gap, rounding


@dataclass(frozen=True)
class Verdict:
    """What all results of one instance and problem say together.

    Attributes
    ----------
    objective, objective_from : float or None, str or None
        Best feasible objective, and the method that found it.
    bound, bound_from : float or None, str or None
        Best proven bound, and the method that proved it.
    gap, absolute_gap : float or None
        Between the two, relative to the bound and in units of the objective.
    certified : bool
        Whether that gap is within the tolerance asked for.
    proven_by : tuple of str
        Methods that proved the optimum on their own.
    infeasible_by : tuple of str
        Methods that proved that there is no feasible solution.
    contradictions : tuple of str
        One sentence for each pair of claims that cannot both be true.
    """

    objective: float | None = None
    objective_from: str | None = None
    bound: float | None = None
    bound_from: str | None = None
    gap: float | None = None
    absolute_gap: float | None = None
    certified: bool = False
    proven_by: tuple[str, ...] = ()
    infeasible_by: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()


def cross_check(results: Iterable[Result], sense: Sense) -> tuple[tuple[Result, ...], Verdict]:
    """Fill in every result's gap to the best bound, and say what all of them prove together.

    Rows with status ``error`` take part in nothing: neither their bound nor their objective is trusted.

    Parameters
    ----------
    results : iterable of Result
        All of one instance and problem.
    sense : Sense
        Whether the problem minimises or maximises.
    """
    results = tuple(results)
    trusted = [result for result in results if result.status is not Status.ERROR]
    best = _best_objective(trusted, sense)
    tightest = _best_bound(trusted, sense)
    verdict = Verdict(
        proven_by=_names(result for result in trusted if result.status is Status.OPTIMAL),
        infeasible_by=_names(result for result in trusted if result.status is Status.INFEASIBLE),
        contradictions=_contradictions(trusted, sense),
    )
    if best is not None:
        verdict = replace(verdict, objective=best.objective, objective_from=best.solver)
    if tightest is not None:
        verdict = replace(verdict, bound=tightest.bound, bound_from=tightest.solver)
        results = tuple(_with_gap(result, tightest) for result in results)
    if best is not None and tightest is not None:
        best = _with_gap(best, tightest)
        closed = (best.absolute_gap or 0.0) <= closed_gap(best)
        verdict = replace(verdict, gap=best.gap, absolute_gap=best.absolute_gap)
        verdict = replace(verdict, certified=closed and not verdict.contradictions)
    return results, verdict


def _best_objective(results: Sequence[Result], sense: Sense) -> Result | None:
    solved = [result for result in results if result.objective is not None]
    return min(solved, key=lambda result: as_cost(result.objective, sense), default=None)


def _best_bound(results: Sequence[Result], sense: Sense) -> Result | None:
    bounded = [result for result in results if result.bound is not None and math.isfinite(result.bound)]
    return max(bounded, key=lambda result: as_cost(result.bound, sense), default=None)


def as_cost(value: float | None, sense: Sense) -> float:
    """An objective or a bound as something to minimise; 0 where there is none."""
    number = 0.0 if value is None else value
    return number if sense is Sense.MINIMISE else -number


def _with_gap(result: Result, tightest: Result) -> Result:
    if tightest.bound is None or result.status is Status.ERROR:
        return result
    if result.root_bound is not None:
        result = replace(result, root_gap=relative_gap(result.root_bound, tightest.bound))
    if result.objective is None:
        return result
    return replace(
        result,
        gap=relative_gap(result.objective, tightest.bound),
        absolute_gap=abs(result.objective - tightest.bound),
        bound_from=tightest.solver,
    )


def _names(results: Iterable[Result]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(result.solver for result in results))


def _contradictions(results: Sequence[Result], sense: Sense) -> tuple[str, ...]:
    found = list(_contradicted_bounds(results, sense))
    for first, second in combinations(results, 2):
        found.extend(_disagreements(first, second))
    return tuple(dict.fromkeys(found))


def _contradicted_bounds(results: Sequence[Result], sense: Sense) -> Iterable[str]:
    """Every proven bound that is on the wrong side of the best feasible objective."""
    best = _best_objective(results, sense)
    if best is None or best.objective is None:
        return
    side = "above" if sense is Sense.MINIMISE else "below"
    for result in results:
        if result.bound is not None and contradicts(best, result.bound, sense):
            yield (
                f"the bound {result.bound:.9g} of {result.solver} lies {side} "
                f"the feasible objective {best.objective:.9g} of {best.solver}"
            )
        if result.status is Status.INFEASIBLE:
            yield (
                f"{result.solver} claims that nothing is feasible, "
                f"but {best.solver} has a feasible objective {best.objective:.9g}"
            )


def _disagreements(first: Result, second: Result) -> Iterable[str]:
    """Two objectives that are both called optimal and differ by more than either tolerance."""
    if first.status is not Status.OPTIMAL or second.status is not Status.OPTIMAL:
        return
    if first.objective is None or second.objective is None:
        return
    allowed = largest_excess(magnitude(first), rounding(first))
    tolerance = max(closed_gap(first), closed_gap(second), allowed)
    if abs(first.objective - second.objective) > tolerance:
        yield (
            f"{first.solver} and {second.solver} both claim the optimum "
            f"but differ: {first.objective:.9g} and {second.objective:.9g}"
        )
