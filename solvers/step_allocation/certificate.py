"""Certificates of the price search, and a checker that recomputes their bound without the solver.

The checker shares no code with the search, only the equations (:mod:`formulations.step_allocation.costs`) and the
evaluator. It bounds every inner minimum by a tangent, so that it needs no trust in a root finder, and it reads
from the certificate only prices, fixings and the tree of counts. Run it on what ``--out`` wrote:

    python -m solvers.step_allocation.check_certificates instances/n30.json results/results.json
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from formulations.constraints.base import Interval
from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.domain import coupling_rows, may_be_at, model_steps
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.step_allocation.certificate_tree import Range, least_choice, leaves, read_price, read_users

__all__ = ["Checked", "Range", "check", "least_choice", "least_cost", "least_cost_within"]

BISECTIONS = 64
"""Halvings of a user's step range, counted in floats: two neighbours are left, however large the range is."""


class Checked(NamedTuple):
    """What a certificate proves."""

    objective: float
    """Objective of the solution, recomputed by the evaluator [-]."""
    bound: float
    """Lower bound on P1 that the certificate proves [-]."""
    leaves: int
    """Leaves of the tree."""


def check(data: StepAllocation, certificate: Mapping[str, Any], solution: Mapping[str, Any] | None) -> Checked:
    """Recompute objective and bound from a certificate.

    Parameters
    ----------
    data : StepAllocation
        The instance.
    certificate : Mapping
        ``fixing_price``, ``fixed_edge``, ``fixed_local``, ``order`` and ``tree`` as the price search writes them;
        where rows couple users, as :mod:`solvers.step_allocation.row_certificate` reads them.
    solution : Mapping or None
        Arrays ``a`` and ``s``; None where the certificate is to prove that there is no solution.

    Returns
    -------
    Checked
        The objective and the bound that is proven, whatever the certificate claims.

    Raises
    ------
    ValueError
        If the solution is infeasible or the certificate is not a complete tree over the instance's users.
    """
    objective = _objective(data, solution)
    if coupling_rows(data):
        from solvers.step_allocation.row_certificate import proven_bound

        bound, count = proven_bound(data, certificate)
        return Checked(objective, min(bound, objective), count)
    order, fixed_edge, fixed_local = (
        read_users(data, certificate, key) for key in ("order", "fixed_edge", "fixed_local")
    )
    listed = np.concatenate([order, fixed_edge, fixed_local])
    if np.unique(listed).size != listed.size:
        raise ValueError("a user is listed twice in the certificate")
    may_stay, may_offload = may_be_at(data, LOCAL), may_be_at(data, EDGE)
    if not (may_stay[fixed_local].all() and (may_stay & may_offload)[order].all()):
        raise ValueError("the certificate puts a user where it may not be, or leaves it a choice that it has not")
    must = np.flatnonzero(~may_stay)
    fixed_edge = np.setdiff1d(fixed_edge, must)
    local_cost = np.where(may_stay, least_cost(data, LOCAL, 0.0), 0.0)
    offered = np.concatenate([order, fixed_edge, fixed_local])
    never = np.setdiff1d(np.flatnonzero(may_stay & may_offload), offered)

    gain_forgone = np.maximum(local_cost - least_cost(data, EDGE, 0.0), 0.0)[never].sum()
    price = read_price(certificate.get("fixing_price"))
    saving = least_cost(data, EDGE, price) - local_cost
    unrestricted = local_cost.sum() + saving[must].sum() - price * data.edge_step_budget
    unrestricted += np.minimum(saving[offered], 0.0).sum()
    bounds = [
        *(unrestricted + np.maximum(saving[fixed_local], 0.0)),
        *(unrestricted + np.maximum(-saving[fixed_edge], 0.0)),
    ]
    tree = leaves(certificate.get("tree"), order.size, data.users)
    for leaf in tree:
        leaf_price = read_price(leaf.node.get("price"))
        saving = least_cost(data, EDGE, leaf_price) - local_cost
        decided = local_cost.sum() - leaf_price * data.edge_step_budget + saving[fixed_edge].sum()
        decided += saving[must].sum()
        bounds.append(decided + least_choice(saving[order], leaf.ranges))
    bound = min(min(bounds), objective) - gain_forgone
    return Checked(objective, float(bound), len(tree))


def _objective(data: StepAllocation, solution: Mapping[str, Any] | None) -> float:
    """Objective of a feasible solution; infinite where there is none."""
    if solution is None:
        return np.inf
    evaluation = evaluate(data, np.asarray(solution["a"], float), np.asarray(solution["s"], float))
    if not evaluation.feasible:
        family, violation = evaluation.worst_violation
        raise ValueError(f"the solution violates '{family}' by {violation:.3g}")
    return evaluation.objective


def least_cost(data: StepAllocation, place: int, price: float) -> FloatArray:
    """Lower bound on min_s R_{n,r}(s) + price s over the steps that the user may have there, shape (N,)."""
    return least_cost_within(data, place, np.full(data.users, price), model_steps(data, place))


def least_cost_within(data: StepAllocation, place: int, price: FloatArray, allowed: Interval) -> FloatArray:
    """Lower bound on min_s R_{n,r}(s) + price_n s over an interval of steps, shape (N,).

    R_{n,r} is convex, so its tangents at two points bound it from below; bisection on the slope only makes the
    bound sharp. Over whole steps the minimum is at a neighbour of the continuous one.
    """
    rate = costs.cost_per_step(data, place) + price
    error, utility = costs.error_coefficient(data), data.utility_weight
    low, high = (np.add(end, 0.0) for end in allowed)

    def value(steps: FloatArray) -> FloatArray:
        return rate * steps + costs.quality_cost(data, steps)

    def slope(steps: FloatArray) -> FloatArray:
        falling_error = error * data.error_decay_per_step * np.exp(-data.error_decay_per_step * steps)
        rising_utility = utility * data.utility_decay_per_step * np.exp(-data.utility_decay_per_step * steps)
        return np.asarray(rate - falling_error - rising_utility)

    for _ in range(BISECTIONS):
        middle = _between(low, high)
        falls = slope(middle) < 0.0
        low, high = np.where(falls, middle, low), np.where(falls, high, middle)
    if data.integer_steps:
        around = [np.clip(np.floor(low) + shift, *allowed) for shift in (0.0, 1.0, 2.0)]
        return np.asarray(np.min([value(steps) for steps in around], axis=0))
    from_low = value(low) - np.maximum(-slope(low), 0.0) * (high - low)
    from_high = value(high) - np.maximum(slope(high), 0.0) * (high - low)
    return np.maximum(from_low, from_high)


def _between(low: FloatArray, high: FloatArray) -> FloatArray:
    """The float half-way from one to the other in the order of all floats, both positive or 0."""
    first, last = low.view(np.int64), high.view(np.int64)
    return (first + (last - first) // 2).view(np.float64)
