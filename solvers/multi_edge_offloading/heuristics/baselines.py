"""Baselines: nearest server, least loaded server, a random one, and everybody local."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.domain import must_offload, rows_of
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from solvers.core.limits import Limits
from solvers.core.result import TIME_LIMIT, Outcome
from solvers.multi_edge_offloading.heuristics.rooms import Rooms

USERS_BETWEEN_CLOCKS = 1000
"""Users that are placed before the time is looked at."""


def solve_nearest(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Send every user to the server with its best channel while there is room, the best channels first."""

    def score(rooms: Rooms, user: int) -> FloatArray:
        efficiency = data.spectral_efficiency[user]
        return np.where(efficiency == efficiency.max(), efficiency, -np.inf)

    order = np.argsort(-data.spectral_efficiency.max(axis=1), kind="stable")
    return _one_after_another(data, limits, order, score)


def solve_least_loaded(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Send every user, in the order of the instance, to the server with the fewest users for each GPU."""

    def score(rooms: Rooms, user: int) -> FloatArray:
        return -rooms.batch / data.gpus

    return _one_after_another(data, limits, np.arange(data.users), score)


def solve_random(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Send every user to a server or leave it local, all equally likely."""
    draw = np.random.default_rng(seed)

    def score(rooms: Rooms, user: int) -> FloatArray:
        chosen = int(draw.integers(-1, data.servers))
        return np.where(np.arange(data.servers) == chosen, 0.0, -np.inf)

    return _one_after_another(data, limits, np.arange(data.users), score)


def solve_all_local(data: MultiEdgeOffloading, limits: Limits, seed: int) -> Outcome:
    """Leave everybody local, where further constraints allow that."""
    local = Rooms(data)
    barred = must_offload(data).any() or any(row.right_hand_side < -row.rounding for row in rows_of(data))
    if barred:
        return Outcome(None, reason="constraints do not allow that nobody offloads")
    return Outcome(local.solution(), reason="nobody offloads")


def _one_after_another(
    data: MultiEdgeOffloading, limits: Limits, order: np.ndarray, score: Callable[[Rooms, int], FloatArray]
) -> Outcome:
    """Place users in an order, each at the open server with the largest score that is not minus infinity."""
    began = perf_counter()
    rooms, reason = Rooms(data), "all users placed"
    for count, user in enumerate(order.tolist()):
        if count % USERS_BETWEEN_CLOCKS == 0 and perf_counter() - began > limits.time_limit:
            reason = TIME_LIMIT
            break
        scores = np.where(rooms.open_to(user), score(rooms, user), -np.inf)
        server = int(np.argmax(scores))
        if np.isfinite(scores[server]):
            rooms.place(user, server)
    return rooms.outcome(reason, began)
