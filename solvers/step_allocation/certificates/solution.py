"""A solution, recomputed by the checker of certificates: objective, rounding, and whether it is feasible."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from solvers.step_allocation.certificates import quality
from solvers.step_allocation.certificates.problem import Problem

STEP_TOLERANCE = 1e-8
"""Share of the largest limit of steps by which steps may miss their own."""

WHOLE_TOLERANCE = 1e-6
"""Distance from a whole number that counts as none [steps]."""

BUDGET_TOLERANCE = 1e-9
"""Share of the edge's budget by which the sum of its steps may miss it."""

ROW_TOLERANCE = 1e-7
"""Share of its limit, or of its largest coefficient, by which a further row may be missed."""

OBJECTIVE_ROUNDING = 2.0**-47
"""Share of the sizes of all terms by which floating point may miss an objective or a bound of a search."""


class Recomputed(NamedTuple):
    """Objective of a feasible solution, and the sizes that its tolerances are relative to."""

    objective: float
    """Sum of all users' costs [-]."""
    size: float
    """What decisions can change of the terms [-]."""
    rounding: float
    """What floating point may do to their sum [-]."""


def recompute_solution(problem: Problem, solution: Mapping[str, Any]) -> Recomputed:
    """Objective of a solution that keeps all limits to within tolerances.

    Raises
    ------
    ValueError
        If the arrays are no decisions of all users, or violate a limit.
    """
    place, steps = _decisions(problem, solution)
    _keep_steps(problem, place, steps)
    _keep_rows(problem, place, steps)
    return recompute_decisions(problem, place, np.maximum(steps, 0.0))


def recompute_decisions(problem: Problem, place: NDArray[Any], steps: FloatArray) -> Recomputed:
    """Objective of places and steps, shape (N,) each, whether they keep the limits or not."""
    linear = problem.rate[place, np.arange(problem.users)] * steps
    error, gained = problem.error_at(steps), problem.utility_at(steps)
    parts = (linear, error, gained)
    size = sum(math.fsum(np.minimum(part, most)) for part, most in zip(parts, _changeable(problem), strict=True))
    return Recomputed(
        objective=math.fsum(linear + error - gained),
        size=size,
        rounding=OBJECTIVE_ROUNDING * math.fsum(linear + error + gained),
    )


def _changeable(problem: Problem) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Most that decisions can change of each term, whatever the user does, shape (N,) each."""
    lower, upper, allowed = problem.lower, problem.upper, problem.allowed
    least = np.where(allowed, lower, np.inf).min(axis=0)
    largest = np.where(allowed, upper, -np.inf).max(axis=0)
    least_cost = np.where(allowed, problem.rate * lower, np.inf).min(axis=0)
    most_cost = np.where(allowed, problem.rate * upper, -np.inf).max(axis=0)
    error = quality.error_lost(problem.error, problem.error_decay, least, largest)
    gained = quality.utility_gained(problem.utility, problem.utility_decay, least, largest)
    return most_cost - least_cost, error, gained


def _decisions(problem: Problem, solution: Mapping[str, Any]) -> tuple[NDArray[np.int64], FloatArray]:
    """Place and steps of every user, shape (N,) each."""
    offload, steps = (_numbers(problem, solution, symbol) for symbol in ("a", "s"))
    place = offload.astype(np.int64)
    if not ((place == offload) & (place >= 0) & (place <= 1)).all():
        raise ValueError("the solution violates 'binary': an a_n is neither 0 nor 1")
    if not problem.allowed[place, np.arange(problem.users)].all():
        raise ValueError("the solution violates a constraint: it puts a user where it may not be")
    return place, steps


def _numbers(problem: Problem, solution: Mapping[str, Any], symbol: str) -> FloatArray:
    values = np.asarray(solution[symbol])
    if values.shape != (problem.users,) or values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise ValueError(f"'{symbol}' of the solution is not {problem.users} finite numbers")
    return values.astype(np.float64)


def _keep_steps(problem: Problem, place: NDArray[np.int64], steps: FloatArray) -> None:
    if problem.whole and not (np.abs(steps - np.round(steps)) <= WHOLE_TOLERANCE).all():
        raise ValueError("the solution violates 'integer_steps': an s_n is not whole")
    user = np.arange(problem.users)
    beyond = np.maximum(problem.lower[place, user] - steps, steps - problem.upper[place, user])
    spare = _spare_steps(problem)
    if not (beyond <= spare).all():
        worst = int(np.argmax(beyond - spare))
        raise ValueError(f"the solution violates the limits of steps of user {worst} by {beyond[worst]:.3g}")


def _spare_steps(problem: Problem) -> FloatArray:
    """Steps that count as none, a share of each user's own limit, shape (N,)."""
    spare = STEP_TOLERANCE * np.asarray(problem.upper.max(axis=0), dtype=np.float64)
    return np.minimum(spare, 0.5) if problem.whole else spare


def _keep_rows(problem: Problem, place: NDArray[np.int64], steps: FloatArray) -> None:
    coefficients = np.where(place == 1, problem.per_step[1], problem.per_step[0])
    used = (coefficients * steps + problem.offload * place).sum(axis=1)
    largest = np.maximum(np.abs(coefficients).max(axis=1), np.abs(problem.offload).max(axis=1))
    spare = ROW_TOLERANCE * np.maximum(np.abs(problem.right_hand_side), largest)
    budget = problem.right_hand_side[0]
    spare[0] = min(float(_spare_steps(problem).max()), STEP_TOLERANCE * budget) + BUDGET_TOLERANCE * budget
    excess = used - problem.right_hand_side
    if not (excess <= spare).all():
        row = int(np.argmax(excess - spare))
        raise ValueError(f"the solution violates {problem.row_name(row)} by {excess[row]:.3g}")
