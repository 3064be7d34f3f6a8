"""The GQAP by Google's CP-SAT, a peer that is not installed with the package."""

from __future__ import annotations

import math
from time import perf_counter
from typing import Any

import numpy as np

from formulations.gqap.costs import own_cost, pair_cost
from formulations.gqap.models.assignment import fit_together, fits, pairs
from formulations.gqap.parameters import GQAP
from formulations.gqap.units import capacity_rows
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome, Unsupported
from solvers.gqap.heuristics import tabu
from solvers.gqap.heuristics.short_tabu import short_tabu
from solvers.gqap.mip.explicit_models import MOST_PRODUCTS

LARGEST_COST = 2.0**53
"""Sum of all terms up to which costs are taken."""

load_kernels = tabu.load_kernels


def solve(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve whole costs and weights, starting from what a short tabu search finds; the bound is CP-SAT's own.

    Raises
    ------
    Unsupported
        If numbers are not whole, the model would be too large, or OR-tools is not installed.
    """
    cp_model = _ortools()
    if not (data.has_whole_costs and data.has_whole_weights):
        raise Unsupported("CP-SAT takes whole costs and weights only")
    products = math.comb(data.items, 2) * data.places**2
    if products > MOST_PRODUCTS:
        raise Unsupported(f"the model holds {products} products of two choices, expected at most {MOST_PRODUCTS}")
    load_kernels()
    began = perf_counter()
    deadline = began + limits.time_limit
    start = short_tabu(data, seed, deadline)
    model, choice = build(cp_model, data, start)
    built = perf_counter()
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.0, deadline - built)
    solver.parameters.num_workers = limits.threads
    solver.parameters.random_seed = seed
    solver.parameters.relative_gap_limit = 0.0
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    place = start
    if found:
        place = np.zeros(data.items, dtype=np.int64)
        for (i, j), variable in choice.items():
            if solver.boolean_value(variable):
                place[i] = j
    infeasible = status == cp_model.INFEASIBLE
    return Outcome(
        solution=None if place is None else {"assignment": place},
        bound=float(math.ceil(solver.best_objective_bound)) if found else None,
        infeasible=infeasible,
        reason="searched" if infeasible or status == cp_model.OPTIMAL else TIME_LIMIT,
        build_seconds=built - began,
        solve_seconds=perf_counter() - built,
        nodes=int(solver.num_branches),
    )


def build(cp_model: Any, data: GQAP, start: Any) -> tuple[Any, dict[tuple[int, int], Any]]:
    """The model and its x_ij: a variable for the cost of each pair, at least what two choices together imply.

    On 10X5-E-G it took half the time of RLT-1; the standard linearisation was not done in three times as much.
    """
    own, alone = own_cost(data), fits(data)
    size = float(np.abs(own).max(axis=1).sum())
    if size > LARGEST_COST:
        raise Unsupported("CP-SAT takes costs below 2^53 only")
    model = cp_model.CpModel()
    choice = {(int(i), int(j)): model.new_bool_var(f"x{i},{j}") for i, j in np.argwhere(alone)}
    weight, limit = capacity_rows(data)
    for i in range(data.items):
        model.add_exactly_one(choice[i, j] for j in range(data.places) if (i, j) in choice)
    for j in range(data.places):
        here = [i for i in range(data.items) if (i, j) in choice]
        model.add(sum(int(weight[i]) * choice[i, j] for i in here) <= int(limit[j]))
    terms = [int(own[i, j]) * variable for (i, j), variable in choice.items()]
    for i, k in pairs(data):
        cost, together = pair_cost(data, i, k), np.argwhere(fit_together(data, i, k)).tolist()
        size += float(np.abs(cost).max())
        if size > LARGEST_COST:
            raise Unsupported("CP-SAT takes costs below 2^53 only")
        least = min((int(cost[j, q]) for j, q in together), default=0)
        paid = model.new_int_var(least, max(least, int(cost.max())), f"pair{i},{k}")
        terms.append(paid)
        for j, q in together:
            if int(cost[j, q]) > least:
                model.add(paid >= int(cost[j, q])).only_enforce_if([choice[i, j], choice[k, q]])
    model.minimize(sum(terms))
    if start is not None:
        for (i, j), variable in choice.items():
            model.add_hint(variable, int(start[i] == j))
    return model, choice


def _ortools() -> Any:
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        raise Unsupported("CP-SAT needs OR-tools: pip install 'diffload[peers]'") from None
    return cp_model
