"""Step allocation under further constraints of the tests' own, and its optimum found the slow way.

The constraints here are not registered: they are what a user's own class may look like. The optimum comes from
enumeration with SciPy, and for whole steps from one MILP over all (user, place, steps), sharing no code with ours.
"""

from __future__ import annotations

import itertools
from typing import Any, Literal

import numpy as np
from builders import step_allocation
from scipy.optimize import Bounds, LinearConstraint, linprog, milp, minimize

from formulations.constraints.base import Interval
from formulations.constraints.step_allocation.base import Row, StepConstraint
from formulations.step_allocation import costs
from formulations.step_allocation.domain import budget_row
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation


class StepBox(StepConstraint):
    """Fewest and most steps of every user at each place; an empty box keeps it away."""

    type: Literal["step_box"] = "step_box"
    on: Literal["step_allocation"] = "step_allocation"
    local: Any
    """(fewest, most) on the device, shape (2, N)."""
    edge: Any
    """(fewest, most) at the edge, shape (2, N)."""
    boxes: float = 1.0
    """What a sentence about it shows as its limit."""

    title = "box of steps"
    unit = "steps"
    limit = "boxes"

    def interval(self, data: StepAllocation, place: int) -> Interval:
        return Interval(*(self.edge if place == EDGE else self.local))

    def violation(self, data, solution):
        (lower, upper) = np.where(solution["a"] > 0.5, self.edge, self.local)
        return np.maximum(lower - solution["s"], solution["s"] - upper)

    def tolerance(self, data: StepAllocation) -> float:
        return 1e-9


class AnyRow(StepConstraint):
    """A row with any coefficients."""

    type: Literal["any_row"] = "any_row"
    on: Literal["step_allocation"] = "step_allocation"
    offload: Any
    local_steps: Any
    edge_steps: Any
    right_hand_side: float

    title = "row"
    unit = "-"
    limit = "right_hand_side"

    def rows(self, data: StepAllocation) -> tuple[Row, ...]:
        return (Row(self.offload, self.local_steps, self.edge_steps, self.right_hand_side),)

    def violation(self, data, solution):
        a, s = solution["a"], solution["s"]
        used = self.offload * a + self.local_steps * (1.0 - a) * s + self.edge_steps * a * s
        return np.array([used.sum() - self.right_hand_side])

    def tolerance(self, data: StepAllocation) -> float:
        return 1e-7 * max(1.0, abs(self.right_hand_side))


def boxed(data: StepAllocation, seed: int, *, banned: float = 0.2, whole: bool = False) -> StepAllocation:
    """Random fewest and most steps, and a share of places that a user may not be at."""
    draw = np.random.default_rng(seed)
    boxes = []
    for most in (data.local_step_limit, data.edge_step_limit):
        fewest = np.where(draw.random(data.users) < 0.6, draw.uniform(0.0, 0.7, data.users) * most, 0.0)
        upper = np.where(draw.random(data.users) < 0.5, draw.uniform(0.7, 1.0, data.users) * most, most)
        if whole:
            fewest, upper = np.ceil(fewest), np.floor(upper)
        lower = np.where(draw.random(data.users) < banned, upper + 1.0, fewest)
        boxes.append(np.array([lower, upper]))
    return data.replaced({"constraints": (*data.constraints, StepBox(local=boxes[0], edge=boxes[1]))})


def with_row(
    data: StepAllocation, offload: Any, local_steps: Any, edge_steps: Any, right_hand_side: float
) -> StepAllocation:
    """The scenario with one more row; a number stands for all users."""
    per_user = [
        np.broadcast_to(np.asarray(c, float), data.users).copy() for c in (offload, local_steps, edge_steps)
    ]
    row = AnyRow(
        offload=per_user[0],
        local_steps=per_user[1],
        edge_steps=per_user[2],
        right_hand_side=float(right_hand_side),
    )
    return data.replaced({"constraints": (*data.constraints, row)})


def random_row(data: StepAllocation, seed: int, *, signed: bool = False) -> StepAllocation:
    """A row that a typical plan strains: on offloaded users, on edge energy, or on all steps."""
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 3)
    users = data.users
    if kind == 0:
        return with_row(data, 1.0, 0.0, 0.0, float(draw.integers(0, users)))
    if kind == 1:
        edge = draw.uniform(0.2, 2.0, users)
        return with_row(data, 0.0, 0.0, edge, draw.uniform(0.2, 0.9) * data.edge_step_budget)
    low = -0.5 if signed else 0.0
    coefficients = draw.uniform(low, 2.0, (3, users))
    return with_row(data, *coefficients, draw.uniform(20.0, 45.0) * users)


def instance(users: int, seed: int, *, integer: bool = False, **fields: object) -> StepAllocation:
    """A contended scenario whose budget varies with the seed."""
    draw = np.random.default_rng(seed)
    given = {"edge_step_capacity": float(draw.uniform(5.0, 40.0) * users), "integer_steps": integer}
    return step_allocation(users, seed, **(given | fields))


