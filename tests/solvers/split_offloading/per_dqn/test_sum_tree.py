"""The sum tree against cumulative sums of a plain array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvers.split_offloading.per_dqn.replay.sum_tree import SumTree


@given(st.integers(1, 70), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_updates_and_searches_agree_with_a_plain_array(capacity: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    tree, plain = SumTree(capacity), np.zeros(capacity)
    for _ in range(5):
        numbers = draw.integers(0, capacity, draw.integers(1, 2 * capacity + 1))
        values = draw.integers(0, 9, numbers.size).astype(np.float64)  # whole numbers add up without rounding
        tree.update(numbers, values)
        for number, value in zip(numbers, values, strict=True):
            plain[number] = value
        np.testing.assert_array_equal(tree.values(np.arange(capacity)), plain)
        assert tree.total == plain.sum()
        if plain.any():
            heights = np.r_[draw.uniform(0.0, plain.sum(), 50), np.arange(plain.sum())]
            expected = np.searchsorted(np.cumsum(plain), heights, side="right")
            np.testing.assert_array_equal(tree.find(heights), expected)


def test_a_number_of_value_zero_is_not_found_at_the_very_end() -> None:
    tree = SumTree(5)
    tree.update(np.array([0, 2]), np.array([0.1, 0.2]))
    assert tree.find(np.array([tree.total, np.nextafter(tree.total, 1.0)])).tolist() == [2, 2]


@pytest.mark.parametrize("capacity", [1, 2, 3, 400_000])
def test_the_last_number_can_be_found(capacity: int) -> None:
    tree = SumTree(capacity)
    tree.update(np.array([capacity - 1]), np.array([3.0]))
    assert tree.find(np.array([0.0, 2.9])).tolist() == [capacity - 1] * 2


def test_no_error_accumulates() -> None:
    draw = np.random.default_rng(0)
    tree = SumTree(1000)
    for _ in range(2000):
        tree.update(draw.integers(0, 1000, 64), draw.uniform(0.0, 1e6, 64))
    tree.update(np.arange(1000), np.full(1000, 1e-6))
    assert tree.total == pytest.approx(1e-3, rel=1e-13)
