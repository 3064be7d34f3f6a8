"""Algorithms 1 to 3 with a growing penalty, started near the price solution; the best rounded iterate is kept.

What differs from the published method, and why (docs/theory/step_allocation):

* The start is the solution at the price that maximises the Lagrangian bound, softened where both places are
  nearly equal: users that are clear start almost decided, the others near 1/2.
* tau starts at the size of what one user's choice is worth and grows by a constant factor. The published 1e5
  rounds a at once, before the approximation has said anything about who should offload.
* Algorithm 1 is cut short, since the next, larger tau moves its target anyway.
* Every outer iterate is rounded and given its optimal steps, the start included, where ties are rounded both ways;
  the best one is returned.

P2 itself, its auxiliaries and its solver are the published method's.
"""

from __future__ import annotations

import time
from functools import cache, partial

import numpy as np

from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts, place_costs, respond
from formulations.step_allocation.models.surrogate import offload_range
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from solvers.core.limits import Limits
from solvers.core.result import GAVE_UP, Outcome
from solvers.step_allocation import price_search
from solvers.step_allocation.kkt import bisection as kkt
from solvers.step_allocation.kkt.p2_solution import P2Unsolved
from solvers.step_allocation.large_scale import large_price_search
from solvers.step_allocation.sca import algorithms as sca

SOFTNESS = 0.1
"""Reduced cost, as a share of the mean one, over which the start's a_n rises from 0.27 to 0.5 [-]."""

START_MARGIN = 0.01
"""Distance of the start's a_n from 0 and 1 [-]."""

FIRST_TAU = 0.5
"""First tau, as a multiple of the mean reduced cost [-]."""

GROWTH = 1.5
"""Factor by which tau grows at each outer iteration [-]."""

TIE = 1e-6
"""Distance of a_n from 1/2 within which the start is rounded both ways: at the best price a user may do as well at
either place, and rounding errors would decide [-]."""

PRICE_SHARE = 0.25
"""Most of the time that the price of the start may take, so that very many users leave some for the rest [-]."""

INNER_ITERATIONS = 5
"""Most iterations of Algorithm 1 at one tau."""


def solve(data: StepAllocation, limits: Limits, seed: int) -> Outcome:
    """Algorithms 1 to 3 with a growing tau from the price solution; the seed is not used.

    Compiled kernels are loaded before the clock starts.
    """
    load_kernels()
    if data.users >= large_price_search.USERS:
        large_price_search.load_kernels()
    started = time.perf_counter()
    deadline = started + limits.time_limit
    trivial = sca.without_iterations(data)
    if trivial is not None:
        return trivial
    start, worth = price_start(data, PRICE_SHARE * limits.time_limit)
    penalties = [FIRST_TAU * worth * GROWTH**i for i in range(sca.OUTER_ITERATIONS)]
    try:
        solve_p2 = partial(kkt.solve, deadline=deadline)
        trace = sca.run(data, start, penalties, solve_p2, deadline - time.perf_counter(), INNER_ITERATIONS)
    except P2Unsolved as fault:
        trace = sca.Trace((start,), GAVE_UP, (), log=f"{fault}\n")
    fractional = (start.offload - TIE, start.offload + TIE, *(iterate.offload for iterate in trace.iterates))
    offloads = (sca.keep_budget(data, sca.rounded(offload), offload) for offload in fractional)
    return sca.outcome(data, trace, sca.finish(data, offloads, deadline), started)


@cache
def load_kernels() -> None:
    """Run every kernel once, which compiles it or loads it from the cache on disk."""
    kkt.load_kernels()
    price_search.load_kernels()
    one = np.ones(1)
    respond(PlaceCosts(one, one, one, one, one, lower=np.zeros(1), limit=one), 0.0, False, one.copy(), one.copy())


def price_start(data: StepAllocation, time_seconds: float = np.inf) -> tuple[sca.Iterate, float]:
    """Return a softened solution at the best price found in the time, and the mean reduced cost over users [-].

    The reduced cost at that price is d_n = min_s (R_{n,1}(s) + delta s) - min_s R_{n,0}(s). a_n is a
    falling logistic function of it, and s_n mixes the best steps of both places as a_n does. This satisfies (16c).
    """
    price = best_price(data, time_seconds)
    local_steps, local_cost = best_response(data, LOCAL, 0.0)
    edge_steps, edge_cost = best_response(data, EDGE, price)
    reduced_cost = edge_cost - local_cost
    least, most = offload_range(data)
    undecided = least < most
    worth = float(np.mean(np.abs(reduced_cost[undecided]))) if undecided.any() else 0.0
    width = SOFTNESS * worth if worth > 0.0 else 1.0
    offload = np.clip(0.5 - 0.5 * np.tanh(reduced_cost / (2.0 * width)), START_MARGIN, 1.0 - START_MARGIN)
    offload = np.where(undecided, offload, least)
    steps = (1.0 - offload) * local_steps + offload * edge_steps
    start = sca.Iterate(offload, steps)
    if not sca.has_interior(data, start):
        start = sca.inside(data, offload, np.full(data.users, 0.5))
    return start, worth


def best_price(data: StepAllocation, time_seconds: float) -> float:
    """Price of an edge step that maximises the Lagrangian bound [1/step], or almost, of very many users."""
    if data.users >= large_price_search.USERS:
        return float(large_price_search.solve(data, Limits(time_limit=time_seconds)).duals["delta"])
    return price_search.best_price(data)


def best_response(data: StepAllocation, place: int, price: float) -> tuple[FloatArray, FloatArray]:
    """Minimiser and minimum of R_{n,r}(s) + price s over continuous steps, shape (N,) each."""
    steps, cost = np.empty(data.users), np.empty(data.users)
    respond(place_costs(data, place), price, False, steps, cost)
    return steps, cost
