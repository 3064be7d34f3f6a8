"""Split offloading with several servers as a mixed-integer nonlinear program, term by term.

As paper B's P1 (:mod:`formulations.split_offloading.models.p1`) with a server's index: a local user offloads no
step, so that the products of decisions in the latency gather into one for each server, its batch times what one
more user costs everybody there.
"""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from formulations.multi_edge_offloading.domain import all_servers_snapshot, constrained_snapshot, must_offload
from formulations.multi_edge_offloading.latency import LOCAL, transmission_seconds_alone
from formulations.multi_edge_offloading.models.batch_indexed import with_models_held
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.domain import CouplingRow
from formulations.split_offloading.models.accuracy_envelope import envelope_chords
from formulations.split_offloading.models.domain_table import domain_table
from formulations.split_offloading.models.further_constraints import (
    add_batch_choice,
    add_coupling,
    add_split_limits,
    forbidden,
)
from formulations.split_offloading.models.p1 import LEAST_SLOPE, MOST_CHORDS


def build(data: MultiEdgeOffloading) -> pyo.ConcreteModel:
    """The MINLP with variables ``assigned`` (x_ij), ``offloaded`` (steps at j) and ``accuracy`` (F(n_i))."""
    model = pyo.ConcreteModel(name="multi_edge_offloading_minlp")
    add_variables(model, data)
    model.one_place = one_place(model, data)
    model.batch_size = batch_size(model)  # (9)
    model.local_split = local_split(model, data)  # (5)
    model.accuracy_index = accuracy_limit(model, data)  # F
    model.accuracy_chords = accuracy_chords(model, data)
    model.slowdown_of_all = slowdown_of_all(model, data)
    model.sharing = sharing(model)  # (6)
    if data.chooses_models:
        model.model_held = model_held(model, data)
        model.model_slots = model_slots(model, data)
    if data.constraints:
        restrict(model, data)
    model.worth = total_worth(model, data)
    return model


