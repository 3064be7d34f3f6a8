"""Turns what a method hands in into a result that can be trusted: recomputed, and named by a fixed rule."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

from formulations.evaluation import Evaluation
from solvers.limits import Limits
from solvers.registry import Method, problem
from solvers.result import Outcome, Result, Sense, Status

BOUND_TOLERANCE = 1e-6
"""A bound contradicts an objective when it is further than this times max(1, |objective|) on the wrong side."""

ABSOLUTE_GAP_PER_USER = 1e-9
"""An absolute gap of this much per user is closed whatever the objective's size."""

SMALLEST_DENOMINATOR = 1e-9
"""Smallest divisor of a relative gap."""


def judge(
    method: Method, instance: str, instance_hash: str, data: Any, outcome: Outcome, limits: Limits, seed: int
) -> Result:
    """Recompute a method's solution and name its status.

    The status is ``optimal`` only if the recomputed objective is within max(gap x |objective|, 1e-9 x users)
    of the method's own proven bound, ``feasible`` if the solution merely holds, ``error`` if the evaluator
    finds a violation, and without a solution ``infeasible`` (proven) or ``unknown``.
    """
    result = Result(
        instance=instance,
        instance_hash=instance_hash,
        problem=method.problem,
        solver=method.name,
        formulation=method.formulation,
        status=Status.INFEASIBLE if outcome.infeasible else Status.UNKNOWN,
        seed=seed,
        limits=limits,
        reason=outcome.reason,
        bound=outcome.bound,
        seconds=outcome.build_seconds + outcome.solve_seconds,
        build_seconds=outcome.build_seconds,
        solve_seconds=outcome.solve_seconds,
        nodes=outcome.nodes,
        iterations=outcome.iterations,
        raw_objective=outcome.raw_objective,
        solution=outcome.solution,
        duals=outcome.duals,
        certificate=outcome.certificate,
        history=outcome.history,
        log=outcome.log,
    )
    if outcome.solution is None:
        return result
    try:
        evaluation = import_module(problem(method.problem).evaluation).evaluate_solution(data, outcome.solution)
    except (KeyError, ValueError) as fault:
        return replace(result, status=Status.ERROR, reason=f"unusable solution: {fault}", solution=None)
    return _with_evaluation(result, evaluation, problem(method.problem).sense, data.users)


def _with_evaluation(result: Result, evaluation: Evaluation, sense: Sense, users: int) -> Result:
    result = replace(result, objective=evaluation.objective, evaluation=evaluation)
    if not evaluation.feasible:
        family, violation = max(evaluation.violations.items(), key=lambda item: item[1])
        reason = f"the evaluator finds constraint '{family}' violated by {violation:.3g}"
        return replace(result, status=Status.ERROR, reason=reason)
    if result.bound is None:
        return replace(result, status=Status.FEASIBLE)
    own_gap = relative_gap(evaluation.objective, result.bound)
    if contradicts(evaluation.objective, result.bound, sense):
        reason = f"the method's bound {result.bound:.9g} is on the wrong side of its objective"
        return replace(result, status=Status.ERROR, own_gap=own_gap, reason=reason)
    closed = max(result.limits.gap * abs(evaluation.objective), ABSOLUTE_GAP_PER_USER * users)
    proven = abs(evaluation.objective - result.bound) <= closed
    return replace(result, status=Status.OPTIMAL if proven else Status.FEASIBLE, own_gap=own_gap)


def relative_gap(objective: float, bound: float) -> float:
    """|objective - bound| / max(|bound|, 1e-9), as a fraction."""
    return abs(objective - bound) / max(abs(bound), SMALLEST_DENOMINATOR)


def contradicts(objective: float, bound: float, sense: Sense) -> bool:
    """Whether a proven bound is on the wrong side of a feasible objective, beyond rounding."""
    excess = bound - objective if sense is Sense.MINIMISE else objective - bound
    return excess > BOUND_TOLERANCE * max(1.0, abs(objective))
