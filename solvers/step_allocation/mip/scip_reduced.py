"""P1 by SCIP in the least that has to be decided, written for SCIP itself: who offloads, and the edge steps.

Nothing couples users' local steps. So the device's side of each user is one number, its least local cost, and only
the edge's side is modelled. There the quality cost q_n lies above supporting lines of phi_n that are scaled with
a_n (its perspective). Where steps are continuous, it lies above the curve as well. Where they are whole, the
chords between all neighbouring numbers of steps are the curve, and nothing nonlinear is left. A user that would
not offload if the budget were free never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import numpy as np
import pyscipopt

from formulations.fields import FloatArray
from formulations.step_allocation import costs
from formulations.step_allocation.best_response import best_steps_at_price
from formulations.step_allocation.domain import may_be_at, model_steps
from formulations.step_allocation.models import supports
from formulations.step_allocation.models.p1_convex import most_edge_steps
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.models import scip_error_left, scip_utility_missing
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.core.tolerance import ABSOLUTE_GAP
from solvers.external.algebraic import widened
from solvers.external.tolerances import BOUND, SHARE_OF_GAP, pruned
from solvers.external.trace import finite
from solvers.step_allocation.feasibility import refuse_rows
from solvers.step_allocation.mip.natural_units import solve_in_natural_units
from solvers.step_allocation.mip.scip import OPTIONS
from solvers.step_allocation.sca.projection import project

LINES = 8
"""Supporting lines of a user whose steps are continuous."""

MOST_CHORDS = 200
"""Whole steps of a user up to which all its chords are written."""

EVERY: Mapping[str, Any] = {
    **OPTIONS,
    # Nodes are small linear programs: what SCIP does at each to save nodes takes longer than these.
    "propagating/maxrounds": 0,
    "propagating/maxroundsroot": 0,
    "misc/usesymmetry": 0,
    # All other heuristics are off; without these two many nodes pass before there is a good incumbent.
    "heuristics/shifting/freq": 10,
    "heuristics/trysol/freq": 1,
}
"""Settings that take the least time of those tried at 30 users, for whole and continuous steps.

At 300 users with continuous steps some more heuristics were up to a fifth faster.
"""

LINEAR: Mapping[str, Any] = {
    **EVERY,
    # The model has no row to spare, and its relaxation has next to no gap for cuts to close.
    "presolving/maxrounds": 0,
    "separating/maxrounds": 0,
    "separating/maxroundsroot": 0,
}
"""The same where all chords are written, and nothing is nonlinear."""

CURVED: Mapping[str, Any] = {**EVERY, "lp/scaling": 0}
"""The same with curves: natural units are scaled already. Presolve and cuts of the curves pay off."""

REASONS = {"optimal": "gap closed", "gaplimit": "gap closed", "timelimit": TIME_LIMIT, "infeasible": "infeasible"}


def solve(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Solve P1; its dual bound, widened by what SCIP's tolerances allow, is one on P1.

    Raises
    ------
    Unsupported
        If constraints couple users, which may bind local steps.
    """
    refuse_rows(data, "the reduced model leaves the local steps out")
    return solve_in_natural_units(data, limits, seed, solve_reduced)


