"""Symmetries of a GQAP: all that are found change nothing, those of known shapes are all found."""

from __future__ import annotations

import numpy as np
import pytest
from gqap_enumeration import brute_force, random_gqap

from formulations.gqap.parameters import GQAP
from solvers.core.limits import Limits
from solvers.gqap.cost_arrays import cost_arrays, total_cost
from solvers.gqap.tree import assignment_tree
from solvers.gqap.tree.branch_and_bound import solve
from solvers.gqap.tree.symmetry import interchangeable_items, orbit, place_renamings


def ring(places: int) -> np.ndarray:
    apart = np.abs(np.subtract.outer(np.arange(places), np.arange(places)))
    return np.minimum(apart, places - apart).astype(float)


def on_places(distance: np.ndarray, seed: int = 0, **overrides: object) -> GQAP:
    """As many items as places, one each, that mind distances only; items 1 and 2 are alike, and so are 3 and 4."""
    places = len(distance)
    flow = np.random.default_rng(seed).integers(0, 9, (places, places)).astype(float)
    for twins in ([1, 2], [3, 4]):
        flow[twins[1]], flow[:, twins[1]] = flow[twins[0]], flow[:, twins[0]]
        flow[np.ix_(twins, twins)] = 4.0
    fields = {
        "assignment_cost": np.zeros((places, places)),
        "flow": flow,
        "distance": distance,
        "weight": np.ones(places),
        "capacity": np.ones(places),
    }
    return random_gqap(seed, places, places, **fields | overrides)


@pytest.mark.parametrize(
    ("distance", "count"),
    [
        (ring(5), 10),
        (ring(6), 12),
        (np.ones((5, 5)) - np.eye(5), 120),
        (np.array([[bin(a ^ b).count("1") for b in range(8)] for a in range(8)], dtype=float), 48),
        (np.arange(25.0).reshape(5, 5), 1),
    ],
)
def test_all_renamings_of_a_shape_are_found(distance: np.ndarray, count: int):
    arrays = cost_arrays(on_places(distance, flow=np.ones(distance.shape)))
    renamings = place_renamings(arrays)
    assert len(renamings) == count
    draw = np.random.default_rng(0)
    for renaming in renamings:
        place = draw.integers(0, len(distance), len(distance))
        assert total_cost(arrays, renaming[place]) == pytest.approx(total_cost(arrays, place))


def test_own_costs_and_capacities_break_a_symmetry():
    assert len(place_renamings(cost_arrays(on_places(ring(5), capacity=[1.0, 1.0, 2.0, 1.0, 1.0])))) == 2
    first_is_cheap = np.zeros((5, 5))
    first_is_cheap[3, 0] = -1.0
    assert len(place_renamings(cost_arrays(on_places(ring(5), assignment_cost=first_is_cheap)))) == 2


def test_orbits_of_a_ring_with_one_place_in_use():
    renamings = place_renamings(cost_arrays(on_places(ring(6))))
    assert orbit(renamings, 4).tolist() == [0, 1, 2, 3, 4, 5]
    fixed = renamings[renamings[:, 0] == 0]
    assert [orbit(fixed, place).tolist() for place in (1, 2, 3)] == [[1, 5], [2, 4], [3]]


def test_items_alike_are_found():
    data = on_places(ring(6))
    assert interchangeable_items(cost_arrays(data)).tolist() == [0, 1, 1, 3, 3, 5]
    heavier = data.replaced({"weight": [1.0, 0.9, 1.0, 1.0, 1.0, 1.0]})
    assert interchangeable_items(cost_arrays(heavier)).tolist() == [0, 1, 2, 3, 3, 5]


@pytest.mark.parametrize("seed", range(4))
def test_trying_one_of_equal_places_keeps_the_optimum(seed: int, monkeypatch: pytest.MonkeyPatch):
    data = on_places(ring(5), seed)
    limits = Limits(time_limit=60.0)
    found = solve(data, limits, 0)
    assert found.bound == brute_force(data)
    shared = on_places(ring(5), seed, weight=[1.0, 2.0, 2.0, 1.0, 1.0], capacity=np.full(5, 3.0))
    assert solve(shared, limits, 0).bound == brute_force(shared)
    monkeypatch.setattr(assignment_tree, "place_renamings", lambda arrays: np.arange(5)[None])
    monkeypatch.setattr(assignment_tree, "interchangeable_items", lambda arrays: np.arange(5))
    without = solve(data, limits, 0)
    assert without.bound == found.bound
    assert without.nodes is not None
    assert found.nodes is not None
    assert without.nodes >= found.nodes
