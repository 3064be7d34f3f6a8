"""The GQAP's models written for HiGHS and SCIP themselves: numbers to arrays, no modelling language between.

They are the compact linearisation and RLT-1 of :mod:`formulations.gqap.models`, and the problem with its
products. Costs are in the problem's natural unit, presolve and tolerances are the solver's own, and each starts
from what a short tabu search finds, as the branch and bound does. Solutions are read as they are: whoever calls
evaluates them.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import highspy
import numpy as np
import pyscipopt
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from formulations.fields import BoolArray, FloatArray
from formulations.gqap.costs import cost_step, own_cost, pair_cost
from formulations.gqap.models.assignment import fit_together, fits, pairs
from formulations.gqap.models.interaction_bounds import interaction_bounds
from formulations.gqap.parameters import GQAP
from formulations.gqap.units import capacity_rows, cost_unit, in_cost_units
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.external.native_highs import linear_program, quiet_highs
from solvers.external.tolerances import SHARE_OF_GAP
from solvers.gqap.heuristics.short_tabu import short_tabu
from solvers.gqap.mip.explicit_models import STEP_SHARE

Start = NDArray[np.int64] | None


def compact(data: GQAP) -> highspy.HighsLp:
    """Columns x_ij and z_ij; z >= L x, and z_ij >= g_ij(x) - U_ij (1 - x_ij)."""
    count, bounds = data.items * data.places, interaction_bounds(data)
    least = np.where(np.isfinite(bounds.least), bounds.least, 0.0).ravel()
    flow = data.flow - np.diag(np.diag(data.flow))
    pair = 0.5 * data.cost_factor * (np.kron(flow, data.distance) + np.kron(flow.T, data.distance.T))
    one = np.eye(count)
    rows, lower, upper = assignment_rows(data)
    matrix = np.vstack(
        [
            np.hstack([rows, np.zeros(rows.shape)]),
            np.hstack([-np.diag(least), one]),
            np.hstack([-pair - np.diag(bounds.most.ravel()), one]),
        ]
    )
    lower = np.concatenate([lower, np.zeros(count), np.where(fits(data), -bounds.most, -np.inf).ravel()])
    upper = np.concatenate([upper, np.full(2 * count, np.inf)])
    cost = np.concatenate([own_cost(data).ravel(), np.ones(count)])
    columns = (np.repeat([0.0, -np.inf], count), np.repeat([1.0, np.inf], count))
    columns[1][:count] = (fits(data) & np.isfinite(bounds.least)).ravel()
    return whole(linear_program(csr_array(matrix), cost, columns, (lower, upper)), count)


def rlt1(data: GQAP) -> highspy.HighsLp:
    """Columns x_ij and y_iji'j' for i < i'; every equation and every capacity times every x_ij."""
    n, m = data.items, data.places
    cost, most = [own_cost(data).ravel()], [fits(data).ravel()]
    column = np.full((n, m, n, m), -1)
    for number, (one, other) in enumerate(pairs(data)):
        column[one, :, other, :] = n * m + number * m * m + np.arange(m * m).reshape(m, m)
        column[other, :, one, :] = column[one, :, other, :].T
        cost.append(pair_cost(data, one, other).ravel())
        most.append(fit_together(data, one, other).ravel())
    columns, weight, limit = sum(part.size for part in cost), *capacity_rows(data)
    item, place = np.divmod(np.arange(n * m), m)
    i, j, k, q = np.nonzero(column >= 0)
    y = column[i, j, k, q]
    others = np.flatnonzero(item[:, None] != np.arange(n))
    left = limit - weight[item][:, None] * (place[:, None] == np.arange(m))
    pieces = (
        (np.ones(y.size), (i * m + j) * n + k, y, n * m * n),
        (np.full(others.size, -1.0), others, others // n, n * m * n),
        (weight[k], (i * m + j) * m + q, y, n * m * m),
        (-left.ravel(), np.arange(n * m * m), np.repeat(np.arange(n * m), m), n * m * m),
    )
    one_place, its_x, load, its_limit = (
        coo_array((value, (row, at)), shape=(rows, columns)) for value, row, at, rows in pieces
    )
    rows, least, greatest = assignment_rows(data)
    alone = csr_array(np.hstack([rows, np.zeros((rows.shape[0], columns - n * m))]))
    matrix = vstack([alone, one_place + its_x, load + its_limit]).tocsr()
    sides = (
        np.concatenate([least, np.zeros(n * m * n), np.full(n * m * m, -np.inf)]),
        np.concatenate([greatest, np.zeros(n * m * n + n * m * m)]),
    )
    both = (np.zeros(columns), np.concatenate(most).astype(np.float64))
    return whole(linear_program(matrix, np.concatenate(cost), both, sides), n * m)


def assignment_rows(data: GQAP) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rows over x_ij, one place for each item and the capacities, with their lower and upper sides."""
    weight, limit = capacity_rows(data)
    one_place = np.kron(np.eye(data.items), np.ones((1, data.places)))
    rows = np.vstack([one_place, np.kron(weight, np.eye(data.places))])
    lower = np.concatenate([np.ones(data.items), np.full(data.places, -np.inf)])
    return rows, lower, np.concatenate([np.ones(data.items), limit])


def whole(program: highspy.HighsLp, count: int) -> highspy.HighsLp:
    """The programme with its first columns whole."""
    kinds = [highspy.HighsVarType.kInteger] * count
    program.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (program.num_col_ - count)
    return program


def solve_compact(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve the compact linearisation by HiGHS."""
    return by_highs(compact, data, limits, seed)


def solve_rlt1(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve RLT-1 by HiGHS."""
    return by_highs(rlt1, data, limits, seed)


def by_highs(build: Callable[[GQAP], highspy.HighsLp], data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Build a linearisation and solve it, from a tabu search's assignment on."""
    began, unit = perf_counter(), cost_unit(data)
    highs = quiet_highs({"threads": limits.threads, "random_seed": seed})
    highs.passModel(build(in_cost_units(data, unit)))
    start = short_tabu(data, seed, began + limits.time_limit)
    if start is not None:
        chosen = chosen_at(data, start).ravel()
        highs.setSolution(chosen.size, np.arange(chosen.size, dtype=np.int32), chosen.astype(np.float64))
    highs.setOptionValue("mip_rel_gap", SHARE_OF_GAP * limits.gap)
    highs.setOptionValue("mip_abs_gap", STEP_SHARE * cost_step(data) / unit)
    highs.setOptionValue("time_limit", max(0.0, began + limits.time_limit - perf_counter()))
    highs.run()
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(highs.getSolution().col_value)[: data.items * data.places] if found else None
    bound = float(info.mip_dual_bound) * unit
    return Outcome(
        solution=assignment(data, values, start),
        bound=bound if np.isfinite(bound) else None,
        reason="gap closed" if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal else TIME_LIMIT,
        nodes=int(info.mip_node_count),
    )


def solve_quadratic(data: GQAP, limits: Limits, seed: int) -> Outcome:
    """Solve the problem with its products by SCIP, from a tabu search's assignment on."""
    began, unit = perf_counter(), cost_unit(data)
    model, x = quadratic(in_cost_units(data, unit))
    start = short_tabu(data, seed, began + limits.time_limit)
    if start is not None:
        partial = model.createPartialSol()
        for variable, chosen in zip(x, chosen_at(data, start).ravel(), strict=True):
            model.setSolVal(partial, variable, float(chosen))
        model.addSol(partial)
    for name, value in {
        "limits/gap": SHARE_OF_GAP * limits.gap,
        "limits/absgap": STEP_SHARE * cost_step(data) / unit,
        "limits/time": max(0.0, began + limits.time_limit - perf_counter()),
        "randomization/randomseedshift": seed,
    }.items():
        model.setParam(name, value)
    model.optimize()
    values = np.array([model.getVal(variable) for variable in x]) if model.getNSols() else None
    bound = float(model.getDualbound())
    return Outcome(
        solution=assignment(data, values, start),
        bound=bound * unit if not model.isInfinity(abs(bound)) else None,
        reason="gap closed" if model.getStatus() in ("optimal", "gaplimit") else TIME_LIMIT,
        nodes=int(model.getNNodes()),
    )


def quadratic(data: GQAP) -> tuple[Any, list[Any]]:
    """SCIP's model, a number above the cost of all pairs, and its x_ij."""
    model = pyscipopt.Model("gqap_quadratic")
    model.hideOutput()
    x = [model.addVar(vtype="B", ub=float(fit)) for fit in fits(data).ravel()]
    for row, least, most in zip(*assignment_rows(data), strict=True):
        total = pyscipopt.quicksum(float(row[c]) * x[c] for c in np.flatnonzero(row))
        model.addCons(total == 1.0 if least == most else total <= float(most))
    paid = model.addVar(lb=None)
    m, terms = data.places, []
    for i, k in pairs(data):
        cost, together = pair_cost(data, i, k), fit_together(data, i, k)
        terms += [
            float(cost[j, q]) * x[i * m + j] * x[k * m + q] for j, q in np.argwhere(together & (cost != 0.0))
        ]
    model.addCons(pyscipopt.quicksum(terms) <= paid)
    own = own_cost(data).ravel()
    model.setObjective(paid + pyscipopt.quicksum(float(own[c]) * x[c] for c in range(own.size)), "minimize")
    return model, x


def chosen_at(data: GQAP, place: NDArray[np.int64]) -> BoolArray:
    """x_ij of an assignment, shape (n, m)."""
    return np.asarray(place[:, None] == np.arange(data.places))


def assignment(data: GQAP, values: FloatArray | None, start: Start) -> dict[str, NDArray[np.int64]] | None:
    """The places that x_ij says, else the start."""
    if values is not None:
        return {"assignment": values.reshape(data.items, data.places).argmax(axis=1)}
    return None if start is None else {"assignment": start}
