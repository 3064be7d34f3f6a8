"""The free users of a small instance as branch and bound decides them: by counts of those that offload."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from formulations.fields import BoolArray, FloatArray
from solvers.step_allocation.lagrangian.branch_and_bound import Incumbent
from solvers.step_allocation.lagrangian.budget import share_budget
from solvers.step_allocation.lagrangian.cardinality_branching import Branch, branch_on, restrict
from solvers.step_allocation.lagrangian.dual_function import DualPoint, IntArray, Offloading, maximise


@dataclass
class FreeUsers:
    """The free users of ``problem``, ordered by ``similarity``; the incumbent says who offloads."""

    problem: Offloading
    incumbent: Incumbent
    similarity: FloatArray

    def maximise(self, domain: IntArray, start: float, target: float) -> DualPoint:
        return maximise(self.problem, domain, start, target)

    def branch(self, domain: IntArray, point: DualPoint) -> Branch | None:
        self.offer(point.chosen_high)
        self.offer(point.chosen_low)
        return branch_on(point, domain, self.problem.budget, self.similarity)

    def restrict(self, domain: IntArray, branch: Branch, at_most: bool) -> IntArray:
        return restrict(domain, branch, at_most)

    def offer(self, chosen: BoolArray) -> None:
        """Take the forced users and the ``chosen`` free ones if they keep to the budget and cost less."""
        problem = self.problem
        offloaded = np.zeros(problem.local_cost.size, dtype=np.bool_)
        offloaded[problem.forced] = offloaded[problem.free[chosen]] = True
        if self.incumbent.is_new(offloaded):
            users = np.flatnonzero(offloaded)
            steps = np.empty(users.size)
            cost, _ = share_budget(problem.edge, users, problem.budget, problem.integer, steps)
            self.incumbent.take(problem.base + cost - float(problem.local_cost[users].sum()), offloaded, steps)
