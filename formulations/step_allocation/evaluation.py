"""Evaluator of step allocation: recomputes objective, components and violations of any solution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.constraints.evaluation import constraint_tolerances, constraint_violations
from formulations.evaluation import OBJECTIVE_ROUNDING, Evaluation, Metric, binary_violation, per_user
from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.arrays import ERROR, UTILITY

METRICS = (
    Metric("offloaded", "offloaded", "users", "d"),
    Metric("local_steps", "steps local", "steps/user", ".1f"),
    Metric("edge_steps", "steps edge", "steps/user", ".1f"),
    Metric("budget_use", "budget used", "%", ".1f"),
    Metric("time_seconds", "time", "s", ".3f"),
    Metric("mean_error", "mean error", "-", ".3f"),
    Metric("energy_joules", "energy", "J", ".1f"),
    Metric("mean_utility", "mean utility", "-", ".3f"),
)
"""Components reported beside the objective: totals over users for time and energy, means otherwise."""


def describe(data: StepAllocation) -> str:
    """The scenario in one line, as a table's heading says it."""
    users = f"{data.users} user{'s' if data.users > 1 else ''}"
    steps = "integer" if data.integer_steps else "continuous"
    return f"{users}, budget {data.edge_step_budget:.7g} edge steps, {steps} steps"


LIMIT_TOLERANCE = 1e-8
"""Share of the largest step limit that counts as no violation [-]."""

WHOLE_TOLERANCE = 0.5
"""Most that counts as no violation where steps are whole, however many of them a limit allows [steps]."""

BUDGET_TOLERANCE = 1e-9
"""Share of the budget that counts as no violation: sums over many users carry this much rounding [-]."""


def evaluate_solution(data: StepAllocation, solution: Mapping[str, NDArray[Any]]) -> Evaluation:
    """Evaluate a solution given as arrays ``a`` (offloaded) and ``s`` (steps), see :func:`evaluate`."""
    return evaluate(data, solution["a"], solution["s"])


def evaluate(data: StepAllocation, offload: FloatArray, steps: FloatArray) -> Evaluation:
    """Objective (8), its components and the violation of every constraint family.

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    offload : FloatArray
        a_n, shape (N,); 1 where the user runs at the edge.
    steps : FloatArray
        s_n, shape (N,), in steps.

    Returns
    -------
    Evaluation
        Violations are in steps, except ``binary`` (distance of a_n from {0, 1}).

    Raises
    ------
    ValueError
        If an array has another shape than (N,) or holds a value that is not finite.
    """
    offload = per_user(data.users, "a", offload)
    steps = per_user(data.users, "s", steps)
    local, edge = 1.0 - offload, offload
    objective = np.sum(local * costs.cost(data, steps, LOCAL) + edge * costs.cost(data, steps, EDGE))
    terms = _terms(data, local, edge, steps)
    alone = _limits_of_users(data, offload, steps)
    return Evaluation(
        objective=float(objective),
        metrics=_metrics(data, local, edge, steps),
        violations=_violations(data, offload, steps)
        | {family: worst.violation for family, worst in alone.items()}
        | constraint_violations(data, {"a": offload, "s": steps}),
        tolerances={"edge_budget": _budget_tolerance(data)}
        | {family: worst.tolerance for family, worst in alone.items()}
        | constraint_tolerances(data),
        magnitude=float(
            sum(np.minimum(term, most).sum() for term, most in zip(terms, _changeable(data), strict=True))
        ),
        rounding=OBJECTIVE_ROUNDING * float(sum(term.sum() for term in terms)),
    )


def _metrics(data: StepAllocation, local: FloatArray, edge: FloatArray, steps: FloatArray) -> dict[str, float]:
    def both_places(local_value: FloatArray, edge_value: FloatArray) -> float:
        return float(np.sum(local * local_value + edge * edge_value))

    offloaded = float(edge.sum())
    used = float(np.sum(edge * steps))
    return {
        "offloaded": offloaded,
        "local_steps": float(np.sum(local * steps)) / (data.users - offloaded)
        if offloaded < data.users
        else np.nan,
        "edge_steps": used / offloaded if offloaded > 0.0 else np.nan,
        "budget_use": 100.0 * used / data.edge_step_budget if data.edge_step_budget > 0.0 else np.nan,
        "time_seconds": both_places(*(costs.time_seconds(data, steps, place) for place in (LOCAL, EDGE))),
        "mean_error": float(costs.error(data, steps).mean()),
        "energy_joules": both_places(*(costs.energy_joules(data, steps, place) for place in (LOCAL, EDGE))),
        "mean_utility": float(costs.utility(data, steps).mean()),
    }


