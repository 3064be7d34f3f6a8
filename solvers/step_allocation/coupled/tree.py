"""Branch and bound where rows couple users: on counts of offloaded users, then on whole steps; best bound first.

At the best prices of a node a few choices meet. Where two of them differ in who offloads, the count of an interval
is branched on as in :mod:`solvers.step_allocation.lagrangian.cardinality_branching`. Where they agree, continuous
steps are settled by Lagrangian duality, and whole steps are branched on one user's steps at its place.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts, respond
from formulations.step_allocation.parameters import EDGE, LOCAL
from solvers.step_allocation.coupled.dual_function import RowPoint, RowProblem, maximise_prices
from solvers.step_allocation.coupled.row_offloading import choices, mixture, price_box, steps_for
from solvers.step_allocation.coupled.row_problem import Scale, costs_of, keeps_rows
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES, Branch, branch_between, restrict
from solvers.step_allocation.lagrangian.closing import Closing
from solvers.step_allocation.lagrangian.dual_function import IntArray
from solvers.step_allocation.lagrangian.stopping import NEVER, Flag

_BRANCHED_WEIGHT = 1e-9
"""Weight in the mixture below which a choice is not worth a branch."""

_NEARLY_WHOLE = 1e-6
"""Distance from a whole number at which steps are worth rounding [steps]."""

_WHOLE = 1e-11
"""Distance from a whole number that counts as none [steps]."""


class StepBranch(NamedTuple):
    """Either at most ``most`` steps of a user at a place, or at least one more."""

    user: int
    place: int
    most: int


@dataclass
class RowIncumbent:
    """Best solution found so far and its cost P1 [-]."""

    cost: float = np.inf
    offloaded: BoolArray = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    steps: FloatArray = field(default_factory=lambda: np.empty(0))
    offered: set[bytes] = field(default_factory=set)

    def offer(self, problem: RowProblem, chosen: BoolArray, price: FloatArray, stop: Flag = NEVER) -> None:
        """Take the ``chosen`` free users with their best steps if that keeps the rows and costs less."""
        offloaded = np.zeros(problem.edge.rate.size, dtype=np.bool_)
        offloaded[problem.forced] = offloaded[problem.free[chosen]] = True
        if offloaded.tobytes() in self.offered:
            return
        self.offered.add(offloaded.tobytes())
        steps = steps_for(problem, offloaded, price, self.cost, stop)
        if steps is not None:
            self.take(problem, offloaded, steps)

    def offer_unpriced(self, problem: RowProblem) -> None:
        """Take whoever may stay at home with its best steps there, or its fewest, if that keeps the rows."""
        size = problem.edge.rate.size
        offloaded = np.zeros(size, dtype=np.bool_)
        offloaded[problem.forced] = True
        fewest = np.where(offloaded, problem.edge.lower, problem.local.lower)
        best, cost = np.empty(size), np.empty(size)
        respond(problem.local, 0.0, problem.integer, best, cost)
        for steps in (np.where(offloaded, problem.edge.lower, best), fewest):
            if keeps_rows(problem, offloaded, steps):
                self.take(problem, offloaded, steps)
                break

    def take(self, problem: RowProblem, offloaded: BoolArray, steps: FloatArray) -> None:
        """Take a solution that keeps the rows if it costs less."""
        cost = float(costs_of(problem, offloaded, steps).sum())
        if cost < self.cost:
            self.cost, self.offloaded, self.steps = cost, offloaded, steps


@dataclass
class RowNode:
    """A set of allowed choices: ranges of counts, and of single users' steps.

    ``bound`` is L at ``price`` over the node's choices, the parent's until the node itself is bounded.
    """

    ranges: IntArray
    boxes: tuple[tuple[StepBranch, bool], ...]
    price: FloatArray
    bound: float
    branch: Branch | StepBranch | None = None
    children: tuple[int, int] | None = None

    def record(self, scale: Scale) -> dict[str, Any]:
        """The node as a certificate lists it: a branch with its children, or a leaf with its multipliers."""
        if self.branch is None:
            return {"multipliers": scale.price(self.price).tolist()}
        return {**self.branch._asdict(), "children": self.children}


@dataclass
class RowTree:
    """Branch and bound on ``problem``, whose free users are ordered by ``similarity``.

    Attributes
    ----------
    problem : RowProblem
        Forced, staying and free users.
    similarity : FloatArray
        Key of the order of the free users.
    incumbent : RowIncumbent
        Improved as the search goes on.
    ceiling : float
        More than any feasible solution costs: a bound above it proves that there is none.
    closing : Closing
        When incumbent - bound is closed.
    nodes : list of RowNode
        The whole tree, root first; leaves prove the bound.
    """

    problem: RowProblem
    similarity: FloatArray
    incumbent: RowIncumbent
    ceiling: float
    closing: Closing
    nodes: list[RowNode] = field(default_factory=list)

    def search(self, root: RowPoint, stop: Flag) -> float:
        """Branch until the gap is closed or the time is over; return the proven bound."""
        self.nodes.append(RowNode(NO_RANGES, (), root.price, root.bound))
        open_nodes = [(root.bound, 0)]
        settled = np.inf
        while open_nodes and open_nodes[0][0] < self.target and not stop[0]:
            _, index = heapq.heappop(open_nodes)
            node = self.nodes[index]
            problem = within(self.problem, node.boxes)
            point = maximise_prices(problem, node.ranges, node.price, price_box(problem), self.target, stop)
            if point.bound > node.bound:
                node.bound, node.price = point.bound, point.price
            branch = self._branch(problem, node, point, stop) if node.bound < self.target else None
            if branch is None:
                settled = min(settled, node.bound)
            else:
                self._split(index, branch, open_nodes)
        return min([settled, self.incumbent.cost, *(bound for bound, _ in open_nodes)])

    @property
    def target(self) -> float:
        """Bound at which a node needs no branching: the incumbent's cost less the gap, or the ceiling."""
        if not np.isfinite(self.incumbent.cost):
            return self.ceiling
        return self.closing.target(self.incumbent.cost)

    def _branch(
        self, problem: RowProblem, node: RowNode, point: RowPoint, stop: Flag
    ) -> Branch | StepBranch | None:
        """Offer the choices that meet at the node's prices, and say what tells them apart."""
        met = sorted(choices(problem, node.ranges, point, stop), key=lambda choice: -choice[0])
        for _, chosen, _ in met:
            if not stop[0]:
                self.incumbent.offer(self.problem, chosen, point.price, stop)
        met = [choice for choice in met if choice[0] > _BRANCHED_WEIGHT]
        for position, (weight, chosen, _) in enumerate(met):
            for other_weight, other, _ in met[:position]:
                if (chosen != other).any():
                    share = other_weight / (weight + other_weight)
                    return branch_between(other, chosen, share, node.ranges, self.similarity)
        return self._step_branch(problem, met) if met and problem.integer else None

    def _step_branch(
        self, problem: RowProblem, met: list[tuple[float, BoolArray, FloatArray]]
    ) -> StepBranch | None:
        """Branch on the most fractional user where all choices offload the same users; none if it is solved."""
        offloaded = np.zeros(problem.edge.rate.size, dtype=np.bool_)
        offloaded[problem.forced] = offloaded[problem.free[met[0][1]]] = True
        steps = mixture(met)
        fraction = np.abs(steps - np.round(steps))
        if fraction.max() <= _NEARLY_WHOLE:
            whole = np.round(steps)
            if keeps_rows(self.problem, offloaded, whole):
                self.incumbent.take(self.problem, offloaded, whole)
        if fraction.max() <= _WHOLE:
            return None
        user = int(np.argmax(fraction))
        return StepBranch(user, EDGE if offloaded[user] else LOCAL, int(np.floor(steps[user])))

    def _split(self, index: int, branch: Branch | StepBranch, open_nodes: list[tuple[float, int]]) -> None:
        node = self.nodes[index]
        node.branch, node.children = branch, (len(self.nodes), len(self.nodes) + 1)
        for at_most in (True, False):
            ranges, boxes = node.ranges, node.boxes
            if isinstance(branch, Branch):
                ranges = restrict(ranges, branch, at_most=at_most)
            else:
                boxes = (*boxes, (branch, at_most))
            heapq.heappush(open_nodes, (node.bound, len(self.nodes)))
            self.nodes.append(RowNode(ranges, boxes, node.price, node.bound))


def within(problem: RowProblem, boxes: tuple[tuple[StepBranch, bool], ...]) -> RowProblem:
    """The problem with the steps that some branches leave."""
    if not boxes:
        return problem
    places = {LOCAL: _copied(problem.local), EDGE: _copied(problem.edge)}
    for (user, place, most), at_most in boxes:
        ends = places[place]
        if at_most:
            ends.limit[user] = min(ends.limit[user], most)
        else:
            ends.lower[user] = max(ends.lower[user], most + 1)
    return problem._replace(local=places[LOCAL], edge=places[EDGE])


def _copied(place: PlaceCosts) -> PlaceCosts:
    return place._replace(lower=place.lower.copy(), limit=place.limit.copy())