def solve_reduced(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """The same for a scenario in its natural units."""
    began = perf_counter()
    local = best_steps_at_price(data, LOCAL, 0.0)
    local_cost = np.where(may_be_at(data, LOCAL), costs.cost(data, local, LOCAL), np.inf)
    model, offload, edge_steps = build(data, local_cost)
    built = perf_counter()
    model.setHeuristics(pyscipopt.SCIP_PARAMSETTING.OFF)
    settings = LINEAR if has_all_chords(data) else CURVED
    for name, value in {
        **settings,
        "limits/time": max(limits.time_limit - (built - began), 0.0),
        "limits/gap": SHARE_OF_GAP * limits.gap,
        "limits/absgap": SHARE_OF_GAP * ABSOLUTE_GAP * data.users,
        "randomization/randomseedshift": seed,
    }.items():
        model.setParam(name, value)
    model.optimize()
    status = model.getStatus()
    solution = None
    if model.getNSols():
        a, e = (np.array([model.getVal(variable) for variable in each]) for each in (offload, edge_steps))
        a = np.round(a)
        solution = project(data, a, np.where(a > 0.5, e, local))
    edge_worth = np.where(
        may_be_at(data, EDGE), 1.0 + costs.quality_worth(data, model_steps(data, EDGE).lower), 0.0
    )
    found = Outcome(
        solution=solution,
        bound=None if status == "infeasible" else finite(model.getDualbound()),
        infeasible=status == "infeasible",
        reason=REASONS.get(status, status),
        build_seconds=built - began,
        solve_seconds=perf_counter() - built,
        root_bound=finite(model.getDualboundRoot()),
        nodes=int(model.getNNodes()),
        raw_objective=float(model.getObjVal()) if model.getNSols() else None,
    )
    return widened(found, BOUND * float(edge_worth.sum()) + pruned(settings), limits.gap)


def build(data: StepAllocation, local_cost: FloatArray) -> tuple[Any, list[Any], list[Any]]:
    """SCIP's model, its variables a_n, and e_n.

    Parameters
    ----------
    data : StepAllocation
        The scenario.
    local_cost : FloatArray
        Least local cost [-], infinite where the user may not be on its device, shape (N,).
    """
    model = pyscipopt.Model("step_allocation_reduced")
    model.hideOutput()
    kind = "I" if data.integer_steps else "C"
    lower, upper = model_steps(data, EDGE).lower, most_edge_steps(data)
    may_offload, rate = may_be_at(data, EDGE), costs.cost_per_step(data, EDGE)
    free = best_steps_at_price(data, EDGE, 0.0)
    gains = costs.cost(data, free, EDGE) < local_cost
    # A user without lines has no quality cost either: a free variable would only lower the bound.
    modelled = may_offload & gains
    least = np.where(modelled, np.minimum(costs.quality_cost(data, upper), 0.0), 0.0)
    greatest = np.where(modelled, np.maximum(costs.quality_cost(data, lower), 0.0), 0.0)
    offload = [
        model.addVar(vtype="B", lb=float(np.isinf(local_cost[n])), ub=float(modelled[n]))
        for n in range(data.users)
    ]
    edge_steps = [
        model.addVar(vtype=kind, lb=0.0, ub=float(upper[n]) if modelled[n] else 0.0) for n in range(data.users)
    ]
    quality = [model.addVar(lb=float(least[n]), ub=float(greatest[n])) for n in range(data.users)]
    model.addCons(pyscipopt.quicksum(edge_steps) <= data.edge_step_budget)
    for n in np.flatnonzero(modelled).tolist():
        model.addCons(edge_steps[n] <= float(upper[n]) * offload[n])
        if lower[n] > 0.0:
            model.addCons(edge_steps[n] >= float(lower[n]) * offload[n])
    whole = has_all_chords(data)
    for points in _points(data, lower, upper, whole):
        line = supports.supporting_line(data, points, EDGE)
        for n in np.flatnonzero(modelled & (points <= upper)).tolist():
            model.addCons(
                quality[n] >= float(line.slope[n]) * edge_steps[n] + float(line.intercept[n]) * offload[n]
            )
    if not whole:
        for n in np.flatnonzero(modelled).tolist():
            _add_curve(model, data, n, float(lower[n]), (offload[n], edge_steps[n], quality[n]))
    local_cost = np.where(np.isinf(local_cost), 0.0, local_cost)
    model.setObjective(
        pyscipopt.quicksum(
            float(local_cost[n]) * (1.0 - offload[n]) + float(rate[n]) * edge_steps[n] + quality[n]
            for n in range(data.users)
        ),
        "minimize",
    )
    return model, offload, edge_steps


def has_all_chords(data: StepAllocation) -> bool:
    """Whether every chord is in the model, so that it is linear."""
    span = most_edge_steps(data) - model_steps(data, EDGE).lower
    return data.integer_steps and float(span.max(initial=0.0)) <= MOST_CHORDS


def _points(data: StepAllocation, lower: FloatArray, upper: FloatArray, whole: bool) -> FloatArray:
    """Steps at which lines support phi_n, shape (K, N)."""
    if not whole:
        return supports.spread_points(data, EDGE, LINES)
    return np.asarray(lower + np.arange(max(1.0, (upper - lower).max(initial=0.0)))[:, None])


def _add_curve(model: Any, data: StepAllocation, n: int, start: float, variables: tuple[Any, Any, Any]) -> None:
    """q_n >= phi_n(e_n) where the user offloads, less the cost of its lower bound where it does not."""
    offload, steps, quality = variables
    counted = steps + (1.0 - offload) * start if start > 0.0 else steps
    worth = float(data.utility_weight)
    left = scip_error_left(float(costs.error_coefficient(data)[n]), float(data.error_decay_per_step[n]), counted)
    missing = scip_utility_missing(worth, float(data.utility_decay_per_step[n]), counted)
    taken_off = float(costs.quality_cost(data, np.full(data.users, start))[n])
    model.addCons(left + missing - worth - (1.0 - offload) * taken_off <= quality)
