"""The Lagrangian bound of P1 with a price on every row that couples users, the edge's budget being the first.

For prices p >= 0 of rows sum_n o_kn a_n + l_kn (1 - a_n) s_n + e_kn a_n s_n <= b_k, every user has for itself the
costs

    V_{n,0}(p) = min_s R_{n,0}(s) + (p l_n) s,        V_{n,1}(p) = p o_n + min_s R_{n,1}(s) + (p e_n) s

over the steps that it may have, and L_X(p) = -p b + min_{a in X} sum_n V_{n,a_n}(p) is at most the optimum of P1
with a in X, whatever the signs of the coefficients (docs/theory/step_allocation, section 7). It is concave, and
the rows' left sides minus b at a minimising choice are a supergradient, so that cutting planes maximise it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.compiled import compiled, compiled_stoppable
from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import PlaceCosts, respond_one
from solvers.step_allocation.coupled.cutting_planes import Cuts, Master, first_basis, optimise
from solvers.step_allocation.lagrangian.dual_function import IntArray, choose
from solvers.step_allocation.lagrangian.stopping import Flag

MOST_CUTS = 400
"""Cuts at which the search for better prices ends."""

_CLOSED = 1e-12
"""Distance between L and the cuts above it, relative to the terms of L, at which the prices are the best."""

_STALLED = 1e-9
"""Such a distance at which a search that no longer halves it within :data:`_PATIENCE` cuts is at its rounding."""

_PATIENCE = 15
"""Cuts that the distance may take to halve near the end."""

_BOUND_GROWTH = 16.0
"""Factor by which the bounds on multipliers grow where the maximum lies on its border."""

_LARGEST_BOUND = 1e24
"""Bound on a multiplier, in units of the first one, at which L counts as bounded."""


class RowProblem(NamedTuple):
    """What the bound reads of an instance; rows are in units of their limits."""

    local: PlaceCosts
    """Costs on the device, of all users."""
    edge: PlaceCosts
    """Costs at the edge, of all users."""
    offload: FloatArray
    """o, shape (K, N)."""
    local_steps: FloatArray
    """l [1/step], shape (K, N)."""
    edge_steps: FloatArray
    """e [1/step], shape (K, N)."""
    right_hand_side: FloatArray
    """b, shape (K,)."""
    stay: IntArray
    """Users known to run locally."""
    forced: IntArray
    """Users known to offload."""
    free: IntArray
    """Users still to be decided, in the order that intervals refer to."""
    integer: bool
    """Whether steps are whole."""


class RowPoint(NamedTuple):
    """The bound maximised over the prices, and the cuts that meet there."""

    bound: float
    """L at ``price`` [-]."""
    price: FloatArray
    """Prices of the rows, shape (K,)."""
    weight: FloatArray
    """Weights of the cuts that meet, positive, summing to 1, shape (M,)."""
    cut_points: FloatArray
    """Prices at which those cuts were taken, shape (M, K)."""


@compiled
def user_costs(problem: RowProblem, price: FloatArray, n: int) -> tuple[float, float, float, float]:
    """Best local steps of user n and V_{n,0}(p), best edge steps and V_{n,1}(p)."""
    local_price, edge_price, charge = 0.0, 0.0, 0.0
    for k in range(price.size):
        local_price += price[k] * problem.local_steps[k, n]
        edge_price += price[k] * problem.edge_steps[k, n]
        charge += price[k] * problem.offload[k, n]
    local_steps, local_value = respond_one(problem.local, n, local_price, problem.integer)
    edge_steps, edge_value = respond_one(problem.edge, n, edge_price, problem.integer)
    return local_steps, local_value, edge_steps, edge_value + charge


@compiled
def bound_at_prices(
    problem: RowProblem,
    ranges: IntArray,
    price: FloatArray,
    saving: FloatArray,
    chosen: BoolArray,
    steps: FloatArray,
    excess: FloatArray,
) -> float:
    """L_X(p); fills the choice that attains it and the rows' ``excess``, left side minus limit, shape (K,).

    ``saving`` is V_{n,1} - V_{n,0} of the free users and ``chosen`` those that offload; ``steps`` are of all
    users. ``ranges`` are as :func:`~solvers.step_allocation.lagrangian.dual_function.bound_at` reads them.
    """
    value = 0.0
    for k in range(price.size):
        value -= price[k] * problem.right_hand_side[k]
        excess[k] = -problem.right_hand_side[k]
    for n in problem.stay:
        steps[n], cost, _, _ = user_costs(problem, price, n)
        value += cost
        for k in range(price.size):
            excess[k] += problem.local_steps[k, n] * steps[n]
    for n in problem.forced:
        _, _, steps[n], cost = user_costs(problem, price, n)
        value += cost
        for k in range(price.size):
            excess[k] += problem.offload[k, n] + problem.edge_steps[k, n] * steps[n]
    edge_steps = np.empty(problem.free.size)
    for i in range(problem.free.size):
        n = problem.free[i]
        steps[n], cost, edge_steps[i], edge_cost = user_costs(problem, price, n)
        value += cost
        saving[i] = edge_cost - cost
    choose(saving, ranges, chosen)
    for i in range(problem.free.size):
        n = problem.free[i]
        if chosen[i]:
            steps[n] = edge_steps[i]
            value += saving[i]
        for k in range(price.size):
            if chosen[i]:
                excess[k] += problem.offload[k, n] + problem.edge_steps[k, n] * steps[n]
            else:
                excess[k] += problem.local_steps[k, n] * steps[n]
    return value


@compiled_stoppable
def maximise_prices(
    problem: RowProblem, ranges: IntArray, start: FloatArray, upper: float, target: float, stop: Flag
) -> RowPoint:
    """Maximise L_X over the prices by cutting planes, from ``start``, until it reaches ``target`` or its maximum.

    Parameters
    ----------
    problem : RowProblem
        The instance with its forced, staying and free users.
    ranges : ndarray of int, shape (K, 4)
        Counts of free users that may offload.
    start : FloatArray
        Prices to begin at.
    upper : float
        First bound on every price; it grows where that is too small. L is unbounded where no mixture of choices
        keeps the rows, and then passes every finite ``target``.
    target : float
        Value at which to stop.
    stop : ndarray of uint8, shape (1,)
        Not 0 from when on there is no time left: the best value so far is then the answer.
    """
    rows = start.size
    saving, chosen = np.empty(problem.free.size), np.empty(problem.free.size, np.bool_)
    steps, excess = np.empty(problem.edge.rate.size), np.empty(rows)
    cuts = Cuts(np.empty(MOST_CUTS), np.empty((MOST_CUTS, rows)), np.zeros(1, np.int64))
    cut_points = np.empty((MOST_CUTS, rows))
    limits, price, best_price = np.empty(rows), start.copy(), start.copy()
    for k in range(rows):
        limits[k] = max(upper, 4.0 * start[k])
    best, largest, distance, since = -np.inf, _LARGEST_BOUND * upper, np.inf, 0
    master = Master(np.empty(0, np.int64), np.empty(0), np.empty((0, 0)), limits)
    for cut in range(MOST_CUTS):
        value = bound_at_prices(problem, ranges, price, saving, chosen, steps, excess)
        cuts.intercept[cut] = value
        for k in range(rows):
            cuts.slope[cut, k] = excess[k]
            cuts.intercept[cut] -= excess[k] * price[k]
            cut_points[cut, k] = price[k]
        cuts.used[0] = cut + 1
        if value > best:
            best = value
            for k in range(rows):
                best_price[k] = price[k]
        if best >= target or stop[0]:
            break
        if cut == 0:
            master = first_basis(cuts, limits)
        height = optimise(cuts, master, price, stop)
        size = max(1.0, abs(best))
        for k in range(rows):
            size += best_price[k] * abs(problem.right_hand_side[k])
        if height - best < 0.5 * distance:
            distance, since = height - best, 0
        else:
            since += 1
        if height - best <= _CLOSED * size or (height - best <= _STALLED * size and since > _PATIENCE):
            grown = False
            for i in range(rows + 1):
                k = -1 - rows - master.basis[i]
                if k >= 0 and master.weight[i] > 0.0 and limits[k] < largest:
                    limits[k] *= _BOUND_GROWTH
                    grown, distance, since = True, np.inf, 0
            if not grown:
                break
            optimise(cuts, master, price, stop)
    return _met(cuts, master, cut_points, best, best_price)


@compiled
def _met(cuts: Cuts, master: Master, cut_points: FloatArray, best: float, best_price: FloatArray) -> RowPoint:
    """The cuts of the last basis, with their weights; the best one where there is no basis yet."""
    rows = best_price.size
    weight, prices = np.zeros(rows + 1), np.zeros((rows + 1, rows))
    used = 0
    for i in range(master.basis.size):
        if master.basis[i] >= 0 and master.weight[i] > 0.0:
            weight[used] = master.weight[i]
            for k in range(rows):
                prices[used, k] = cut_points[master.basis[i], k]
            used += 1
    if used == 0:
        weight[0], used = 1.0, 1
        for k in range(rows):
            prices[0, k] = best_price[k]
    return RowPoint(best, best_price, weight[:used].copy(), prices[:used].copy())
