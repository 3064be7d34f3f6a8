"""The branch and bound as a whole: more work goes into the root as the tree turns out to be large.

A tree that is small is searched from a root that a short ascent has bounded. After some nodes the root is raised
by a long ascent, after more by the linear programme of its relaxation, or by an ascent at level 2 where no two
items fit in one place, and the search begins anew each time. The stages are told apart by numbers of nodes, never
by the clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from formulations.gqap.parameters import GQAP
from solvers.external.trace import Trace
from solvers.gqap.bounds.dual_ascent import Effort, Work, workspace
from solvers.gqap.bounds.root_multipliers import raise_to_relaxation
from solvers.gqap.tree.assignment_tree import Incumbent, Tree, raise_bound
from solvers.gqap.tree.frontier import Frontier


class Stage(NamedTuple):
    """Work on the root, and nodes that the tree then gets."""

    programme: bool
    """Whether the linear programme of the relaxation comes first."""
    effort: Effort
    """Ascent at the root."""
    nodes: float
    """Nodes after which the next stage begins: about those that its work on the root takes the time of."""
    first: float = math.inf
    """Nodes after which it begins where less than :data:`CLOSED_BY_THEN` of the root's gap is closed."""
    level2: Effort | None = None
    """Ascent at level 2 of the RLT at the root, after the other; None where nodes have no costs of triples."""


STAGES = (
    Stage(programme=False, effort=Effort(rounds=60, share=0.003), nodes=300),
    Stage(programme=False, effort=Effort(rounds=5000, share=1e-5), nodes=3000, first=1000),
)

LAST_STAGE = Stage(programme=True, effort=Effort(rounds=200, share=1e-4), nodes=math.inf)

LAST_STAGE_LEVEL2 = Stage(
    programme=False,
    effort=Effort(rounds=60, share=0.003),
    nodes=math.inf,
    level2=Effort(rounds=40, share=0.01),
)
"""The last stage where no two items fit in one place and there is memory for it. Level 2 bounds there better than
the programme could, and in less time."""

SHARE_FOR_PROGRAMME = 0.5
"""Share of the time left that the linear programme may take."""

SHARE_FOR_INCUMBENT = 0.1
"""Share of the time left that the search for a better incumbent may take before the last stage."""

CLOSED_BY_THEN = 0.65
"""Share of the root's gap. Trees of 1,300 to 3,200 nodes closed 0.75 and more of it with their first 1,000, those
of 55,000 (tass2005Bb) and more of the large files 0.63 and less."""

SMALLEST_GAIN = 0.02
"""Share of the root's gap that a stage has to close for the search to begin anew."""


