"""Evaluator of the GQAP: recomputes cost and loads of any assignment, exactly where the data are whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.evaluation import OBJECTIVE_ROUNDING, SMALLEST_TOLERANCE, Evaluation, Metric, per_user
from formulations.fields import FloatArray
from formulations.gqap.parameters import GQAP

METRICS = (
    Metric("assignment_cost", "assignment", "cost", ".6g"),
    Metric("pair_cost", "pairs", "cost", ".6g"),
    Metric("fullest_place", "fullest place", "%", ".1f"),
)
"""Components reported beside the objective: its two sums, and the largest load over capacity."""

LARGEST_INT64 = 2.0**62
"""Sums below it are exact in int64; beyond it Python's own integers add up."""

MOST_TERMS = 100_000
"""Terms up to which a sum is correctly rounded one term at a time, some hundredths of a second."""


class Cost(NamedTuple):
    """Cost of an assignment in its two sums; whole numbers are exact."""

    assignment: float
    """sum_i A[i, p_i] [cost]."""
    pairs: float
    """v sum_i sum_i' F[i, i'] D[p_i, p_i'], i = i' included [cost]."""
    total: float
    magnitude: float
    """Sum of the absolute values of all terms [cost]."""


def describe(data: GQAP) -> str:
    """The problem in one line, as a table's heading says it."""
    items = f"{data.items} item{'s' if data.items > 1 else ''}"
    places = f"{data.places} place{'s' if data.places > 1 else ''}"
    total, room = float(data.weight.sum()), float(data.capacity.sum())
    return f"{items}, {places}, weights of {total:.6g} in capacities of {room:.6g}"


def evaluate_solution(data: GQAP, solution: Mapping[str, NDArray[Any]]) -> Evaluation:
    """Evaluate a solution given as the array ``assignment``, see :func:`evaluate`."""
    return evaluate(data, solution["assignment"])


def evaluate(data: GQAP, assignment: NDArray[Any]) -> Evaluation:
    """Cost of an assignment, its components and the excess over the capacities.

    Parameters
    ----------
    data : GQAP
        The problem.
    assignment : NDArray
        p_i, place of each item counted from 0, shape (n,).

    Returns
    -------
    Evaluation
        The violation ``capacity`` is in the unit of the weights.

    Raises
    ------
    ValueError
        If the array has another shape than (n,) or holds something that is no place.
    """
    place = places_of(data, assignment)
    cost = whole_cost(data, place) if data.has_whole_costs else float_cost(data, place)
    loads = place_loads(data, place)
    return Evaluation(
        objective=cost.total,
        metrics={
            "assignment_cost": cost.assignment,
            "pair_cost": cost.pairs,
            "fullest_place": 100.0 * fullest_share(data, loads),
        },
        violations={"capacity": capacity_violation(data, loads)},
        tolerances={"capacity": SMALLEST_TOLERANCE},
        magnitude=_changeable(data, place),
        rounding=OBJECTIVE_ROUNDING * cost.magnitude,
    )


def _changeable(data: GQAP, place: NDArray[np.intp]) -> float:
    """Sum of the absolute values of all terms, of each no more than another assignment can change [cost]."""
    linear = np.abs(data.assignment_cost[np.arange(data.items), place])
    spread = np.ptp(data.assignment_cost, axis=1)
    distance = np.minimum(np.abs(data.distance[np.ix_(place, place)]), np.ptp(data.distance))
    products = abs(data.cost_factor) * np.abs(data.flow) * distance
    return float(np.minimum(linear, spread).sum() + products.sum())


def places_of(data: GQAP, assignment: NDArray[Any]) -> NDArray[np.intp]:
    """p_i as integers, shape (n,).

    Raises
    ------
    ValueError
        If it has another shape, or an item's place is not a whole number from 0 to m - 1.
    """
    values = per_user(data.items, "assignment", assignment)
    is_place = (values == np.floor(values)) & (values >= 0.0) & (values < data.places)
    if not is_place.all():
        index = int(np.argmin(is_place))
        raise ValueError(
            f"assignment[{index}] is {values[index]:.6g}, expected a place from 0 to {data.places - 1}"
        )
    return values.astype(np.intp)


