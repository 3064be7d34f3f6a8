"""P1 by SCIP, as the paper prints it and as a convex MINLP, to proven optimality where time allows.

SCIP's tolerances are absolute, so it sees every scenario in its natural units, in which a user is worth about 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.step_allocation.models import p1, p1_convex
from formulations.step_allocation.parameters import StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import Outcome
from solvers.external.algebraic import solve_model
from solvers.external.tolerances import SCIP_EPIGRAPH
from solvers.step_allocation.mip.natural_units import solve_in_natural_units, uncertainty
from solvers.step_allocation.sca.projection import project

OPTIONS: Mapping[str, Any] = {
    **SCIP_EPIGRAPH,
    # Once the offloading is decided the rest is convex.
    "branching/preferbinary": True,
    # Together these take most of the time at the root and find little there that branching does not find at once.
    "heuristics/locks/freq": -1,
    "separating/aggregation/freq": -1,
    "presolving/maxrestarts": 0,
    # With its local solver for nonlinear programs SCIP 10.0.2 overwrote its own memory at 1000 users; without it
    # the other heuristics find the optimum no later.
    "heuristics/subnlp/freq": -1,
    "heuristics/nlpdiving/freq": -1,
}


def solve_convex(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Solve the convex MINLP of :mod:`formulations.step_allocation.models.p1_convex`."""
    return solve_in_natural_units(data, limits, seed, partial(_solve, p1_convex.build, p1_convex.solution))


def solve_literal(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Solve P1 as printed, :mod:`formulations.step_allocation.models.p1`."""
    return solve_in_natural_units(data, limits, seed, partial(_solve, p1.build, p1.solution))


def _solve(
    build: Callable[[StepAllocation], pyo.ConcreteModel],
    solution: Callable[[pyo.ConcreteModel], dict[str, FloatArray]],
    data: StepAllocation,
    limits: Limits,
    seed: int,
) -> Outcome:
    def read(model: pyo.ConcreteModel) -> dict[str, FloatArray]:
        point = solution(model)
        return project(data, point["a"], point["s"])

    return solve_model(
        partial(build, data), read, "scip", OPTIONS, limits, seed, size=data.users, uncertainty=uncertainty(data)
    )
