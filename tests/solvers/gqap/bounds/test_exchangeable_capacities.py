"""Places that are alike but for their capacities: what a class may bear, and the optimum that is kept."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from gqap_enumeration import brute_force, feasible_assignments, is_feasible, random_gqap
from hypothesis import given, settings
from hypothesis import strategies as st

from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.gqap.bounds import whole_problem as whole
from solvers.gqap.bounds.exchangeable_capacities import (
    alike_but_for_capacity,
    largest_loads,
    within_capacities,
)
from solvers.gqap.cost_arrays import cost_arrays
from solvers.gqap.tree.branch_and_bound import solve


def alike_places(seed: int, items: int = 7, **overrides: object) -> GQAP:
    """Four places of different capacities at the same distance from each other."""
    draw = np.random.default_rng(seed)
    weight = draw.integers(1, 9, items).astype(float)
    fields = {
        "assignment_cost": np.repeat(draw.integers(0, 30, (items, 1)).astype(float), 4, axis=1),
        "distance": 3.0 * (1.0 - np.eye(4)),
        "weight": weight,
        "capacity": np.ceil(weight.sum() * draw.uniform(0.25, 0.45, 4)),
    }
    return random_gqap(seed, items, 4, **fields | overrides)


def test_classes_are_of_similar_capacity_and_equal_costs():
    data = alike_places(0, capacity=[20.0, 9.0, 30.0, 5.0])
    assert alike_but_for_capacity(cost_arrays(data)).tolist() == [2, 1, 2, 1]
    own = data.assignment_cost.copy()
    own[3, 0] += 1.0
    assert alike_but_for_capacity(cost_arrays(data.replaced({"assignment_cost": own}))).tolist() == [0, 1, 2, 1]
    further = data.distance.copy()
    further[1, 2] += 1.0
    assert alike_but_for_capacity(cost_arrays(data.replaced({"distance": further}))).tolist() == [0, 1, 2, 3]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=5, max_size=5), st.lists(st.integers(0, 9), min_size=5, max_size=5))
def test_the_largest_load_is_that_of_the_best_exchange_of_capacities(loads: list[int], more: list[int]):
    group = np.array([0, 1, 0, 0, 4])
    limit, load = np.array(loads) + np.array(more), np.array(loads)
    draw = np.random.default_rng(sum(limit))
    members = np.flatnonzero(group == 0)
    load[members] = load[members][draw.permutation(3)]
    best = limit.copy()
    best[members] = 0
    for order in itertools.permutations(limit[members]):
        for position, place in enumerate(members):
            if all(load[k] <= order[r] for r, k in enumerate(members) if r != position):
                best[place] = max(best[place], order[position])
    assert largest_loads(load, limit, group).tolist() == best.tolist()


@pytest.mark.parametrize("seed", range(8))
def test_forgetting_which_place_is_which_keeps_the_optimum(seed: int, monkeypatch: pytest.MonkeyPatch):
    data = alike_places(seed)
    if seed % 3 == 2:
        data = data.replaced({"weight": data.weight * 0.75, "capacity": data.capacity * 0.75})
    limits = Limits(time_limit=60.0)
    found = solve(data, limits, 0)
    assert found.bound == pytest.approx(brute_force(data), rel=1e-8)
    monkeypatch.setattr(whole, "alike_but_for_capacity", lambda arrays: np.arange(4))
    assert solve(data, limits, 0).bound == pytest.approx(found.bound, rel=1e-8)


def test_an_assignment_is_renamed_into_the_capacities():
    data = alike_places(1)
    arrays = cost_arrays(data)
    group = alike_but_for_capacity(arrays)
    assert group.tolist().count(group[0]) > 1
    for places in feasible_assignments(data)[::97]:
        mixed = np.array(places)
        members = np.flatnonzero(group == group[0])
        renaming = np.arange(4)
        renaming[members] = np.roll(members, 1)
        renamed = within_capacities(renaming[mixed], data.weight, data.load_limit, group)
        assert is_feasible(data, renamed.tolist())
