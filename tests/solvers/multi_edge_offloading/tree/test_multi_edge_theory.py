"""What docs/theory/multi_edge_offloading.md says of transportation problems, branching and complexity."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from multi_edge_enumeration import random_multi_edge
from scipy.optimize import linear_sum_assignment

from formulations.multi_edge_offloading.evaluation import evaluate_solution
from formulations.multi_edge_offloading.parameters import MultiEdgeOffloading
from formulations.split_offloading.evaluation import all_local_objective
from solvers.core.limits import Limits
from solvers.multi_edge_offloading.decomposition.model_choice import chosen_models, most_with_models
from solvers.multi_edge_offloading.decomposition.node_bound import bound_of
from solvers.multi_edge_offloading.decomposition.rules import HELD, NOT_HELD, all_allowed
from solvers.multi_edge_offloading.exchange.arcs import all_local
from solvers.multi_edge_offloading.exchange.assignments import at_fixed_levels, gain_of_assignment, improved
from solvers.multi_edge_offloading.gains import gain_table
from solvers.multi_edge_offloading.tree.branch_and_bound import solve
from solvers.multi_edge_offloading.tree.branching import children


def without_models(seed, users=6):
    data = random_multi_edge(seed, most_users=users)
    return data.replaced(
        {"models": 1, "model_of_user": np.zeros(data.users), "model_slots": np.ones(data.servers)}
    )


def transportation(table, users, levels):
    """Optimum with fixed levels: an assignment problem with a column for every place of a batch, and for local."""
    columns = [np.zeros((users, users))]
    for j, level in enumerate(levels):
        if level:
            gain = np.full(users, -1.0)
            gain[table.reached(j)] = table.of(j, level)
            columns += [gain[:, None]] * level
    value = np.concatenate(columns, axis=1)
    rows, chosen = linear_sum_assignment(value, maximize=True)
    return float(value[rows, chosen].sum())


def test_local_search_solves_the_transportation_problem_of_fixed_levels():
    """Section 1: an assignment is optimal if no cycle and no path gains anything."""
    compared = 0
    for seed in range(60):
        data = without_models(seed, users=12)
        table = gain_table(data)
        draw = np.random.default_rng(seed)
        levels = np.array([draw.integers(0, most + 1) for most in table.batches], dtype=np.int64)
        fixed = at_fixed_levels(table, levels)
        found = gain_of_assignment(fixed, improved(fixed, all_local(data.users, data.servers)))
        expected = transportation(table, data.users, levels.tolist())
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), seed
        compared += levels.any()
    assert compared >= 20


def test_the_optimum_is_the_best_of_all_transportation_problems():
    """Section 6: polynomial for a fixed number of servers, by trying every combination of levels."""
    for seed in range(40):
        data = without_models(seed)
        table = gain_table(data)
        ranges = (range(int(most) + 1) for most in table.batches)
        best = max(transportation(table, data.users, levels) for levels in product(*ranges))
        found = evaluate_solution(data, solve(data, Limits(gap=1e-9), 0).solution)
        assert found.objective == pytest.approx(all_local_objective(data) + best, rel=1e-9, abs=1e-9), seed


def test_children_cover_their_parent_and_every_path_ends():
    """Section 4: ranges of levels tile the parent's, a model is held or not, and no branch is its own child."""
    divided = 0
    for seed in range(60):
        data = random_multi_edge(seed, most_users=5)
        table = gain_table(data)
        stack, nodes = [all_allowed(data, table)], 0
        while stack and nodes < 60:
            rules = stack.pop()
            nodes += 1
            found = bound_of(table, rules, np.zeros(data.users), 0.0, 0.0, np.inf)
            below = children(rules, found)
            for child in below:
                assert open_choices(child) < open_choices(rules), seed
            if below:
                divided += 1
                assert_covered(rules, below)
            stack += below
    assert divided >= 40


def open_choices(rules):
    return int((rules.upper - rules.lower).sum() + (rules.held == 0).sum())


