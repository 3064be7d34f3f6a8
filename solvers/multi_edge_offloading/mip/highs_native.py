"""The batch-indexed MILP of several servers handed to HiGHS as arrays: no modelling language, presolve on.

It is the strongest peer that is known: the relaxation is the bound of the decomposition, which HiGHS mostly finds
integral at the root.
"""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.domain import must_offload, rows_of
from formulations.multi_edge_offloading.gains import GainTable
from formulations.multi_edge_offloading.latency import LOCAL
from formulations.multi_edge_offloading.models.batch_indexed import with_models_held
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.evaluation import all_local_objective
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.external.native_highs import linear_program, quiet_highs
from solvers.external.tolerances import DEFAULT, SHARE_OF_GAP
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.tree.branch_and_bound import load_kernels
from solvers.multi_edge_offloading.trivial import trivial_outcome

TYPICAL = 64.0
"""Size that the largest gain is brought to, since HiGHS's tolerances are absolute."""


class Triples(NamedTuple):
    """Variables y_ijb, one for each user that gains something in a batch; (j, b) are counted as rows."""

    user: NDArray[np.int64]
    server: NDArray[np.int64]
    row: NDArray[np.int64]
    """Which pair (j, b), counted through all servers."""
    gain: FloatArray


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Solve the MILP; its dual bound, widened by what the tolerances leave open, is a bound."""
    load_kernels()
    began = perf_counter()
    table = gain_table(data)
    triples = triples_of(table)
    trivial = trivial_outcome(data, table)
    if trivial is not None:
        return trivial
    unit = float(np.abs(triples.gain).max()) / TYPICAL
    highs = _model(data, table, triples, unit)
    built = perf_counter()
    highs.setOptionValue("time_limit", max(limits.time_limit - (built - began), 0.0))
    highs.setOptionValue("mip_rel_gap", SHARE_OF_GAP * limits.gap)
    highs.setOptionValue("mip_abs_gap", 0.0)
    highs.setOptionValue("threads", limits.threads)
    highs.setOptionValue("random_seed", seed)
    highs.run()
    info = highs.getInfo()
    status = highs.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Outcome(None, infeasible=True, reason="infeasible", build_seconds=built - began)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    server = np.full(data.users, LOCAL, dtype=np.int64)
    if found:
        taken = np.array(highs.getSolution().col_value)[: triples.user.size] > 0.5
        server[triples.user[taken]] = triples.server[taken]
    bound = -info.mip_dual_bound
    open_gap = DEFAULT * TYPICAL * unit * 0.01 * min(data.users, float(table.batches.sum()))
    return Outcome(
        solution=with_models_held(data, server) if found else None,
        bound=all_local_objective(data) + bound * unit + open_gap if np.isfinite(bound) else None,
        reason="gap closed" if status == highspy.HighsModelStatus.kOptimal else TIME_LIMIT,
        build_seconds=built - began,
        solve_seconds=perf_counter() - built,
        nodes=int(info.mip_node_count),
    )


def triples_of(table: GainTable) -> Triples:
    """Every variable y_ijb."""
    users, servers, rows, gains, row = [], [], [], [], 0
    for j, most in enumerate(table.batches.tolist()):
        for b in range(1, most + 1):
            values = table.of(j, b)
            pays = table.pays(j, b)
            users.append(table.reached(j)[pays])
            gains.append(values[pays])
            servers.append(np.full(int(pays.sum()), j))
            rows.append(np.full(int(pays.sum()), row))
            row += 1
    if not users:
        none = np.empty(0, dtype=np.int64)
        return Triples(none, none, none, np.empty(0))
    return Triples(np.concatenate(users), np.concatenate(servers), np.concatenate(rows), np.concatenate(gains))


def _model(data: MultiEdgeOffloading, table: GainTable, triples: Triples, unit: float) -> highspy.Highs:
    """HiGHS with columns y, w and z, and the rows of the formulation; to be minimised."""
    count, rows = triples.user.size, int(table.batches.sum())
    models = data.models if data.chooses_models else 0
    w, z = count, count + rows
    columns = z + data.servers * models
    size = np.concatenate([np.arange(1.0, most + 1.0) for most in table.batches.tolist()] or [np.empty(0)])
    owner = np.repeat(np.arange(data.servers), table.batches)
    y = np.arange(count)
    entries: list[tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]] = []
    lower: list[FloatArray] = []
    upper: list[FloatArray] = []
    top = 0

    def add(row: NDArray[np.int64], column: NDArray[np.int64], value: FloatArray | float) -> None:
        entries.append((top + row, column, np.broadcast_to(np.asarray(value, dtype=np.float64), row.shape)))

    def close(right_hand_sides: FloatArray, least: FloatArray | None = None) -> None:
        nonlocal top
        upper.append(right_hand_sides)
        lower.append(np.full(right_hand_sides.size, -highspy.kHighsInf) if least is None else least)
        top += right_hand_sides.size

    add(triples.user, y, 1.0)
    close(np.ones(data.users), np.where(must_offload(data), 1.0, -highspy.kHighsInf))
    add(y, y, 1.0)
    add(y, w + triples.row, -1.0)
    close(np.zeros(count))
    add(triples.row, y, 1.0)
    add(np.arange(rows), w + np.arange(rows), -size)
    close(np.zeros(rows))
    add(owner, w + np.arange(rows), 1.0)
    close(np.ones(data.servers))
    if models:
        pair = triples.server * data.users + triples.user
        known, index = np.unique(pair, return_inverse=True)
        add(index, y, 1.0)
        model = data.model_of_user[known % data.users].astype(np.int64)
        add(np.arange(known.size), z + (known // data.users) * models + model, -1.0)
        close(np.zeros(known.size))
        add(np.repeat(np.arange(data.servers), models), z + np.arange(data.servers * models), 1.0)
        close(np.minimum(data.model_slots, models))
    for row in rows_of(data):
        counted = np.flatnonzero(row.granted[triples.user])
        add(np.zeros(counted.size, dtype=np.int64), counted, row.granted[triples.user[counted]])
        close(np.array([row.right_hand_side]))
    cost = np.zeros(columns)
    cost[:count] = -triples.gain / unit
    place, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    matrix = coo_array((value, (place, column)), shape=(top, columns)).tocsr()
    binary, right = (np.zeros(columns), np.ones(columns)), (np.concatenate(lower), np.concatenate(upper))
    program = linear_program(matrix, cost, binary, right)
    program.integrality_ = [highspy.HighsVarType.kInteger] * columns
    highs = quiet_highs({})
    highs.passModel(program)
    return highs
