"""Validates what a method returns: recomputes objective and violations, and names the status by a fixed rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from formulations.evaluation import Evaluation
from formulations.runtime.moved import former_names
from formulations.runtime.version import versions
from solvers.core.limits import Limits
from solvers.core.registry import Method, problem
from solvers.core.result import Outcome, Result, Sense, Status
from solvers.core.tolerance import largest_closed_gap, largest_excess

__getattr__ = former_names(__name__)

SMALLEST_DENOMINATOR = 1e-9
"""Smallest divisor of a relative gap."""


def validate(
    method: Method, instance: str, instance_hash: str, data: Any, outcome: Outcome, limits: Limits, seed: int
) -> Result:
    """Recompute a method's solution and name its status.

    The status is ``optimal`` only if the recomputed objective is within the closed gap
    (:func:`solvers.core.tolerance.largest_closed_gap`) of the method's own proven bound. It is ``feasible`` if the
    solution merely holds, and ``error`` if the evaluator finds a violation or a bound on the wrong side. Without a
    solution it is ``infeasible`` (proven) or ``unknown``. A certificate is bound to the instance by its hash.
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
        root_bound=outcome.root_bound,
        nodes=outcome.nodes,
        iterations=outcome.iterations,
        raw_objective=outcome.raw_objective,
        solution=outcome.solution,
        duals=outcome.duals,
        certificate=_of_instance(outcome.certificate, instance_hash),
        history=outcome.history,
        log=outcome.log,
        versions=versions(),
    )
    if outcome.solution is None:
        return result
    try:
        evaluation = import_module(problem(method.problem).evaluation).evaluate_solution(data, outcome.solution)
    except (KeyError, ValueError) as fault:
        return replace(result, status=Status.ERROR, reason=f"unusable solution: {fault}", solution=None)
    return with_evaluation(result, evaluation, problem(method.problem).sense)


def _of_instance(certificate: Mapping[str, Any] | None, instance_hash: str) -> Mapping[str, Any] | None:
    """Return the certificate with the hash of its instance."""
    return None if certificate is None else {**certificate, "instance_hash": instance_hash}


def with_evaluation(result: Result, evaluation: Evaluation, sense: Sense) -> Result:
    """Name the status of a result by what an evaluator found of its solution, see :func:`validate`."""
    result = replace(result, objective=evaluation.objective, evaluation=evaluation)
    if not evaluation.feasible:
        family, violation = evaluation.worst_violation
        reason = f"the evaluator finds constraint '{family}' violated by {violation:.3g}"
        return replace(result, status=Status.ERROR, reason=reason)
    if result.bound is None:
        return replace(result, status=Status.FEASIBLE)
    own_gap = relative_gap(evaluation.objective, result.bound)
    if contradicts(result, result.bound, sense):
        reason = f"the method's bound {result.bound:.9g} is on the wrong side of its objective"
        return replace(result, status=Status.ERROR, own_gap=own_gap, reason=reason)
    proven = abs(evaluation.objective - result.bound) <= closed_gap(result)
    if proven:
        return replace(result, status=Status.OPTIMAL, own_gap=own_gap)
    return replace(result, status=Status.FEASIBLE, own_gap=own_gap, reason=_what_is_open(result))


def _what_is_open(result: Result) -> str:
    """The reason of a result that is not optimal: where the method calls its gap closed, also what stays open."""
    if result.bound is None or not result.reason.startswith("gap closed") or result.reason.endswith(" open"):
        return result.reason
    left = abs((result.objective or 0.0) - result.bound) / max(magnitude(result), SMALLEST_DENOMINATOR)
    return f"{result.reason}; {left:.1g} of what decisions can change is open"


def relative_gap(objective: float, bound: float) -> float:
    """|objective - bound| / max(|bound|, 1e-9), as a fraction."""
    return abs(objective - bound) / max(abs(bound), SMALLEST_DENOMINATOR)


def closed_gap(result: Result) -> float:
    """Absolute gap at which a result counts as optimal, see :func:`solvers.core.tolerance.largest_closed_gap`."""
    return largest_closed_gap(result.limits.gap, result.objective or 0.0, magnitude(result), rounding(result))


def is_solved(result: Result) -> bool:
    """Whether the gap to the best proven bound of all methods is closed."""
    return result.absolute_gap is not None and result.absolute_gap <= closed_gap(result)


def contradicts(result: Result, bound: float, sense: Sense) -> bool:
    """Whether a proven bound is on the wrong side of a result's feasible objective, beyond rounding."""
    return on_wrong_side(result.objective or 0.0, bound, sense, magnitude(result), rounding(result))


def on_wrong_side(objective: float, bound: float, sense: Sense, size: float, rounding: float = 0.0) -> bool:
    """Whether a bound contradicts a feasible objective of which decisions can change this size."""
    excess = bound - objective if sense is Sense.MINIMISE else objective - bound
    return excess > largest_excess(size, rounding)


def magnitude(result: Result) -> float:
    """Part of the objective that decisions can change; max(1, |objective|) where that is not known."""
    known = result.evaluation.magnitude if result.evaluation is not None else None
    return max(1.0, abs(result.objective or 0.0)) if known is None else known


def rounding(result: Result) -> float:
    """Rounding error of a result's objective."""
    return 0.0 if result.evaluation is None else result.evaluation.rounding
