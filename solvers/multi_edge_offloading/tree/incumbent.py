"""Incumbents: local search over chains of moves, and over the models that servers hold where that is decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from formulations.fields import BoolArray, FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.constrained.demands import Demands
from solvers.multi_edge_offloading.constrained.repair import repaired
from solvers.multi_edge_offloading.decomposition.master import Column
from solvers.multi_edge_offloading.decomposition.rules import HELD, NOT_HELD, Rules
from solvers.multi_edge_offloading.exchange.arcs import Assignment, all_local
from solvers.multi_edge_offloading.exchange.assignments import (
    allowed_part,
    assignment_of,
    gain_of_assignment,
    improved,
    with_models,
)


@dataclass(frozen=True)
class Incumbent:
    """The best assignment so far.

    Attributes
    ----------
    now : Assignment
        Who is where.
    held : BoolArray
        Models that each server holds, shape (m, K).
    gain : float
        What all users gain over staying local [s].
    """

    now: Assignment
    held: BoolArray
    gain: float


def first_incumbent(table: GainTable, rules: Rules, deadline: float) -> Incumbent:
    """Local search from nobody; where models are decided, from the models that its result asks for most."""
    users, servers = rules.model.size, table.batches.size
    now = improved(table, all_local(users, servers), deadline)
    held = most_wanted(rules, now, np.maximum(_gains_by_model(table, rules, now), 0.0))
    found = searched(table, rules, now, held, deadline)
    return with_other_models(table, rules, found, deadline)


def searched(table: GainTable, rules: Rules, start: Assignment, held: BoolArray, deadline: float) -> Incumbent:
    """Local search with these models, from the part of a start that they allow."""
    mine = with_models(table, held, rules.model)
    now = improved(mine, allowed_part(start, held, rules.model), deadline)
    return Incumbent(now, held, gain_of_assignment(mine, now))


def with_other_models(table: GainTable, rules: Rules, best: Incumbent, deadline: float) -> Incumbent:
    """Swap one model of one server for another, with local search behind it, while that gains something."""
    better = True
    while better and perf_counter() < deadline:
        better = False
        for held in list(_swaps(best.held)):
            if perf_counter() > deadline:
                break
            found = searched(table, rules, best.now, held, deadline)
            if found.gain > best.gain * (1.0 + 1e-12):
                best, better = found, True
                break
    return best


def from_columns(
    table: GainTable, rules: Rules, columns: tuple[Column, ...], weights: FloatArray, deadline: float
) -> Incumbent:
    """Local search from the column of each server that has most weight."""
    users, servers = rules.model.size, table.batches.size
    place, gain = np.zeros(users, dtype=np.int64), np.zeros(users)
    heaviest: dict[int, tuple[float, Column]] = {}
    for column, weight in zip(columns, weights.tolist(), strict=True):
        if weight > heaviest.get(column.server, (0.0, column))[0]:
            heaviest[column.server] = (weight, column)
    wanted = np.zeros(rules.held.shape)
    for server, (_, column) in heaviest.items():
        position = np.searchsorted(table.reached(server), column.users)
        values = table.of(server, column.batch)[position]
        takes = values > gain[column.users]
        place[column.users[takes]], gain[column.users[takes]] = server + 1, values[takes]
        np.add.at(wanted[server], rules.model[column.users], values)
    now = assignment_of(place, servers)
    return searched(table, rules, now, most_wanted(rules, now, wanted), deadline)


def feasible_incumbent(
    table: GainTable, rules: Rules, demands: Demands | None, found: Incumbent, *, better: bool = True
) -> Incumbent | None:
    """The assignment with its gain without prizes, mended where constraints do not allow it; None in vain.

    Parameters
    ----------
    table : GainTable
        Gains without prizes.
    rules : Rules
        The whole problem.
    demands : Demands or None
        What further constraints demand.
    found : Incumbent
        An assignment at gains with prizes.
    better : bool
        Whether it is improved once it is mended.
    """
    if demands is None:
        return found
    mended = repaired(table, rules, demands, found.now.place, found.held, better=better)
    if mended is None:
        return None
    place, held = mended
    now = assignment_of(place, table.batches.size)
    return Incumbent(now, held, gain_of_assignment(table, now))


def most_wanted(rules: Rules, now: Assignment, wanted: FloatArray) -> BoolArray:
    """Models with the largest numbers of ``wanted``, as many as fit, those that a branch has held first."""
    servers, models = rules.held.shape
    score = np.where(rules.held == HELD, np.inf, np.where(rules.held == NOT_HELD, -np.inf, wanted))
    held = np.zeros((servers, models), dtype=np.bool_)
    for j in range(servers):
        order = np.argsort(-score[j], kind="stable")[: rules.slots[j]]
        held[j, order] = True
    return held


def _gains_by_model(table: GainTable, rules: Rules, now: Assignment) -> FloatArray:
    """What the users of each model gain at each server [s], shape (m, K)."""
    gains = np.zeros(rules.held.shape)
    for j in np.flatnonzero(now.batch).tolist():
        values, reached = table.of(j, int(now.batch[j])), table.reached(j)
        here = now.place[reached] == j + 1
        np.add.at(gains[j], rules.model[reached[here]], values[here])
    return gains


def _swaps(held: BoolArray) -> Iterator[BoolArray]:
    """Every choice of models that differs from one by a model of one server."""
    for j in range(held.shape[0]):
        for old in np.flatnonzero(held[j]).tolist():
            for new in np.flatnonzero(~held[j]).tolist():
                other = held.copy()
                other[j, old], other[j, new] = False, True
                yield other


def servers_of(now: Assignment) -> NDArray[np.int64]:
    """Server of each user, -1 for local."""
    return now.place - 1
