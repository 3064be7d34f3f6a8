"""The exact price search over many small snapshots in one call: one edge server per cell, one decision each time.

Bounds, incumbents and branches are those of :mod:`solvers.step_allocation.price_search`; only the loop over the
nodes of the tree is compiled, too. A tree has room for 2000 nodes; beyond it the gap is left open, and said.
Snapshots with fewer users than others are padded: only the first ``user_count`` users of a row are read.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled, compiled_in_blocks
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts, respond, respond_one
from solvers.core.limits import Limits
from solvers.core.rounding import SHARE
from solvers.step_allocation.lagrangian.budget import share_budget
from solvers.step_allocation.lagrangian.cardinality_branching import branch_between, restrict
from solvers.step_allocation.lagrangian.closing import CLOSED_PER_USER, CLOSED_SHARE_OF_GAP, SMALLEST_GAP
from solvers.step_allocation.lagrangian.dual_function import DualPoint, IntArray, Offloading, bound_at, maximise
from solvers.step_allocation.lagrangian.snapshots import Snapshots, checked, in_units, stack
from solvers.step_allocation.lagrangian.stopping import Flag, stopping
from solvers.step_allocation.large_scale.user_blocks import Threads

__all__ = ["Decisions", "Snapshots", "solve_many", "stack"]

_MOST_NODES = 2_000


class Decisions(NamedTuple):
    """Decisions of S snapshots of up to N users.

    Attributes
    ----------
    offload : FloatArray
        a_n, shape (S, N).
    steps : FloatArray
        s_n [steps], shape (S, N).
    cost : FloatArray
        P1 of the decision [-], shape (S,).
    bound : FloatArray
        What P1 is at least [-], shape (S,).
    price : FloatArray
        delta of an edge step at the root [1/step], shape (S,).
    nodes : NDArray of int64
        Size of the tree, shape (S,); 0 where there was not room or time enough for it: the gap is then open.
    """

    offload: FloatArray
    steps: FloatArray
    cost: FloatArray
    bound: FloatArray
    price: FloatArray
    nodes: NDArray[np.int64]


def solve_many(snapshots: Snapshots, limits: Limits | None = None) -> Decisions:
    """Solve P1 of every snapshot to a proven optimum.

    Parameters
    ----------
    snapshots : Snapshots
        From :func:`stack`, or arrays put together by hand.
    limits : Limits, optional
        Without them there is no time limit. When the time is over, the snapshots that are left get every user's
        best local steps and the bound without a price, with 0 nodes.

    Raises
    ------
    ValueError
        If the shapes do not fit each other, or a number is not one that a scenario may have.
    """
    load_kernels()
    return _solve_many(snapshots, limits or Limits(time_seconds=np.inf))


def _solve_many(snapshots: Snapshots, limits: Limits) -> Decisions:
    with stopping(limits.time_seconds) as stop, Threads(limits.threads) as threads:
        scaled, unit, constant = in_units(checked(snapshots))
        rows, width = scaled.local.rate.shape
        found = Decisions(
            offload=np.zeros((rows, width)),
            steps=np.zeros((rows, width)),
            cost=np.empty(rows),
            bound=np.empty(rows),
            price=np.empty(rows),
            nodes=np.empty(rows, dtype=np.int64),
        )
        relative = max(CLOSED_SHARE_OF_GAP * limits.gap, SMALLEST_GAP)
        threads.share(rows, lambda first, last: _solve_rows(scaled, relative, stop, found, first, last))
    return found._replace(
        cost=found.cost * unit + constant,
        bound=found.bound * unit + constant - SHARE * constant,
        price=found.price * unit,
    )


class _Rule(NamedTuple):
    """:class:`.closing.Closing` for compiled code."""

    relative: float
    absolute: float
    ideal: float


@compiled
def _target(rule: _Rule, cost: float) -> float:
    size = abs(cost) if cost <= 0.0 else min(cost, max(cost - rule.ideal, 0.0))
    return cost - max(rule.relative * size, rule.absolute) if cost < np.inf else cost


class Best(NamedTuple):
    """Incumbent of one snapshot."""

    cost: FloatArray
    """P1 [-], shape (1,)."""
    offloads: BoolArray
    """Who offloads, shape (N,)."""
    steps: FloatArray
    """Their edge steps [steps], shape (N,)."""


@compiled_in_blocks
def _solve_rows(
    snapshots: Snapshots, relative: float, stop: Flag, found: Decisions, first: int, last: int
) -> None:
    for row in range(first, last):
        count = snapshots.user_count[row]
        _solve_row(
            _row(snapshots.local, row, count),
            _row(snapshots.edge, row, count),
            snapshots.budget[row],
            snapshots.integer,
            relative,
            stop,
            row,
            found,
        )


@compiled
def _row(place: PlaceCosts, row: int, count: int) -> PlaceCosts:
    return PlaceCosts(
        place.rate[row, :count],
        place.error[row, :count],
        place.error_decay[row, :count],
        place.utility[row, :count],
        place.utility_decay[row, :count],
        place.lower[row, :count],
        place.limit[row, :count],
    )


@compiled
def _solve_row(
    local: PlaceCosts,
    edge: PlaceCosts,
    budget: float,
    integer: bool,
    relative: float,
    stop: Flag,
    row: int,
    found: Decisions,
) -> None:
    """The steps of :func:`.price_search.solve` for one snapshot."""
    size = edge.rate.size
    local_steps, local_cost, edge_cost, steps = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    respond(local, 0.0, integer, local_steps, local_cost)
    respond(edge, 0.0, integer, steps, edge_cost)
    base, size_of_base, without_price, ideal = 0.0, 0.0, 0.0, 0.0
    for n in range(size):
        without_price += min(local_cost[n], edge_cost[n])
        reach = max(local.limit[n], edge.limit[n])
        ideal += edge.error[n] * np.exp(-edge.error_decay[n] * reach) - edge.utility[n]
        base += local_cost[n]
        size_of_base += abs(local_cost[n])
    if stop[0]:
        found.cost[row], found.bound[row] = base, without_price - SHARE * (size_of_base + abs(without_price))
        found.price[row], found.nodes[row] = 0.0, 0
        for n in range(size):
            found.steps[row, n] = local_steps[n]
        return
    users = _indices(edge_cost < local_cost)
    nobody, everybody = np.empty(0, np.int64), np.empty((0, 4), np.int64)
    problem = Offloading(edge, local_steps, local_cost, nobody, users, base, budget, integer)
    best = Best(np.full(1, np.inf), np.zeros(size, np.bool_), np.empty(size))
    root = maximise(problem, everybody, 0.0, np.inf)
    _offer(problem, root.chosen_low, best)
    _offer(problem, root.chosen_high, best)
    fixed, excluded, similarity = _fixed(problem, root, best.cost[0])
    rule = _Rule(relative, CLOSED_PER_USER * size, ideal)
    bound, nodes = _search(fixed, similarity, root, best, rule, stop)
    bound = min(bound, excluded)
    found.cost[row], found.bound[row] = best.cost[0], bound - SHARE * (size_of_base + abs(bound))
    found.price[row], found.nodes[row] = root.price, nodes
    for n in range(size):
        found.offload[row, n] = best.offloads[n]
        found.steps[row, n] = best.steps[n] if best.offloads[n] else local_steps[n]


@compiled
def _indices(marked: BoolArray) -> IntArray:
    """Where an array is true."""
    count = 0
    for n in range(marked.size):
        count += marked[n]
    indices = np.empty(count, np.int64)
    count = 0
    for n in range(marked.size):
        if marked[n]:
            indices[count] = n
            count += 1
    return indices


@compiled
def _offer(problem: Offloading, chosen: BoolArray, best: Best) -> None:
    """Take the forced and the chosen users if they keep to the budget and cost less."""
    offloads = np.zeros(best.offloads.size, np.bool_)
    for n in problem.forced:
        offloads[n] = True
    for i in range(problem.free.size):
        offloads[problem.free[i]] = chosen[i]
    users = _indices(offloads)
    steps = np.empty(users.size)
    cost, _ = share_budget(problem.edge, users, problem.budget, problem.integer, steps)
    cost += problem.base
    for n in users:
        cost -= problem.local_cost[n]
    if cost < best.cost[0]:
        best.cost[0] = cost
        for n in range(offloads.size):
            best.offloads[n] = offloads[n]
        for i in range(users.size):
            best.steps[users[i]] = steps[i]


@compiled
def _fixed(problem: Offloading, root: DualPoint, incumbent: float) -> tuple[Offloading, float, FloatArray]:
    """Decide users by reduced cost; the rest stands in the order of its steps, which are returned too."""
    size = problem.free.size
    saving, chosen = np.empty(size), np.empty(size, np.bool_)
    bound, _ = bound_at(problem, np.empty((0, 4), np.int64), root.price, saving, chosen)
    excluded = np.inf
    forced, free, steps = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size)
    at_edge, left = 0, 0
    for i in range(size):
        flipped = bound + abs(saving[i])
        if flipped > incumbent:
            excluded = min(excluded, flipped)
            if chosen[i]:
                forced[at_edge] = problem.free[i]
                at_edge += 1
            continue
        taken, _ = respond_one(problem.edge, problem.free[i], root.price, problem.integer)
        place = left
        while place > 0 and steps[place - 1] > taken:
            steps[place], free[place] = steps[place - 1], free[place - 1]
            place -= 1
        steps[place], free[place] = taken, problem.free[i]
        left += 1
    fixed = Offloading(
        problem.edge,
        problem.local_steps,
        problem.local_cost,
        forced[:at_edge],
        free[:left],
        problem.base,
        problem.budget,
        problem.integer,
    )
    return fixed, excluded, steps[:left]


@compiled
def _search(
    problem: Offloading, similarity: FloatArray, root: DualPoint, best: Best, rule: _Rule, stop: Flag
) -> tuple[float, int]:
    """Branch as :meth:`.BranchAndBound.search` does; return the bound, and the nodes or 0 without room or time."""
    ranges = [np.empty((0, 4), np.int64)]
    prices, bounds, is_open = [root.price], [root.bound], [True]
    settled = np.inf
    while True:
        target = _target(rule, best.cost[0])
        at, least = -1, np.inf
        for node in range(len(bounds)):
            if is_open[node] and bounds[node] < least:
                at, least = node, bounds[node]
        if at < 0 or least >= target:
            return min(settled, min(best.cost[0], least)), len(bounds)
        if len(bounds) >= _MOST_NODES or stop[0]:
            return min(settled, min(best.cost[0], least)), 0
        is_open[at] = False
        point = maximise(problem, ranges[at], prices[at], target)
        if point.bound > bounds[at]:
            bounds[at], prices[at] = point.bound, point.price
        if bounds[at] >= target:
            settled = min(settled, bounds[at])
            continue
        _offer(problem, point.chosen_high, best)
        _offer(problem, point.chosen_low, best)
        same = True
        for i in range(point.chosen_low.size):
            same = same and point.chosen_low[i] == point.chosen_high[i]
        if same:
            settled = min(settled, bounds[at])
            continue
        weight = (problem.budget - point.use_high) / (point.use_low - point.use_high)
        branch = branch_between(point.chosen_low, point.chosen_high, weight, ranges[at], similarity)
        for at_most in (True, False):
            ranges.append(restrict(ranges[at], branch, at_most))
            prices.append(prices[at])
            bounds.append(bounds[at])
            is_open.append(True)


@cache
def load_kernels() -> None:
    """Solve one snapshot of one user, which compiles the kernels or loads them from the cache on disk."""
    one = np.ones((1, 1))
    edge = PlaceCosts(one, one, one, one, one, np.zeros((1, 1)), one)
    one_user = Snapshots(edge, edge, np.ones(1, dtype=np.int64), np.ones(1), False)
    _solve_many(one_user, Limits(time_seconds=np.inf))