class StagedSearch:
    """Search for an assignment cheaper than the incumbent, with a bound that rises while it runs.

    Attributes
    ----------
    tree : Tree
        The tree and its root.
    incumbent : Incumbent
        The best assignment so far.
    nodes : int
        Nodes visited, the root counted once.
    root_bound : float
        Bound at the root [cost]; infinite before it is known, and where the root proves that nothing fits.
    left : int or None
        Best bound so far of everything [units].
    frontier : Frontier or None
        The open parts of the tree; None before the root is bounded.
    stage : int
        Stages that have begun their search below the root.
    trace : Trace
        Incumbent and bound over time.
    seen : callable
        Called after every wave of nodes.
    better_incumbent : callable
        Looks for a cheaper assignment until a time; called before the last stage.
    """

    def __init__(self, data: GQAP, relative: float, incumbent: Incumbent) -> None:
        self.tree, self.incumbent = Tree(data, relative), incumbent
        self.nodes = 0
        self.root_bound = math.inf
        self.trace = Trace()
        self.left: int | None = None
        self.frontier: Frontier | None = None
        self.stage = 0
        self.seen: Callable[[], None] = lambda: None
        self.better_incumbent: Callable[[float], Incumbent] = lambda until: self.incumbent
        self._work: dict[int, Work] = {}

    def search(self, deadline: float, threads: int = 1, stages: tuple[Stage, ...] = ()) -> int | None:
        """Search to the end or the deadline; return the least bound that is left [units], or None.

        Without ``stages`` they are those that suit the problem.
        """
        last = LAST_STAGE_LEVEL2 if self.tree.may_use_level2() else LAST_STAGE
        stages = stages or (*STAGES, last)
        if self.tree.root.items.size <= 1:
            self.incumbent, self.nodes = self.tree.complete(self.tree.root, self.incumbent), 1
            return None
        if self.frontier is not None and self._search_below(stages[self.stage - 1], deadline, threads):
            return None
        before = int(self.tree.root.node.constant[0])
        for stage in stages[self.stage :]:
            finished = self.raise_root(stage, deadline)
            bound, target = int(self.tree.root.node.constant[0]), self.tree.target(self.incumbent.cost)
            self._note(bound, root_closed=bound >= target)
            if bound >= target:
                self.frontier = None
                return None
            if not finished:
                break
            if self.frontier is None or bound - before > SMALLEST_GAIN * (target - before):
                self.frontier = Frontier(self.tree, self.incumbent)
                self.frontier.add(self.tree.branches(self.tree.root, target))
            before = bound
            self.stage += 1
            if self._search_below(stage, deadline, threads):
                return None
        return self.left

    def raise_root(self, stage: Stage, deadline: float) -> bool:
        """Do a stage's work on the root; return False where the deadline came first."""
        exclusive = self.tree.problem.exclusive
        if stage.programme or stage.level2:
            self._look_for_better_incumbent(deadline)
        target = self.tree.target(self.incumbent.cost)
        node = self.tree.root.node
        if stage.programme:
            seconds = SHARE_FOR_PROGRAMME * (deadline - perf_counter())
            raise_to_relaxation(node, exclusive, target, seconds, workspace(*node.lead.shape))
        if stage.level2 is None:
            return raise_bound(node, exclusive, target, stage.effort, self._work, deadline)
        if node.triple.size == 0:  # else an earlier call was stopped while it raised the root
            self.frontier = None  # its nodes have no triples, and the root is not to have two trees
            self.tree.add_triples()
        node = self.tree.root.node
        return raise_bound(node, exclusive, target, stage.effort, self._work, deadline, stage.level2)

    def _look_for_better_incumbent(self, deadline: float) -> None:
        now = perf_counter()
        found = self.better_incumbent(now + SHARE_FOR_INCUMBENT * (deadline - now))
        self.incumbent = min(self.incumbent, found, key=lambda incumbent: incumbent.cost)
        if self.frontier is not None:
            self.frontier.incumbent = self.incumbent

    def _search_below(self, stage: Stage, deadline: float, threads: int) -> bool:
        """Search the frontier for the nodes of a stage; return whether nothing is left."""
        frontier = self.frontier
        if frontier is None:
            return False
        counted = frontier.nodes

        def seen() -> None:
            nonlocal counted
            self.incumbent = frontier.incumbent
            self.nodes += frontier.nodes - counted
            counted = frontier.nodes
            bound = frontier.bound()
            if bound is not None:
                self._note(bound)
            self.seen()

        least, most = (frontier.nodes + nodes for nodes in (min(stage.first, stage.nodes), stage.nodes))
        if frontier.search(deadline, threads, least, seen):
            return True
        root, target = int(self.tree.root.node.constant[0]), self.tree.target(self.incumbent.cost)
        bound = frontier.bound()
        if bound is not None and bound - root < CLOSED_BY_THEN * (target - root):
            return False
        return frontier.search(deadline, threads, most, seen)

    def _note(self, bound: int, root_closed: bool | None = None) -> None:
        """Keep a bound of everything that is left, in units, where it is the best so far."""
        if root_closed is not None:
            self.nodes = max(self.nodes, 1)
            self.root_bound = self.bound_cost(None if root_closed else bound) or math.inf
        if self.left is None or bound > self.left:
            self.left = bound
            self.trace.add(self.incumbent.cost, None if root_closed else self.bound_cost(bound))

    def bound_cost(self, left: int | None) -> float | None:
        """Bound of the optimum [cost] from the least bound that is left; None where nothing is feasible."""
        problem, cost = self.tree.problem, self.incumbent.cost
        complete = max(cost - self.tree.tolerance(cost), problem.least)
        if left is None:
            return complete if self.incumbent.place is not None else None
        if problem.step > 0.0:
            step, level = (int(problem.units(value)) for value in (problem.step, problem.level))
            left = level - (level - left) // step * step  # no assignment costs less than the next whole step
        return min(complete, max(problem.cost(left), problem.least))
