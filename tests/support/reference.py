"""P1 by enumeration of a, each fixed-a problem solved by SciPy: the slow way that shares no code with ours."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp, minimize

from formulations.step_allocation import costs
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation

CORNERS: dict[str, dict[str, object]] = {
    "generic": {},
    "no budget": {"edge_step_capacity": 0.0},
    "tiny budget": {"edge_step_capacity": 3.5},
    "slack budget": {"edge_step_capacity": 1e4},
    "local limit above edge limit": {"local_max_steps": 70.0, "edge_max_steps": 35.0},
    "no local steps": {"local_max_steps": 0.0},
    "no edge steps": {"edge_max_steps": 0.0},
    "zero weights": {"cost_weight": 0.0, "utility_weight": 0.0},
    "utility only": {"cost_weight": 0.0},
    "time only": {"error_weight": 0.0, "energy_weight_per_joule": 0.0, "utility_weight": 0.0},
    "dear energy": {"energy_weight_per_joule": 1e-3},
    "identical users": {
        "error_decay_per_step": 0.03,
        "utility_decay_per_step": 0.04,
        "local_max_steps": 20.0,
        "edge_max_steps": 60.0,
    },
    "nearly linear": {"error_decay_per_step": 1e-4, "utility_decay_per_step": 2e-4, "time_weight_per_second": 0.0},
    "no decay": {"error_decay_per_step": 0.0},
}
"""Fields that make a random instance a corner case."""


def brute_force(data: StepAllocation) -> float:
    """Optimum of P1 over all 2^N choices of who offloads."""
    solve_edge = edge_by_milp if data.integer_steps else edge_by_slsqp
    local = [_local_cost(data, n) for n in range(data.users)]
    best = np.inf
    for offload in itertools.product((False, True), repeat=data.users):
        at_edge = np.flatnonzero(offload)
        at_device = sum(local[n] for n in range(data.users) if not offload[n])
        best = min(best, at_device + (solve_edge(data, at_edge) if at_edge.size else 0.0))
    return float(best)


def cost_of_user(data: StepAllocation, n: int, place: int, steps: np.ndarray) -> np.ndarray:
    """R_{n,r} of one user on a grid of steps."""
    return np.array([costs.cost(data, np.full(data.users, s), place)[n] for s in steps])


def _local_cost(data: StepAllocation, n: int) -> float:
    if data.integer_steps:
        return float(cost_of_user(data, n, LOCAL, np.arange(data.local_step_limit[n] + 1.0)).min())
    return edge_by_slsqp(data, np.array([n]), place=LOCAL)


def edge_by_slsqp(data: StepAllocation, users: np.ndarray, place: int = EDGE) -> float:
    limit = costs.step_limit(data, place)[users]
    rate = costs.cost_per_step(data, place)[users]
    error, error_decay = costs.error_coefficient(data)[users], data.error_decay_per_step[users]
    utility, utility_decay = data.utility_weight, data.utility_decay_per_step[users]

    def cost(s: np.ndarray) -> float:
        return float(np.sum(rate * s + error * np.exp(-error_decay * s) + utility * np.expm1(-utility_decay * s)))

    def slope(s: np.ndarray) -> np.ndarray:
        falling = error * error_decay * np.exp(-error_decay * s)
        return rate - falling - utility * utility_decay * np.exp(-utility_decay * s)

    budget = data.edge_step_capacity if place == EDGE else np.inf
    start = np.minimum(limit, budget / users.size) * 0.5
    constraints = []
    if limit.sum() > budget:
        constraints = [{"type": "ineq", "fun": lambda s: budget - s.sum(), "jac": lambda s: -np.ones(s.size)}]
    # SciPy's SLSQP may stop early in a valley: a second run from its own end costs little.
    for _ in range(2):
        found = minimize(
            cost,
            start,
            jac=slope,
            method="SLSQP",
            bounds=Bounds(np.zeros(users.size), limit),
            constraints=constraints,
            options={"ftol": 1e-15, "maxiter": 500},
        )
        start = np.clip(found.x, 0.0, limit)
    if start.sum() > budget:
        start *= budget / start.sum()
    return cost(start)


def edge_by_milp(data: StepAllocation, users: np.ndarray) -> float:
    """One binary per user and number of steps; SciPy's HiGHS chooses."""
    grids = [np.arange(data.edge_step_limit[n] + 1.0) for n in users]
    price = np.concatenate([cost_of_user(data, n, EDGE, grid) for n, grid in zip(users, grids, strict=True)])
    one_each = np.zeros((users.size, price.size))
    position = 0
    for row, grid in enumerate(grids):
        one_each[row, position : position + grid.size] = 1.0
        position += grid.size
    found = milp(
        price,
        integrality=np.ones(price.size),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint(one_each, 1.0, 1.0),
            LinearConstraint(np.concatenate(grids)[None, :], -np.inf, np.floor(data.edge_step_capacity)),
        ],
        options={"mip_rel_gap": 0.0},
    )
    return float(price @ np.round(found.x))
