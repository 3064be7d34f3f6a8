"""The exact price search over many small snapshots in one call: one edge server per cell, one decision each time.

Bounds, incumbents and branches are those of :mod:`solvers.step_allocation.price_search`; only the loop over the
nodes of the tree is compiled, too. A tree has room for 2000 nodes; beyond it the gap is left open, and said.
Snapshots with fewer users than others are padded: only the first ``user_count`` users of a row are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled, compiled_in_blocks
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts, place_costs, respond, respond_one
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.limits import Limits
from solvers.rounding import SHARE
from solvers.step_allocation.count_branching import branch_between, restrict
from solvers.step_allocation.count_tree import CLOSED_PER_USER, CLOSED_SHARE_OF_GAP
from solvers.step_allocation.fixed_offloading import share_budget
from solvers.step_allocation.lagrangian import DualPoint, IntArray, Offloading, bound_at, maximise
from solvers.step_allocation.user_blocks import Threads

_MOST_NODES = 2_000


class Snapshots(NamedTuple):
    """S snapshots of up to N users.

    Attributes
    ----------
    local, edge : PlaceCosts
        Arrays of shape (S, N); what is in a row behind its count is not read.
    user_count : NDArray of int64
        Users of each snapshot, shape (S,).
    budget : FloatArray
        S_e [steps], shape (S,); whole where steps are.
    integer : bool
        Whether the steps of all snapshots are whole.
    """

    local: PlaceCosts
    edge: PlaceCosts
    user_count: NDArray[np.int64]
    budget: FloatArray
    integer: bool


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
        Size of the tree, shape (S,); 0 where there was not room enough for it: the gap is then open.
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
        ``gap`` and ``threads``; the time limit is not read, because the tree of a snapshot is cut at 2000 nodes
        (for 20 users it has about 4). Where it is, ``cost`` and ``bound`` say which gap is left.

    Raises
    ------
    ValueError
        If the shapes do not fit each other, or a count is larger than a row.
    """
    limits = limits or Limits()
    rows, width = snapshots.local.rate.shape
    check_shapes(snapshots, rows, width)
    unit = cost_units(snapshots.edge)
    measured = Snapshots(
        _in_units(snapshots.local, unit),
        _in_units(snapshots.edge, unit),
        snapshots.user_count.astype(np.int64),
        snapshots.budget + 0.0,
        snapshots.integer,
    )
    found = Decisions(
        offload=np.zeros((rows, width)),
        steps=np.zeros((rows, width)),
        cost=np.empty(rows),
        bound=np.empty(rows),
        price=np.empty(rows),
        nodes=np.empty(rows, dtype=np.int64),
    )
    relative = max(CLOSED_SHARE_OF_GAP * limits.gap, 1e-12)
    with Threads(limits.threads) as threads:
        threads.share(rows, lambda first, last: _solve_rows(measured, relative, found, first, last))
    return found._replace(cost=found.cost * unit, bound=found.bound * unit, price=found.price * unit)


def stack(scenarios: Sequence[StepAllocation]) -> Snapshots:
    """Put validated instances side by side, padded to the largest number of users.

    Raises
    ------
    ValueError
        If there is none, if they differ in the kind of steps, or if one has further constraints.
    """
    if any(data.constraints for data in scenarios):
        raise ValueError("expected instances without further constraints")
    kinds = {data.integer_steps for data in scenarios}
    if len(kinds) != 1:
        raise ValueError(f"expected instances with one kind of steps, got {len(kinds)}")
    width = max(data.users for data in scenarios)
    return Snapshots(
        local=_padded(scenarios, LOCAL, width),
        edge=_padded(scenarios, EDGE, width),
        user_count=np.array([data.users for data in scenarios], dtype=np.int64),
        budget=np.array([data.edge_step_budget for data in scenarios]),
        integer=kinds.pop(),
    )


def _padded(scenarios: Sequence[StepAllocation], place: int, width: int) -> PlaceCosts:
    padded = PlaceCosts(*(np.zeros((len(scenarios), width)) for _ in PlaceCosts._fields))
    for row, data in enumerate(scenarios):
        for array, values in zip(padded, place_costs(data, place), strict=True):
            array[row, : data.users] = values
    return padded


