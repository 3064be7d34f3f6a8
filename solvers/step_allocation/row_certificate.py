"""Checker of certificates where rows couple users: a price on every row, the same independence from the solver.

It reads rows, steps and places that users may be at from the instance, and from the certificate only prices,
fixings and the tree. At prices p every user costs V_{n,0}(p) or V_{n,1}(p)
(:mod:`solvers.step_allocation.row_lagrangian`), which are bounded by tangents, and the least choice within a
leaf's counts bounds P1 there. A bound above what any solution can cost proves that there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from formulations.constraints.base import Interval
from formulations.constraints.step_allocation.base import Row
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.domain import budget_row, coupling_rows, may_be_at, model_steps
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.step_allocation.certificate import least_cost_within
from solvers.step_allocation.certificate_tree import (
    StepRange,
    least_choice,
    leaves,
    read_price,
    read_users,
)

BEYOND = 1e-9
"""Share of the largest possible cost by which a bound has to exceed it to prove that there is no solution."""


class Decided(NamedTuple):
    """Users by what the instance and the certificate leave them; indices."""

    stay: np.ndarray
    """May not offload."""
    must: np.ndarray
    """May not run locally."""
    fixed_local: np.ndarray
    fixed_edge: np.ndarray
    order: np.ndarray


def proven_bound(data: StepAllocation, certificate: Mapping[str, Any]) -> tuple[float, int]:
    """Lower bound on P1 that a certificate proves, infinite where P1 has no solution; and its leaves.

    Raises
    ------
    ValueError
        If the certificate is not a complete tree over the instance's users, or a price is missing or negative.
    """
    rows = [budget_row(data), *(coupling.row for coupling in coupling_rows(data))]
    users = _decided(data, certificate)
    steps = {place: model_steps(data, place) for place in (LOCAL, EDGE)}
    price = _prices(certificate.get("fixing_prices"), len(rows))
    base, local, edge = _costs(data, rows, price, steps)
    saving = edge - local
    offered = np.concatenate([users.order, users.fixed_edge, users.fixed_local])
    whole = base + local[users.stay].sum() + edge[users.must].sum()
    whole += np.minimum(local, edge)[offered].sum()
    bounds = [
        *(whole + np.maximum(saving[users.fixed_local], 0.0)),
        *(whole + np.maximum(-saving[users.fixed_edge], 0.0)),
    ]
    tree = leaves(certificate.get("tree"), users.order.size, data.users)
    for leaf in tree:
        price = _prices(leaf.node.get("prices"), len(rows))
        base, local, edge = _costs(data, rows, price, _within(steps, leaf.steps))
        bound = base + local[users.stay].sum() + edge[users.must].sum()
        bound += local[users.fixed_local].sum() + edge[users.fixed_edge].sum()
        bounds.append(_least(bound, local[users.order], edge[users.order], leaf.ranges))
    bound = float(min(bounds))
    return (np.inf if bound > _largest_cost(data, steps) else bound), len(tree)


def _least(bound: float, local: FloatArray, edge: FloatArray, ranges: Sequence[Any]) -> float:
    """Bound with the least choice of the ordered users, some of which may have no steps left at a place."""
    if np.isinf(bound) or (np.isinf(local) & np.isinf(edge)).any():
        return np.inf
    largest = float(np.abs(np.where(np.isinf(local), 0.0, local)).sum())
    largest += float(np.abs(np.where(np.isinf(edge), 0.0, edge)).sum()) + 1.0
    local, edge = np.minimum(local, 4.0 * largest), np.minimum(edge, 4.0 * largest)
    return bound + float(local.sum()) + least_choice(edge - local, ranges)


def _decided(data: StepAllocation, certificate: Mapping[str, Any]) -> Decided:
    """Users of the certificate, every user that has a choice listed once."""
    may_stay, may_offload = may_be_at(data, LOCAL), may_be_at(data, EDGE)
    order, fixed_edge, fixed_local = (
        read_users(data, certificate, key) for key in ("order", "fixed_edge", "fixed_local")
    )
    listed = np.concatenate([order, fixed_edge, fixed_local])
    if np.unique(listed).size != listed.size:
        raise ValueError("a user is listed twice in the certificate")
    if not np.array_equal(np.sort(listed), np.flatnonzero(may_stay & may_offload)):
        raise ValueError("the certificate does not list exactly the users that have a choice")
    return Decided(
        np.flatnonzero(may_stay & ~may_offload), np.flatnonzero(~may_stay), fixed_local, fixed_edge, order
    )


def _costs(
    data: StepAllocation, rows: Sequence[Row], price: FloatArray, steps: Mapping[int, Interval]
) -> tuple[float, FloatArray, FloatArray]:
    """-p b, and lower bounds on V_{n,0}(p) and V_{n,1}(p), infinite where a leaf leaves no steps at a place."""
    base = -float(sum(p * row.at_most for p, row in zip(price, rows, strict=True)))
    local_price = sum((p * row.local_steps for p, row in zip(price, rows, strict=True)), np.zeros(data.users))
    edge_price = sum((p * row.edge_steps for p, row in zip(price, rows, strict=True)), np.zeros(data.users))
    toll = sum((p * row.offload for p, row in zip(price, rows, strict=True)), np.zeros(data.users))
    local = _possible(least_cost_within(data, LOCAL, local_price, steps[LOCAL]), steps[LOCAL])
    edge = _possible(least_cost_within(data, EDGE, edge_price, steps[EDGE]) + toll, steps[EDGE])
    return base, local, edge


def _possible(cost: FloatArray, steps: Interval) -> FloatArray:
    return np.where(steps.empty, np.inf, cost)


def _within(steps: Mapping[int, Interval], branches: Sequence[StepRange]) -> dict[int, Interval]:
    """Steps that the branches above a leaf leave at each place."""
    left = {place: Interval(ends.lower.copy(), ends.upper.copy()) for place, ends in steps.items()}
    for user, place, most, at_most in branches:
        lower, upper = left[place]
        if at_most:
            upper[user] = min(upper[user], most)
        else:
            lower[user] = max(lower[user], most + 1)
    return left


def _largest_cost(data: StepAllocation, steps: Mapping[int, Interval]) -> float:
    """More than any solution can cost: R_{n,r} is convex, hence largest at an end of the steps."""

    def at(place: int, possible: BoolArray) -> FloatArray:
        ends = [costs.cost(data, end, place) for end in steps[place]]
        return np.where(possible, np.maximum(*ends), -np.inf)

    largest = np.maximum(*(at(place, may_be_at(data, place)) for place in (LOCAL, EDGE)))
    return float(largest.sum() + BEYOND * np.maximum(1.0, np.abs(largest)).sum())


def _prices(value: Any, rows: int) -> FloatArray:
    """A price of every row."""
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(listed, list) or len(listed) != rows:
        raise ValueError(f"the certificate has not one price for each of the {rows} rows")
    return np.array([read_price(price) for price in listed])
