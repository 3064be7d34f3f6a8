"""Best steps once it is decided who offloads, where rows couple users: a convex problem, priced by every row.

At the best prices a few choices of steps meet, and their mixture keeps every row and costs no more than the bound,
for the costs are convex (docs/theory/step_allocation, section 7). Whole steps are the mixture rounded down, or one
of the choices, and then raised one by one while the rows allow it: feasible where found, but not always the best.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.step_allocation.best_response import quality
from formulations.step_allocation.cost_scale import search_unit
from formulations.step_allocation.parameters import StepAllocation
from solvers.step_allocation.coupled.dual_function import RowPoint, RowProblem, bound_at_prices, maximise_prices
from solvers.step_allocation.coupled.row_problem import (
    costs_of,
    keeps_rows,
    largest_cost,
    left_sides,
    row_problem,
    slack_of,
)
from solvers.step_allocation.feasibility import OffloadingInfeasible
from solvers.step_allocation.lagrangian.cardinality_branching import NO_RANGES
from solvers.step_allocation.lagrangian.stopping import NEVER, Flag

MOST_FILLED = 4
"""Steps per user, on average, by which whole steps are raised at most: rounding down leaves less than one."""

MIXED = 1e-12
"""Weight below which a choice is left out of a mixture."""


def best_steps_within_rows(data: StepAllocation, offloaded: BoolArray) -> FloatArray:
    """Steps for a fixed a that keep every row: the best ones, or good ones where steps are whole.

    Raises
    ------
    OffloadingInfeasible
        If none are found.
    """
    problem, scale = row_problem(data, search_unit(data))
    steps = steps_for(problem, offloaded, np.zeros(problem.right_hand_side.size), np.inf)
    if steps is None:
        names = ", ".join(f"'{name}'" for name in scale.names[1:])
        raise OffloadingInfeasible(f"its offloading leaves no steps that keep the budget and {names}")
    return steps


def steps_for(
    problem: RowProblem, offloaded: BoolArray, price: FloatArray, cutoff: float, stop: Flag = NEVER
) -> FloatArray | None:
    """Steps for a fixed a, or None where the rows leave none, or surely none that cost less than ``cutoff``."""
    fixed = problem._replace(
        stay=np.flatnonzero(~offloaded), forced=np.flatnonzero(offloaded), free=np.empty(0, dtype=np.int64)
    )
    binding = rows_that_may_bind(fixed, offloaded)
    if binding is None:
        return None
    ceiling = largest_cost(fixed)
    beyond = ceiling + 1e-6 * max(1.0, abs(ceiling))
    priced = with_rows(fixed, binding)
    point = maximise_prices(priced, NO_RANGES, price[binding], multiplier_bound(fixed), min(cutoff, beyond), stop)
    if point.bound >= cutoff:
        return None
    feasible = [steps for steps in _candidates(priced, point, stop) if keeps_rows(fixed, offloaded, steps)]
    best = min(feasible, key=lambda steps: float(costs_of(fixed, offloaded, steps).sum()), default=None)
    return _filled(fixed, offloaded, best) if problem.integer and best is not None else best


def rows_that_may_bind(fixed: RowProblem, offloaded: BoolArray) -> NDArray[np.int64] | None:
    """Rows that some allowed steps break, for a fixed a, at least the budget's; None if one breaks for all steps.

    A row that counts offloaded users is a constant once it is decided who they are, however many such rows there
    are: only the others need a price.
    """
    per_step = np.where(offloaded, fixed.edge_steps, fixed.local_steps)
    lower, limit = (np.where(offloaded, *ends) for ends in _ends(fixed))
    with np.errstate(invalid="ignore"):
        ends = [np.where(per_step == 0.0, 0.0, per_step * steps) for steps in (lower, limit)]
    counted = fixed.offload[:, offloaded].sum(axis=1)
    least, most = (counted + pick(*ends).sum(axis=1) for pick in (np.minimum, np.maximum))
    if not (least <= fixed.right_hand_side + slack_of(fixed)).all():
        return None
    binds = ~(most <= fixed.right_hand_side)
    binds[0] = True
    return np.flatnonzero(binds)


def _ends(fixed: RowProblem) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Lower and upper bounds on steps, at the edge and on the device."""
    return (fixed.edge.lower, fixed.local.lower), (fixed.edge.limit, fixed.local.limit)


