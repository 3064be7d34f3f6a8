"""Algorithm 2 of paper A [1]_: P2 solved from its KKT conditions (18) to (23), in three readings.

Appendix (22) clamps a_n to [0, 1] before zeta_n and delta are discussed, and line 7 and (23) write a_n without a
hat: read so, a_n is clamped *inside* the searches for zeta_n and delta (:func:`solve_with_any_sign`). Line 8 read
alone clamps at the end only, which is not optimal where a bound is active (:func:`solve_as_printed`). The paper
leaves s_n >= 0 out in both. :func:`solve` is the first reading with s_n >= 0, or the lower bounds that further
constraints leave, imposed with multiplier nu_n.

References
----------
.. [1] Y. Wang, C. Liu, J. Zhao, "Offloading and Quality Control for AI Generated Content Services in 6G Mobile
   Edge Computing Networks", arXiv 2312.06203 (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.section import once
from formulations.step_allocation.best_response import place_costs
from formulations.step_allocation.models.surrogate import Subproblem, least_capacity_use, offload_range
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.arrays import quality_slope
from solvers.step_allocation.kkt.kernels import (
    MULTIPLIERS,
    RESPONSE,
    USER,
    find_multipliers,
    meet_capacity,
    new_search,
)
from solvers.step_allocation.kkt.p2_solution import P2OutOfTime, P2Solution, P2Unsolved
from solvers.step_allocation.kkt.residuals import Multipliers

_INTERIOR = 1e-9
"""Share of the capacity that the lower bounds have to leave: without an interior there may be no multipliers."""

RESPONSES_BETWEEN_CLOCKS = 100_000
"""Responses of users to a price that are computed before the time is looked at, some tenths of a second."""


@dataclass(frozen=True)
class KktPoint(P2Solution):
    """What Algorithm 2 returns.

    Attributes
    ----------
    at_limit : BoolArray
        Whether (16c) was found active, shape (N,).
    prices_tried : int
        Evaluations of the capacity residual.
    """

    at_limit: BoolArray
    prices_tried: int


def solve(p2: Subproblem, deadline: float = np.inf) -> KktPoint:
    """Optimum of P2 with s >= 0, by Algorithm 2 with its corrections.

    Parameters
    ----------
    p2 : Subproblem
        The problem.
    deadline : float
        When to give up, as ``perf_counter()`` says it; few users are solved for whatever it says.

    Raises
    ------
    P2OutOfTime
        If the deadline came first.
    ValueError
        If the capacity is 0: then a = s = 0 is the only feasible point and no finite delta supports it.
    P2Unsolved
        If the lower bounds of further constraints do not fit into the capacity, or data are so extreme
        that the conditions cannot be evaluated.
    """
    return _solve(p2, clamped=True, nonnegative=True, deadline=deadline)


def solve_with_any_sign(p2: Subproblem) -> KktPoint:
    """Algorithm 2 as its appendix reads: a clamped inside the searches, and s of any sign, as the paper leaves it.

    Raises
    ------
    ValueError
        If the capacity is 0.
    """
    return _solve(p2, clamped=True, nonnegative=False, deadline=np.inf)


def solve_as_printed(p2: Subproblem, deadline: float = np.inf) -> KktPoint:
    """Algorithm 2 with line 8 read alone: a free inside, clamped at the end only, and s of any sign.

    The point may be infeasible or not optimal; its residuals say by how much.

    Raises
    ------
    P2OutOfTime
        If the deadline came first.
    ValueError
        If the capacity is 0.
    """
    return _solve(p2, clamped=False, nonnegative=False, deadline=deadline)


def _solve(p2: Subproblem, *, clamped: bool, nonnegative: bool, deadline: float) -> KktPoint:
    data = p2.data
    capacity = data.edge_step_budget
    if capacity <= 0.0:
        raise ValueError(f"expected an edge step capacity > 0, got {capacity:g}: P2 then has no interior point")
    if data.constraints and nonnegative:
        least = least_capacity_use(data, p2.z)
        if least > capacity * (1.0 - _INTERIOR):
            raise P2Unsolved(f"P2 is infeasible here: users need {least:.6g} of {capacity:.6g} edge steps")
    users = users_of(p2)
    responses = np.zeros(data.users, dtype=RESPONSE)
    responses["offload"], responses["steps"] = 0.5, starting_steps(users)
    search = new_search()
    try:
        while not meet_capacity(
            users, capacity, clamped, nonnegative, responses, search, RESPONSES_BETWEEN_CLOCKS
        ):
            if perf_counter() >= deadline:
                raise P2OutOfTime("there was no time to solve P2")
    except ZeroDivisionError:
        raise P2Unsolved("a step changes some user's cost by less than the smallest number") from None
    delta, tried = float(search["delta"][0]), int(search["tried"][0])
    least_offload, most_offload = users["least_offload"], users["most_offload"]
    responses["offload"] = np.clip(responses["offload"], least_offload, most_offload)  # (21), line 8
    found = np.empty(data.users, dtype=MULTIPLIERS)
    find_multipliers(users, delta, responses, found)
    return KktPoint(
        p2=p2,
        offload=responses["offload"].copy(),
        steps=responses["steps"].copy(),
        multipliers=Multipliers(found["beta"], found["gamma"], delta, found["zeta"], found["nu"]),
        at_limit=responses["at_limit"].copy(),
        prices_tried=tried,
    )


@cache
def load_kernels() -> None:
    """Run the kernels once on a single user, which compiles them or loads them from the cache on disk."""
    users, responses = np.ones(1, dtype=USER), np.zeros(1, dtype=RESPONSE)
    meet_capacity(users, 0.1, True, True, responses, new_search(), RESPONSES_BETWEEN_CLOCKS)
    find_multipliers(users, 0.1, responses, np.empty(1, dtype=MULTIPLIERS))


def users_of(p2: Subproblem) -> NDArray[np.void]:
    """Coefficients of the separable Lagrangian, one record per user, shape (N,)."""
    users = once(_unchanging, p2.data).copy()
    users["constant"] = p2.shift
    users["u"], users["v"], users["z"] = p2.u, p2.v, p2.z
    half = 1.0 / (2.0 * p2.u)
    users["quadratic"] = half + 1.0 / (2.0 * p2.v)
    users["linear"] = half + p2.penalty_slope
    return users


def _unchanging(data: StepAllocation) -> NDArray[np.void]:
    """What all subproblems of an instance share of the records."""
    local, edge = place_costs(data, LOCAL), place_costs(data, EDGE)
    users = np.zeros(data.users, dtype=USER)
    users["local_rate"], users["edge_rate"] = local.rate, edge.rate
    users["error"], users["error_decay"] = local.error, local.error_decay
    users["utility"], users["utility_decay"] = local.utility, local.utility_decay
    users["local_limit"], users["edge_limit"] = local.limit, edge.limit
    users["local_lower"], users["edge_lower"] = local.lower, edge.lower
    users["least_offload"], users["most_offload"] = offload_range(data)
    return users


def starting_steps(users: NDArray[np.void]) -> FloatArray:
    """Half of the mean limit; the lower bound where no number of steps changes any cost, for the least use."""
    error, utility = (users["error"], users["error_decay"]), (users["utility"], users["utility_decay"])
    free = (users["local_rate"] == 0.0) & (users["edge_rate"] == 0.0)
    indifferent = free & (quality_slope(*error, *utility, np.zeros(1)) == 0.0)
    lower = np.minimum(users["local_lower"], users["edge_lower"])
    return np.asarray(np.where(indifferent, lower, 0.25 * (users["local_limit"] + users["edge_limit"])))
