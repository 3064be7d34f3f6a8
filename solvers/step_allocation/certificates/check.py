"""Certificates of the price search, and a checker that recomputes what they prove without the solver.

A certificate holds multipliers, one for each row (the edge's budget first, then the rows of the constraints in
their order), users that the root's multipliers decide, and the tree of branches. The checker takes the instance's
data classes from the package, and nothing of how a method or the evaluator computes with them. Run it on what
``--out`` wrote:

    python -m solvers.step_allocation.check_certificates instances/n30.json results/results.json
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import FloatArray
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.certificate import Checked, refuse_others
from solvers.step_allocation.certificates.bounds import Multipliers, UserCosts, largest_cost
from solvers.step_allocation.certificates.problem import Problem, read_problem
from solvers.step_allocation.certificates.solution import Recomputed, recompute_decisions, recompute_solution
from solvers.step_allocation.certificates.tree import Leaf, least_choice, leaves

VERSION = 2
"""Version of the layout that is written and read."""


class Users(NamedTuple):
    """Users that the certificate lists, indices; all others are free in every leaf."""

    fixed_local: NDArray[np.int64]
    fixed_edge: NDArray[np.int64]
    order: NDArray[np.int64]
    free: NDArray[np.int64]


def check(
    data: StepAllocation,
    certificate: Mapping[str, Any],
    solution: Mapping[str, Any] | None,
    instance_hash: str | None = None,
) -> Checked:
    """Recompute objective and bound from a certificate.

    Parameters
    ----------
    data : StepAllocation
        The instance.
    certificate : Mapping
        ``version``, ``fixing_multipliers``, ``fixed_edge``, ``fixed_local``, ``order`` and ``tree`` as the price
        search writes them, and ``instance_hash`` where it was validated.
    solution : Mapping or None
        Arrays ``a`` and ``s``; None where the certificate is to prove that there is no solution.
    instance_hash : str, optional
        SHA-256 of the instance that the certificate has to be of.

    Returns
    -------
    Checked
        The objective and the bound that is proven, whatever the certificate claims.

    Raises
    ------
    ValueError
        If the solution is infeasible, or the certificate is of another instance or version, is not a complete
        tree over the instance's users, or holds numbers that prove nothing.
    """
    refuse_others(certificate, VERSION, instance_hash)
    problem = read_problem(data)
    recomputed = _without_rows(problem) if solution is None else recompute_solution(problem, solution)
    users = _users(problem, certificate)
    tree = leaves(certificate.get("tree"), users.order.size, problem.users, whole=problem.whole)
    bound = min(
        [_excluded_bound(problem, certificate, users), *(_leaf_bound(problem, users, leaf) for leaf in tree)]
    )
    if math.isfinite(bound) and bound > largest_cost(problem):
        bound = math.inf
    return Checked(
        recomputed.objective, min(bound, recomputed.objective), len(tree), recomputed.size, recomputed.rounding
    )


def _without_rows(problem: Problem) -> Recomputed:
    """What stands for a solution where there is none: sizes where no row has a price, at an infinite objective."""
    costs = Multipliers(problem, np.zeros(problem.rows)).user_costs()
    place = costs.least.argmin(axis=0)
    recomputed = recompute_decisions(problem, place, costs.steps[place, np.arange(problem.users)])
    return recomputed._replace(objective=math.inf)


def _users(problem: Problem, certificate: Mapping[str, Any]) -> Users:
    """Users that the certificate fixes or orders, each once and where it may be."""
    fixed_local, fixed_edge, order = (
        _listed(problem, certificate, key) for key in ("fixed_local", "fixed_edge", "order")
    )
    listed = np.concatenate([fixed_local, fixed_edge, order])
    if np.unique(listed).size != listed.size:
        raise ValueError("a user is listed twice in the certificate")
    may_stay, may_offload = problem.allowed
    if not (
        may_stay[fixed_local].all() and may_offload[fixed_edge].all() and (may_stay & may_offload)[order].all()
    ):
        raise ValueError("the certificate puts a user where it may not be, or leaves it a choice that it has not")
    return Users(fixed_local, fixed_edge, order, np.setdiff1d(np.arange(problem.users), listed))


def _listed(problem: Problem, certificate: Mapping[str, Any], key: str) -> NDArray[np.int64]:
    """Users that the certificate lists under a name, shape (M,)."""
    users = np.asarray(certificate.get(key, [None]))
    if users.size and not (users.dtype.kind in "iu" and users.min() >= 0 and users.max() < problem.users):
        raise ValueError(f"'{key}' of the certificate is no list of users of the instance")
    if users.ndim != 1:
        raise ValueError(f"'{key}' of the certificate is no list of users of the instance")
    return users.astype(np.int64)


def _multipliers(problem: Problem, value: Any) -> FloatArray:
    """A multiplier of every row, finite and not negative, shape (K,)."""
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(listed, list | tuple) or len(listed) != problem.rows:
        raise ValueError(f"the certificate has not one multiplier for each of the {problem.rows} rows")
    for number in listed:
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0.0 <= number < math.inf:
            raise ValueError(f"a multiplier of the certificate is {number!r}, expected a finite number >= 0")
    try:
        return np.array([float(number) for number in listed])
    except OverflowError:
        raise ValueError("a multiplier of the certificate is too large for a float") from None


def _excluded_bound(problem: Problem, certificate: Mapping[str, Any], users: Users) -> float:
    """Least bound over the choices in which a user is not where the certificate fixes it; infinite if none is."""
    at = Multipliers(problem, _multipliers(problem, certificate.get("fixing_multipliers")))
    costs = at.user_costs()
    best = costs.least.argmin(axis=0)
    user = np.arange(problem.users)
    least, size = costs.least[best, user], costs.size[best, user]
    bound = math.inf
    for fixed, other in ((users.fixed_local, EDGE), (users.fixed_edge, LOCAL)):
        flipped = fixed[np.isfinite(costs.least[other, fixed])]
        if flipped.size:
            further = costs.least[other, flipped] - least[flipped]
            lost = at.share * (costs.size[other, flipped] + size[flipped])
            bound = min(bound, at.total(least, size) + float((further - lost).min()))
    return bound


def _leaf_bound(problem: Problem, users: Users, leaf: Leaf) -> float:
    """Lower bound on P1 within a leaf; infinite only where the branches above it leave no choice."""
    at = Multipliers(problem, _multipliers(problem, leaf.multipliers))
    try:
        costs = at.user_costs(leaf.steps)
        place = costs.least.argmin(axis=0)
        place[users.fixed_local], place[users.fixed_edge] = LOCAL, EDGE
        size = costs.size[place, np.arange(problem.users)]
        if leaf.ranges:
            chosen = least_choice(costs.least[LOCAL, users.order], costs.least[EDGE, users.order], leaf.ranges)
            if chosen is None:
                return math.inf
            place[users.order] = chosen
            size[users.order] = _compared(costs, users.order)
        return at.total(costs.least[place, np.arange(problem.users)], size)
    except ValueError as fault:
        raise ValueError(f"node {leaf.node}: {fault}") from None


def _compared(costs: UserCosts, order: NDArray[np.int64]) -> FloatArray:
    """Sizes of both costs of the users whose savings are compared."""
    return np.asarray(costs.size[:, order].sum(axis=0))
