"""Greedy over pairs: add the user and server that gain most together, while that gains something."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.multi_edge_offloading.constrained.demands import demands_of, view
from solvers.multi_edge_offloading.decomposition.rules import all_allowed
from solvers.multi_edge_offloading.exchange.arcs import ONLY, all_local, fill_arcs, no_arcs
from solvers.multi_edge_offloading.exchange.assignments import with_models
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.heuristics.rooms import Rooms
from solvers.multi_edge_offloading.tree.branch_and_bound import load_kernels


def solve(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Add pairs greedily; what the users already there lose counts.

    Compiled kernels are loaded before the clock starts.
    """
    load_kernels()
    began = perf_counter()
    plain = gain_table(data)
    rules, demands = all_allowed(data, plain), demands_of(data, plain)
    table = view(plain, rules, demands).table
    now, arcs = all_local(data.users, data.servers), no_arcs(data.users, data.servers)
    rooms, reason = Rooms(data), "no pair gains"
    allowed = with_models(table, rooms.may_hold, data.model_of_user.astype(np.int64))
    while True:
        fill_arcs(allowed, now, arcs)
        gains = arcs.gain[ONLY, 0] + arcs.grow
        place = int(np.argmax(gains))
        if place == 0 or gains[place] <= 0.0:
            break
        if perf_counter() - began > limits.time_limit:
            reason = TIME_LIMIT
            break
        user = int(arcs.user[ONLY, 0, place])
        held_before = rooms.held.sum()
        rooms.place(user, place - 1)
        now.place[user] = place
        now.batch[place - 1] += 1
        if rooms.held.sum() > held_before:
            allowed = with_models(table, rooms.may_hold, data.model_of_user.astype(np.int64))
    return rooms.outcome(reason, began, better=True)
