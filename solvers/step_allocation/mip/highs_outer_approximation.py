"""Solves P1 by HiGHS: outer approximation [1]_ of the convex MINLP, with tangents added where they are needed.

Every round solves the MILP of :mod:`formulations.step_allocation.models.p1_tangents`, whose dual bound is a bound
on P1. Then it fixes the offloading and finds the best steps by linear programs with more and more tangents. All
tangents stay in the model, and the bound is valid after any number of rounds. HiGHS's tolerances are absolute, so
it gets every scenario in natural units, in which a user is worth about 1.

References
----------
.. [1] M. A. Duran, I. E. Grossmann, "An outer-approximation algorithm for a class of mixed-integer nonlinear
   programs", Mathematical Programming 36 (1986), 307-339.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.evaluation import evaluate_solution
from formulations.step_allocation.models import p1_tangents, supports
from formulations.step_allocation.models.p1 import values
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.core.tolerance import ABSOLUTE_GAP
from solvers.external import backends
from solvers.external.algebraic import widened
from solvers.external.tolerances import HIGHS, ROUNDS_SHARE_OF_GAP, pruned
from solvers.step_allocation.mip.natural_units import solve_in_natural_units, uncertainty
from solvers.step_allocation.sca.projection import project

FIRST_LINES = 10
"""Lines per user and place in the first round."""

STALLED = 0.99
"""Share of what the last lines were short of above which further ones bring nothing."""

MOST_ROUNDS = 50
"""Rounds of either kind after which the search gives up; fewer than ten are usual."""


def solve(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Solve P1 to the asked gap, or as closely as time allows."""
    return solve_in_natural_units(data, limits, seed, lambda *task: OuterApproximation(*task).run())


class OuterApproximation:
    """The rounds for one scenario: the growing model, the best solution and the best bound so far."""

    def __init__(self, data: StepAllocation, limits: Limits, seed: int) -> None:
        self.data, self.limits, self.seed = data, limits, seed
        self.uncertainty = uncertainty(data) + pruned(HIGHS)
        self.began = perf_counter()
        points = (supports.spread_points(data, place, FIRST_LINES) for place in (LOCAL, EDGE))
        self.model = p1_tangents.build(data, *points)
        self.build_seconds = perf_counter() - self.began
        self.solution: dict[str, FloatArray] | None = None
        self.objective = np.inf
        self.bound = -np.inf
        self.infeasible = False
        self.nodes = 0
        self.history: list[dict[str, Any]] = []
        self.log: list[str] = []

    def run(self) -> Outcome:
        """Alternate between the MILP and the best steps for its offloading until the gap is closed."""
        reason = "round limit"
        for _ in range(MOST_ROUNDS):
            found = self.solve_model()
            self.bound = max(self.bound, -np.inf if found.bound is None else found.bound)
            self.infeasible = found.infeasible and self.solution is None
            self.nodes += found.nodes or 0
            if found.has_solution:
                self.offer_solution()
                self.add_lines_at_solution()
                self.find_best_steps()
            self.history.append(
                {
                    "seconds": perf_counter() - self.began,
                    "objective": self.objective,
                    "bound": self.bound,
                    "lines": len(self.model.supports),
                }
            )
            if self.gap <= max(self.closed_gap - self.uncertainty, 0.5 * self.closed_gap):
                reason = "gap closed"
                break
            if not found.has_solution or self.seconds_left <= 0.0:
                reason = found.termination if found.termination != "gap closed" else "time limit"
                break
        return self.outcome(reason)

    def find_best_steps(self) -> None:
        """Fix the offloading, and add lines until the linear program's steps cost what it says."""
        self.model.offload.fix()
        last_short = np.inf
        for _ in range(MOST_ROUNDS):
            if self.seconds_left <= 0.0 or not self.solve_model().has_solution:
                break
            self.offer_solution()
            short = self.add_lines_at_solution()
            # Lines that differ by less than the solver's tolerance move its point no more.
            if short <= ROUNDS_SHARE_OF_GAP * self.closed_gap or short >= STALLED * last_short:
                break
            last_short = short
        self.model.offload.unfix()

    def solve_model(self) -> backends.Solve:
        """Solve the model as it stands now."""
        found = backends.solve(
            self.model,
            "highs",
            time_seconds=self.seconds_left,
            relative_gap=ROUNDS_SHARE_OF_GAP * self.limits.gap,
            absolute_gap=ROUNDS_SHARE_OF_GAP * ABSOLUTE_GAP * self.data.users,
            threads=self.limits.threads,
            options={**HIGHS, "random_seed": self.seed},
        )
        self.log.append(found.log)
        return found

    def offer_solution(self) -> None:
        """Keep the model's point, made feasible, if it is the best so far."""
        point = p1_tangents.solution(self.model)
        candidate = project(self.data, point["a"], point["s"])
        evaluation = evaluate_solution(self.data, candidate)
        if evaluation.feasible and evaluation.objective < self.objective:
            self.solution, self.objective = candidate, evaluation.objective

    def add_lines_at_solution(self) -> float:
        """Add lines for users whose quality cost the model underrates; return by how much in total [-]."""
        data, model = self.data, self.model
        at_edge = values(model.offload) > 0.5
        total = 0.0
        for place, here in ((LOCAL, ~at_edge), (EDGE, at_edge)):
            steps = values(model.edge_steps if place == EDGE else model.local_steps)
            modelled = values(model.edge_quality if place == EDGE else model.local_quality)
            short = np.where(here, costs.quality_cost(data, steps) - modelled, 0.0)
            needed = short > ROUNDS_SHARE_OF_GAP * self.closed_gap / (10.0 * data.users)
            p1_tangents.add_supports(model, data, place, steps[None, :], needed)
            total += float(short[needed].sum())
        return total

    @property
    def gap(self) -> float:
        """Distance of the best objective from the best bound [-]."""
        return self.objective - self.bound

    @property
    def closed_gap(self) -> float:
        """Distance that counts as closed [-], see :func:`solvers.core.validation.validate`."""
        scale = abs(self.objective) if np.isfinite(self.objective) else 0.0
        return max(self.limits.gap * scale, ABSOLUTE_GAP * self.data.users)

    @property
    def seconds_left(self) -> float:
        """Time left [s]."""
        return self.limits.time_limit - (perf_counter() - self.began)

    def outcome(self, reason: str) -> Outcome:
        """What the rounds have found."""
        found = Outcome(
            solution=self.solution,
            bound=self.bound if np.isfinite(self.bound) else None,
            infeasible=self.infeasible,
            reason=reason,
            build_seconds=self.build_seconds,
            solve_seconds=perf_counter() - self.began - self.build_seconds,
            nodes=self.nodes,
            iterations=len(self.history),
            history=tuple(self.history),
            log="\n".join(self.log),
        )
        return widened(found, self.uncertainty, self.limits.gap)
