"""Several servers, indexed by the batch: a MILP whose relaxation is the bound of the decomposition.

With w_jb = 1 if server j runs a batch of b, y_ijb = 1 for the users in it, and z_jk = 1 if it holds model k,

    maximise    sum g_ij(b) y_ijb
    subject to  y_ijb <= w_jb,  sum_i y_ijb <= b w_jb,  sum_b w_jb <= 1,  sum_jb y_ijb <= 1,
    and         sum_b y_ijb <= z_{j,k(i)},  sum_k z_jk <= C_j,

where g_ij(b) is what user i gains over staying local at server j in a batch of b, at its best split. No gain rises
with b, so that a batch of b may have fewer users.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from formulations.multi_edge_offloading.domain import all_servers_snapshot, must_offload
from formulations.multi_edge_offloading.gains import GainTable, gain_table, solution_of
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.domain import CouplingRow
from formulations.split_offloading.evaluation import all_local_objective
from formulations.split_offloading.models.further_constraints import add_coupling


def build(data: MultiEdgeOffloading, *, relaxed: bool = False) -> pyo.ConcreteModel:
    """The MILP with variables ``chosen`` (w_jb), ``assigned`` (y_ijb) and, where decided, ``held`` (z_jk).

    Parameters
    ----------
    data : MultiEdgeOffloading
        The snapshot.
    relaxed : bool
        Whether the variables may be fractional.
    """
    table = gain_table(data)
    model = pyo.ConcreteModel(name="multi_edge_offloading_batch_indexed")
    add_variables(model, data, table, relaxed)
    model.one_batch = one_batch(model, data, table)
    model.assigned_in_chosen = assigned_in_chosen(model)
    model.batch_size = batch_size(model)  # (9) of paper B, for each server
    model.one_place = one_place(model, data)
    if data.chooses_models:
        model.model_held = model_held(model, data)
        model.model_slots = model_slots(model, data)
    if data.constraints:
        add_coupling(model, all_servers_snapshot(data), lambda row: users_served(model, row))
    model.worth = total_worth(model, data, table)
    return model


def add_variables(model: pyo.ConcreteModel, data: MultiEdgeOffloading, table: GainTable, relaxed: bool) -> None:
    """w_jb for every batch that can pay, y_ijb for every user that gains in it, z_jk for every model."""
    domain = pyo.UnitInterval if relaxed else pyo.Binary
    batches = [(j, b) for j, most in enumerate(table.batches.tolist()) for b in range(1, most + 1)]
    triples = [(i, j, b) for j, b in batches for i in table.reached(j)[table.pays(j, b)].tolist()]
    model.batches = pyo.Set(initialize=batches, dimen=2)
    model.triples = pyo.Set(initialize=triples, dimen=3)
    model.chosen = pyo.Var(model.batches, domain=domain)
    model.assigned = pyo.Var(model.triples, domain=domain)
    if data.chooses_models:
        pairs = [(j, k) for j in range(data.servers) for k in range(data.models)]
        model.pairs = pyo.Set(initialize=pairs, dimen=2)
        model.held = pyo.Var(model.pairs, domain=domain)


def one_batch(model: pyo.ConcreteModel, data: MultiEdgeOffloading, table: GainTable) -> pyo.Constraint:
    """A server runs at most one batch, sum_b w_jb <= 1."""

    def rule(model: pyo.ConcreteModel, j: int) -> object:
        most = int(table.batches[j])
        if most == 0:
            return pyo.Constraint.Skip
        return pyo.quicksum(model.chosen[j, b] for b in range(1, most + 1)) <= 1

    return pyo.Constraint(range(data.servers), rule=rule)


def assigned_in_chosen(model: pyo.ConcreteModel) -> pyo.Constraint:
    """Users are in the batch that a server runs only, y_ijb <= w_jb."""

    def rule(model: pyo.ConcreteModel, i: int, j: int, b: int) -> object:
        return model.assigned[i, j, b] <= model.chosen[j, b]

    return pyo.Constraint(model.triples, rule=rule)


def batch_size(model: pyo.ConcreteModel) -> pyo.Constraint:
    """A batch of b has at most b users, sum_i y_ijb <= b w_jb [users]."""
    members = _grouped(model, lambda i, j, b: (j, b))

    def rule(model: pyo.ConcreteModel, j: int, b: int) -> object:
        return pyo.quicksum(members.get((j, b), [])) <= b * model.chosen[j, b]

    return pyo.Constraint(model.batches, rule=rule)


def one_place(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """A user goes to at most one server, sum_jb y_ijb <= 1, or to exactly one where it may not stay local."""
    places, must = _grouped(model, lambda i, j, b: i), must_offload(data)

    def rule(model: pyo.ConcreteModel, i: int) -> object:
        placed = pyo.quicksum(places[i])
        return placed == 1 if must[i] else placed <= 1

    return pyo.Constraint(sorted(places), rule=rule)


def model_held(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """A user goes only where its model is, sum_b y_ijb <= z_{j,k(i)}."""
    pairs = _grouped(model, lambda i, j, b: (i, j))

    def rule(model: pyo.ConcreteModel, i: int, j: int) -> object:
        return pyo.quicksum(pairs[i, j]) <= model.held[j, int(data.model_of_user[i])]

    return pyo.Constraint(sorted(pairs), rule=rule)


def model_slots(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> pyo.Constraint:
    """A server holds at most C_j models, sum_k z_jk <= C_j."""

    def rule(model: pyo.ConcreteModel, j: int) -> object:
        held = (model.held[j, k] for k in range(data.models))
        return pyo.quicksum(held) <= float(min(data.model_slots[j], data.models))

    return pyo.Constraint(range(data.servers), rule=rule)


def users_served(model: pyo.ConcreteModel, row: CouplingRow) -> object:
    """sum_i c_i sum_jb y_ijb."""
    cost = ((float(row.granted[i]), variable) for (i, _, _), variable in model.assigned.items())
    return pyo.quicksum((share * variable for share, variable in cost if share), start=model.zero)


def total_worth(model: pyo.ConcreteModel, data: MultiEdgeOffloading, table: GainTable) -> pyo.Objective:
    """Worth of all users, that of all-local and sum g_ij(b) y_ijb, to be maximised [s]."""
    summands = []
    for j, most in enumerate(table.batches.tolist()):
        for b in range(1, most + 1):
            pays = table.pays(j, b)
            for i, gain in zip(table.reached(j)[pays].tolist(), table.of(j, b)[pays].tolist(), strict=True):
                summands.append(gain * model.assigned[i, j, b])
    return pyo.Objective(expr=pyo.quicksum(summands) + all_local_objective(data), sense=pyo.maximize)


def solution(model: pyo.ConcreteModel, data: MultiEdgeOffloading) -> dict[str, NDArray[Any]]:
    """Values of a solved model by their symbols: ``server``, ``n`` and, where it is decided, ``models_held``."""
    server = np.full(data.users, LOCAL, dtype=np.int64)
    for (i, j, _), variable in model.assigned.items():
        if variable.value is not None and variable.value > 0.5:
            server[i] = j
    return with_models_held(data, server)


def with_models_held(data: MultiEdgeOffloading, server: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Arrays of a choice of servers at its best splits, each server with the models that its users ask for."""
    arrays: dict[str, NDArray[Any]] = solution_of(data, server)
    if data.chooses_models:
        held = np.zeros((data.servers, data.models))
        offloaded = np.flatnonzero(server != LOCAL)
        held[server[offloaded], data.model_of_user[offloaded].astype(np.int64)] = 1.0
        arrays["models_held"] = held
    return arrays


def _grouped(model: pyo.ConcreteModel, key: Any) -> dict[Any, list[Any]]:
    """Variables y_ijb by a part of their index."""
    groups: dict[Any, list[Any]] = {}
    for index, variable in model.assigned.items():
        groups.setdefault(key(*index), []).append(variable)
    return groups
