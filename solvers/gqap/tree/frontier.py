"""The open subtrees of a tree: least bound first while there is memory for it, depth first beyond.

Subtrees are searched in waves of a fixed size, by one thread or many. What they find is taken over in order when a
wave is over. So the nodes visited and the assignment found do not depend on the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from heapq import heappop, heappush
from time import perf_counter

from solvers.gqap.tree.assignment_tree import Branch, Incumbent, Position, Subtree, Tree

WAVE = 16
"""Most subtrees that are searched before what they find is taken over."""

TRIPLES_IN_A_WAVE = 1 << 26
"""Costs of triples of a wave, each subtree counted with those of the root; two subtrees may have more. Depth
first, a subtree keeps all nodes on its path: four times as many for 20 items; all together took 2.1 GB."""

NODES_BELOW, NODES_BELOW_LEVEL2 = 100, 4
"""Nodes that a subtree may visit in a wave where the search goes depth first, without triples and with them."""

MOST_OPEN_CELLS = 1 << 27
"""Numbers of 8 bytes that the parents of open branches may keep in memory before the search goes depth first."""


class Frontier:
    """Open subtrees of a tree in order of their bounds.

    Attributes
    ----------
    incumbent : Incumbent
        The best assignment so far.
    nodes : int
        Nodes visited so far.
    cells : int
        Numbers kept in memory by the parents of open branches.
    wave : int
        Subtrees searched before what they find is taken over.
    nodes_below : int
        Nodes that each of them may visit where the search goes depth first.
    """

    def __init__(self, tree: Tree, incumbent: Incumbent, most_cells: int = MOST_OPEN_CELLS) -> None:
        self.tree, self.incumbent, self.most_cells = tree, incumbent, most_cells
        triples = tree.problem.root.triple.size
        self.wave = max(2, min(WAVE, TRIPLES_IN_A_WAVE // triples)) if triples else WAVE
        self.nodes_below = NODES_BELOW_LEVEL2 if triples else NODES_BELOW
        self.nodes = 0
        self.cells = 0
        self._order = 0
        self._open: list[tuple[int, int, list[Branch]]] = []
        self._begun: list[list[Branch]] = []
        self._children: dict[int, int] = {}

    def bound(self) -> int | None:
        """Least bound of all open subtrees, at most the incumbent's cost [units]; None where nothing is open."""
        least = [branch.bound for stack in self._begun for branch in stack]
        least += [bound for bound, _, _ in self._open[:1]]
        return min(*least, self.tree.searched(self.incumbent.cost)) if least else None

    def branches(self) -> Iterable[Branch]:
        """Every open branch."""
        for stack in (*self._begun, *(stack for _, _, stack in self._open)):
            yield from stack

    def add(self, branches: Iterable[Branch]) -> None:
        """Add open branches, each a subtree of its own."""
        for branch in branches:
            self._count(branch.parent, 1)
            heappush(self._open, (branch.bound, self._order, [branch]))
            self._order += 1

    def search(
        self,
        deadline: float,
        threads: int = 1,
        most_nodes: float = math.inf,
        seen: Callable[[], None] = lambda: None,
    ) -> bool:
        """Search until nothing is open, the deadline, or a number of nodes; return whether nothing is open.

        ``seen`` is called after every wave.
        """
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(threads)) if threads > 1 else None
            while perf_counter() < deadline and self.nodes < most_nodes:
                deep = self.cells > self.most_cells
                subtrees = [Subtree(stack, self.incumbent) for stack in self._take()]
                if not subtrees:
                    return True

                def run(subtree: Subtree, nodes: int = self.nodes_below if deep else 1) -> None:
                    self.tree.search(subtree, nodes, deadline)

                list(map(run, subtrees) if pool is None else pool.map(run, subtrees))
                for subtree in subtrees:
                    self._take_over(subtree, deep)
                seen()
        return not self._open and not self._begun

    def _take(self) -> list[list[Branch]]:
        """The subtrees of the next wave: those begun depth first, then those of least bound."""
        target = self.tree.target(self.incumbent.cost)
        wave = self._begun[: self.wave]
        self._begun = self._begun[self.wave :]
        while self._open and len(wave) < self.wave:
            bound, _, stack = heappop(self._open)
            if bound < target:
                wave.append(stack)
            else:
                self._forget(stack)
        for stack in wave:
            self._forget(stack)
        return wave

    def _take_over(self, subtree: Subtree, deep: bool) -> None:
        self.nodes += subtree.nodes
        if subtree.incumbent.cost < self.incumbent.cost:
            self.incumbent = subtree.incumbent
        if deep and subtree.stack:
            for branch in subtree.stack:
                self._count(branch.parent, 1)
            self._begun.append(subtree.stack)
        else:
            self.add(subtree.stack)

    def _forget(self, stack: list[Branch]) -> None:
        for branch in stack:
            self._count(branch.parent, -1)

    def _count(self, parent: Position, change: int) -> None:
        """Keep account of the memory of a branch's parent."""
        key, size = id(parent.node.pair), parent.node.pair.size + parent.node.triple.size
        before = self._children.get(key, 0)
        after = before + change
        self.cells += size * ((after > 0) - (before > 0))
        if after > 0:
            self._children[key] = after
        else:
            self._children.pop(key, None)