def check_shapes(snapshots: Snapshots, rows: int, width: int) -> None:
    """Refuse arrays that compiled code would read beyond their end.

    Raises
    ------
    ValueError
        Naming the first that does not fit.
    """
    for place in ("local", "edge"):
        for name, array in getattr(snapshots, place)._asdict().items():
            if array.shape != (rows, width):
                raise ValueError(f"{place}.{name} has shape {array.shape}, expected ({rows}, {width})")
    for name in ("user_count", "budget"):
        shape = getattr(snapshots, name).shape
        if shape != (rows,):
            raise ValueError(f"{name} has shape {shape}, expected ({rows},)")
    if rows and not 1 <= snapshots.user_count.min() <= snapshots.user_count.max() <= width:
        raise ValueError(f"counts are outside 1 to {width}, the width of a row")


def cost_units(edge: PlaceCosts) -> FloatArray:
    """Power of two next to what quality is worth, snapshot by snapshot, shape (S,)."""
    worth = (edge.error + edge.utility).max(axis=1, initial=0.0)
    return np.exp2(np.round(np.log2(np.where(worth > 0.0, worth, 1.0))))


def _in_units(place: PlaceCosts, unit: FloatArray) -> PlaceCosts:
    rows = unit[:, None]
    scaled = place._replace(rate=place.rate / rows, error=place.error / rows, utility=place.utility / rows)
    return PlaceCosts(*(np.require(array, np.float64, ["C", "W"]) for array in scaled))


class Best(NamedTuple):
    """Incumbent of one snapshot."""

    cost: FloatArray
    """P1 [-], shape (1,)."""
    offloads: BoolArray
    """Who offloads, shape (N,)."""
    steps: FloatArray
    """Their edge steps [steps], shape (N,)."""


@compiled_in_blocks
def _solve_rows(snapshots: Snapshots, relative: float, found: Decisions, first: int, last: int) -> None:
    for row in range(first, last):
        count = snapshots.user_count[row]
        _solve_row(
            _row(snapshots.local, row, count),
            _row(snapshots.edge, row, count),
            snapshots.budget[row],
            snapshots.integer,
            relative,
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
    row: int,
    found: Decisions,
) -> None:
    """The steps of :func:`.price_search.solve` for one snapshot."""
    size = edge.rate.size
    local_steps, local_cost, edge_cost, steps = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    respond(local, 0.0, integer, local_steps, local_cost)
    respond(edge, 0.0, integer, steps, edge_cost)
    base, size_of_base = 0.0, 0.0
    for n in range(size):
        base += local_cost[n]
        size_of_base += abs(local_cost[n])
    users = _indices(edge_cost < local_cost)
    nobody, everybody = np.empty(0, np.int64), np.empty((0, 4), np.int64)
    problem = Offloading(edge, local_steps, local_cost, nobody, users, base, budget, integer)
    best = Best(np.full(1, np.inf), np.zeros(size, np.bool_), np.empty(size))
    root = maximise(problem, everybody, 0.0, np.inf)
    _offer(problem, root.chosen_low, best)
    _offer(problem, root.chosen_high, best)
    fixed, excluded, similarity = _fixed(problem, root, best.cost[0])
    bound, nodes = _search(fixed, similarity, root, best, relative, CLOSED_PER_USER * size)
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
    problem: Offloading, similarity: FloatArray, root: DualPoint, best: Best, relative: float, absolute: float
) -> tuple[float, int]:
    """Branch as :meth:`.count_tree.CountTree.search` does; return the bound, and the nodes or 0 without room."""
    ranges = [np.empty((0, 4), np.int64)]
    prices, bounds, is_open = [root.price], [root.bound], [True]
    settled = np.inf
    while True:
        target = best.cost[0] - max(relative * abs(best.cost[0]), absolute)
        at, least = -1, np.inf
        for node in range(len(bounds)):
            if is_open[node] and bounds[node] < least:
                at, least = node, bounds[node]
        if at < 0 or least >= target:
            return min(settled, min(best.cost[0], least)), len(bounds)
        if len(bounds) >= _MOST_NODES:
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
    solve_many(Snapshots(edge, edge, np.ones(1, dtype=np.int64), np.ones(1), False))
