"""Best-first branch and bound on whatever a subproblem branches on: counts of offloaded users, or whole steps."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from formulations.fields import BoolArray, FloatArray
from solvers.step_allocation.lagrangian.closing import Closing


class Subproblem(Protocol):
    """What the search asks for. Domains are sets of allowed choices; prices are one multiplier, or an array."""

    incumbent: Incumbent

    def maximise(self, domain: Any, start: Any, target: float) -> Any:
        """The bound over a domain, maximised until it reaches ``target``: its ``bound`` and ``price``."""

    def branch(self, domain: Any, point: Any) -> Any:
        """Offer the choices that meet at a point, and say what tells them apart: a named tuple, or None."""

    def restrict(self, domain: Any, branch: Any, down: bool) -> Any:
        """The domain of one side of a branch."""


@dataclass
class Incumbent:
    """Best solution found so far and its cost P1 [-].

    Attributes
    ----------
    cost : float
        Infinite as long as there is none.
    offloaded : ndarray of bool
        Which of the users that a subproblem decides offload.
    steps : FloatArray
        Their steps, where the subproblem says them.
    """

    cost: float = np.inf
    offloaded: BoolArray = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    steps: FloatArray = field(default_factory=lambda: np.empty(0))
    _offered: set[bytes] = field(default_factory=set)

    def is_new(self, offloaded: BoolArray) -> bool:
        """Whether a choice is asked about for the first time."""
        known = len(self._offered)
        self._offered.add(offloaded.tobytes())
        return len(self._offered) > known

    def take(self, cost: float, offloaded: BoolArray, steps: FloatArray | None = None) -> bool:
        """Take a solution if it costs less; return whether it did."""
        if not cost < self.cost:
            return False
        self.cost, self.offloaded = cost, offloaded.copy()
        self.steps = np.empty(0) if steps is None else steps
        return True


@dataclass
class Node:
    """A set of allowed choices: those of its parent that also satisfy one side of a branch.

    ``bound`` is L at ``price`` over the node's choices, the parent's until the node itself is bounded.
    """

    domain: Any
    price: Any
    bound: float
    branch: Any = None
    children: tuple[int, int] | None = None

    def record(self, in_units: Callable[[Any], list[float]]) -> dict[str, Any]:
        """The node as a certificate lists it: a branch with its children, or a leaf with its multipliers."""
        if self.branch is None:
            return {"multipliers": in_units(self.price)}
        return {**self.branch._asdict(), "children": self.children}


@dataclass
class BranchAndBound:
    """The search of a subproblem.

    Attributes
    ----------
    subproblem : Subproblem
        Bounds and branches; its incumbent is improved as the search goes on.
    closing : Closing
        When incumbent - bound is closed.
    cutoff : float
        More than any solution costs: a bound from there on proves that there is none.
    nodes : list of Node
        The whole tree, root first; leaves prove the bound.
    """

    subproblem: Subproblem
    closing: Closing
    cutoff: float = np.inf
    nodes: list[Node] = field(default_factory=list)

    def search(self, everything: Any, price: Any, bound: float, out_of_time: Callable[[], bool]) -> float:
        """Branch until the gap is closed or the time is over; return the proven bound.

        All choices, ``everything``, are bounded by ``bound`` at ``price``.
        """
        self.nodes.append(Node(everything, price, bound))
        open_nodes = [(bound, 0)]
        closed = np.inf
        while open_nodes and open_nodes[0][0] < self.target and not out_of_time():
            _, index = heapq.heappop(open_nodes)
            node = self.nodes[index]
            point = self.subproblem.maximise(node.domain, node.price, self.target)
            if point.bound > node.bound:
                node.bound, node.price = point.bound, point.price
            branch = self.subproblem.branch(node.domain, point) if node.bound < self.target else None
            if branch is None:
                closed = min(closed, node.bound)
            else:
                self._split(index, branch, open_nodes)
        return min([closed, self.subproblem.incumbent.cost, *(bound for bound, _ in open_nodes)])

    @property
    def target(self) -> float:
        """Bound from which a node needs no branching: the incumbent's cost less the gap, or the cutoff."""
        cost = self.subproblem.incumbent.cost
        return self.closing.target(cost) if np.isfinite(cost) else self.cutoff

    def _split(self, index: int, branch: Any, open_nodes: list[tuple[float, int]]) -> None:
        node = self.nodes[index]
        node.branch, node.children = branch, (len(self.nodes), len(self.nodes) + 1)
        for down in (True, False):
            domain = self.subproblem.restrict(node.domain, branch, down)
            heapq.heappush(open_nodes, (node.bound, len(self.nodes)))
            self.nodes.append(Node(domain, node.price, node.bound))