def with_rows(problem: RowProblem, kept: NDArray[np.int64]) -> RowProblem:
    """The problem with some of its rows."""
    offload, local_steps, edge_steps, right_hand_side = (
        part[kept] for part in (problem.offload, problem.local_steps, problem.edge_steps, problem.right_hand_side)
    )
    return problem._replace(
        offload=offload, local_steps=local_steps, edge_steps=edge_steps, right_hand_side=right_hand_side
    )


def multiplier_bound(problem: RowProblem) -> float:
    """First bound on every price: a row's limit is rarely worth more than all users' quality."""
    return float(np.sum(problem.edge.error + problem.edge.utility)) or 1.0


def choices(
    problem: RowProblem, ranges: np.ndarray, point: RowPoint, stop: Flag = NEVER
) -> list[tuple[float, BoolArray, FloatArray]]:
    """The choices that meet at the best prices: weight, free users that offload, and steps of all users."""
    found: list[tuple[float, BoolArray, FloatArray]] = []
    for weight, price in zip(point.weight, point.cut_points, strict=True):
        if weight > MIXED and not (stop[0] and found):
            saving, chosen = np.empty(problem.free.size), np.empty(problem.free.size, dtype=np.bool_)
            steps, excess = np.empty(problem.edge.rate.size), np.empty(price.size)
            bound_at_prices(problem, ranges, np.ascontiguousarray(price), saving, chosen, steps, excess)
            found.append((float(weight), chosen, steps))
    return found


def mixture(mixed: list[tuple[float, BoolArray, FloatArray]]) -> FloatArray:
    """Weighted mean of the choices' steps [steps], shape (N,)."""
    total = sum(weight for weight, _, _ in mixed)
    return np.asarray(sum((weight / total) * steps for weight, _, steps in mixed))


def _candidates(fixed: RowProblem, point: RowPoint, stop: Flag) -> Iterator[FloatArray]:
    mixed = choices(fixed, NO_RANGES, point, stop)
    if mixed and not fixed.integer:
        yield mixture(mixed)
    elif mixed:
        yield from (np.floor(mixture(mixed) + 1e-9), *(steps for _, _, steps in mixed))
    offloaded = _offloaded(fixed)
    yield np.where(offloaded, fixed.edge.lower, fixed.local.lower)


def _offloaded(fixed: RowProblem) -> BoolArray:
    offloaded = np.zeros(fixed.edge.rate.size, dtype=np.bool_)
    offloaded[fixed.forced] = True
    return offloaded


def _filled(fixed: RowProblem, offloaded: BoolArray, steps: FloatArray) -> FloatArray:
    """Whole steps, raised one by one where that saves most and while the rows allow it."""
    steps = steps.copy()
    limit = np.where(offloaded, fixed.edge.limit, fixed.local.limit)
    adds = np.where(offloaded, fixed.edge_steps, fixed.local_steps)
    room = fixed.right_hand_side - left_sides(fixed, offloaded, steps)
    gain = costs_of(fixed, offloaded, steps + 1.0) - costs_of(fixed, offloaded, steps)
    for _ in range(MOST_FILLED * steps.size):
        possible = (steps + 1.0 <= limit) & (gain < 0.0) & (adds <= np.maximum(room, 0.0)[:, None]).all(axis=0)
        if not possible.any():
            break
        n = int(np.argmin(np.where(possible, gain, np.inf)))
        steps[n] += 1.0
        room = room - adds[:, n]
        gain[n] = _cost_of(fixed, offloaded, n, steps[n] + 1.0) - _cost_of(fixed, offloaded, n, steps[n])
    return steps


def _cost_of(fixed: RowProblem, offloaded: BoolArray, n: int, steps: float) -> float:
    """Cost R_{n,a_n}(s) of one user."""
    place = fixed.edge if offloaded[n] else fixed.local
    return float(place.rate[n] * steps + quality(place, n, steps))
