"""The whole price search of one instance as compiled code: for instances of up to some thousand users.

One price on the budget bounds P1 and decides most users for good; the rest is closed by best-first branch and
bound on counts (docs/theory/step_allocation, sections 4 to 6). The loop over nodes is the one of
:mod:`~solvers.step_allocation.lagrangian.branch_and_bound`, written again for the compiler: with the loop in
Python, as for blocks of users, an instance of 20 users takes 12 to 17 times as long (``tests/support/engines.py``
has both).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled, compiled_stoppable
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.block_response import STATIONARY
from solvers.core.rounding import SHARE
from solvers.step_allocation.lagrangian.budget import shares
from solvers.step_allocation.lagrangian.cardinality_branching import branch_between
from solvers.step_allocation.lagrangian.closing import CLOSED_PER_USER
from solvers.step_allocation.lagrangian.compiled_tree import Nodes, add, close_first, ranges_of, room
from solvers.step_allocation.lagrangian.dual_function import (
    DualPoint,
    IntArray,
    Users,
    ascending,
    bound_at,
    cost_at_steps,
    maximise,
    meet_budget,
    picked,
    place_of,
    steps_of,
    total,
)
from solvers.step_allocation.lagrangian.stopping import Flag
from solvers.step_allocation.lagrangian.unpriced import Instance, at_zero_price, first_price

_CLOSED = 1e-13
"""Share of the bound by which the best price may miss its maximum."""


class ProvenPlan(NamedTuple):
    """A plan of one instance, what bounds its cost, and the proof."""

    offload: BoolArray
    """a, shape (N,)."""
    steps: FloatArray
    """s [steps], shape (N,)."""
    cost: float
    """P1 of the plan [-]."""
    bound: float
    """What P1 is at least, but for rounding [-]."""
    rounding: float
    """What rounding may have added to it [-]."""
    price: float
    """delta at the root [1/step]."""
    complete: bool
    """Whether there was room and time enough for the tree."""
    forced: IntArray
    """Users that the root's price decides to offload."""
    order: IntArray
    """Users that it leaves undecided, in the order that branches refer to."""
    staying: IntArray
    """Users that it decides to run locally."""
    branches: IntArray
    """Nodes: begin, end, most and the first child, the other one is next; -1 at a leaf; shape (M, 4)."""
    prices: FloatArray
    """Price that bounds each node [1/step], shape (M,)."""


class _Best(NamedTuple):
    """Incumbent."""

    cost: FloatArray
    """P1 [-], shape (1,)."""
    offloads: BoolArray
    """Who offloads, shape (N,)."""
    price: FloatArray
    """delta at which their steps meet the budget [1/step], shape (1,)."""


@compiled_stoppable
def search(instance: Instance, relative: float, most_nodes: int, stop: Flag) -> ProvenPlan:
    """Solve an instance until a relative gap is closed, or there are more nodes or less time than allowed."""
    start = at_zero_price(instance)
    users, free, forced, steps = start.users, start.free, start.forced, start.local_steps
    if stop[0] and forced.size == 0:
        rounding = SHARE * (start.size_of_base + abs(start.without_price))
        return _all_local(steps, users.base, start.without_price, rounding, free)
    size = steps.size
    best = _Best(np.full(1, np.inf), np.zeros(size, np.bool_), np.zeros(1))
    root = maximise(users, np.empty((0, 4), np.int64), first_price(users), np.inf, _CLOSED, stop)
    tolerance = max(0.1 * relative, _CLOSED)
    _offer(users, free, forced, root.chosen_high, root.price, tolerance, best)
    _offer(users, free, forced, root.chosen_low, root.price, tolerance, best)
    if best.cost[0] == np.inf:
        _offer(users, free, forced, np.zeros(free.size, np.bool_), 0.0, tolerance, best)
    rule = _Rule(relative, CLOSED_PER_USER * size, start.ideal)
    bound, tree = root.bound, _Tree(True, _leaf(), np.full(1, root.price))
    order, decided, staying = free, forced, free[:0]
    if bound < _target(best.cost[0], rule):
        few, order, decided, staying, similarity, excluded, left = _fixed(users, free, forced, root, best.cost[0])
        bound, tree = _branch_and_bound(few, order, decided, similarity, left, rule, most_nodes, stop, best)
        bound = min(bound, excluded)
    cost = _recover(users, free, forced, best, steps)
    bound = min(bound, cost)
    rounding = SHARE * (start.size_of_base + abs(bound))
    return ProvenPlan(
        best.offloads,
        steps,
        cost,
        bound,
        rounding,
        root.price,
        tree.complete,
        decided[forced.size :],
        order,
        staying,
        tree.branches,
        tree.prices,
    )


