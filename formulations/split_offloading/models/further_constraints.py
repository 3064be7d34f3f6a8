"""Further constraints in the explicit models that have one variable x_i per user.

What a constraint that separates by user leaves depends on the batch. With w_b = 1 for the batch that is run,
sum_b w_b = 1 and sum_b b w_b = sum_i x_i, every entry of its table
(:mod:`formulations.split_offloading.models.domain_table`) is a coefficient of one linear row per user. Rows that
couple users go into the model as they are.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.split_offloading.domain import CouplingRow, coupling_rows
from formulations.split_offloading.models.domain_table import DomainTable, domain_table
from formulations.split_offloading.parameters import SplitOffloading

Expression: TypeAlias = Any
"""A Pyomo expression."""


def restrict(model: pyo.ConcreteModel, data: SplitOffloading, split: float | None = None) -> None:
    """Add every further constraint to a model with ``granted`` (x_i) over ``users``; nothing where there is none.

    Parameters
    ----------
    model : pyo.ConcreteModel
        With the variable ``split`` (n_i), too, unless all granted users have the same.
    data : SplitOffloading
        The snapshot.
    split : float, optional
        Split of every granted user [steps], where the model has it fixed.
    """
    if not data.constraints:
        return
    table = domain_table(data)
    if split is not None:
        table = table.with_split(split)
    add_batch_choice(model, data)
    model.forbidden = forbidden(model, table)
    model.mandatory = mandatory(model, table)
    if split is None:
        add_split_limits(model, data, table)
    add_coupling(model, data, lambda row: users_of_row(model, row))


def add_batch_choice(model: pyo.ConcreteModel, data: SplitOffloading) -> None:
    """w_b for b = 0..B with sum_b w_b = 1 and sum_b b w_b = sum_i x_i, paper B (9)."""
    model.batches = pyo.RangeSet(0, data.largest_batch)
    model.chosen = pyo.Var(model.batches, domain=pyo.Binary)
    model.one_batch = pyo.Constraint(expr=pyo.quicksum(model.chosen.values()) == 1)
    size = pyo.quicksum(b * model.chosen[b] for b in model.batches if b > 0)
    model.chosen_size = pyo.Constraint(expr=size == pyo.quicksum(model.granted.values()))


def by_batch(model: pyo.ConcreteModel, values: FloatArray) -> Expression:
    """sum_b value_b w_b: the value of the batch that is run."""
    return pyo.quicksum(float(values[b]) * model.chosen[b] for b in np.flatnonzero(values).tolist())


def forbidden(model: pyo.ConcreteModel, table: DomainTable) -> pyo.Constraint:
    """x_i <= sum_b w_b over the batches in which user i may be granted, for users that may not in every batch."""
    users = np.flatnonzero(table.forbidden.any(axis=1)).tolist()

    def rule(model: pyo.ConcreteModel, i: int) -> object:
        allowed = ~table.forbidden[i]
        allowed[0] = False
        return model.granted[i] <= by_batch(model, allowed.astype(np.float64))

    return pyo.Constraint(users, rule=rule)


def mandatory(model: pyo.ConcreteModel, table: DomainTable) -> pyo.Constraint:
    """x_i >= sum_b w_b over the batches in which user i may not be denied."""
    users = np.flatnonzero(table.mandatory.any(axis=1)).tolist()

    def rule(model: pyo.ConcreteModel, i: int) -> object:
        return model.granted[i] >= by_batch(model, table.mandatory[i].astype(np.float64))

    return pyo.Constraint(users, rule=rule)


def add_split_limits(model: pyo.ConcreteModel, data: SplitOffloading, table: DomainTable) -> None:
    """n_i between the limits of the batch that is run where granted, and n_i = N where denied [steps].

    The wider of a user's limits over all batches hold with x_i alone, which is what the relaxation needs most.
    """
    total = float(data.total_steps)
    lower, upper = (np.where(table.forbidden, total, end)[:, 1:] for end in (table.lower, table.upper))
    raised = np.flatnonzero((lower > data.min_local_steps).any(axis=1)).tolist()
    lowered = np.flatnonzero((upper < total).any(axis=1) & ~table.forbidden[:, 1:].all(axis=1)).tolist()

    def widest_lower(model: pyo.ConcreteModel, i: int) -> object:
        return total - model.split[i] <= (total - float(lower[i].min())) * model.granted[i]

    def lower_of_batch(model: pyo.ConcreteModel, i: int) -> object:
        return model.split[i] >= by_batch(model, np.concatenate([[total], lower[i]]))

    def widest_upper(model: pyo.ConcreteModel, i: int) -> object:
        most = float(upper[i][~table.forbidden[i, 1:]].max())
        return total - model.split[i] >= (total - most) * model.granted[i]

    def upper_of_batch(model: pyo.ConcreteModel, i: int) -> object:
        least = float(upper[i].min())
        denied = (total - least) * (1 - model.granted[i])
        ends = np.where(table.forbidden[i, 1:], least, upper[i])
        return model.split[i] <= by_batch(model, np.concatenate([[least], ends])) + denied

    model.widest_lower_split = pyo.Constraint(raised, rule=widest_lower)
    model.lower_split = pyo.Constraint(raised, rule=lower_of_batch)
    model.widest_upper_split = pyo.Constraint(lowered, rule=widest_upper)
    model.upper_split = pyo.Constraint(lowered, rule=upper_of_batch)


def users_of_row(model: pyo.ConcreteModel, row: CouplingRow) -> Expression:
    """sum_i c_i x_i."""
    return pyo.quicksum(float(row.granted[i]) * model.granted[i] for i in np.flatnonzero(row.granted).tolist())


def add_coupling(model: pyo.ConcreteModel, data: SplitOffloading, left_side: Any) -> None:
    """Add the rows that couple users, ``left_side(row)`` <= right_hand_side.

    A row without users holds or fails by itself.
    """
    rows = coupling_rows(data)
    model.zero = pyo.Param(initialize=0.0, mutable=True)

    def rule(model: pyo.ConcreteModel, r: int) -> object:
        body = left_side(rows[r]) if rows[r].granted.any() else model.zero
        return body <= rows[r].right_hand_side

    model.coupling = pyo.Constraint(range(len(rows)), rule=rule)
