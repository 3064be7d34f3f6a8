"""P1 of split offloading as a mixed-integer nonlinear program.

A denied user has n_i = N by (5), so that x_i (N - n_i) = N - n_i, and all products of decisions in the latency (6)
gather into one, batch times sum_i [A^T_i x_i + (k_e / G) (N - n_i)]. Once b is decided only the sigmoid is left,
and its envelope (:mod:`formulations.split_offloading.models.accuracy_envelope`), scaled with x_i, leaves nothing
of it to approximate. SCIP mostly closes this model at the root; with one product per pair of users it takes 7 s
and more for 10 users.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyomo.environ as pyo

from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.latency import transmission_seconds_alone
from formulations.split_offloading.models.accuracy import accuracy_index as accuracy_expression
from formulations.split_offloading.models.accuracy_envelope import envelope_chords
from formulations.split_offloading.models.further_constraints import restrict
from formulations.split_offloading.parameters import SplitOffloading

Expression: TypeAlias = Any
"""A Pyomo expression, or a number where nothing depends on a variable."""

MOST_CHORDS = 256
"""Most chords of the envelope per user; all 120 of the published N_hat..N, since fewer leave work to branching."""

LEAST_SLOPE = 1e-8
"""Slope of the flattest chord [1/step]: SCIP takes coefficients below 1e-9 for 0, but not what goes with them."""


def build(data: SplitOffloading) -> pyo.ConcreteModel:
    """P1 with variables ``granted`` (x_i), ``split`` (n_i) and ``accuracy`` (F(n_i)), each of shape (I,)."""
    model = pyo.ConcreteModel(name="split_offloading_p1")
    add_variables(model, data)
    model.batch_size = batch_size(model)  # (9)
    model.max_batch = max_batch(model, data)  # C2, (3)
    model.denied_split = denied_split(model, data)  # C4, (5)
    model.accuracy_index = accuracy_limit(model, data)  # F
    model.accuracy_chords = accuracy_chords(model, data)
    model.slowdown_of_all = slowdown_of_all(model, data)
    model.sharing = sharing(model)  # (6)
    restrict(model, data)  # further constraints
    model.worth = total_worth(model, data)  # (P1)
    return model


def add_variables(model: pyo.ConcreteModel, data: SplitOffloading) -> None:
    """x_i in {0, 1}, paper B (2); n_i in N_hat..N [steps], C3 (4); b [users]; F(n_i) [-]; sharing time [s]."""
    lower, upper = float(data.min_local_steps), float(data.total_steps)
    least, full = accuracy_index(data, np.array([lower, upper])).tolist()
    model.users = pyo.RangeSet(0, data.users - 1)
    model.granted = pyo.Var(model.users, domain=pyo.Binary)
    model.split = pyo.Var(model.users, domain=pyo.NonNegativeIntegers, bounds=(lower, upper))
    model.batch = pyo.Var(domain=pyo.NonNegativeIntegers, bounds=(0, data.largest_batch))
    model.accuracy = pyo.Var(model.users, bounds=(least, full))
    model.slowdown = pyo.Var(bounds=(0.0, most_slowdown(data)))
    model.sharing_seconds = pyo.Var(bounds=(0.0, data.largest_batch * most_slowdown(data)))


def most_slowdown(data: SplitOffloading) -> float:
    """Largest sum in :func:`slowdown_of_all` [s]: the costliest users that fit the batch, N_hat steps local."""
    per_user = transmission_seconds_alone(data) + (
        data.total_steps - data.min_local_steps
    ) * edge_seconds_per_item(data)
    return float(np.sort(per_user)[data.users - data.largest_batch :].sum())


def edge_seconds_per_item(data: SplitOffloading) -> float:
    """Time k_e / G that one more user in the batch adds to every step of it [s], from L_e(b, G)."""
    return data.edge_seconds_per_step_per_item / data.gpus


def offloaded_steps(model: pyo.ConcreteModel, data: SplitOffloading, i: int) -> Expression:
    """Steps x_i (N - n_i) = N - n_i at the edge [steps], in paper B (10), by (5)."""
    return data.total_steps - model.split[i]


def batch_size(model: pyo.ConcreteModel) -> pyo.Constraint:
    """Batch b = sum x_i [users], paper B (9)."""
    return pyo.Constraint(expr=model.batch == pyo.quicksum(model.granted.values()))


def max_batch(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Constraint:
    """At most B_max users granted, C2, paper B (3)."""
    return pyo.Constraint(expr=pyo.quicksum(model.granted.values()) <= data.max_batch)


def denied_split(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Constraint:
    """All steps on the device where denied, N - n_i <= (N - N_hat) x_i [steps]: C4, paper B (5), with C3."""
    most = data.total_steps - data.min_local_steps

    def rule(model: pyo.ConcreteModel, i: int) -> object:
        return offloaded_steps(model, data, i) <= most * model.granted[i]

    return pyo.Constraint(model.users, rule=rule)


def accuracy_limit(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Constraint:
    """Accuracy at most F(n_i) [-], section 3.4.2; it is maximised."""

    def rule(model: pyo.ConcreteModel, i: int) -> object:
        return model.accuracy[i] <= accuracy_expression(data, model.split[i])

    return pyo.Constraint(model.users, rule=rule)


def accuracy_chords(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Constraint:
    """Accuracy at most F(N) - slope (N - n_i) + intercept x_i for every chord of the envelope [-].

    Scaled with x_i, a chord is exact for denied users, too, and with all of them the relaxation for a fixed batch
    has a whole optimum.
    """
    chords = envelope_chords(data, MOST_CHORDS)
    full = float(accuracy_index(data, np.array(float(data.total_steps))))
    steep = np.flatnonzero(chords.slope >= LEAST_SLOPE).tolist()

    def rule(model: pyo.ConcreteModel, i: int, k: int) -> object:
        lost = float(chords.slope[k]) * offloaded_steps(model, data, i)
        return model.accuracy[i] <= full - lost + float(chords.intercept[k]) * model.granted[i]

    return pyo.Constraint(model.users, steep, rule=rule)


def slowdown_of_all(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Constraint:
    """Time sum_i A^T_i x_i + (k_e / G) (N - n_i) that each further granted user adds for all [s], (7) and (10)."""
    alone, per_item = transmission_seconds_alone(data), edge_seconds_per_item(data)
    summands = (
        float(alone[i]) * model.granted[i] + per_item * offloaded_steps(model, data, i) for i in model.users
    )
    return pyo.Constraint(expr=model.slowdown == pyo.quicksum(summands))


def sharing(model: pyo.ConcreteModel) -> pyo.Constraint:
    """Time of all users that grows with the batch, b times the slowdown [s]: l^T and the b in l^E of (6)."""
    return pyo.Constraint(expr=model.sharing_seconds >= model.batch * model.slowdown)


def total_worth(model: pyo.ConcreteModel, data: SplitOffloading) -> pyo.Objective:
    """Worth of all users, sum alpha_i F(n_i) - L_i, to be maximised [s], paper B (P1)."""
    base = data.edge_seconds_per_step_base
    summands = (
        float(data.accuracy_weight[i]) * model.accuracy[i]
        - float(data.wait_seconds[i])
        - base * offloaded_steps(model, data, i)
        - float(data.local_seconds_per_step[i]) * model.split[i]
        for i in model.users
    )
    return pyo.Objective(expr=pyo.quicksum(summands) - model.sharing_seconds, sense=pyo.maximize)


def solution(model: pyo.ConcreteModel) -> dict[str, FloatArray]:
    """Values of a solved model by the paper's symbols: ``x`` and ``n``, each of shape (I,)."""
    return {"x": values(model.granted), "n": values(model.split)}


def values(variable: pyo.Var) -> FloatArray:
    """Values of a variable over all users, shape (I,)."""
    return np.array([item.value for item in variable.values()], dtype=np.float64)
