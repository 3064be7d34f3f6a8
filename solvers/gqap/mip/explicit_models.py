"""The explicit models of the GQAP solved by branch and bound: quadratic by SCIP, each linearisation by HiGHS.

All start from an assignment that a short tabu search finds. Bounds are the solvers' own.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from time import perf_counter

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from formulations.gqap.costs import cost_step
from formulations.gqap.evaluation import evaluate, evaluate_solution, place_loads
from formulations.gqap.models import compact, quadratic, rlt1, standard_linearisation
from formulations.gqap.models.assignment import Overload, exclude_overloads, set_assignment, solution
from formulations.gqap.parameters import GQAP
from formulations.gqap.units import TYPICAL, cost_size, cost_unit, in_cost_units
from solvers.core.limits import Limits
from solvers.core.result import Outcome, Unsupported
from solvers.core.rounding import lost_in_rounding
from solvers.external.algebraic import ModelAndSolver, rescaled, solve_model
from solvers.external.tolerances import BOUND, GQAP_BOUND, HIGHS, SCIP
from solvers.gqap.heuristics import tabu
from solvers.gqap.heuristics.short_tabu import short_tabu

STEP_SHARE = 0.9
"""Share of the step between two costs at which a solver may stop: the bound then rounds up to the cost."""

MOST_PRODUCTS = 1 << 20
"""Largest number of products x_ij x_i'j'; a model takes one to some kilobytes for each, and time to match."""


load_kernels = tabu.load_kernels


QUADRATIC = ModelAndSolver("quadratic", "scip", quadratic.build, SCIP)
STANDARD = ModelAndSolver("standard", "highs", standard_linearisation.build, HIGHS)
RLT1 = ModelAndSolver("rlt1", "highs", rlt1.build, HIGHS)
COMPACT = ModelAndSolver("compact", "highs", compact.build, HIGHS)


def solve_quadratic(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve the problem with its products by SCIP."""
    return solve_explicit(QUADRATIC, data, limits, seed)


def solve_standard(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve the standard linearisation by HiGHS."""
    return solve_explicit(STANDARD, data, limits, seed)


def solve_rlt1(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve the level-1 reformulation-linearisation by HiGHS."""
    return solve_explicit(RLT1, data, limits, seed)


def solve_compact(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve the compact linearisation by HiGHS."""
    return solve_explicit(COMPACT, data, limits, seed)


def solve_explicit(how: ModelAndSolver, data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Build and solve one model in natural units of cost, and round its bound up to a cost that there can be.

    What short_tabu finds is handed to the solver, and is the answer where the solver has nothing cheaper.

    Raises
    ------
    Unsupported
        If the model would not fit in common memory.
    """
    products = math.comb(data.items, 2) * data.places**2
    if products > MOST_PRODUCTS:
        raise Unsupported(f"the model holds {products} products of two choices, expected at most {MOST_PRODUCTS}")
    load_kernels()
    began = perf_counter()
    place = short_tabu(data, seed, began + limits.time_limit)
    unit = cost_unit(data)
    step = usable_step(data, unit)
    scaled = in_cost_units(data, unit)
    prepared = perf_counter() - began
    excluded: list[Overload] = []
    while True:
        solving = perf_counter() - began - prepared
        found = solve_model(
            build=partial(_build, how, scaled, excluded),
            read=partial(solution, data=scaled),
            solver=how.solver,
            options=how.options,
            size=TYPICAL * data.items,
            uncertainty=BOUND * cost_size(scaled),
            limits=replace(limits, time_limit=max(0.0, limits.time_limit - prepared - solving)),
            seed=seed,
            absolute_gap=STEP_SHARE * step / unit,
            start=None if place is None else partial(set_assignment, place=place),
        )
        found = replace(found, solve_seconds=found.solve_seconds + (solving if excluded else 0.0))
        overloads = [] if found.solution is None else _overloads(data, found.solution["assignment"])
        if not overloads:
            break
        excluded.extend(overloads)
    found = _with_start(replace(found, build_seconds=found.build_seconds + prepared), data, place)
    return _with_rounded_bound(rescaled(found, unit), data, unit, step)


def _build(how: ModelAndSolver, data: GQAP, excluded: list[Overload]) -> pyo.ConcreteModel:
    """Build the model, without what was seen to exceed a capacity by less than the solver's tolerance."""
    model = how.build(data)
    exclude_overloads(model, excluded)
    return model


def _overloads(data: GQAP, place: NDArray[np.int64]) -> list[Overload]:
    """The places whose capacity an assignment exceeds, each with its items."""
    over = np.flatnonzero(place_loads(data, place) > data.load_limit)
    return [(np.flatnonzero(place == j).tolist(), int(j)) for j in over]


def _with_start(found: Outcome, data: GQAP, place: NDArray[np.int64] | None) -> Outcome:
    """The start instead of what the solver found, where that is nothing or dearer."""
    if place is None:
        return found
    if found.solution is not None:
        cost, start = (evaluate(data, where).objective for where in (found.solution["assignment"], place))
        if cost <= start:
            return found
    return replace(found, solution={"assignment": place}, infeasible=False)


def usable_step(data: GQAP, unit: float) -> float:
    """Step between two costs where it is far above what a solver's bound is uncertain by, else 0 [cost]."""
    step = cost_step(data)
    return step if _inaccuracy(data, unit) <= 0.5 * (1.0 - STEP_SHARE) * step else 0.0


def _inaccuracy(data: GQAP, unit: float) -> float:
    """What a bound may be off by at most where it is rounded up to a whole cost [cost]."""
    return GQAP_BOUND * unit * data.items * (data.items + 1) / 2.0


def _with_rounded_bound(found: Outcome, data: GQAP, unit: float, step: float) -> Outcome:
    """Costs of assignments are whole steps apart, so a bound between two of them counts as the upper one.

    No bound is below the sum of the least terms, which is the optimum itself where nothing can be decided.
    """
    if found.bound is None or found.solution is None:
        return found
    bound = max(found.bound, _least_terms(data))
    if step == 0.0:
        return replace(found, bound=bound)
    cost = evaluate_solution(data, found.solution).objective
    return replace(found, bound=cost + math.ceil((bound - _inaccuracy(data, unit) - cost) / step) * step)


def _least_terms(data: GQAP) -> float:
    """Sum of the least that each item and each ordered pair costs at any places, less rounding [cost]."""
    alone = data.assignment_cost.min(axis=1)
    flow = data.cost_factor * data.flow
    pairs = np.minimum(flow * data.distance.min(), flow * data.distance.max())
    return math.fsum(np.append(alone, pairs)) - lost_in_rounding(alone, pairs)
