"""The decomposition theorem: prices, set partitioning and the batch-indexed relaxation give one bound."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyomo.environ as pyo
import pytest
from multi_edge_enumeration import random_multi_edge
from scipy.optimize import linprog

from formulations.multi_edge_offloading.gains import gain_table
from formulations.multi_edge_offloading.latency import transmission_seconds_alone
from formulations.multi_edge_offloading.models import batch_indexed
from formulations.split_offloading.evaluation import all_local_objective
from instances import load
from solvers.external.backends import solve as solve_pyomo
from solvers.multi_edge_offloading.decomposition.node_bound import bound_of, price_bound
from solvers.multi_edge_offloading.decomposition.rules import all_allowed


def set_partitioning(table, users, servers, rules):
    """LP over every server, level and set of at most that many users whose models fit."""
    gains, columns = [], []
    for j in range(servers):
        reached = table.reached(j).tolist()
        for b in range(1, int(table.batches[j]) + 1):
            values = table.of(j, b)
            for size in range(1, b + 1):
                for chosen in combinations(range(len(reached)), size):
                    picked = [reached[k] for k in chosen]
                    if len({int(rules.model[i]) for i in picked}) <= rules.slots[j]:
                        gains.append(-sum(values[list(chosen)]))
                        column = np.zeros(users + servers)
                        column[picked] = 1.0
                        column[users + j] = 1.0
                        columns.append(column)
    if not gains:
        return 0.0
    found = linprog(gains, A_ub=np.array(columns).T, b_ub=np.ones(users + servers), bounds=(0.0, None))
    return -found.fun


def converged(table, rules, users):
    """The bound of the decomposition: an unreachable target leaves nothing but convergence to stop at."""
    start = np.zeros(users)
    size = max(price_bound(table, rules, start), 1e-9)
    return bound_of(table, rules, start, 0.0, 1e-9 * size, np.inf).bound, size


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_the_bound_is_that_of_set_partitioning(first):
    for seed in range(first, first + 20):
        data = random_multi_edge(seed, most_users=5)
        table = gain_table(data)
        rules = all_allowed(data, table)
        bound, size = converged(table, rules, data.users)
        assert bound == pytest.approx(set_partitioning(table, data.users, data.servers, rules), abs=1e-6 * size), (
            seed
        )


def test_the_bound_is_that_of_the_batch_indexed_relaxation_and_no_weaker_with_models():
    for seed in range(12):
        data = random_multi_edge(seed, most_users=6)
        table = gain_table(data)
        rules = all_allowed(data, table)
        bound, size = converged(table, rules, data.users)
        model = batch_indexed.build(data, relaxed=True)
        solve_pyomo(model, "highs", time_seconds=60.0, relative_gap=0.0)
        relaxed = float(pyo.value(model.worth)) - all_local_objective(data)
        if data.chooses_models:
            assert bound <= relaxed + 1e-6 * size, seed
        else:
            assert bound == pytest.approx(relaxed, abs=1e-6 * size), seed


def test_any_prices_bound_every_assignment():
    draw = np.random.default_rng(0)
    data = random_multi_edge(7)
    table = gain_table(data)
    rules = all_allowed(data, table)
    best, _ = converged(table, rules, data.users)
    for _ in range(20):
        assert price_bound(table, rules, draw.uniform(0.0, 5.0, data.users)) >= best - 1e-9


def test_pair_costs_of_fixed_splits_are_no_flow_times_distance():
    """Section 7: they are one where users differ neither in channel nor in bits, and not on `multi_20x2`."""

    def ratios(data):
        steps = data.total_steps - data.min_local_steps
        per_user = steps * data.edge_seconds_per_step_per_item / data.gpus
        waits = np.stack([transmission_seconds_alone(data, j) for j in range(2)], axis=1) + per_user
        both = (waits[:, None, :] + waits[None, :, :])[np.triu_indices(data.users, 1)]
        return both[:, 0] / both[:, 1]

    data = load("instances/multi_20x2.json").section("multi_edge_offloading")
    alike = data.replace(spectral_efficiency=5.0, prompt_bits=216.0, latent_bits=2e6)
    assert ratios(alike) == pytest.approx(ratios(alike)[0], rel=1e-12)
    assert ratios(data).min() == pytest.approx(0.601, abs=5e-4)
    assert ratios(data).max() == pytest.approx(1.640, abs=5e-4)