def float_cost(data: GQAP, place: NDArray[np.intp]) -> Cost:
    """Cost in floating point, each sum correctly rounded, or nearly so with many terms (:func:`folded`)."""
    linear = data.assignment_cost[np.arange(data.items), place]
    products = data.cost_factor * (data.flow * data.distance[np.ix_(place, place)]).ravel()
    size = float(np.abs(linear).sum() + np.abs(products).sum())
    pairs = folded(products)
    return Cost(
        assignment=math.fsum(linear),
        pairs=math.fsum(pairs),
        total=math.fsum(np.concatenate([linear, pairs])),
        magnitude=size,
    )


def folded(values: FloatArray) -> FloatArray:
    """Few numbers with the sum of many, but for what is lost in twice the precision; few are left as they are.

    The halves are added, and what each addition has lost is kept (Knuth's two-sum), until few are left.
    """
    lost = []
    while values.size > MOST_TERMS:
        half = values.size // 2
        left, right = values[:half], values[half : 2 * half]
        total = left + right
        moved = total - left
        lost.append(float(((left - (total - moved)) + (right - moved)).sum()))
        values = np.concatenate([total, values[2 * half :]])
    return np.concatenate([values, lost])


def whole_cost(data: GQAP, place: NDArray[np.intp]) -> Cost:
    """Cost in exact integers, for whole data; rounded only where it becomes a float."""
    own, distance = data.assignment_cost[np.arange(data.items), place], data.distance[np.ix_(place, place)]
    size = float(np.abs(own).sum()) + abs(data.cost_factor) * float(np.abs(data.flow * distance).sum())
    kind = np.int64 if size < LARGEST_INT64 and _largest(data) < LARGEST_INT64 else object
    linear = _integers(own, kind)
    products = _integers(data.flow, kind) * _integers(distance, kind)
    pairs = int(data.cost_factor) * int(products.sum())
    magnitude = int(np.abs(linear).sum()) + abs(int(data.cost_factor)) * int(np.abs(products).sum())
    return Cost(
        assignment=float(int(linear.sum())),
        pairs=float(pairs),
        total=float(int(linear.sum()) + pairs),
        magnitude=float(magnitude),
    )


def _largest(data: GQAP) -> float:
    """Bound of every number and every sum of products F D that int64 would have to hold."""
    return max(1.0, float(np.abs(data.flow).sum())) * max(1.0, float(np.abs(data.distance).max()))


def _integers(values: FloatArray, kind: type) -> NDArray[Any]:
    if kind is object:
        return np.array([int(value) for value in values.ravel()], dtype=object).reshape(values.shape)
    return values.astype(kind)


def place_loads(data: GQAP, place: NDArray[np.intp]) -> FloatArray:
    """Sum of w_i over the items at each place [load], shape (m,), each correctly rounded."""
    return np.array([math.fsum(data.weight[place == j]) for j in range(data.places)])


def fullest_share(data: GQAP, loads: FloatArray) -> float:
    """Largest load over capacity, as a fraction; NaN where a place without capacity is loaded."""
    loaded = loads > 0.0
    if not loaded.any():
        return 0.0
    with np.errstate(divide="ignore"):
        share = float((loads[loaded] / data.capacity[loaded]).max())
    return share if np.isfinite(share) else np.nan


def capacity_violation(data: GQAP, loads: FloatArray) -> float:
    """Largest excess of a load over its capacity [load]; 0 within :attr:`GQAP.load_limit`."""
    excess = np.where(loads > data.load_limit, loads - data.capacity, 0.0)
    return float(excess.max())