@compiled
def _leaf() -> IntArray:
    """A tree of one node."""
    tree = np.empty((1, 6), np.int64)
    for column in range(4):
        tree[0, column] = -1
    return tree[:, :4]


@compiled
def _all_local(steps: FloatArray, cost: float, bound: float, rounding: float, free: IntArray) -> ProvenPlan:
    """Return the plan that runs all users locally, for which there is always time."""
    offload = np.zeros(steps.size, np.bool_)
    return ProvenPlan(
        offload, steps, cost, bound, rounding, 0.0, False, free[:0], free, free[:0], _leaf(), np.zeros(1)
    )


@compiled
def _recover(users: Users, free: IntArray, forced: IntArray, best: _Best, steps: FloatArray) -> float:
    """Write the best shares of those that offload into ``steps``; return the cost of the plan."""
    chosen, shared = np.empty(free.size, np.bool_), np.empty(users.size)
    for i in range(free.size):
        chosen[i] = best.offloads[free[i]]
    shares(users, chosen, best.price[0], shared)
    taken = users.values
    for i in range(users.size):
        taken[place_of(i) + STATIONARY] = shared[i]
        if i >= users.free or chosen[i]:
            steps[free[i] if i < free.size else forced[i - free.size]] = shared[i]
    cost_at_steps(users)
    return total(users, 0.0, chosen)[0]


@compiled
def _offer(
    users: Users,
    free: IntArray,
    forced: IntArray,
    chosen: BoolArray,
    price: float,
    tolerance: float,
    best: _Best,
) -> None:
    """Take the forced and the chosen users if they keep to the budget and cost less."""
    if best.cost[0] < np.inf and _offloads(free, best, chosen):
        return
    known = meet_budget(users, chosen, price, best.cost[0], tolerance, False)
    if not max(known.low_value, known.high_value) < best.cost[0]:
        return
    # What is better has to be so for certain: the quick search trusts that the use falls evenly in the price.
    near = known.low_price if known.low_value > known.high_value else known.high_price
    known = meet_budget(users, chosen, near, best.cost[0], tolerance, True)
    cost = max(known.low_value, known.high_value)
    beyond_budget = known.high_used == -np.inf and known.low_price > users.highest
    if beyond_budget or not cost < best.cost[0]:
        return
    best.cost[0] = cost
    best.price[0] = known.low_price if known.low_value > known.high_value else known.high_price
    for n in range(best.offloads.size):
        best.offloads[n] = False
    for n in forced:
        best.offloads[n] = True
    for i in range(free.size):
        best.offloads[free[i]] = chosen[i]


@compiled
def _offloads(free: IntArray, best: _Best, chosen: BoolArray) -> bool:
    """Whether the incumbent is this choice already."""
    same = True
    for i in range(free.size):
        same = same and best.offloads[free[i]] == chosen[i]
    return same


@compiled
def _fixed(
    users: Users, free: IntArray, forced: IntArray, root: DualPoint, incumbent: float
) -> tuple[Users, IntArray, IntArray, IntArray, FloatArray, float, DualPoint]:
    """Return the users whose other choice may beat the incumbent, and a bound on what fixing all others excludes.

    At the root's price, flipping user n moves the bound by its reduced cost |d_n(delta)|.

    Returns
    -------
    tuple
        In this order: the users that are left, the free ones by their steps; the indices of the free, the forced
        and the local users; the steps of the free ones; the least bound over the excluded choices, infinite if
        there is none; the root with the choices of the free users alone.
    """
    size = free.size
    saving, chosen, steps = np.empty(size), np.empty(size, np.bool_), np.empty(size)
    bound, _ = bound_at(users, np.empty((0, 4), np.int64), root.price, saving, chosen)
    steps_of(users, steps)
    excluded = np.inf
    forces, frees = np.empty(users.size, np.int64), np.empty(size, np.int64)
    staying, at_edge, on_device, left = np.empty(size, np.int64), 0, 0, 0
    for i in range(size, users.size):
        forces[at_edge] = i
        at_edge += 1
    for i in range(size):
        flipped = bound + abs(saving[i])
        if flipped <= incumbent:
            frees[left] = i
            left += 1
            continue
        excluded = min(excluded, flipped)
        if chosen[i]:
            forces[at_edge] = i
            at_edge += 1
        else:
            staying[on_device] = free[i]
            on_device += 1
    forces, frees = forces[:at_edge], frees[:left]
    similarity = np.empty(left)
    for i in range(left):
        similarity[i] = steps[frees[i]]
    sequence, undecided, who = ascending(similarity), np.empty(left, np.int64), np.empty(left, np.int64)
    chosen_low, chosen_high = np.empty(left, np.bool_), np.empty(left, np.bool_)
    for i in range(left):
        undecided[i] = frees[sequence[i]]
        who[i], similarity[i] = free[undecided[i]], steps[undecided[i]]
        chosen_low[i], chosen_high[i] = root.chosen_low[undecided[i]], root.chosen_high[undecided[i]]
    decided = np.empty(at_edge, np.int64)
    for i in range(at_edge):
        decided[i] = forced[forces[i] - size] if forces[i] >= size else free[forces[i]]
    left_of_root = DualPoint(root.bound, root.price, root.use_low, root.use_high, chosen_low, chosen_high)
    return picked(users, undecided, forces), who, decided, staying[:on_device], similarity, excluded, left_of_root


