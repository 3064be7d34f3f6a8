"""Two greedy rules: add the user that gains most in the batch it would make, or add users in a fixed order.

Neither proves anything. Both stop at the first addition that does not raise the objective. Under further
constraints they start from the mandatory users and add none that a constraint forbids
(:func:`solvers.split_offloading.exact.constrained_choice.grow`).
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.split_offloading.gain import Edge, Users, edge_of, fill_gains, gain_of, users_of
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import SplitRange, split_range
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.split_offloading.exact.batch_scan import USERS_BETWEEN_CLOCKS, load_kernels_for, one_user, solution_of
from solvers.split_offloading.exact.best_users import most_promising
from solvers.split_offloading.exact.constrained_choice import NOTHING_ALLOWED, Choices, grow
from solvers.split_offloading.exact.constrained_scan import refuse_constraints

Rule: TypeAlias = Callable[[SplitOffloading, float], NDArray[np.int64]]


def solve(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Add the user whose gain in the grown batch is largest, as long as the objective rises."""
    if data.constraints:
        return _solve_constrained(data, limits, in_order=False)
    add_best_users(one_user())  # loads the kernels before the clock starts
    return _timed(data, add_best_users, limits)


def solve_sorted_stop(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Add users in the order of their gains in a batch of one, as long as the objective rises."""
    if data.constraints:
        return _solve_constrained(data, limits, in_order=True)
    add_in_order(one_user())
    return _timed(data, add_in_order, limits)


def _timed(data: SplitOffloading, rule: Rule, limits: Limits) -> Outcome:
    started = perf_counter()
    deadline = started + limits.time_limit
    granted = rule(data, deadline)
    return Outcome(
        solution_of(data, granted),
        reason=TIME_LIMIT if perf_counter() >= deadline else "",
        iterations=granted.size,
        solve_seconds=perf_counter() - started,
    )


def _solve_constrained(data: SplitOffloading, limits: Limits, *, in_order: bool) -> Outcome:
    load_kernels_for(data)
    started = perf_counter()
    deadline = started + limits.time_limit
    choices = Choices(data)
    granted = grow(choices, choices.batch(1).gain if in_order else None, deadline)
    ended = NOTHING_ALLOWED if granted is None else ""
    return Outcome(
        None if granted is None else solution_of(data, granted),
        reason=TIME_LIMIT if perf_counter() >= deadline else ended,
        iterations=None if granted is None else granted.size,
        solve_seconds=perf_counter() - started,
    )


def add_best_users(data: SplitOffloading, deadline: float = np.inf) -> NDArray[np.int64]:
    """Users that the greedy rule grants until ``deadline``, as ``perf_counter()`` says it, in that order.

    Raises
    ------
    Unsupported
        If there are further constraints, as by :func:`add_in_order`; :func:`solve` honours them.
    """
    refuse_constraints(data, "the plain greedy rule")
    granted = np.empty(data.largest_batch, dtype=np.int64)
    ceiling = np.full(data.users, np.inf)
    users, edge, curve = users_of(data), edge_of(data), split_range(data)
    at_once = max(1, USERS_BETWEEN_CLOCKS // data.users)
    count, total = 0, 0.0
    while count < granted.size and perf_counter() < deadline:
        most = min(count + at_once, granted.size)
        count, total = _add_best_users(users, edge, curve, ceiling, granted[:most], count, total)
        if count < most:
            break
    return granted[:count]


def add_in_order(data: SplitOffloading, deadline: float = np.inf) -> NDArray[np.int64]:
    """Users that the fixed order grants: the prefix before the first one that does not raise the objective.

    At ``deadline``, as ``perf_counter()`` says it, the prefix ends.
    """
    refuse_constraints(data, "the plain sorted rule")
    users, edge, curve = users_of(data), edge_of(data), split_range(data)
    alone = np.empty(data.users)
    fill_gains(users, edge, curve, 1.0, alone)
    order = np.argsort(-alone, kind="stable")[: data.largest_batch]
    sorted_users = Users(*(array[order] for array in users))
    gains = np.empty(order.size)
    total = 0.0
    for batch in range(1, order.size + 1):
        first = Users(*(array[:batch] for array in sorted_users))
        fill_gains(first, edge, curve, float(batch), gains[:batch])
        grown = float(gains[:batch].sum())
        if grown <= total or perf_counter() >= deadline:
            return order[: batch - 1]
        total = grown
    return order


@compiled
def _add_best_users(
    users: Users,
    edge: Edge,
    curve: SplitRange,
    ceiling: FloatArray,
    granted: NDArray[np.int64],
    count: int,
    total: float,
) -> tuple[int, float]:
    """Fill ``granted`` in order, of which ``count`` users are known to gain ``total`` [s]; return both anew.

    ``ceiling`` is as in ``best_users.select_best``.
    """
    weight, local_seconds, transmission = users
    for batch in range(count + 1, granted.size + 1):
        best = most_promising(transmission, batch, ceiling)
        gain = gain_of(weight[best], local_seconds[best], transmission[best], edge, curve, batch)
        ceiling[best] = gain + transmission[best] * batch
        for i in range(ceiling.size):
            if ceiling[i] - transmission[i] * batch > gain:
                other = gain_of(weight[i], local_seconds[i], transmission[i], edge, curve, batch)
                ceiling[i] = other + transmission[i] * batch
                if other > gain:
                    best, gain = i, other
        grown = gain
        for place in range(batch - 1):
            i = granted[place]
            grown += gain_of(weight[i], local_seconds[i], transmission[i], edge, curve, batch)
        if grown <= total:
            return batch - 1, total
        total = grown
        granted[batch - 1] = best
        ceiling[best] = -np.inf
    return granted.size, total
