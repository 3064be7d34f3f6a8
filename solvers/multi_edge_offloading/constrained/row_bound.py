"""The bound of a branch with rows that couple users: cutting planes on prices and on a multiplier for each row.

For lambda, mu >= 0 no assignment that keeps to the rows gains more than sum lambda_i + sum mu_k r_k plus what
every server earns where a user costs p_i = lambda_i + sum_k mu_k c_ki.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.constrained.demands import Demands
from solvers.multi_edge_offloading.decomposition.master import Master, Prices
from solvers.multi_edge_offloading.decomposition.node_bound import (
    MOST_ROUNDS,
    Bounded,
    columns_at,
    price_bound,
)
from solvers.multi_edge_offloading.decomposition.rules import Rules


def row_bound_of(
    table: GainTable,
    rules: Rules,
    demands: Demands,
    start: FloatArray,
    target: float,
    tolerance: float,
    deadline: float,
) -> Bounded:
    """Bound a branch, as :func:`solvers.multi_edge_offloading.decomposition.node_bound.bound_of` does.

    Its prices are lambda_i, shape (I,), then mu_k, shape (R,); so is ``start``, where mu_k may be missing.
    """
    users, count = rules.model.size, demands.right_hand_sides.size
    prices = np.concatenate([start, np.zeros(users + count - start.size)])
    bound = bound_at(table, rules, demands, prices)
    master = Master(users, table.batches.size, demands.rows)
    master.price_rows(demands.right_hand_sides, 8.0 * demands.prize)
    master.add(columns_at(table, rules, costs(demands, prices), np.zeros(table.batches.size)))
    found: Prices | None = None
    taken = 0
    while taken < MOST_ROUNDS:
        left = deadline - perf_counter()
        answer = master.solve(left) if left > 0.0 else None
        if answer is None:
            break
        found, taken = answer, taken + 1
        if bound - found.value <= 0.25 * tolerance or bound - target <= tolerance:
            break
        latest = np.concatenate([found.prices, found.multipliers])
        fresh, middle = 0, 0.5 * (prices + latest)
        for trial in (latest, middle):
            value = bound_at(table, rules, demands, trial)
            if value < bound:
                bound, prices = value, trial
            fresh += master.add(columns_at(table, rules, costs(demands, trial), found.profits))
        if fresh == 0:
            break
    weights = np.empty(0) if found is None else found.weights
    return Bounded(bound, prices, tuple(master.columns[: weights.size]), weights, taken)


def costs(demands: Demands, prices: FloatArray) -> FloatArray:
    """What each user costs a server, p_i [s], shape (I,)."""
    users = demands.rows.shape[1]
    return np.asarray(prices[:users] + prices[users:] @ demands.rows)


def bound_at(table: GainTable, rules: Rules, demands: Demands, prices: FloatArray) -> float:
    """Bound of these prices and multipliers [s]."""
    users = demands.rows.shape[1]
    cost = costs(demands, prices)
    constant = float(prices[:users].sum() + prices[users:] @ demands.right_hand_sides - cost.sum())
    return price_bound(table, rules, cost) + constant
