"""The batch scan of one server at given prices: which batch and which users gain most beyond their prices.

At prices lambda_i >= 0 server j earns max over b of the b largest positive excesses g_ij(b) - lambda_i. No gain
rises with b. Let the b largest excesses sum to s, and let t be the least of them. Then a batch of b + d earns at
most s + d t. Batches that cannot earn more than the best so far are passed over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from formulations.compiled import compiled
from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.decomposition.model_choice import chosen_models, most_with_models
from solvers.multi_edge_offloading.decomposition.rules import NOT_HELD, Rules


@compiled
def best_batch(
    table: GainTable, prices: FloatArray, rules: Rules, server: int, guess: int, room: FloatArray
) -> tuple[float, int]:
    """Largest profit of one server over the batches that are allowed [s], and its batch, 0 for none.

    Parameters
    ----------
    table : GainTable
        Gains.
    prices : FloatArray
        lambda_i [s], shape (I,).
    rules : Rules
        What is allowed.
    server : int
        j.
    guess : int
        A batch that may be the best one; any number does.
    room : FloatArray
        Room for the excesses of a batch.
    """
    lower, upper = max(rules.lower[server], 1), rules.upper[server]
    top, top_batch = 0.0, 0
    coupled = models_couple(rules, server)
    if lower <= guess <= upper and not coupled:
        top, _ = _earn(table, prices, rules, server, guess, room)
        top_batch = guess if top > 0.0 else 0
    batch = lower
    while batch <= upper:
        if coupled:
            profit, least = batch_profit(table, prices, rules, server, batch, room), np.inf
        else:
            profit, least = _earn(table, prices, rules, server, batch, room)
        if profit > top:
            top, top_batch = profit, batch
        size = batch
        batch += 1
        while batch <= upper and profit + (batch - size) * least <= top:
            batch += 1
    return top, top_batch


@compiled
def batch_profit(
    table: GainTable, prices: FloatArray, rules: Rules, server: int, batch: int, room: FloatArray
) -> float:
    """Largest profit of one server with at most b >= 1 users, each with its gain in a batch of b [s]."""
    if not models_couple(rules, server):
        return _earn(table, prices, rules, server, batch, room)[0]
    users, excess = _candidates(table, prices, rules, server, batch)
    return most_with_models(excess, rules.model[users], rules.held[server], rules.slots[server], batch)


@compiled
def models_couple(rules: Rules, server: int) -> bool:
    """Whether not all models that are not excluded fit into the server's slots."""
    if rules.held.shape[1] == 1:
        return bool(rules.slots[server] < 1)
    return bool((rules.held[server] != NOT_HELD).sum() > rules.slots[server])


@compiled
def _earn(
    table: GainTable, prices: FloatArray, rules: Rules, server: int, batch: int, room: FloatArray
) -> tuple[float, float]:
    """Sum of the b largest positive excesses, and the least of them, 0 where there are fewer [s]."""
    begin, reach = table.start[server], table.start[server + 1] - table.start[server]
    row = table.first[server] + (batch - 1) * reach
    several = rules.held.shape[1] > 1
    size, total = 0, 0.0
    for k in range(reach):
        user = table.users[begin + k]
        excess = table.values[row + k] - prices[user]
        if excess <= 0.0 or (size == batch and excess <= room[0]):
            continue
        if several and rules.held[server, rules.model[user]] == NOT_HELD:
            continue
        if size == batch:  # the least is in front
            total -= room[0]
            place = 0
            while place + 1 < size and room[place + 1] < excess:
                room[place] = room[place + 1]
                place += 1
        else:
            place = size
            while place > 0 and room[place - 1] > excess:
                room[place] = room[place - 1]
                place -= 1
            size += 1
        room[place] = excess
        total += excess
    return total, room[0] if size == batch else 0.0


@compiled
def _candidates(
    table: GainTable, prices: FloatArray, rules: Rules, server: int, batch: int
) -> tuple[NDArray[np.int64], FloatArray]:
    """Users with a positive excess in a batch of b that may be served, and their excesses [s]."""
    begin, reach = table.start[server], table.start[server + 1] - table.start[server]
    row = table.first[server] + (batch - 1) * reach
    users, excesses, size = np.empty(reach, dtype=np.int64), np.empty(reach), 0
    for k in range(reach):
        user = table.users[begin + k]
        excess = table.values[row + k] - prices[user]
        if excess > 0.0 and rules.held[server, rules.model[user]] != NOT_HELD:
            users[size], excesses[size] = user, excess
            size += 1
    return users[:size], excesses[:size]


@compiled
def members(table: GainTable, prices: FloatArray, rules: Rules, server: int, batch: int) -> NDArray[np.int64]:
    """Users with whom a server earns most in a batch of at most b >= 1."""
    users, excess = _candidates(table, prices, rules, server, batch)
    if models_couple(rules, server):
        held = chosen_models(excess, rules.model[users], rules.held[server], rules.slots[server], batch)
        kept = np.empty(users.size, dtype=np.bool_)
        for k in range(users.size):
            kept[k] = held[rules.model[users[k]]]
        users, excess = users[kept], excess[kept]
    if users.size <= batch:
        return users
    return users[np.argsort(excess)[users.size - batch :]]


@compiled
def fill_profits(
    table: GainTable, prices: FloatArray, rules: Rules, profits: FloatArray, batches: NDArray[np.int64]
) -> float:
    """Write each server's largest profit and its batch; returns the bound on the gain, sum lambda + profits [s].

    What ``batches`` hold before, of nearby prices, makes it faster.
    """
    room = np.empty(max(table.batches.max(), 1))
    bound = prices.sum()
    for j in range(profits.size):
        profits[j], batches[j] = best_batch(table, prices, rules, j, batches[j], room)
        bound += profits[j]
    return float(bound)


@compiled
def fill_wanted(
    table: GainTable, prices: FloatArray, rules: Rules, batches: NDArray[np.int64], wanted: FloatArray
) -> None:
    """Write by how many servers each user is wanted in the batches of :func:`fill_profits`, shape (I,)."""
    wanted[:] = 0.0
    for j in range(batches.size):
        if batches[j] > 0:
            for user in members(table, prices, rules, j, batches[j]):
                wanted[user] += 1.0
