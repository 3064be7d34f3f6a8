"""Every constraint on split offloading says in intervals and rows what its violation says of a solution."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from builders import split_offloading
from split_constraints import COUPLING, SEPARABLE, random_constraints, with_constraints
from split_enumeration import latency, random_snapshot

from formulations.constraints.split_offloading.base import EDGE, LOCAL
from formulations.split_offloading.domain import allowed_splits, coupling_rows
from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.parameters import SplitOffloading

SHORT = {"total_steps": 9, "min_local_steps": 2, "pai_threshold": 4.0, "pai_slope": 0.7}


def allowed_by_violation(data: SplitOffloading, user: int, granted: float, batch: int, split: float) -> bool:
    """Whether the evaluator finds nothing wrong with one user's part of a batch of b."""
    x, n = np.zeros(data.users), np.full(data.users, float(data.total_steps))
    others = [other for other in range(data.users) if other != user]
    x[others[: batch - int(granted)]] = 1.0
    x[user], n[user] = granted, split
    assert x.sum() == batch
    (constraint,) = data.constraints
    excess = np.broadcast_to(constraint.violation(data, {"x": x, "n": n}), data.users)
    return bool(excess[user] <= constraint.tolerance(data))


@pytest.mark.parametrize("kind", SEPARABLE)
@pytest.mark.parametrize("seed", range(25))
def test_an_interval_holds_exactly_the_splits_that_violate_nothing(kind: str, seed: int) -> None:
    # Devices faster than the edge, too, so that a deadline is met by more steps on the device.
    local = np.random.default_rng(seed).uniform(0.02, 0.1, 4)
    snapshot = split_offloading(4, seed, local_seconds_per_step=local, gpus=1 + seed % 3, **SHORT)
    data = random_constraints(snapshot, seed, (kind,))
    data = data.replaced({"constraints": data.constraints[:1]})
    for batch in range(1, 4):
        denied, granted = (allowed_splits(data, place, batch) for place in (LOCAL, EDGE))
        for user in range(4):
            local_only = float(data.total_steps)
            may_deny = bool(denied.lower[user] <= denied.upper[user])
            assert may_deny == allowed_by_violation(data, user, 0.0, batch, local_only)
            for split in range(data.min_local_steps, data.total_steps + 1):
                inside = granted.lower[user] <= split <= granted.upper[user]
                assert inside == allowed_by_violation(data, user, 1.0, batch, float(split)), (batch, user, split)


@pytest.mark.parametrize("kind", COUPLING)
@pytest.mark.parametrize("seed", range(15))
def test_rows_allow_exactly_the_choices_that_violate_nothing(kind: str, seed: int) -> None:
    data = random_constraints(split_offloading(5, seed, latent_bits=4e6), seed, (kind,))
    for choice in itertools.product((0.0, 1.0), repeat=5):
        granted = np.array(choice)
        evaluation = evaluate(data, granted, np.full(5, float(data.total_steps)))
        rows = coupling_rows(data)
        assert (
            all(row.granted @ granted <= row.right_hand_side + row.rounding for row in rows) == evaluation.feasible
        )


@pytest.mark.parametrize("split", [80, 121, 200])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_limit_that_a_split_meets_exactly_allows_it(split: int, batch: int) -> None:
    snapshot = split_offloading(3, seed=4)
    seconds = [latency(snapshot, i, 1.0, split, batch) for i in range(3)]
    allowed = allowed_splits(
        with_constraints(snapshot, {"type": "latency_deadline", "most_seconds": seconds}), EDGE, batch
    )
    slower = snapshot.local_seconds_per_step > 0.0329 + 0.01609 * batch / 4
    np.testing.assert_array_equal(np.where(slower, allowed.upper, allowed.lower), float(split))
    joules = (split * snapshot.local_seconds_per_step * 7.0).tolist()
    battery = {"type": "battery_budget", "device_watts": 7.0, "most_joules": joules}
    np.testing.assert_array_equal(allowed_splits(with_constraints(snapshot, battery), EDGE, 1).upper, float(split))


