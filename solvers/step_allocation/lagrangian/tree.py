"""Branch and bound over counts of offloaded users, best bound first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from formulations.fields import BoolArray, FloatArray
from solvers.step_allocation.lagrangian.budget import share_budget
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES, Branch, branch_on, restrict
from solvers.step_allocation.lagrangian.closing import Closing
from solvers.step_allocation.lagrangian.dual_function import DualPoint, IntArray, Offloading, maximise

CLOSED_SHARE_OF_GAP = 1e-3
"""The search closes to this share of the asked relative gap: it costs little, and others are measured by it."""


@dataclass
class Incumbent:
    """Best set of offloaded users found so far, their edge steps [steps], and its cost P1 [-]."""

    cost: float = np.inf
    users: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    edge_steps: FloatArray = field(default_factory=lambda: np.empty(0))
    offered: set[bytes] = field(default_factory=set)

    def offer(self, problem: Offloading, chosen: BoolArray) -> None:
        """Take the forced users and the ``chosen`` free ones if they keep to the budget and cost less."""
        users = np.sort(np.concatenate([problem.forced, problem.free[chosen]]))
        if users.tobytes() in self.offered:
            return
        self.offered.add(users.tobytes())
        edge_steps = np.empty(users.size)
        edge_cost, _ = share_budget(problem.edge, users, problem.budget, problem.integer, edge_steps)
        cost = problem.base + edge_cost - float(problem.local_cost[users].sum())
        if cost < self.cost:
            self.cost, self.users, self.edge_steps = cost, users, edge_steps


@dataclass
class Node:
    """A set of allowed choices: those of its parent that also satisfy one side of a branch.

    ``bound`` is L at ``price`` over the node's choices, the parent's until the node itself is bounded.
    """

    ranges: IntArray
    price: float
    bound: float
    branch: Branch | None = None
    children: tuple[int, int] | None = None

    def record(self, unit: float) -> dict[str, Any]:
        """The node as a certificate lists it: a branch with its children, or a leaf with its multiplier."""
        if self.branch is None:
            return {"multipliers": [self.price * unit]}
        return {**self.branch._asdict(), "children": self.children}


class Choices(Protocol):
    """The users to decide, as the tree asks for bounds and offers what it meets."""

    @property
    def budget(self) -> float:
        """S_e [steps]."""

    @property
    def cost(self) -> float:
        """Cost of the best set of users offered so far [-]."""

    def maximise(self, ranges: IntArray, start: float, target: float) -> DualPoint:
        """The bound within ranges, maximised over the price, as :func:`.lagrangian.maximise` does."""

    def offer(self, chosen: BoolArray) -> None:
        """Take a choice of the free users if it keeps to the budget and costs less."""


@dataclass
class FreeUsers:
    """The free users of ``problem``, with an incumbent that is improved."""

    problem: Offloading
    incumbent: Incumbent

    @property
    def budget(self) -> float:
        return self.problem.budget

    @property
    def cost(self) -> float:
        return self.incumbent.cost

    def maximise(self, ranges: IntArray, start: float, target: float) -> DualPoint:
        return maximise(self.problem, ranges, start, target)

    def offer(self, chosen: BoolArray) -> None:
        self.incumbent.offer(self.problem, chosen)


@dataclass
class CountTree:
    """Branch and bound on free users that are ordered by ``similarity``.

    Attributes
    ----------
    choices : Choices
        The free users and the incumbent, which is improved as the search goes on.
    similarity : FloatArray
        Key of the order of the free users, see
        :func:`~solvers.step_allocation.lagrangian.cardinality_branching.branch_on`.
    closing : Closing
        When incumbent - bound is closed.
    nodes : list of Node
        The whole tree, root first; leaves prove the bound.
    """

    choices: Choices
    similarity: FloatArray
    closing: Closing
    nodes: list[Node] = field(default_factory=list)

    def search(self, price: float, bound: float, deadline: float) -> float:
        """Branch until the gap is closed or ``perf_counter()`` passes ``deadline``; return the proven bound.

        The root is bounded by ``bound`` at ``price`` [1/step].
        """
        self.nodes.append(Node(NO_RANGES, price, bound))
        open_nodes = [(bound, 0)]
        settled = np.inf
        while open_nodes and open_nodes[0][0] < self.target and perf_counter() < deadline:
            _, index = heapq.heappop(open_nodes)
            node = self.nodes[index]
            point = self.choices.maximise(node.ranges, node.price, self.target)
            if point.bound > node.bound:
                node.bound, node.price = point.bound, point.price
            if node.bound >= self.target:
                settled = min(settled, node.bound)
                continue
            self.choices.offer(point.chosen_high)
            self.choices.offer(point.chosen_low)
            branch = branch_on(point, node.ranges, self.choices.budget, self.similarity)
            if branch is None:
                settled = min(settled, node.bound)
                continue
            self._split(index, branch, open_nodes)
        return min([settled, self.choices.cost, *(bound for bound, _ in open_nodes)])

    @property
    def target(self) -> float:
        """Bound at which a node needs no branching."""
        return self.closing.target(self.choices.cost)

    def _split(self, index: int, branch: Branch, open_nodes: list[tuple[float, int]]) -> None:
        node = self.nodes[index]
        node.branch, node.children = branch, (len(self.nodes), len(self.nodes) + 1)
        for at_most in (True, False):
            child = Node(restrict(node.ranges, branch, at_most=at_most), node.price, node.bound)
            heapq.heappush(open_nodes, (child.bound, len(self.nodes)))
            self.nodes.append(child)