def _violations(data: StepAllocation, offload: FloatArray, steps: FloatArray) -> dict[str, float]:
    violations = {
        "binary": binary_violation(offload),
        "edge_budget": edge_budget_violation(data, offload, steps),
    }
    if data.integer_steps:
        violations["integer_steps"] = float(np.abs(steps - np.round(steps)).max())
    return violations


class _Worst(NamedTuple):
    """The user that misses a limit of its own by most beyond rounding, and what counts as rounding for it."""

    violation: float
    """[steps]"""
    tolerance: float
    """[steps]"""


def _limits_of_users(data: StepAllocation, offload: FloatArray, steps: FloatArray) -> dict[str, _Worst]:
    """The worst user of each family that limits users one by one."""
    negligible = _negligible_steps(data)
    found = {}
    for family, excess in (("step_limit", steps - step_limit(data, offload)), ("nonnegative_steps", -steps)):
        user = int(np.argmax(excess - negligible))
        found[family] = _Worst(max(0.0, float(excess[user])), float(negligible[user]))
    return found


def _negligible_steps(data: StepAllocation) -> FloatArray:
    """Steps that count as none, a share of each user's own limit [steps], shape (N,).

    A share of the largest limit of all would let users with small ones exceed theirs.
    """
    negligible = LIMIT_TOLERANCE * np.maximum(data.local_step_limit, data.edge_step_limit)
    return np.minimum(negligible, WHOLE_TOLERANCE) if data.integer_steps else negligible


def _budget_tolerance(data: StepAllocation) -> float:
    """Excess over the edge's budget that counts as none [steps]."""
    shared = min(float(_negligible_steps(data).max()), LIMIT_TOLERANCE * data.edge_step_budget)
    return shared + BUDGET_TOLERANCE * data.edge_step_budget


def _terms(
    data: StepAllocation, local: FloatArray, edge: FloatArray, steps: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sizes of w1 (c1 T + c3 E), w1 c2 err and w2 U at the place where each user runs [-], shape (N,) each."""
    linear = local * costs.cost_per_step(data, LOCAL) + edge * costs.cost_per_step(data, EDGE)
    taken = np.maximum(steps, 0.0)
    error = costs.error_coefficient(data) * ERROR.left(data.error_decay_per_step, taken)
    gained = data.utility_weight * costs.utility(data, taken)
    return np.abs(linear * steps), error, gained


def _changeable(data: StepAllocation) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Most that decisions can change of each of the terms, whatever the user does [-], shape (N,) each."""
    ends = [model_steps(data, place) for place in (LOCAL, EDGE)]
    here = [may_be_at(data, place) for place in (LOCAL, EDGE)]
    rates = [costs.cost_per_step(data, place) for place in (LOCAL, EDGE)]

    def least(values: list[FloatArray]) -> FloatArray:
        return np.minimum(*(np.where(may, value, np.inf) for may, value in zip(here, values, strict=True)))

    def most(values: list[FloatArray]) -> FloatArray:
        return np.maximum(*(np.where(may, value, -np.inf) for may, value in zip(here, values, strict=True)))

    linear = most([rate * end.upper for rate, end in zip(rates, ends, strict=True)])
    linear = linear - least([rate * end.lower for rate, end in zip(rates, ends, strict=True)])
    lower, upper = least([end.lower for end in ends]), most([end.upper for end in ends])
    nowhere = ~(here[LOCAL] | here[EDGE])
    lower, upper = (np.where(nowhere, 0.0, end) for end in (lower, upper))
    error = costs.error_coefficient(data) * ERROR.fall(data.error_decay_per_step, lower, upper)
    gained = data.utility_weight * UTILITY.fall(data.utility_decay_per_step, lower, upper)
    return np.where(nowhere, 0.0, linear), error, gained


def edge_budget_violation(data: StepAllocation, offload: FloatArray, steps: FloatArray) -> float:
    """Steps above the edge's budget, max(0, sum a_n s_n - S_e) [steps], paper A (1)."""
    return max(0.0, float(np.sum(offload * steps)) - data.edge_step_budget)


def step_limit(data: StepAllocation, offload: FloatArray) -> FloatArray:
    """Most steps of each user where it runs, the right-hand side of paper A (2) [steps], shape (N,)."""
    return (1.0 - offload) * data.local_step_limit + offload * data.edge_step_limit
