"""Paper B's branch and bound baseline: the GQAP with fixed splits, quadratic by SCIP or linearised by HiGHS.

Both solve a restriction of P1 to optimality, so what they hand in is feasible for P1 and bounds nothing;
their own bounds are in the table of :mod:`solvers.split_offloading.gqap_comparison`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, NamedTuple

import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.split_offloading import gqap_reduction
from formulations.split_offloading.parameters import SplitOffloading
from solvers import backends
from solvers.judge import ABSOLUTE_GAP
from solvers.limits import Limits
from solvers.result import Outcome

TOLERANCE_SHARE = 0.1
"""Share of the asked gap that a solver may leave open; the rest is for its feasibility tolerance."""


class Route(NamedTuple):
    """A model of the restriction, and who solves it."""

    name: str
    backend: str
    build: Callable[[SplitOffloading], pyo.ConcreteModel]
    seed_option: str
    options: Mapping[str, Any]


QUADRATIC = Route(
    name="quadratic, SCIP",
    backend="scip",
    build=gqap_reduction.build_quadratic,
    seed_option="randomization/randomseedshift",
    options={"numerics/feastol": 1e-7},
)

LINEARISED = Route(
    name="linearised, HiGHS",
    backend="highs",
    build=gqap_reduction.build_linearised,
    seed_option="random_seed",
    options={"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9},
)


class RouteSolve(NamedTuple):
    """One solve of the restriction: the point found, if any, and what the solver said."""

    solution: dict[str, FloatArray] | None
    build_seconds: float
    found: backends.Solve


def solve_quadratic(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve (18) with its products by SCIP."""
    return _outcome(solve_route(QUADRATIC, data, limits, seed))


def solve_linearised(data: SplitOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve (18) with its products linearised by the branch and bound of HiGHS."""
    return _outcome(solve_route(LINEARISED, data, limits, seed))


def solve_route(route: Route, data: SplitOffloading, limits: Limits, seed: int) -> RouteSolve:
    """Build and solve one model of the restriction."""
    began = perf_counter()
    model = route.build(data)
    build_seconds = perf_counter() - began
    found = backends.solve(
        model,
        route.backend,
        time_seconds=limits.time_seconds - build_seconds,
        relative_gap=TOLERANCE_SHARE * limits.gap,
        absolute_gap=TOLERANCE_SHARE * ABSOLUTE_GAP * data.users,
        threads=limits.threads,
        options={**route.options, route.seed_option: seed},
    )
    point = gqap_reduction.solution(model, data) if found.has_solution else None
    return RouteSolve(point, build_seconds, found)


def _outcome(solved: RouteSolve) -> Outcome:
    return Outcome(
        solution=solved.solution,
        reason=f"restriction to n = N_hat: {solved.found.termination}",
        build_seconds=solved.build_seconds,
        solve_seconds=solved.found.seconds,
        nodes=solved.found.nodes,
        log=solved.found.log,
    )
