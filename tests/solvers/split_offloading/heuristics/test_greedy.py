"""The greedy rules do what they say, and stay within B_max and below the optimum."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading
from split_enumeration import random_snapshot

from formulations.split_offloading.gain import gains
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core import registry
from solvers.core.limits import Limits
from solvers.core.result import Status
from solvers.core.run import Case, run
from solvers.split_offloading.exact.batch_scan import scan_batches
from solvers.split_offloading.heuristics import greedy
from solvers.split_offloading.heuristics.greedy import add_best_users, add_in_order


def reference_greedy(data: SplitOffloading) -> list[int]:
    granted: list[int] = []
    total = 0.0
    while len(granted) < data.largest_batch:
        gain = gains(data, len(granted) + 1)
        others = [i for i in range(data.users) if i not in granted]
        best = max(others, key=lambda i: gain[i])
        grown = float(gain[[*granted, best]].sum())
        if grown <= total:
            break
        granted.append(best)
        total = grown
    return granted


def reference_sorted(data: SplitOffloading) -> list[int]:
    order = sorted(range(data.users), key=lambda i: -gains(data, 1)[i])
    total, granted = 0.0, 0
    for batch in range(1, data.largest_batch + 1):
        grown = float(gains(data, batch)[order[:batch]].sum())
        if grown <= total:
            break
        granted, total = batch, grown
    return order[:granted]


@pytest.mark.parametrize("seed", range(60))
def test_both_follow_their_rules(seed: int) -> None:
    data = random_snapshot(seed, most_users=12) if seed % 2 else split_offloading(30, seed, gpus=1 + seed % 8)
    assert add_best_users(data).tolist() == reference_greedy(data)
    assert add_in_order(data).tolist() == reference_sorted(data)


@pytest.mark.parametrize("name", ["greedy", "sorted-stop"])
def test_they_claim_no_bound_and_rarely_miss(name: str) -> None:
    method = registry.method(name, "split_offloading")
    hits = 0
    for seed in range(200):
        draw = np.random.default_rng(seed)
        data = split_offloading(
            int(draw.integers(4, 21)),
            seed,
            gpus=int(draw.choice([1, 2, 4, 8])),
            max_batch=int(draw.choice([3, 20])),
        )
        result = run(method, Case("random", "0" * 64, "split_offloading", data), Limits(), 0)
        assert result.status is Status.FEASIBLE
        assert result.bound is None
        assert result.evaluation is not None
        optimum = scan_batches(data).gain_of_batch.max()
        captured = result.evaluation.metrics["gain_over_all_local"]
        assert captured <= optimum + 1e-9
        assert captured >= 0.0
        hits += captured >= optimum - 1e-9
    assert hits >= {"greedy": 196, "sorted-stop": 170}[name]


def test_the_greedy_rule_can_miss_the_optimum() -> None:
    """Whom it adds first need not be among the best of a larger batch: here it grants 0 in place of 8."""
    data = split_offloading(18, seed=26, gpus=2)
    best = scan_batches(data)
    granted = np.sort(add_best_users(data))
    assert granted.tolist() == [0, 3, 4, 6, 12, 13, 16, 17]
    assert best.granted.tolist() == [3, 4, 6, 8, 12, 13, 16, 17]
    assert gains(data, 8)[granted].sum() < best.gain_of_batch.max() - 1e-6


def test_granting_in_pieces_grants_the_same_and_the_clock_stops_it(monkeypatch) -> None:
    data = split_offloading(60, 5, max_batch=30, gpus=16)
    whole = add_best_users(data)
    monkeypatch.setattr(greedy, "USERS_BETWEEN_CLOCKS", 1)
    np.testing.assert_array_equal(add_best_users(data), whole)
    ticks = iter([0.0, 0.0, 2.0, 2.0, 2.0])
    monkeypatch.setattr(greedy, "perf_counter", lambda: next(ticks))
    np.testing.assert_array_equal(add_best_users(data, 1.0), whole[:2])
    monkeypatch.setattr(greedy, "perf_counter", lambda: 2.0)
    np.testing.assert_array_equal(add_in_order(data, 1.0), whole[:0])
