"""The bound of a branch with rows that couple users: cutting planes on prices and on a multiplier for each row.

For lambda, mu >= 0 no assignment that keeps to the rows gains more than sum lambda_i + sum mu_k r_k plus what
every server earns where a user costs p_i = lambda_i + sum_k mu_k c_ki.
"""

from __future__ import annotations

import numpy as np

from formulations.fields import FloatArray
from formulations.multi_edge_offloading.gains import GainTable
from solvers.multi_edge_offloading.constrained.demands import Demands
from solvers.multi_edge_offloading.decomposition.master import Master
from solvers.multi_edge_offloading.decomposition.node_bound import Bounded, columns_at, cutting_planes, price_bound
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
    return cutting_planes(
        master,
        Bounded(bound, prices, (), np.empty(0), 0),
        lambda trial: bound_at(table, rules, demands, trial),
        lambda trial, profits: columns_at(table, rules, costs(demands, trial), profits),
        target,
        tolerance,
        deadline,
    )


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