def assert_covered(rules, below):
    held = [child.held for child in below]
    (changed,) = {
        *np.flatnonzero(np.any([(c.lower != rules.lower) | (c.upper != rules.upper) for c in below], 0))
    } or {-1}
    if changed >= 0:
        levels = [level for child in below for level in range(child.lower[changed], child.upper[changed] + 1)]
        assert levels == list(range(rules.lower[changed], rules.upper[changed] + 1))
        assert all((each == rules.held).all() for each in held)
        return
    ours = np.argwhere((held[0] == HELD) & (held[1] == NOT_HELD))
    assert len(below) == 2
    assert len(ours) == 1
    server, _ = ours[0]
    forced = (held[0] != rules.held) & (held[0] == NOT_HELD)  # full slots leave no other model open
    assert not forced.any() or (held[0][server] == HELD).sum() == rules.slots[server]


def test_the_choice_of_models_is_the_best_of_all_choices():
    """Section 2: the dynamic programme over models, with models that have to be held or may not be."""
    for seed in range(200):
        draw = np.random.default_rng(seed)
        users, models = int(draw.integers(1, 8)), int(draw.integers(2, 5))
        slots, batch = int(draw.integers(0, models + 1)), int(draw.integers(1, users + 1))
        excess, model = draw.uniform(-1.0, 5.0, users), draw.integers(0, models, users)
        held = draw.choice([0, 0, HELD, NOT_HELD], models)
        if (held == HELD).sum() > slots:
            continue
        must = set(np.flatnonzero(held == HELD).tolist())
        best = 0.0
        for size in range(slots + 1):
            for chosen in combinations(range(models), size):
                if must <= set(chosen) and not any(held[k] == NOT_HELD for k in chosen):
                    worth = np.sort(np.maximum(excess[np.isin(model, chosen)], 0.0))[::-1]
                    best = max(best, float(worth[:batch].sum()))
        found = most_with_models(excess, model, held, slots, batch)
        assert found == pytest.approx(best, abs=1e-12), seed
        taken = chosen_models(excess, model, held, slots, batch)
        assert taken.sum() <= slots
        worth = np.sort(np.maximum(excess[taken[model]], 0.0))[::-1]
        assert float(worth[:batch].sum()) == pytest.approx(best, abs=1e-12), seed


def from_set_cover(sets, elements, cover):
    """Section 6: an instance whose optimum says whether so many of the sets cover all elements.

    Servers are sets. An element gains 1 s at the sets that hold it; of ``len(sets) - cover`` others each gains
    0.4 s at a server that it has for itself, and nothing at any other.
    """
    alone = len(sets) - cover
    efficiency = np.ones((elements + alone, len(sets)))
    for j, members in enumerate(sets):
        efficiency[:elements, j] = [1e6 if i in members else 0.5 for i in range(elements)]
    return MultiEdgeOffloading(
        users=elements + alone,
        servers=len(sets),
        total_steps=1,
        min_local_steps=0,
        pai_slope=0.04,
        pai_threshold=0.5,
        accuracy_weight=0.0,
        local_seconds_per_step=1.0,
        wait_seconds=0.0,
        prompt_bits=0.0,
        latent_bits=[1.0] * elements + [0.6] * alone,
        edge_seconds_per_step_per_item=0.0,
        edge_seconds_per_step_base=0.0,
        gpus=1,
        max_batch=elements + alone,
        bandwidth_hz=1.0,
        spectral_efficiency=efficiency,
    )


def test_the_optimum_says_whether_a_set_cover_exists():
    answers = set()
    for seed in range(40):
        draw = np.random.default_rng(seed)
        elements, count = int(draw.integers(3, 7)), int(draw.integers(3, 6))
        sets = [set(draw.permutation(elements)[: draw.integers(1, 4)].tolist()) for _ in range(count)]
        cover = int(draw.integers(1, count))
        exists = any(set().union(*chosen) == set(range(elements)) for chosen in combinations(sets, cover))
        data = from_set_cover(sets, elements, cover)
        outcome = solve(data, Limits(gap=1e-9), 0)
        gain = evaluate_solution(data, outcome.solution).objective - all_local_objective(data)
        assert (gain > 0.4 * (count - cover) + elements - 0.2) is exists, seed
        answers.add(exists)
    assert answers == {True, False}
