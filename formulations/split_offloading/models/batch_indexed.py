"""P1 of split offloading indexed by the batch: a MILP whose linear relaxation has a whole optimum.

Everything depends on the decisions of others through b alone. With w_b = 1 for the batch that is run and
y_{i,b} = 1 for the users in it,

    maximise sum_{i,b} v_i(b) y_{i,b}   subject to   sum_b w_b = 1,  y_{i,b} <= w_b,  sum_i y_{i,b} = b w_b,

where v_i(b) is what user i gains over denial in a batch of b, at its best split. For given w the users of each
batch are its b best, so the relaxation is a mean of whole solutions (docs/theory/split_offloading). Further
constraints that separate by user forbid some y_{i,b} or make them equal to w_b, which leaves this true; rows that
couple users do not.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.split_offloading.domain import coupling_rows, may_grant, must_grant
from formulations.split_offloading.evaluation import all_local_objective
from formulations.split_offloading.gain import gains
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import best_splits


def build(data: SplitOffloading, *, relaxed: bool = False) -> pyo.ConcreteModel:
    """The MILP with variables ``chosen`` (w_b), shape (B + 1,), and ``granted`` (y_{i,b}), shape (I, B).

    Parameters
    ----------
    data : SplitOffloading
        The snapshot; B = min(I, B_max).
    relaxed : bool
        Whether the variables may be fractional.
    """
    model = pyo.ConcreteModel(name="split_offloading_batch_indexed")
    add_variables(model, data, relaxed)
    model.one_batch = one_batch(model)
    model.granted_in_chosen = granted_in_chosen(model)
    model.batch_size = batch_size(model)  # (9)
    if data.constraints:
        model.mandatory = mandatory(model, data)
        model.coupling = coupling(model, data)
    model.worth = total_worth(model, data)  # (P1)
    return model


def add_variables(model: pyo.ConcreteModel, data: SplitOffloading, relaxed: bool) -> None:
    """w_b for b = 0..B, which holds C2 (3), and y_{i,b} for b = 1..B, 0 where user i may not be in batch b."""
    domain = pyo.UnitInterval if relaxed else pyo.Binary
    model.users = pyo.RangeSet(0, data.users - 1)
    model.batches = pyo.RangeSet(0, data.largest_batch)
    model.nonempty = pyo.RangeSet(1, data.largest_batch)
    model.chosen = pyo.Var(model.batches, domain=domain)
    model.granted = pyo.Var(model.users, model.nonempty, domain=domain)
    if data.constraints:
        for b in model.nonempty:
            for i in np.flatnonzero(~may_grant(data, b)).tolist():
                model.granted[i, b].setub(0.0)


def one_batch(model: pyo.ConcreteModel) -> pyo.Constraint:
    """One batch is run, sum_b w_b = 1; the empty one counts."""
    return pyo.Constraint(expr=pyo.quicksum(model.chosen.values()) == 1)


def granted_in_chosen(model: pyo.ConcreteModel) -> pyo.Constraint:
    """Users are granted in the batch that is run only, y_{i,b} <= w_b."""

    def rule(model: pyo.ConcreteModel, i: int, b: int) -> object:
        return model.granted[i, b] <= model.chosen[b]

    return pyo.Constraint(model.users, model.nonempty, rule=rule)


def batch_size(model: pyo.ConcreteModel) -> pyo.Constraint:
    """A batch of b has b users, sum_i y_{i,b} = b w_b [users], from paper B (9)."""

    def rule(model: pyo.ConcreteModel, b: int) -> object:
        return pyo.quicksum(model.granted[i, b] for i in model.users) == b * model.chosen[b]

    return pyo.Constraint(model.nonempty, rule=rule)


def mandatory(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Constraint:
    """Users that may not be denied in a batch are in it if it is run, y_{i,b} >= w_b; none is in the empty one."""
    pairs = [(i, b) for b in model.batches for i in np.flatnonzero(must_grant(data, b)).tolist()]

    def rule(model: pyo.ConcreteModel, i: int, b: int) -> object:
        return (model.granted[i, b] if b > 0 else 0.0) >= model.chosen[b]

    return pyo.Constraint(pairs, rule=rule)


def coupling(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Constraint:
    """Every row sum_i c_i x_i <= limit of a further constraint, batch by batch: sum_i c_i y_{i,b} <= limit w_b."""
    rows = coupling_rows(data)

    def rule(model: pyo.ConcreteModel, r: int, b: int) -> object:
        users = np.flatnonzero(rows[r].granted).tolist() if b > 0 else []
        if not users and rows[r].right_hand_side >= 0.0:
            return pyo.Constraint.Skip
        counted = pyo.quicksum(float(rows[r].granted[i]) * model.granted[i, b] for i in users)
        return counted - rows[r].right_hand_side * model.chosen[b] <= 0.0

    return pyo.Constraint(range(len(rows)), model.batches, rule=rule)


def total_worth(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Objective:
    """Worth of all users, that of all-local and sum v_i(b) y_{i,b}, to be maximised [s], paper B (P1)."""
    gained = pyo.quicksum(
        float(value) * model.granted[i, b]
        for b in model.nonempty
        for i, value in enumerate(gains(data, b))
        if value > -np.inf
    )
    return pyo.Objective(expr=all_local_objective(data) + gained, sense=pyo.maximize)


def solution(model: pyo.ConcreteModel, data: SplitOffloading) -> dict[str, FloatArray]:
    """Values of a solved model by the paper's symbols: ``x`` and ``n``, each of shape (I,)."""
    batch = max(model.batches, key=lambda b: float(model.chosen[b].value))
    granted = np.zeros(data.users)
    split = np.full(data.users, float(data.total_steps))
    if batch > 0:
        granted = np.array([float(model.granted[i, batch].value > 0.5) for i in model.users])
        split = np.where(granted > 0.5, best_splits(data, batch), split)
    return {"x": granted, "n": split}
