"""The closed form of the split point against enumeration, root finding and the explicit model."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest
from builders import split_offloading
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from formulations.split_offloading.accuracy import accuracy_index, accuracy_slope
from formulations.split_offloading.latency import edge_seconds_per_step
from formulations.split_offloading.models import p2
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import advantage_seconds, best_splits, weight_range
from solvers.external import backends


def value(data: SplitOffloading, batch: float, split: np.ndarray) -> np.ndarray:
    """O(n) of every user, the constant left out; ``split`` of shape (I,) or (n, 1)."""
    return np.asarray(data.accuracy_weight * accuracy_index(data, split) - advantage_seconds(data, batch) * split)


def random_cases(seed: int, users: int = 500) -> tuple[SplitOffloading, int]:
    """Many users at once; in many draws N_hat is well below b_F, and some devices are faster than the edge."""
    draw = np.random.default_rng(seed)
    total = int(draw.integers(1, 300))
    lower = int(draw.integers(0, total + 1))
    threshold = float(draw.uniform(0.0, 1.3 * total))
    data = split_offloading(
        users,
        seed,
        total_steps=total,
        min_local_steps=0 if draw.random() < 0.3 else lower,
        pai_slope=float(10 ** draw.uniform(-3, 0)),
        pai_threshold=threshold,
        accuracy_weight=np.where(draw.random(users) < 0.05, 0.0, 10 ** draw.uniform(-3, 4, users)),
        gpus=int(draw.choice([1, 8])),
    )
    return data, int(draw.integers(1, 30))


@pytest.mark.parametrize("seed", range(40))
def test_whole_splits_equal_enumeration(seed: int) -> None:
    data, batch = random_cases(seed)
    every = np.arange(data.min_local_steps, data.total_steps + 1.0)[:, None]
    best = value(data, batch, every).max(axis=0)
    splits = best_splits(data, batch)
    assert ((splits == np.round(splits)) & (splits >= data.min_local_steps) & (splits <= data.total_steps)).all()
    np.testing.assert_allclose(value(data, batch, splits), best, rtol=1e-13, atol=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_continuous_splits_beat_a_fine_grid(seed: int) -> None:
    data, batch = random_cases(seed, users=100)
    grid = np.linspace(data.min_local_steps, data.total_steps, 4001)[:, None]
    splits = best_splits(data, batch, whole=False)
    assert ((splits >= data.min_local_steps) & (splits <= data.total_steps)).all()
    worst = np.max(value(data, batch, grid).max(axis=0) - value(data, batch, splits))
    assert worst <= 1e-10 * (1.0 + data.accuracy_weight.max())


@pytest.mark.parametrize("seed", range(20))
def test_stationary_points_equal_scipys_root(seed: int) -> None:
    data = split_offloading(50, seed, accuracy_weight=np.random.default_rng(seed).uniform(1.0, 80.0, 50))
    assert data.min_local_steps >= data.pai_threshold
    ends = np.array([data.min_local_steps, data.total_steps], dtype=float)
    splits = best_splits(data, 5, whole=False)
    compared = 0
    for i in range(data.users):

        def slope(n: float, i: int = i) -> float:
            gained = data.accuracy_weight[i] * accuracy_slope(data, np.array(n))
            return float(gained - advantage_seconds(data, 5)[i])

        at_ends = [slope(end) for end in ends]
        if at_ends[0] <= 0.0:
            assert splits[i] == ends[0]
        elif at_ends[1] >= 0.0:
            assert splits[i] == ends[1]
        else:
            assert splits[i] == pytest.approx(brentq(slope, *ends, xtol=1e-12), abs=1e-8)
            compared += 1
    assert compared > 3


def test_huge_weights_do_not_cancel() -> None:
    """With F within rounding of 1 the stationary point still comes out to full precision."""
    weight = 10.0 ** np.arange(2, 280, 7.0)
    data = split_offloading(weight.size, total_steps=1_000_000, accuracy_weight=weight, local_seconds_per_step=0.3)
    splits = best_splits(data, 1, whole=False)
    advantage = advantage_seconds(data, 1)
    inside = splits < data.total_steps
    assert inside.sum() > 30
    # alpha a_F (1 - F) F = dL with F = 1 up to rounding: n = b_F + ln(alpha a_F / dL) / a_F
    asymptote = data.pai_threshold + np.log(weight * data.pai_slope / advantage) / data.pai_slope
    np.testing.assert_allclose(splits[inside][5:], asymptote[inside][5:], rtol=1e-13)


@pytest.mark.parametrize(
    ("weight", "local", "expected"),
    [
        (0.0, 0.3, 80.0),  # nothing to gain from accuracy
        (1e-320, 0.3, 80.0),  # alpha a_F underflows
        (0.0, 0.01, 200.0),  # the device is faster
        (50.0, 0.01, 200.0),
        (1e9, 0.3, 200.0),  # accuracy is all
        (20.0, 0.3, 80.0),  # no stationary point: 4 q > 1
    ],
)
def test_corners(weight: float, local: float, expected: float) -> None:
    data = split_offloading(1, accuracy_weight=weight, local_seconds_per_step=local)
    assert best_splits(data, 1)[0] == expected
    assert best_splits(data, 1, whole=False)[0] == expected


def test_equal_speeds_leave_everything_local() -> None:
    data = split_offloading(1, accuracy_weight=0.0)
    same = split_offloading(1, accuracy_weight=0.0, local_seconds_per_step=float(edge_seconds_per_step(data, 3.0)))
    assert best_splits(same, 3)[0] == same.total_steps


def test_below_the_threshold_the_lower_end_may_win() -> None:
    """Proposition 2 would take the stationary maximum at 94.7, but with N_hat = 0 the lower end is better."""
    user = {"accuracy_weight": 50.0, "local_seconds_per_step": 0.45, "gpus": 8}
    assert best_splits(split_offloading(1, **user), 1, whole=False)[0] == pytest.approx(94.7, abs=0.5)
    assert best_splits(split_offloading(1, min_local_steps=0, **user), 1)[0] == 0.0


@given(
    weight=st.floats(0.0, 1e6),
    local=st.floats(1e-4, 10.0),
    slope=st.floats(1e-3, 3.0),
    threshold=st.floats(0.0, 150.0),
    lower=st.integers(0, 100),
    batch=st.integers(1, 50),
)
@settings(max_examples=300, deadline=None)
def test_no_whole_split_is_better(
    weight: float, local: float, slope: float, threshold: float, lower: int, batch: int
) -> None:
    data = split_offloading(
        1,
        total_steps=100,
        min_local_steps=lower,
        pai_slope=slope,
        pai_threshold=threshold,
        accuracy_weight=weight,
        local_seconds_per_step=local,
    )
    every = np.arange(lower, 101.0)[:, None]
    best = float(value(data, batch, every).max())
    assert float(value(data, batch, best_splits(data, batch))[0]) >= best - 1e-12 * (1.0 + weight + 100.0 * local)


@pytest.mark.parametrize("seed", range(30))
def test_remark_1_separates_the_three_cases(seed: int) -> None:
    users = 40
    data = split_offloading(users, seed, local_seconds_per_step=0.3)
    low, high = weight_range(data, 20)
    draw = np.random.default_rng(seed)
    below = split_offloading(
        users, local_seconds_per_step=0.3, accuracy_weight=low * draw.uniform(0.0, 1.0, users)
    )
    above = split_offloading(
        users, local_seconds_per_step=0.3, accuracy_weight=high * draw.uniform(1.0, 9.0, users)
    )
    between = split_offloading(
        users, local_seconds_per_step=0.3, accuracy_weight=low + (high - low) * draw.uniform(1e-3, 0.999, users)
    )
    assert (best_splits(below, 20, whole=False) == data.min_local_steps).all()
    assert (best_splits(above, 20, whole=False) == data.total_steps).all()
    inside = best_splits(between, 20, whole=False)
    assert ((inside > data.min_local_steps) & (inside < data.total_steps)).all()


def test_remark_1_is_not_positive_where_the_device_is_faster() -> None:
    low, high = weight_range(split_offloading(1, local_seconds_per_step=0.01), 20)
    assert low[0] < 0.0
    assert high[0] < 0.0


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("lower", [0, 80])
def test_the_explicit_model_has_the_same_optimum(lower: int, whole: bool) -> None:
    data = split_offloading(6, seed=4, min_local_steps=lower)
    splits = best_splits(data, 3, whole=whole)
    for i in range(data.users):
        model = p2.build(data, i, 3, whole=whole)
        found = backends.solve(model, "scip", time_seconds=20.0, relative_gap=1e-9, absolute_gap=1e-9)
        assert found.has_solution
        assert found.bound is not None
        model.split.value = float(splits[i])
        ours = pyo.value(model.worth)
        assert ours == pytest.approx(found.bound, rel=1e-6)
