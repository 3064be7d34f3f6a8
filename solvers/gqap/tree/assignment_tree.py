"""Branch and bound over the places of items, depth first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import numpy as np

from formulations.gqap.evaluation import evaluate
from formulations.gqap.parameters import GQAP
from solvers.gqap.bounds.branching_node import FORBIDDEN, IntArray, Node, assign, empty_node, exclude
from solvers.gqap.bounds.dual_ascent import Effort, Work, ascend, workspace
from solvers.gqap.bounds.whole_problem import COST_BITS, WholeProblem
from solvers.gqap.cost_arrays import cost_arrays
from solvers.gqap.tree.symmetry import interchangeable_items, orbit, place_renamings

ROOT_EFFORT = Effort(rounds=60, share=0.003)
EFFORT = Effort(rounds=30, share=0.03)
"""Work on the root and on every other node."""

CELLS_PER_CALL = 5_000_000
"""Shares of pairs that one call of the kernel may go through, some tenths of a second of work."""


class Position(NamedTuple):
    """A node, and what the search knows about it beside its costs."""

    node: Node
    items: IntArray
    """Remaining items, shape (N,)."""
    place: IntArray
    """Place of each item of the problem, -1 where it remains, shape (n,)."""
    renamings: IntArray
    """Renamings of places that leave all places in use where they are, shape (count, m)."""


class Branch(NamedTuple):
    """A position that is still to be visited: one item of its parent goes to a place."""

    parent: Position
    item: int
    """Row of the item in the parent."""
    place: int
    bound: int
    tried: IntArray
    """Places to which no other item of its class needs to go, because that was tried with this item before."""


@dataclass
class Tree:
    """Search for an assignment cheaper than the incumbent.

    Attributes
    ----------
    data : GQAP
        The problem as it is given, which evaluates complete assignments.
    problem : WholeProblem
        The problem in whole numbers.
    relative : float
        Where costs are not whole, an assignment has to be cheaper by this share to be of interest.
    incumbent : IntArray or None
        Best assignment so far, of cost ``cost``.
    nodes : int
        Nodes whose bound was raised.
    root_bound : float
        Bound at the root [cost]; infinite before it is known, and where the root proves that nothing fits.
    """

    data: GQAP
    problem: WholeProblem
    relative: float
    incumbent: IntArray | None
    cost: float
    nodes: int = 0
    root_bound: float = np.inf

    def __post_init__(self) -> None:
        arrays = cost_arrays(self.data)
        self._groups = interchangeable_items(arrays)
        self._renamings = place_renamings(arrays)
        self._work: dict[int, Work] = {}

    def search(self, deadline: float) -> int | None:
        """Visit the tree to its end or the deadline; return the least bound that is left [units], or None."""
        items = np.arange(self.data.items)
        position = Position(self.problem.root, items, np.full(items.size, -1), self._renamings)
        open_branches: list[Branch] = []
        while perf_counter() < deadline and self.visit(position, open_branches, deadline):
            while open_branches and open_branches[-1].bound >= self.target:
                open_branches.pop()
            if not open_branches:
                return None
            position = self.descend(open_branches.pop())
        return min([int(position.node.constant[0]), *(branch.bound for branch in open_branches)])

    @property
    def tolerance(self) -> float:
        """What a complete search may leave between its bound and the incumbent [cost]; 0 where costs are whole."""
        if self.problem.step > 0.0 or self.incumbent is None:
            return 0.0
        return max(self.relative * abs(self.cost), self.problem.rounding)

    @property
    def target(self) -> int:
        """Cost in units from which an assignment is of no interest."""
        if self.incumbent is None:
            return 1 << (COST_BITS + 1)
        if self.problem.step > 0.0:
            return int(self.problem.units(self.cost - self.problem.step)) + 1
        return math.ceil(self.problem.units(self.cost - self.tolerance))

    def visit(self, position: Position, open_branches: list[Branch], deadline: float) -> bool:
        """Bound a node and add its branches; return False where the deadline came first."""
        node = position.node
        if position.items.size <= 1:
            self.complete(position)
            return True
        if not self.bound(node, ROOT_EFFORT if self.nodes == 0 else EFFORT, deadline):
            return False
        if node.constant[0] < self.target:
            self.branch(position, open_branches)
        return True

    def bound(self, node: Node, effort: Effort, deadline: float) -> bool:
        """Raise the bound of a node; return False where the deadline came first."""
        items, places = node.lead.shape
        if items not in self._work:
            self._work[items] = workspace(items, places)
        self.nodes += 1
        left, chunk = effort.rounds, max(1, CELLS_PER_CALL // (items * places) ** 2)
        while left > 0 and node.constant[0] < self.target:
            rounds = min(left, chunk)
            done = ascend(
                node, self.problem.exclusive, self.target, effort._replace(rounds=rounds), self._work[items]
            )
            left -= done if done == rounds else left
            if left > 0 and perf_counter() >= deadline:
                return False
        if self.nodes == 1:
            pruned = node.constant[0] >= self.target
            bound = self.cost - self.tolerance if pruned else self.problem.cost(float(node.constant[0]))
            self.root_bound = max(bound, self.problem.least)
        return True

    def branch(self, position: Position, open_branches: list[Branch]) -> None:
        """Branch on the item whose places are decided most; of places that a renaming makes equal, try one."""
        node = position.node
        lead, constant, target = node.lead, int(node.constant[0]), self.target
        allowed = lead < FORBIDDEN
        share = np.where(allowed, lead / (target - constant), 1.0)
        score = np.where(allowed.sum(axis=1) == 1, np.inf, share.sum(axis=1))
        item = int(np.argmax(score))
        order = np.argsort(lead[item], kind="stable")
        tried = np.zeros(0, dtype=np.int64)
        branches = []
        for place in order[: int(allowed[item].sum())]:
            if place in tried:
                continue
            branches.append(Branch(position, item, int(place), constant + int(lead[item, place]), tried))
            tried = np.union1d(tried, orbit(position.renamings, int(place)))
        open_branches.extend(reversed(branches))

    def descend(self, branch: Branch) -> Position:
        """The position that a branch leads to."""
        parent, row, place = branch.parent, branch.item, branch.place
        items, places = parent.node.lead.shape
        child = empty_node(items - 1, places)
        assign(parent.node, row, place, child)
        remaining = np.delete(parent.items, row)
        if branch.tried.size:
            for k in np.flatnonzero(self._groups[remaining] == self._groups[parent.items[row]]):
                for j in branch.tried:
                    exclude(child, int(k), int(j))
        assigned = parent.place.copy()
        assigned[parent.items[row]] = place
        renamings = parent.renamings[parent.renamings[:, place] == place]
        return Position(child, remaining, assigned, renamings)

    def complete(self, position: Position) -> None:
        """Evaluate every assignment that completes a position with at most one remaining item."""
        rows = position.node.lead[0] if position.items.size else np.zeros(1)
        for place in np.flatnonzero(rows < FORBIDDEN):
            assignment = position.place.copy()
            assignment[position.items] = place
            evaluated = evaluate(self.data, assignment)
            if evaluated.feasible and evaluated.objective < self.cost:
                self.incumbent, self.cost = assignment, evaluated.objective
