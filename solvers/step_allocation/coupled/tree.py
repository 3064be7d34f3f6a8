"""What branch and bound branches on where rows couple users: counts of offloaded users, then whole steps.

At the best prices of a node a few choices meet. Where two of them differ in who offloads, the count of an interval
is branched on as in :mod:`solvers.step_allocation.lagrangian.cardinality_branching`. Where they agree, continuous
steps are settled by Lagrangian duality, and whole steps are branched on one user's steps at its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts, respond
from formulations.step_allocation.parameters import EDGE, LOCAL
from solvers.step_allocation.coupled.dual_function import RowPoint, RowProblem, maximise_prices
from solvers.step_allocation.coupled.row_offloading import choices, mixture, multiplier_bound, steps_for
from solvers.step_allocation.coupled.row_problem import costs_of, keeps_rows
from solvers.step_allocation.lagrangian.branch_and_bound import Incumbent
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES, Branch, branch_between, restrict
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


class Choices(NamedTuple):
    """A set of allowed choices."""

    ranges: IntArray
    """Of counts of offloaded users."""
    step_limits: tuple[tuple[StepBranch, bool], ...]
    """Of single users' steps: a branch, and whether its side is the one with at most so many."""


EVERYTHING = Choices(NO_RANGES, ())
"""All choices."""


@dataclass
class CoupledUsers:
    """The free users of ``problem``, ordered by ``similarity``, as branch and bound decides them.

    Attributes
    ----------
    problem : RowProblem
        Forced, staying and free users.
    incumbent : Incumbent
        Who of all users offloads in the best solution, and their steps.
    similarity : FloatArray
        Key of the order of the free users.
    stop : ndarray of uint8, shape (1,)
        Not 0 from when on there is no time left.
    """

    problem: RowProblem
    incumbent: Incumbent
    similarity: FloatArray = field(default_factory=lambda: np.empty(0))
    stop: Flag = field(default_factory=lambda: NEVER)

    def offer(self, chosen: BoolArray, price: FloatArray) -> None:
        """Take the ``chosen`` free users with their best steps if that keeps the rows and costs less."""
        offloaded = offloading(self.problem, chosen)
        if self.incumbent.is_new(offloaded):
            steps = steps_for(self.problem, offloaded, price, self.incumbent.cost, self.stop)
            if steps is not None:
                self._take(offloaded, steps)

    def offer_unpriced(self) -> None:
        """Run locally whoever may, with its best steps or its lower bound on steps, if that keeps the rows."""
        problem = self.problem
        offloaded = offloading(problem, np.zeros(problem.free.size, dtype=np.bool_))
        lower = np.where(offloaded, problem.edge.lower, problem.local.lower)
        best, cost = np.empty(lower.size), np.empty(lower.size)
        respond(problem.local, 0.0, problem.integer, best, cost)
        for steps in (np.where(offloaded, problem.edge.lower, best), lower):
            if keeps_rows(problem, offloaded, steps):
                self._take(offloaded, steps)
                break

    def _take(self, offloaded: BoolArray, steps: FloatArray) -> None:
        self.incumbent.take(float(costs_of(self.problem, offloaded, steps).sum()), offloaded, steps)

    def maximise(self, domain: Choices, start: FloatArray, target: float) -> RowPoint:
        """The bound at the best prices, which cutting planes find."""
        problem = within(self.problem, domain.step_limits)
        return maximise_prices(problem, domain.ranges, start, multiplier_bound(problem), target, self.stop)

    def branch(self, domain: Choices, point: RowPoint) -> Branch | StepBranch | None:
        """Offer the choices that meet at the best prices, and say what tells them apart."""
        problem = within(self.problem, domain.step_limits)
        met = sorted(choices(problem, domain.ranges, point, self.stop), key=lambda choice: -choice[0])
        for _, chosen, _ in met:
            if not self.stop[0]:
                self.offer(chosen, point.price)
        met = [choice for choice in met if choice[0] > _BRANCHED_WEIGHT]
        for position, (weight, chosen, _) in enumerate(met):
            for other_weight, other, _ in met[:position]:
                if (chosen != other).any():
                    share = other_weight / (weight + other_weight)
                    return branch_between(other, chosen, share, domain.ranges, self.similarity)
        return self._step_branch(problem, met) if met and problem.integer else None

    def _step_branch(
        self, problem: RowProblem, met: list[tuple[float, BoolArray, FloatArray]]
    ) -> StepBranch | None:
        """Branch on the most fractional user where all choices offload the same users; none if it is solved."""
        offloaded = offloading(problem, met[0][1])
        steps = mixture(met)
        fraction = np.abs(steps - np.round(steps))
        if fraction.max() <= _NEARLY_WHOLE:
            whole = np.round(steps)
            if keeps_rows(self.problem, offloaded, whole):
                self._take(offloaded, whole)
        if fraction.max() <= _WHOLE:
            return None
        user = int(np.argmax(fraction))
        return StepBranch(user, EDGE if offloaded[user] else LOCAL, int(np.floor(steps[user])))

    def restrict(self, domain: Choices, branch: Branch | StepBranch, down: bool) -> Choices:
        """Ranges and step limits of one child."""
        if isinstance(branch, Branch):
            return domain._replace(ranges=restrict(domain.ranges, branch, down))
        return domain._replace(step_limits=(*domain.step_limits, (branch, down)))


def offloading(problem: RowProblem, chosen: BoolArray) -> BoolArray:
    """Who of all users offloads where the ``chosen`` free ones do."""
    offloaded = np.zeros(problem.edge.rate.size, dtype=np.bool_)
    offloaded[problem.forced] = offloaded[problem.free[chosen]] = True
    return offloaded


def within(problem: RowProblem, step_limits: tuple[tuple[StepBranch, bool], ...]) -> RowProblem:
    """The problem with the steps that some branches leave."""
    if not step_limits:
        return problem
    places = {LOCAL: _copied(problem.local), EDGE: _copied(problem.edge)}
    for (user, place, most), down in step_limits:
        ends = places[place]
        if down:
            ends.limit[user] = min(ends.limit[user], most)
        else:
            ends.lower[user] = max(ends.lower[user], most + 1)
    return problem._replace(local=places[LOCAL], edge=places[EDGE])


def _copied(place: PlaceCosts) -> PlaceCosts:
    return place._replace(lower=place.lower.copy(), limit=place.limit.copy())
