"""Certificates of the price search, and a checker that recomputes their bound without the solver.

The checker shares no code with the search, only the equations (:mod:`formulations.step_allocation.costs`) and the
evaluator. It bounds every inner minimum by a tangent, so that it needs no trust in a root finder, and it reads
from the certificate only prices, fixings and the tree of counts. Run it on what ``--out`` wrote:

    python -m solvers.step_allocation.check_certificates instances/n30.json results/results.json
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.evaluation import evaluate
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

BISECTIONS = 80
"""Halvings of a user's step range; what is left of it enters the bound as an error term."""


class Checked(NamedTuple):
    """What a certificate proves."""

    objective: float
    """Objective of the solution, recomputed by the evaluator [-]."""
    bound: float
    """Lower bound on P1 that the certificate proves [-]."""
    leaves: int
    """Leaves of the tree."""


class Range(NamedTuple):
    """How many of the ordered free users begin..end-1 offload."""

    begin: int
    end: int
    fewest: int
    most: int


def check(data: StepAllocation, certificate: Mapping[str, Any], solution: Mapping[str, Any]) -> Checked:
    """Recompute objective and bound from a certificate.

    Parameters
    ----------
    data : StepAllocation
        The instance.
    certificate : Mapping
        ``fixing_price``, ``fixed_edge``, ``fixed_local``, ``order`` and ``tree`` as the price search writes them.
    solution : Mapping
        Arrays ``a`` and ``s``.

    Returns
    -------
    Checked
        The objective and the bound that is proven, whatever the certificate claims.

    Raises
    ------
    ValueError
        If the solution is infeasible or the certificate is not a complete tree over the instance's users.
    """
    evaluation = evaluate(data, np.asarray(solution["a"], float), np.asarray(solution["s"], float))
    if not evaluation.feasible:
        family, violation = evaluation.worst_violation
        raise ValueError(f"the solution violates '{family}' by {violation:.3g}")
    order, fixed_edge, fixed_local = (
        _users(data, certificate, key) for key in ("order", "fixed_edge", "fixed_local")
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
    price = _price(certificate.get("fixing_price"))
    saving = least_cost(data, EDGE, price) - local_cost
    unrestricted = local_cost.sum() + saving[must].sum() - price * data.edge_step_budget
    unrestricted += np.minimum(saving[offered], 0.0).sum()
    bounds = [
        *(unrestricted + np.maximum(saving[fixed_local], 0.0)),
        *(unrestricted + np.maximum(-saving[fixed_edge], 0.0)),
    ]
    leaves = _leaves(certificate.get("tree"), order.size)
    for leaf_price, ranges in leaves:
        saving = least_cost(data, EDGE, leaf_price) - local_cost
        decided = local_cost.sum() - leaf_price * data.edge_step_budget + saving[fixed_edge].sum()
        decided += saving[must].sum()
        bounds.append(decided + least_choice(saving[order], ranges))
    bound = min(min(bounds), evaluation.objective) - gain_forgone
    return Checked(evaluation.objective, float(bound), len(leaves))


def least_cost(data: StepAllocation, place: int, price: float) -> FloatArray:
    """Lower bound on min_s R_{n,r}(s) + price s over the steps that the user may have there, shape (N,).

    R_{n,r} is convex, so its tangent at any point bounds it from below; bisection on the slope only makes
    the bound sharp. Over whole steps the minimum is at a neighbour of the continuous one.
    """
    rate = costs.cost_per_step(data, place) + price
    error, utility = costs.error_coefficient(data), data.utility_weight
    allowed = model_steps(data, place)
    low, high = allowed

    def value(steps: FloatArray) -> FloatArray:
        return rate * steps + costs.quality_cost(data, steps)

    def slope(steps: FloatArray) -> FloatArray:
        falling_error = error * data.error_decay_per_step * np.exp(-data.error_decay_per_step * steps)
        rising_utility = utility * data.utility_decay_per_step * np.exp(-data.utility_decay_per_step * steps)
        return np.asarray(rate - falling_error - rising_utility)

    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        falls = slope(middle) < 0.0
        low, high = np.where(falls, middle, low), np.where(falls, high, middle)
    if data.integer_steps:
        around = [np.clip(np.floor(low) + shift, *allowed) for shift in (0.0, 1.0, 2.0)]
        return np.asarray(np.min([value(steps) for steps in around], axis=0))
    return np.asarray(value(low) - np.abs(slope(low)) * (high - low))


def least_choice(saving: FloatArray, ranges: Sequence[Range]) -> float:
    """Least sum of savings over choices whose counts lie in nested ranges; infinite if there is none."""
    whole = Range(0, saving.size, 0, saving.size)
    cost, _, marginals = _choices(saving, whole, sorted(ranges, key=lambda r: (r.begin, -r.end)))
    return cost + float(np.minimum(marginals, 0.0).sum())


def _choices(saving: FloatArray, outer: Range, inner: Sequence[Range]) -> tuple[float, int, FloatArray]:
    """Cost of the fewest users of an interval, their number, and the sorted cost of each further one."""
    cost, count = 0.0, 0
    marginals: list[FloatArray] = []
    position = outer.begin
    rest = list(inner)
    while rest:
        head = rest.pop(0)
        if head.begin < position or head.end > outer.end:
            raise ValueError("the intervals of the certificate are not nested")
        nested = [r for r in rest if r.begin < head.end]
        rest = rest[len(nested) :]
        marginals.append(saving[position : head.begin])
        head_cost, head_count, head_marginals = _choices(saving, head, nested)
        cost, count = cost + head_cost, count + head_count
        marginals.append(head_marginals)
        position = head.end
    marginals.append(saving[position : outer.end])
    further = np.sort(np.concatenate(marginals))
    missing = max(outer.fewest - count, 0)
    if count > outer.most or missing > further.size:
        return np.inf, count, further
    return cost + float(further[:missing].sum()), count + missing, further[missing : outer.most - count]


def _leaves(tree: Any, free: int) -> list[tuple[float, list[Range]]]:
    """Price and ranges of every leaf; a branch's children split its choices into at most and more than a count."""
    if not isinstance(tree, list) or not all(isinstance(node, Mapping) for node in tree) or not tree:
        raise ValueError("the certificate has no tree")
    leaves: list[tuple[float, list[Range]]] = []
    stack: list[tuple[int, list[Range]]] = [(0, [])]
    visited = 0
    while stack:
        index, ranges = stack.pop()
        visited += 1
        if visited > len(tree):
            raise ValueError("a node of the certificate has two parents")
        if "children" not in tree[index]:
            leaves.append((_price(tree[index].get("price")), ranges))
            continue
        begin, end, most, children = (tree[index].get(key) for key in ("begin", "end", "most", "children"))
        numbers = [begin, end, most, *(children if isinstance(children, list | tuple) else [])]
        if len(numbers) != 5 or not all(type(number) is int for number in numbers):
            raise ValueError(f"node {index} of the certificate is not a branch")
        at_most, more = numbers[3:]
        if not (0 <= begin < end <= free and index < min(at_most, more) and max(at_most, more) < len(tree)):
            raise ValueError(f"node {index} of the certificate is not a branch")
        stack.append((at_most, _with(ranges, Range(begin, end, 0, most))))
        stack.append((more, _with(ranges, Range(begin, end, most + 1, end - begin))))
    return leaves


def _with(ranges: Sequence[Range], added: Range) -> list[Range]:
    same = [r for r in ranges if (r.begin, r.end) == (added.begin, added.end)]
    fewest = max([added.fewest, *(r.fewest for r in same)])
    most = min([added.most, *(r.most for r in same)])
    return [r for r in ranges if r not in same] + [Range(added.begin, added.end, fewest, most)]


def _price(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < np.inf:
        raise ValueError(f"a price of the certificate is {value!r}, expected a finite number >= 0")
    return float(value)


def _users(data: StepAllocation, certificate: Mapping[str, Any], key: str) -> np.ndarray:
    users = np.asarray(certificate.get(key, [None]))
    if users.size and not (users.dtype.kind in "iu" and users.min() >= 0 and users.max() < data.users):
        raise ValueError(f"'{key}' of the certificate is no list of users of the instance")
    return users.astype(np.int64)
