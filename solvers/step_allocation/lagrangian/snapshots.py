"""Many small snapshots side by side, as arrays that compiled code may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from formulations.fields import NON_NEGATIVE, FloatArray
from formulations.padded import counts, numbers, padded, refuse_where
from formulations.step_allocation.best_response import PlaceCosts, place_costs
from formulations.step_allocation.cost_scale import constant_error, cost_near_optimum, may_dominate, unit_for
from formulations.step_allocation.parameters import EDGE, LOCAL, StepAllocation


class Snapshots(NamedTuple):
    """S snapshots of up to N users.

    Attributes
    ----------
    local, edge : PlaceCosts
        Arrays of shape (S, N); what is in a row behind its count is not read.
    user_count : NDArray of int64
        Users of each snapshot, shape (S,).
    budget : FloatArray
        S_e [steps], shape (S,); whole where steps are.
    integer : bool
        Whether the steps of all snapshots are whole.
    """

    local: PlaceCosts
    edge: PlaceCosts
    user_count: NDArray[np.int64]
    budget: FloatArray
    integer: bool


def stack(scenarios: Sequence[StepAllocation]) -> Snapshots:
    """Put validated instances side by side, padded to the largest number of users.

    Raises
    ------
    ValueError
        If there is none, if they differ in the kind of steps, or if one has further constraints.
    """
    if any(data.constraints for data in scenarios):
        raise ValueError("expected instances without further constraints")
    kinds = {data.integer_steps for data in scenarios}
    if len(kinds) != 1:
        raise ValueError(f"expected instances with one kind of steps, got {len(kinds)}")
    width = max(data.users for data in scenarios)
    return Snapshots(
        local=_padded(scenarios, LOCAL, width),
        edge=_padded(scenarios, EDGE, width),
        user_count=np.array([data.users for data in scenarios], dtype=np.int64),
        budget=np.array([data.edge_step_budget for data in scenarios]),
        integer=kinds.pop(),
    )


def rows_of(snapshots: Snapshots, rows: slice) -> Snapshots:
    """Some of the snapshots, as views."""
    local, edge = (PlaceCosts(*(values[rows] for values in place)) for place in (snapshots.local, snapshots.edge))
    return Snapshots(local, edge, snapshots.user_count[rows], snapshots.budget[rows], snapshots.integer)


def _padded(scenarios: Sequence[StepAllocation], place: int, width: int) -> PlaceCosts:
    stacked = PlaceCosts(*(np.zeros((len(scenarios), width)) for _ in PlaceCosts._fields))
    for row, data in enumerate(scenarios):
        for array, values in zip(stacked, place_costs(data, place), strict=True):
            array[row, : data.users] = values
    return stacked


def checked(snapshots: Snapshots) -> Snapshots:
    """The same snapshots as arrays of 64-bit numbers of their own, whatever their kind was; 0 in the padding.

    Raises
    ------
    ValueError
        Naming the first array that does not fit: its shape, its kind, or a number that is not finite, negative, or
        not whole where it has to be.
    """
    shape = np.shape(snapshots.local.rate)
    if len(shape) != 2:
        raise ValueError(f"local.rate: expected an array of shape (snapshots, users), got shape {shape}")
    rows, width = shape
    count = counts("user_count", snapshots.user_count, rows, 1, width)
    budget = numbers("budget", snapshots.budget, rows, NON_NEGATIVE)
    whole = bool(snapshots.integer)
    if whole:
        refuse_where(budget != np.floor(budget), "budget", budget, "whole steps")
    local, edge = (
        _checked_place(name, place, count, width, whole)
        for name, place in (("local", snapshots.local), ("edge", snapshots.edge))
    )
    return Snapshots(local, edge, count, budget, whole)


def _checked_place(name: str, given: PlaceCosts, count: NDArray[np.int64], width: int, whole: bool) -> PlaceCosts:
    place = PlaceCosts(
        *(
            padded(f"{name}.{field}", values, count, width, NON_NEGATIVE)
            for field, values in given._asdict().items()
        )
    )
    if place.lower.any():
        refuse_where(~(place.lower <= place.limit), f"{name}.lower", place.lower, f"at most {name}.limit")
        if whole:
            refuse_where(place.lower != np.floor(place.lower), f"{name}.lower", place.lower, "whole steps")
    return place


def in_units(snapshots: Snapshots) -> tuple[Snapshots, FloatArray, FloatArray]:
    """Costs without what no decision changes, in units of their own; these units, and what was left out.

    Returns
    -------
    tuple of Snapshots, FloatArray and FloatArray
        Contiguous copies; the unit of cost and the sum of the constant errors of each snapshot, shape (S,).
    """
    local, edge, count = snapshots.local, snapshots.edge, snapshots.user_count
    users = np.arange(edge.rate.shape[1]) < count[:, None]
    constant = _constant(local, edge) * users
    unit = _units(local._replace(error=local.error - constant), edge._replace(error=edge.error - constant), users)
    return (
        snapshots._replace(
            local=_divided(local, local.error - constant, unit), edge=_divided(edge, edge.error - constant, unit)
        ),
        unit,
        np.asarray(constant.sum(axis=1)),
    )


def _constant(local: PlaceCosts, edge: PlaceCosts) -> FloatArray:
    """Error that neither steps nor place change, shape (S, N)."""
    decay = np.maximum(local.error_decay, edge.error_decay)
    constant = constant_error(edge.error, decay, np.maximum(local.limit, edge.limit))
    return np.where(local.error == edge.error, constant, 0.0)


def _units(local: PlaceCosts, edge: PlaceCosts, users: NDArray[np.bool_]) -> FloatArray:
    """Unit of cost of every snapshot, a power of two, shape (S,)."""
    largest = np.where(users, edge.error + edge.utility, 0.0).max(axis=1, initial=0.0)
    utility = np.where(users, edge.utility, 0.0).max(axis=1, initial=0.0)
    unit = np.exp2(np.round(np.log2(np.where(largest > 0.0, largest, 1.0))))
    for row in np.flatnonzero(may_dominate(largest, utility)):
        here = users[row]
        near = cost_near_optimum(
            edge.error[row, here],
            edge.error_decay[row, here],
            edge.utility[row, here],
            np.minimum(local.rate[row, here], edge.rate[row, here]),
            np.maximum(local.limit[row, here], edge.limit[row, here]),
        )
        unit[row] = unit_for(float(largest[row]), float(near.max(initial=0.0)))
    return np.asarray(unit)


def _divided(place: PlaceCosts, error: FloatArray, unit: FloatArray) -> PlaceCosts:
    rows = unit[:, None]
    scaled = place._replace(rate=place.rate / rows, error=error / rows, utility=place.utility / rows)
    return PlaceCosts(*(np.require(array, np.float64, ["C", "W"]) for array in scaled))
