"""Best-first branch and bound with the bound of the decomposition.

The loop is one of its own beside that of step allocation: gains are maximised, a branch has any number of
children, and columns of one node start the next.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.constrained.demands import Demands, View, view
from solvers.multi_edge_offloading.constrained.row_bound import row_bound_of
from solvers.multi_edge_offloading.decomposition.master import Column
from solvers.multi_edge_offloading.decomposition.node_bound import Bounded, bound_of, price_bound
from solvers.multi_edge_offloading.decomposition.rules import HELD, Rules
from solvers.multi_edge_offloading.decomposition.server_charges import prices_of_charges
from solvers.multi_edge_offloading.exchange.arcs import all_local, fill_arcs, no_arcs
from solvers.multi_edge_offloading.exchange.assignments import at_fixed_levels, with_models
from solvers.multi_edge_offloading.tree.branching import children
from solvers.multi_edge_offloading.tree.incumbent import (
    Incumbent,
    feasible_incumbent,
    first_incumbent,
    from_columns,
    searched,
)

SMALLEST_TOLERANCE = 1e-10
"""Share of the incumbent's gain that is always a closed gap."""


@dataclass
class Node:
    """A branch; ``children`` once it is divided, else ``prices`` prove its bound."""

    rules: Rules
    bound: float
    prices: FloatArray
    children: list[Node] = field(default_factory=list)


@dataclass
class Search:
    """A tree while it is searched.

    Attributes
    ----------
    table : GainTable
        Gains.
    gap : float
        Share of the incumbent's gain at which the search is done.
    deadline : float
        Time at which it stops, on the clock of ``perf_counter``.
    root : Node
        The whole problem.
    best : Incumbent
        The best assignment so far; before one is found, its gain is what every one that is allowed exceeds.
    demands : Demands or None
        What further constraints demand.
    found : bool
        Whether an assignment that is allowed is known.
    nodes, steps : int
        Branches bounded, and price updates.
    root_bound : float
        Bound of the root [s].
    complete : bool
        Whether the gap is closed.
    """

    table: GainTable
    gap: float
    deadline: float
    root: Node
    best: Incumbent
    demands: Demands | None = None
    found: bool = True
    nodes: int = 0
    steps: int = 0
    root_bound: float = np.inf
    complete: bool = False

    @property
    def tolerance(self) -> float:
        """Difference to the incumbent at which a branch is closed [s]."""
        return max(self.gap, SMALLEST_TOLERANCE) * abs(self.best.gain) if self.found else 0.0

    @property
    def bound(self) -> float:
        """No assignment gains more [s]; minus infinity where none is allowed."""
        return max((leaf.bound for leaf in leaves(self.root)), default=-np.inf)

    def run(self) -> None:
        """Search until the gap is closed or the time is over."""
        queue = [(-self.root.bound, 0, self.root)]
        known: tuple[Column, ...] = ()
        while queue:
            if perf_counter() > self.deadline:
                return
            _, _, node = heapq.heappop(queue)
            if node.bound - self.best.gain <= self.tolerance:
                continue
            seen = view(self.table, node.rules, self.demands)
            found = self.bounded(node, seen, known)
            self.nodes += 1
            self.steps += found.steps
            if found.bound <= node.bound:
                node.bound, node.prices = found.bound, found.prices
            if self.nodes == 1:
                self.root_bound = node.bound
            if found.weights.size:
                self.keep(from_columns(seen.table, node.rules, found.columns, found.weights, self.deadline))
                known = found.columns if self.demands is None else ()
            if node.bound - self.best.gain <= self.tolerance:
                continue
            if perf_counter() > self.deadline:
                return
            rules_below = children(node.rules, found, coupled=self.coupled)
            below = [Node(rules, self.bound_below(node, rules), node.prices) for rules in rules_below]
            node.children.extend(below)  # all at once: an interrupt leaves no part of the tree out of the bound
            for place, child in enumerate(below, start=1):
                heapq.heappush(queue, (-child.bound, self.nodes * 4 + place, child))
            if not node.children:
                self.keep(decided(seen.table, node.rules, self.deadline))
        self.complete = True

    @property
    def coupled(self) -> bool:
        """Whether rows couple users."""
        return self.demands is not None and self.demands.right_hand_sides.size > 0

    def bounded(self, node: Node, seen: View, known: tuple[Column, ...]) -> Bounded:
        """Bound a branch, prizes left out of its bound."""
        target, tolerance = self.best.gain + seen.prizes, 0.5 * self.tolerance
        if self.demands is not None and self.coupled:
            found = row_bound_of(
                seen.table, node.rules, self.demands, node.prices, target, tolerance, self.deadline
            )
        else:
            found = bound_of(seen.table, node.rules, node.prices, target, tolerance, self.deadline, known)
        return found._replace(bound=found.bound - seen.prizes)

    def bound_below(self, node: Node, rules: Rules) -> float:
        """Bound of a branch below a node before it is looked at [s]."""
        if self.demands is None:
            return min(node.bound, price_bound(self.table, rules, node.prices))
        return node.bound if self.demands.can_hold(rules) else -np.inf

    def keep(self, found: Incumbent) -> None:
        """Take an assignment that is allowed and better than the best so far."""
        kept = feasible_incumbent(self.table, self.root.rules, self.demands, found)
        if kept is not None and kept.gain > self.best.gain:
            self.best, self.found = kept, True


def started(table: GainTable, rules: Rules, gap: float, deadline: float, demands: Demands | None = None) -> Search:
    """A search with its first incumbent and the prices that its charges give."""
    seen = view(table, rules, demands)
    first = first_incumbent(seen.table, rules, deadline)
    prices = np.zeros(rules.model.size)
    arcs = no_arcs(prices.size, table.batches.size)
    fill_arcs(seen.table, first.now, arcs)
    prices_of_charges(seen.table, first.now, arcs, prices)
    root = Node(rules, price_bound(seen.table, rules, prices) - seen.prizes, prices)
    best = feasible_incumbent(table, rules, demands, first)
    if best is not None:
        return Search(table, gap, deadline, root, best, demands)
    local = Incumbent(all_local(prices.size, table.batches.size), first.held, demands_floor(demands))
    return Search(table, gap, deadline, root, local, demands, found=False)


def demands_floor(demands: Demands | None) -> float:
    """What every assignment that is allowed exceeds [s]."""
    return -np.inf if demands is None else demands.floor


def decided(table: GainTable, rules: Rules, deadline: float) -> Incumbent:
    """The best assignment of a branch with all batches and models decided: a transportation problem."""
    held = rules.held == HELD if rules.held.shape[1] > 1 else rules.held == rules.held
    fixed = at_fixed_levels(table, rules.upper)
    first = first_incumbent(with_models(fixed, held, rules.model), rules, deadline)
    return searched(table, rules, first.now, held, deadline)


def leaves(root: Node) -> list[Node]:
    """Branches that are not divided."""
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        if node.children:
            stack += node.children
        else:
            found.append(node)
    return found
