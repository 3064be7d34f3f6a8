"""Nodes of the branch and bound over the places of items: bounds, branching, and depth-first search of a subtree.

A subtree is a stack of branches. Its search depends on nothing but the subtree, the cost to be beaten and the
number of nodes that it may visit. So subtrees may be searched in any order, and at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from threading import local
from time import perf_counter
from typing import NamedTuple, cast

import numpy as np

from formulations.gqap.evaluation import evaluate
from formulations.gqap.parameters import GQAP
from solvers.gqap.bounds.branching_node import FORBIDDEN, IntArray, Node, assign, empty_node, exclude, lower_room
from solvers.gqap.bounds.dual_ascent import Effort, Work, ascend, workspace
from solvers.gqap.bounds.exchangeable_capacities import classes_of_limits, largest_loads, within_capacities
from solvers.gqap.bounds.level2_ascent import ascend_level2
from solvers.gqap.bounds.triple_products import hand_down, number_of_triples
from solvers.gqap.bounds.whole_problem import COST_BITS, WholeProblem, whole_problem
from solvers.gqap.cost_arrays import cost_arrays
from solvers.gqap.tree.symmetry import interchangeable_items, orbit, place_renamings

EFFORT = Effort(rounds=30, share=0.03)
"""Work on every node but the root."""

EFFORT_LEVEL2 = Effort(rounds=15, share=0.05)
"""Work on it at level 2, where the tree has costs of triples."""

CELLS_PER_CALL = 5_000_000
"""Shares of pairs that one call of the kernel may go through, some tenths of a second of work."""


MOST_TRIPLES = 1 << 25
"""Costs of triples that a root may keep; each takes 8 bytes, and every level of the tree has its own."""


class Step(NamedTuple):
    """One branching decision on the way from the root to a node."""

    item: int
    """Item of the problem."""
    place: int
    tried: tuple[int, ...]
    """Places to which no other item of its class needs to go: that is searched with this item elsewhere."""


class Position(NamedTuple):
    """A node, and what the search knows about it beside its costs."""

    node: Node
    items: IntArray
    """Remaining items, shape (N,)."""
    path: tuple[Step, ...]
    renamings: IntArray
    """Renamings of places that leave all places in use where they are, shape (count, m)."""


class Branch(NamedTuple):
    """A position that is still to be visited: one item of its parent goes to a place."""

    parent: Position
    step: Step
    bound: int


class Incumbent(NamedTuple):
    """The best assignment so far; None and infinite where there is none."""

    place: IntArray | None
    cost: float


@dataclass
class Subtree:
    """A subtree, and what its search has found.

    Attributes
    ----------
    stack : list of Branch
        What is left to visit, the next one last.
    incumbent : Incumbent
        Best assignment known before the search of this subtree, or found by it.
    nodes : int
        Nodes that it has visited.
    """

    stack: list[Branch]
    incumbent: Incumbent
    nodes: int = 0

    @property
    def bound(self) -> int:
        """Least bound of what is left [units]."""
        return min(branch.bound for branch in self.stack)


class Tree:
    """The tree of a problem: what all its subtrees share.

    Parameters
    ----------
    data : GQAP
        The problem as it is given, which evaluates complete assignments.
    relative : float
        Where costs are not whole, an assignment has to be cheaper by this share to be of interest.
    """

    def __init__(self, data: GQAP, relative: float = 0.0) -> None:
        self.data, self.relative = data, relative
        self.problem: WholeProblem = whole_problem(data)
        arrays = cost_arrays(data)
        self._work = local()
        self._groups = interchangeable_items(arrays)
        alike = self.problem.alike
        self._renamings = place_renamings(arrays._replace(limit=classes_of_limits(arrays.limit, alike)))
        self._exchanges = bool((self.problem.capacity != self.problem.root.room).any())

    def _work_of_thread(self) -> dict[int, Work]:
        """Scratch space by number of items, of this thread alone."""
        if not hasattr(self._work, "by_items"):
            self._work.by_items = {}
        return cast("dict[int, Work]", self._work.by_items)

    @property
    def root(self) -> Position:
        """The root, whose node is bounded in place."""
        return Position(self.problem.root, np.arange(self.data.items), (), self._renamings)

    def tolerance(self, cost: float) -> float:
        """What a complete search may leave between bound and incumbent [cost]; 0 where costs are whole."""
        if self.problem.step > 0.0 or not math.isfinite(cost):
            return 0.0
        return max(self.relative * abs(cost), self.problem.rounding)

    def target(self, cost: float) -> int:
        """Cost in units from which an assignment is of no interest beside one of the given cost."""
        if not math.isfinite(cost):
            return 1 << (COST_BITS + 1)
        if self.problem.step > 0.0:
            return int(self.problem.units(cost - self.problem.step)) + 1
        return math.ceil(self.problem.units(cost - self.tolerance(cost)))

    def may_use_level2(self) -> bool:
        """Whether there are three items or more, no two fit in one place, and there is memory for triples."""
        return (
            self.problem.exclusive and 0 < number_of_triples(self.data.items) * self.data.places**3 <= MOST_TRIPLES
        )

    def add_triples(self) -> None:
        """Give the root costs of triples, all 0; those of nodes below come from it."""
        root = self.problem.root
        shape = (number_of_triples(self.data.items), *3 * (self.data.places,))
        self.problem = self.problem._replace(root=root._replace(triple=np.zeros(shape, dtype=np.int64)))

    def searched(self, cost: float) -> int:
        """Bound in units of what costs no less than the target beside an incumbent of the given cost."""
        whole = self.problem.step > 0.0 and math.isfinite(cost)
        return int(self.problem.units(cost)) if whole else self.target(cost)

    def search(self, subtree: Subtree, most_nodes: int, deadline: float) -> None:
        """Visit a subtree depth first, up to a number of nodes or the deadline."""
        work = self._work_of_thread()
        visited = 0
        while subtree.stack and visited < most_nodes and perf_counter() < deadline:
            branch = subtree.stack.pop()
            target = self.target(subtree.incumbent.cost)
            if branch.bound >= target:
                continue
            position = self.descend(branch)
            visited += 1
            subtree.nodes += 1
            if position.items.size <= 1:
                subtree.incumbent = self.complete(position, subtree.incumbent)
            elif not raise_bound(position.node, self.problem.exclusive, target, EFFORT, work, deadline):
                subtree.stack.append(branch._replace(bound=max(branch.bound, int(position.node.constant[0]))))
                return
            elif position.node.constant[0] < target:
                subtree.stack.extend(self.branches(position, target))

    def branches(self, position: Position, target: int) -> list[Branch]:
        """Branch on the item whose places are decided most, dearest first; of places that are alike, one."""
        node = position.node
        lead, constant = node.lead, int(node.constant[0])
        allowed = lead < FORBIDDEN
        share = np.where(allowed, lead / (target - constant), 1.0)
        score = np.where(allowed.sum(axis=1) == 1, np.inf, share.sum(axis=1))
        row = int(np.argmax(score))
        item = int(position.items[row])
        tried: IntArray = np.zeros(0, dtype=np.int64)
        branches = []
        for place in np.argsort(lead[row], kind="stable")[: int(allowed[row].sum())].tolist():
            if place in tried:
                continue
            step = Step(item, place, tuple(tried.tolist()))
            branches.append(Branch(position, step, constant + int(lead[row, place])))
            tried = np.union1d(tried, orbit(position.renamings, place))
        return branches[::-1]

    def descend(self, branch: Branch) -> Position:
        """The position that a branch leads to, not bounded yet."""
        parent, (item, place, tried) = branch.parent, branch.step
        row = int(np.searchsorted(parent.items, item))
        items = parent.items.size - 1
        has_triples = parent.node.triple.size > 0
        child = empty_node(items, self.data.places, number_of_triples(items) if has_triples else 0)
        assign(parent.node, row, place, child)
        if has_triples:
            hand_down(parent.node, row, place, child)
        if self._exchanges:
            self.tighten(child, (*parent.path, branch.step))
        remaining = np.delete(parent.items, row)
        if tried:
            for k in np.flatnonzero(self._groups[remaining] == self._groups[item]):
                for j in tried:
                    exclude(child, int(k), j)
        renamings = parent.renamings[parent.renamings[:, place] == place]
        return Position(child, remaining, (*parent.path, branch.step), renamings)

    def tighten(self, node: Node, path: tuple[Step, ...]) -> None:
        """Lower the room of places to the largest capacity that their class has left for them."""
        load = np.zeros_like(node.room)
        for step in path:
            load[step.place] += self.problem.root.weight[step.item]
        spare = node.room + load - largest_loads(load, self.problem.capacity, self.problem.alike)
        for place in np.flatnonzero(spare > 0).tolist():
            lower_room(node, place, int(spare[place]))

    def complete(self, position: Position, incumbent: Incumbent) -> Incumbent:
        """Evaluate every assignment that completes a position with at most one remaining item."""
        assignment = np.zeros(self.data.items, dtype=np.int64)
        for step in position.path:
            assignment[step.item] = step.place
        rows = position.node.lead[0] if position.items.size else np.zeros(1)
        for place in np.flatnonzero(rows < FORBIDDEN):
            assignment[position.items] = place
            fitting = within_capacities(assignment, self.data.weight, self.data.load_limit, self.problem.alike)
            evaluated = evaluate(self.data, fitting)
            if evaluated.feasible and evaluated.objective < incumbent.cost:
                incumbent = Incumbent(fitting, evaluated.objective)
        return incumbent


def raise_bound(
    node: Node,
    exclusive: bool,
    target: int,
    effort: Effort,
    work: dict[int, Work],
    deadline: float,
    level2: Effort = EFFORT_LEVEL2,
) -> bool:
    """Raise a node's bound, at level 2 as well if it has triples; return False where the deadline came first."""
    items, places = node.lead.shape
    if items not in work:
        work[items] = workspace(items, places)
    left, chunk = effort.rounds, max(1, CELLS_PER_CALL // (items * places) ** 2)
    while left > 0 and node.constant[0] < target:
        rounds = min(left, chunk)
        done = ascend(node, exclusive, target, effort._replace(rounds=rounds), work[items])
        left -= done if done == rounds else left
        if left > 0 and perf_counter() >= deadline:
            return False
    if node.triple.size == 0 or node.constant[0] >= target:
        return True
    return ascend_level2(node, target, level2, work[items], deadline)