class _Rule(NamedTuple):
    """:class:`.closing.Closing` for compiled code."""

    relative: float
    absolute: float
    ideal: float


@compiled
def _target(cost: float, rule: _Rule) -> float:
    """Bound from which the gap is closed, as :meth:`.closing.Closing.target` says it."""
    size = abs(cost) if cost <= 0.0 else min(cost, max(cost - rule.ideal, 0.0))
    return cost - max(rule.relative * size, rule.absolute) if cost < np.inf else cost


@compiled
def _same(point: DualPoint) -> bool:
    """Whether the two choices that meet are one."""
    same = True
    for i in range(point.chosen_low.size):
        same = same and point.chosen_low[i] == point.chosen_high[i]
    return same


class _Tree(NamedTuple):
    """What is kept of the nodes, see :class:`ProvenPlan`."""

    complete: bool
    branches: IntArray
    prices: FloatArray


@compiled
def _branch_and_bound(
    users: Users,
    free: IntArray,
    forced: IntArray,
    similarity: FloatArray,
    root: DualPoint,
    rule: _Rule,
    most_nodes: int,
    stop: Flag,
    best: _Best,
) -> tuple[float, _Tree]:
    """Branch until the gap is closed; return the bound and the tree."""
    nodes = room(Nodes(np.empty((0, 6), np.int64), np.empty(0), np.empty(0), np.empty(0, np.int64)), 16)
    add(nodes, 0, 0, -1, 0, root.price, root.bound)
    count, opened, closed, complete = 1, 1, np.inf, True
    tolerance = max(0.1 * rule.relative, _CLOSED)
    while opened > 0:
        node = nodes.heap[0]
        target = _target(best.cost[0], rule)
        if nodes.bound[node] >= target:
            break
        if count >= most_nodes or stop[0]:
            complete = False
            break
        close_first(nodes, opened)
        opened -= 1
        ranges = ranges_of(nodes, node)
        point = root  # maximised, and its choices offered
        if count > 1 or _same(root):
            point = maximise(users, ranges, nodes.price[node], target, tolerance, stop)
            if point.bound > nodes.bound[node]:
                nodes.bound[node], nodes.price[node] = point.bound, point.price
            if nodes.bound[node] < target:
                _offer(users, free, forced, point.chosen_high, point.price, tolerance, best)
                _offer(users, free, forced, point.chosen_low, point.price, tolerance, best)
        if nodes.bound[node] >= target or _same(point):
            closed = min(closed, nodes.bound[node])
            continue
        weight = (users.budget - point.use_high) / (point.use_low - point.use_high)
        branch = branch_between(point.chosen_low, point.chosen_high, weight, ranges, similarity)
        if count + 2 > nodes.price.size:
            nodes = room(nodes, 2 * nodes.price.size)
        nodes.branch[node, 0], nodes.branch[node, 1] = branch.begin, branch.end
        nodes.branch[node, 2], nodes.branch[node, 3] = branch.most, count
        for down in range(1, -1, -1):
            add(nodes, count, opened, node, down, nodes.price[node], nodes.bound[node])
            count, opened = count + 1, opened + 1
    if opened > 0:
        closed = min(closed, nodes.bound[nodes.heap[0]])
    return min(closed, best.cost[0]), _Tree(complete, nodes.branch[:count, :4], nodes.price[:count])