def ends(data: StepAllocation, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Allowed steps, said by the constraints one by one."""
    lower, upper = np.zeros(data.users), np.asarray(costs.step_limit(data, place), float)
    for constraint in data.constraints:
        fewest, most = constraint.interval(data, place)
        lower, upper = np.maximum(lower, fewest), np.minimum(upper, most)
    if data.integer_steps:
        lower, upper = np.ceil(lower - 1e-9), np.floor(upper + 1e-9)
    return lower, upper


def all_rows(data: StepAllocation) -> list[Row]:
    return [budget_row(data), *(row for constraint in data.constraints for row in constraint.rows(data))]


def optimum(data: StepAllocation) -> float:
    """Optimum of P1, infinite where it is infeasible."""
    if data.integer_steps:
        return _by_milp(data)
    values = [fixed_optimum(data, np.array(bits, float)) for bits in itertools.product((0, 1), repeat=data.users)]
    return min(values)


def fixed_optimum(data: StepAllocation, offload: np.ndarray) -> float:
    """Optimum over continuous steps for a fixed a: feasibility by an LP, then SLSQP."""
    local, edge = ends(data, LOCAL), ends(data, EDGE)
    lower, upper = (np.where(offload > 0.5, *both) for both in zip(edge, local, strict=True))
    if (lower > upper).any():
        return np.inf
    matrix = np.array([np.where(offload > 0.5, r.edge_steps, r.local_steps) for r in all_rows(data)])
    limit = np.array([r.right_hand_side - float(r.offload @ offload) for r in all_rows(data)])
    # The point in the middle of the largest slack is a good start, and says whether there is any point at all.
    size = np.abs(matrix).sum(axis=1, keepdims=True) + 1e-9
    found = linprog(
        np.append(np.zeros(data.users), -1.0),
        A_ub=np.hstack([matrix, size]),
        b_ub=limit,
        bounds=[*zip(lower, upper, strict=True), (0.0, 1.0)],
    )
    if found.status != 0:
        return np.inf
    rate = np.where(offload > 0.5, costs.cost_per_step(data, EDGE), costs.cost_per_step(data, LOCAL))
    error, utility = costs.error_coefficient(data), data.utility_weight

    def cost(s: np.ndarray) -> float:
        return float(np.sum(rate * s + costs.quality_cost(data, s)))

    def slope(s: np.ndarray) -> np.ndarray:
        falling = error * data.error_decay_per_step * np.exp(-data.error_decay_per_step * s)
        return rate - falling - utility * data.utility_decay_per_step * np.exp(-data.utility_decay_per_step * s)

    point = np.clip(found.x[:-1], lower, upper)
    binding = (np.maximum(matrix * lower, matrix * upper).sum(axis=1) > limit).nonzero()[0]
    rows = [
        {"type": "ineq", "fun": lambda s: limit[binding] - matrix[binding] @ s, "jac": lambda s: -matrix[binding]}
    ]
    best = np.inf
    for _ in range(3):
        solved = minimize(
            cost,
            point,
            jac=slope,
            method="SLSQP",
            bounds=Bounds(lower, upper),
            constraints=rows if binding.size else (),
            options={"ftol": 1e-15, "maxiter": 500},
        )
        point = np.clip(solved.x, lower, upper)
        if (matrix @ point <= limit + 1e-7 * np.maximum(1.0, np.abs(limit))).all():
            best = min(best, cost(point))
    return best


def _by_milp(data: StepAllocation) -> float:
    """One binary per user, place and number of steps."""
    columns = []
    for place in (LOCAL, EDGE):
        lower, upper = ends(data, place)
        for n in range(data.users):
            columns += [(n, place, s) for s in np.arange(lower[n], upper[n] + 1.0)]
    if not columns:
        return np.inf
    user, place, steps = (np.array(part) for part in zip(*columns, strict=True))
    user, at_edge = user.astype(int), place == EDGE
    cost = np.empty(len(columns))
    for index, (n, where, s) in enumerate(columns):
        cost[index] = costs.cost(data, np.full(data.users, s), where)[n]
    one_each = np.zeros((data.users, len(columns)))
    one_each[user, np.arange(len(columns))] = 1.0
    left = [
        np.where(at_edge, r.offload[user] + r.edge_steps[user] * steps, r.local_steps[user] * steps)
        for r in all_rows(data)
    ]
    found = milp(
        cost,
        integrality=np.ones(cost.size),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint(one_each, 1.0, 1.0),
            LinearConstraint(np.array(left), -np.inf, np.array([r.right_hand_side for r in all_rows(data)])),
        ],
        options={"mip_rel_gap": 0.0},
    )
    return float(cost @ np.round(found.x)) if found.status == 0 else np.inf