def add_variables(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> None:
    """x_ij and z_jk binary, steps of user i at server j whole, b_j, F(n_i) and each server's sharing time."""
    offloadable = data.total_steps - data.min_local_steps
    least, full = accuracy_index(data, np.array([float(data.min_local_steps), float(data.total_steps)])).tolist()
    model.users = pyo.RangeSet(0, data.users - 1)
    model.servers = pyo.RangeSet(0, data.servers - 1)
    model.assigned = pyo.Var(model.users, model.servers, domain=pyo.Binary)
    model.offloaded = pyo.Var(model.users, model.servers, domain=pyo.NonNegativeIntegers, bounds=(0, offloadable))
    most = data.largest_batch
    slow = np.array([_most_slowdown(data, j) for j in range(data.servers)])
    model.batch = pyo.Var(
        model.servers, domain=pyo.NonNegativeIntegers, bounds=lambda model, j: (0, float(most[j]))
    )
    model.accuracy = pyo.Var(model.users, bounds=(least, full))
    model.slowdown = pyo.Var(model.servers, bounds=lambda model, j: (0.0, float(slow[j])))
    model.sharing_seconds = pyo.Var(model.servers, bounds=lambda model, j: (0.0, float(most[j] * slow[j])))
    if data.chooses_models:
        model.held = pyo.Var(model.servers, range(data.models), domain=pyo.Binary)


def _most_slowdown(data: MultiEdgeOffloading, server: int) -> float:
    """Slowdown if everybody offloaded all it may at one server [s]."""
    per_item = data.edge_seconds_per_step_per_item[server] / data.gpus[server]
    steps = data.total_steps - data.min_local_steps
    return float((transmission_seconds_alone(data, server) + per_item * steps).sum())


def one_place(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """A user goes to at most one server, or to exactly one where it may not stay local."""
    must = must_offload(data)

    def rule(model: pyo.ConcreteModel, i: int) -> object:
        placed = pyo.quicksum(model.assigned[i, j] for j in model.servers)
        return placed == 1 if must[i] else placed <= 1

    return pyo.Constraint(model.users, rule=rule)


def batch_size(model: pyo.ConcreteModel) -> pyo.Constraint:
    """Batch b_j = sum_i x_ij [users], paper B (9) for each server."""

    def rule(model: pyo.ConcreteModel, j: int) -> object:
        return model.batch[j] == pyo.quicksum(model.assigned[i, j] for i in model.users)

    return pyo.Constraint(model.servers, rule=rule)


def local_split(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """No step is offloaded to a server that the user does not go to [steps], paper B (5) with (4)."""
    most = data.total_steps - data.min_local_steps

    def rule(model: pyo.ConcreteModel, i: int, j: int) -> object:
        return model.offloaded[i, j] <= most * model.assigned[i, j]

    return pyo.Constraint(model.users, model.servers, rule=rule)


def accuracy_limit(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """Accuracy at most F(n_i) [-]; it is maximised."""

    def rule(model: pyo.ConcreteModel, i: int) -> object:
        split = data.total_steps - pyo.quicksum(model.offloaded[i, j] for j in model.servers)
        return model.accuracy[i] <= 1 / (1 + pyo.exp(-data.pai_slope * (split - data.pai_threshold)))

    return pyo.Constraint(model.users, rule=rule)


def accuracy_chords(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """Accuracy below every chord of the envelope of F [-], which is exact for local users, too."""
    chords = envelope_chords(data, MOST_CHORDS)
    full = float(accuracy_index(data, np.array(float(data.total_steps))))
    steep = np.flatnonzero(chords.slope >= LEAST_SLOPE).tolist()

    def rule(model: pyo.ConcreteModel, i: int, k: int) -> object:
        away = pyo.quicksum(model.assigned[i, j] for j in model.servers)
        lost = float(chords.slope[k]) * pyo.quicksum(model.offloaded[i, j] for j in model.servers)
        return model.accuracy[i] <= full - lost + float(chords.intercept[k]) * away

    return pyo.Constraint(model.users, steep, rule=rule)


def slowdown_of_all(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """What each further user of a server costs all of its users [s], paper B (7) and (10)."""

    def rule(model: pyo.ConcreteModel, j: int) -> object:
        alone = transmission_seconds_alone(data, j)
        per_item = float(data.edge_seconds_per_step_per_item[j] / data.gpus[j])
        summands = (float(alone[i]) * model.assigned[i, j] + per_item * model.offloaded[i, j] for i in model.users)
        return model.slowdown[j] == pyo.quicksum(summands)

    return pyo.Constraint(model.servers, rule=rule)


def sharing(model: pyo.ConcreteModel) -> pyo.Constraint:
    """Time of all users of a server that grows with its batch, b_j times the slowdown [s]."""

    def rule(model: pyo.ConcreteModel, j: int) -> object:
        return model.sharing_seconds[j] >= model.batch[j] * model.slowdown[j]

    return pyo.Constraint(model.servers, rule=rule)


def model_held(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """A user goes only where its model is, x_ij <= z_{j,k(i)}."""

    def rule(model: pyo.ConcreteModel, i: int, j: int) -> object:
        return model.assigned[i, j] <= model.held[j, int(data.model_of_user[i])]

    return pyo.Constraint(model.users, model.servers, rule=rule)


def model_slots(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """A server holds at most C_j models."""

    def rule(model: pyo.ConcreteModel, j: int) -> object:
        return pyo.quicksum(model.held[j, k] for k in range(data.models)) <= float(data.model_slots[j])

    return pyo.Constraint(model.servers, rule=rule)


def restrict(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> None:
    """Add what every further constraint leaves at each server, as for one server, and the rows."""
    model.limits = pyo.Block(model.servers)
    for j in range(data.servers):
        block, seen = model.limits[j], constrained_snapshot(data, j)
        table = domain_table(seen)
        block.granted = pyo.Reference(model.assigned[:, j])
        steps = {i: data.total_steps - model.offloaded[i, j] for i in range(data.users)}
        block.split = pyo.Expression(range(data.users), initialize=steps)
        add_batch_choice(block, seen)
        block.forbidden = forbidden(block, table)
        add_split_limits(block, seen, table)

    def users_served(row: CouplingRow) -> object:
        counted = np.flatnonzero(row.granted).tolist()
        return pyo.quicksum(float(row.granted[i]) * model.assigned[i, j] for i in counted for j in model.servers)

    add_coupling(model, all_servers_snapshot(data), users_served)


def total_worth(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Objective:
    """Worth of all users, sum alpha_i F(n_i) - L_i, to be maximised [s]."""
    summands = []
    for i in range(data.users):
        local = float(data.local_seconds_per_step[i])
        summands.append(float(data.accuracy_weight[i]) * model.accuracy[i])
        summands.append(-float(data.wait_seconds[i]) - data.total_steps * local)
        for j in range(data.servers):
            saved = local - float(data.edge_seconds_per_step_base[j])
            summands.append(saved * model.offloaded[i, j])
    shared = pyo.quicksum(model.sharing_seconds.values())
    return pyo.Objective(expr=pyo.quicksum(summands) - shared, sense=pyo.maximize)


def solution(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> dict[str, NDArray[np.float64]]:
    """Arrays of a solved model: its servers, at the best splits for its batches."""
    server = np.full(data.users, LOCAL, dtype=np.int64)
    for (i, j), variable in model.assigned.items():
        if variable.value > 0.5:
            server[i] = j
    return with_models_held(data, server)
