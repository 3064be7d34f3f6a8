"""An instance whose rows couple users, as the Lagrangian bound with a price on every row reads it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from formulations.constraints.step_allocation.base import Row
from formulations.fields import FloatArray
from formulations.step_allocation.best_response import PlaceCosts, decision_costs
from formulations.step_allocation.domain import budget_row, coupling_rows, may_be_at
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation
from formulations.step_allocation.quality.arrays import quality_cost
from solvers.step_allocation.coupled.dual_function import RowProblem
from solvers.step_allocation.lagrangian.budget import BUDGET_ROUNDING
from solvers.step_allocation.lagrangian.dual_function import IntArray

BUDGET = "delta"
"""Name of the price of the edge's budget; the other rows' prices are named after their family."""

KEEPS_ROW = 1e-9
"""Excess over a row's limit, as a share of it, that counts as rounding."""


MOST_WANTED = 1e9
"""Most steps that any user wants, however many a limit allows."""

ALL_BUT_NOTHING = 1e-100
"""Share of what users may add to a row below which its limit is no unit: numbers in multiples of it overflow."""


class Scale(NamedTuple):
    """In what the prices of the rows are measured."""

    names: tuple[str, ...]
    """Of the rows, shape (K,)."""
    row: FloatArray
    """Unit of every row that has a price, shape (K,)."""
    priced: IntArray
    """Which rows those are; the others are implied by one with the same coefficients, shape (K,)."""
    cost: float
    """Unit of the costs [-]."""

    def price(self, price: FloatArray) -> FloatArray:
        """Prices of all rows in the instance's units, one for each name."""
        prices = np.zeros(len(self.names))
        prices[self.priced] = price * self.cost / self.row
        return prices


def row_problem(data: StepAllocation, unit: float = 1.0) -> tuple[RowProblem, Scale]:
    """P1 with all its rows, the budget first, in multiples of their limits and of a unit of cost.

    Limits have room for a sum that equals them but for rounding.
    """
    named = {BUDGET: budget_row(data)}
    for family, row in coupling_rows(data):
        named[family if family not in named else f"{family}, row {len(named)}"] = row
    priced = tightest(list(named.values()))
    rows = [row for place, row in enumerate(named.values()) if place in priced]
    local, edge = (decision_costs(data, place, unit) for place in (LOCAL, EDGE))
    scale = np.array([_size(row, local, edge) for row in rows])
    may_stay, may_offload = may_be_at(data, LOCAL), may_be_at(data, EDGE)
    right_hand_side = np.array([row.right_hand_side for row in rows]) / scale
    problem = RowProblem(
        local=local,
        edge=edge,
        offload=np.array([row.offload for row in rows]) / scale[:, None],
        local_steps=np.array([row.local_steps for row in rows]) / scale[:, None],
        edge_steps=np.array([row.edge_steps for row in rows]) / scale[:, None],
        right_hand_side=right_hand_side + BUDGET_ROUNDING * np.abs(right_hand_side),
        stay=np.flatnonzero(~may_offload),
        forced=np.flatnonzero(~may_stay),
        free=np.flatnonzero(may_stay & may_offload),
        integer=data.integer_steps,
    )
    return problem, Scale(tuple(named), scale, np.array(sorted(priced)), unit)


def tightest(rows: list[Row]) -> set[int]:
    """Return the positions of rows that no other one implies: a multiple of the row, with a smaller limit."""
    least: dict[bytes, tuple[float, int]] = {}
    for place, row in enumerate(rows):
        coefficients = np.concatenate([row.offload, row.local_steps, row.edge_steps])
        largest = float(np.abs(coefficients).max()) or 1.0
        kind, limit = (coefficients / largest + 0.0).tobytes(), row.right_hand_side / largest
        if kind not in least or limit < least[kind][0]:
            least[kind] = (limit, place)
    return {place for _, place in least.values()}


def _size(row: Row, local: PlaceCosts, edge: PlaceCosts) -> float:
    """Return the limit of a row, or where that is all but 0 the most that one user adds to its left side.

    Of a user's steps, ``MOST_WANTED`` count at most.
    """
    most = (np.minimum(place.limit, MOST_WANTED) for place in (local, edge))
    on_device, at_edge = (
        np.abs(steps) * limit for steps, limit in zip((row.local_steps, row.edge_steps), most, strict=True)
    )
    largest = float((np.abs(row.offload) + on_device + at_edge).max())
    return abs(row.right_hand_side) if abs(row.right_hand_side) > ALL_BUT_NOTHING * largest else largest or 1.0


def left_sides(problem: RowProblem, offloaded: np.ndarray, steps: FloatArray) -> FloatArray:
    """Left side of every row, shape (K,)."""
    at_edge = problem.edge_steps * steps + problem.offload
    return np.asarray(np.where(offloaded, at_edge, problem.local_steps * steps).sum(axis=1))


def keeps_rows(problem: RowProblem, offloaded: np.ndarray, steps: FloatArray) -> bool:
    """Whether every row holds, but for rounding."""
    return bool((left_sides(problem, offloaded, steps) <= problem.right_hand_side + slack_of(problem)).all())


def slack_of(problem: RowProblem) -> FloatArray:
    """Excess over every row's limit that counts as rounding, shape (K,)."""
    return np.asarray(KEEPS_ROW * np.maximum(np.abs(problem.right_hand_side), BUDGET_ROUNDING))


def costs_of(problem: RowProblem, offloaded: np.ndarray, steps: FloatArray) -> FloatArray:
    """Cost R_{n,a_n}(s_n) of every user, shape (N,)."""
    rate = np.where(offloaded, problem.edge.rate, problem.local.rate)
    place = problem.local
    quality = quality_cost(place.error, place.error_decay, place.utility, place.utility_decay, steps)
    return rate * steps + quality


def largest_cost(problem: RowProblem) -> float:
    """Upper bound on the cost of every choice of places and allowed steps, by convexity at an end [-]."""
    nowhere = np.zeros(problem.edge.rate.size, dtype=np.bool_)
    stays, offloads = nowhere.copy(), nowhere.copy()
    stays[problem.stay] = stays[problem.free] = True
    offloads[problem.forced] = offloads[problem.free] = True
    largest = np.full(nowhere.size, -np.inf)
    for place, possible, at_edge in ((problem.local, stays, nowhere), (problem.edge, offloads, ~nowhere)):
        for steps in (place.lower, place.limit):
            largest = np.where(possible, np.maximum(largest, costs_of(problem, at_edge, steps)), largest)
    return float(largest.sum())
