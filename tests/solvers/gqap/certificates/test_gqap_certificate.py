"""Proofs of the GQAP: they hold where the optimum is right, and a changed one does not."""

from __future__ import annotations

import copy
import json
import math
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from gqap_enumeration import exact_cost, feasible_assignments, random_gqap

from formulations.gqap.parameters import GQAP
from solvers.gqap.certificates import write
from solvers.gqap.certificates.check import check
from solvers.gqap.certificates.residual import Residual, Terms, multipliers


def symmetric(seed: int = 8, size: int = 4) -> GQAP:
    """Places around a ring, which renamings turn and mirror."""
    around = np.abs(np.arange(size)[:, None] - np.arange(size))
    ring = np.minimum(around, size - around).astype(float)
    ones = {"weight": np.ones(size), "capacity": np.ones(size), "assignment_cost": np.zeros((size, size))}
    return random_gqap(seed, size, size, distance=ring, **ones)


INSTANCES = [random_gqap(seed, 5, 3) for seed in (0, 2, 4, 6)] + [
    random_gqap(2, 4, 4, weight=np.ones(4), capacity=np.ones(4)),
    random_gqap(4, 3, 5, weight=np.ones(3), capacity=np.ones(5)),
    symmetric(),
]


def best(data: GQAP) -> tuple[int, ...]:
    return min(feasible_assignments(data), key=lambda places: exact_cost(data, places))


def proof(data: GQAP, cost: float) -> Any:
    written = write.certificate(data, cost, "hash", perf_counter() + 60.0)
    return json.loads(json.dumps(written))


@pytest.mark.parametrize("data", INSTANCES)
def test_a_proof_of_the_optimum_holds(data: GQAP):
    places = best(data)
    optimum = float(exact_cost(data, places))
    checked = check(data, proof(data, optimum), {"assignment": list(places)}, "hash")
    assert checked.objective == checked.bound == optimum
    assert checked.leaves >= 1


@pytest.mark.parametrize("data", INSTANCES)
def test_no_multipliers_prove_more_than_the_optimum(data: GQAP):
    """Any numbers of the right sign: the bound, with what it adds for each choice, is below every assignment."""
    terms, draw = Terms.of(data), np.random.default_rng(3)
    n, m = data.items, data.places
    for _ in range(3):
        record = {}
        for name, size in (("other", n * m * n), ("room", n * m * m), ("place", m)):
            low = -9 if name == "other" or (terms.exclusive() and n == m) else 0
            record[name] = [list(range(size)), draw.integers(low, 9, size).tolist()]
        node = Residual(terms, {}, np.ones((n, m), dtype=bool), 1)
        bound, added = node.bound(multipliers(record, n, m))
        for places in feasible_assignments(data):
            assert bound is not None
            assert all(bound + added[i, j] <= exact_cost(data, places) for i, j in enumerate(places))


def test_symmetry_leaves_places_out_and_a_wrong_renaming_is_seen(monkeypatch: pytest.MonkeyPatch):
    """Without a linear programme, so that the proof has to branch."""
    monkeypatch.setattr(write, "dual_solution", lambda relaxation, seconds: None)
    data = symmetric()
    places = best(data)
    written = proof(data, float(exact_cost(data, places)))
    assert len(written["tree"]["children"]) == 1
    assert len(written["tree"]["alike"]) == 3
    assert check(data, written, {"assignment": list(places)}, "hash").bound == exact_cost(data, places)
    written["tree"]["alike"][0]["renaming"] = [0, 1, 2, 3]
    with pytest.raises(ValueError, match="is left out"):
        check(data, written, {"assignment": list(places)}, "hash")


def branching() -> tuple[GQAP, tuple[int, ...], Any]:
    """An instance whose proof has more than one leaf."""
    for seed in range(0, 60, 2):
        data = random_gqap(seed, 6, 3)
        if feasible_assignments(data):
            places = best(data)
            written = proof(data, float(exact_cost(data, places)))
            if "item" in written["tree"]:
                return data, places, written
    raise AssertionError("no instance branches")


def test_forged_proofs_do_not_hold():
    data, places, written = branching()
    solution = {"assignment": list(places)}
    assert check(data, written, solution, "hash").bound == exact_cost(data, places)

    def forged(change: Any) -> Any:
        other = copy.deepcopy(written)
        change(other)
        return other

    def higher_target(record: Any) -> None:
        record["target"] += record["scale"]

    def without_a_child(record: Any) -> None:
        del record["tree"]["children"][0]

    def without_multipliers(record: Any) -> None:
        record["tree"]["other"] = [[], []]

    def half_a_number(record: Any) -> None:
        record["tree"]["other"][1][0] += 0.5

    def of_another(record: Any) -> None:
        record["instance_hash"] = "other"

    for change in (higher_target, without_a_child, without_multipliers, half_a_number, of_another):
        with pytest.raises(ValueError, match=r"bounded by|left out|whole|another"):
            check(data, forged(change), solution, "hash")
    with pytest.raises(ValueError, match="exceeds a capacity"):
        check(data, written, {"assignment": [0] * 6}, "hash")


def test_a_negative_multiplier_of_a_capacity_is_refused():
    data = random_gqap(0, 5, 3)
    written = proof(data, float(exact_cost(data, best(data))))
    written["tree"]["place"] = [[0], [-1]]
    with pytest.raises(ValueError, match="negative"):
        check(data, written, None, "hash")


def test_what_is_not_whole_or_in_time_gets_no_certificate():
    assert write.certificate(random_gqap(1), 10.0, "hash", math.inf) is None
    data = random_gqap(0)
    assert write.certificate(data, float(exact_cost(data, best(data))), "hash", perf_counter()) is None