def test_a_deadline_where_device_and_edge_are_equally_fast_is_met_by_all_splits_or_by_none() -> None:
    snapshot = split_offloading(
        2, local_seconds_per_step=0.25, edge_seconds_per_step_per_item=0.0, edge_seconds_per_step_base=0.25
    )
    seconds = [latency(snapshot, i, 1.0, 100, 2) for i in range(2)]
    for factor, empty in ((1.0, False), (0.99, True)):
        document = {"type": "latency_deadline", "most_seconds": [factor * value for value in seconds]}
        assert (allowed_splits(with_constraints(snapshot, document), EDGE, 2).empty == empty).all()


def test_users_that_a_constraint_is_not_about_are_left_as_they_were() -> None:
    snapshot = split_offloading(5, seed=1)
    hopeless = [
        {"type": "latency_deadline", "most_seconds": 1e-3, "users": (1, 3)},
        {"type": "pai_floor", "least_accuracy": 0.999999, "users": (1, 3)},
        {"type": "battery_budget", "device_watts": 5.0, "most_joules": 1e-3, "users": (1, 3)},
    ]
    for document in hopeless:
        for place in (LOCAL, EDGE):
            allowed = allowed_splits(with_constraints(snapshot, document), place, 2)
            free = allowed_splits(snapshot, place, 2)
            assert np.flatnonzero(allowed.empty).tolist() == [1, 3]
            for end, free_end in zip(allowed, free, strict=True):
                np.testing.assert_array_equal(end[[0, 2, 4]], free_end[[0, 2, 4]])


def test_the_evaluator_lists_every_family_with_its_unit_of_violation() -> None:
    data = with_constraints(
        split_offloading(4, seed=1),
        {"type": "latency_deadline", "most_seconds": 1.0, "users": (2,)},
        {"type": "min_granted", "least_granted": 3},
        {"type": "exclusive_users", "users": (0, 1)},
        {"type": "exclusive_users", "users": (1, 2), "most_granted": 2},
        {"type": "transmission_budget", "most_bits": 1e6},
    )
    found = evaluate(data, np.array([1.0, 1.0, 0.0, 0.0]), np.array([80.0, 90.0, 200.0, 200.0])).violations
    denied = float(data.wait_seconds[2] + 200 * data.local_seconds_per_step[2])
    assert found["latency_deadline"] == pytest.approx(denied - 1.0)
    assert found["min_granted"] == 1.0
    assert found["exclusive_users"] == 1.0
    assert found["exclusive_users 2"] == 0.0
    assert found["transmission_budget"] == pytest.approx(2 * 4400216.0 - 1e6)


def test_each_says_its_limit_with_its_unit() -> None:
    documents = [
        {"type": "latency_deadline", "most_seconds": [2.0, 3.0], "users": (0, 2)},
        {"type": "pai_floor", "least_accuracy": 0.7},
        {"type": "battery_budget", "device_watts": 5.0, "most_joules": 40.0},
        {"type": "min_granted", "least_granted": 2},
        {"type": "min_granted", "least_granted": 1, "users": (0, 2)},
        {"type": "transmission_budget", "most_bits": 2e7},
        {"type": "exclusive_users", "users": (0, 1)},
    ]
    data = with_constraints(split_offloading(3), *documents)
    assert [constraint.describe() for constraint in data.constraints] == [
        "latency deadline (2 to 3 s)",
        "PAI floor (0.7)",
        "battery budget (40 J)",
        "minimum number granted (2)",
        "minimum number granted of users 0, 2 (1)",
        "transmission budget (2e+07 bit)",
        "exclusive users 0, 1 (at most 1 granted)",
    ]
    assert data.constraints[0].describe(2) == "latency deadline of user 2 (3 s)"


def test_random_snapshots_meet_their_own_unlimited_constraints() -> None:
    for seed in range(20):
        snapshot = random_snapshot(seed, 5)
        free = with_constraints(
            snapshot,
            {"type": "latency_deadline", "most_seconds": 1e6},
            {"type": "pai_floor", "least_accuracy": 0.0},
            {"type": "battery_budget", "device_watts": 1.0, "most_joules": 1e9},
            {"type": "min_granted", "least_granted": 0},
            {"type": "exclusive_users", "most_granted": snapshot.users},
            {"type": "transmission_budget", "most_bits": 1e12},
        )
        for place, batch in itertools.product((LOCAL, EDGE), (1, 4)):
            expected = allowed_splits(snapshot, place, batch)
            np.testing.assert_array_equal(allowed_splits(free, place, batch), expected)
