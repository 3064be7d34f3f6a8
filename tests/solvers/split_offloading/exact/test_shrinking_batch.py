"""Split offloading without (9): the latency step by step, and its optimum against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from builders import split_offloading

from formulations.split_offloading import latency, shrinking_batch
from formulations.split_offloading.parameters import SplitOffloading
from reports.formats.plain_text import render
from reports.tables.shrinking_batch import table
from solvers.core.limits import Limits
from solvers.split_offloading.exact.shrinking_batch import MOST_ENTRIES, Plan, compare_models, optimum


def simulated_edge_seconds(data: SplitOffloading, granted: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Runs the batch step by step, as in Fig. 2 of the paper."""
    left = granted * (data.total_steps - split)
    spent = np.zeros(data.users)
    while (left > 0).any():
        running = left > 0
        spent[running] += data.edge_seconds_per_step_per_item * running.sum() / data.gpus
        spent[running] += data.edge_seconds_per_step_base
        left = left - running
    return spent


def small(seed: int) -> SplitOffloading:
    draw = np.random.default_rng(seed)
    users = int(draw.integers(1, 5))
    return split_offloading(
        users,
        seed,
        total_steps=6,
        min_local_steps=int(draw.integers(0, 3)),
        pai_slope=0.8,
        pai_threshold=float(draw.uniform(0.0, 4.0)),
        accuracy_weight=draw.uniform(0.0, 2.0, users),
        bandwidth_hz=float(draw.choice([1e7, 1e8])),
        latent_bits=draw.uniform(0.0, 8e6, users) if seed % 2 else 4.4e6,
        edge_seconds_per_step_per_item=float(draw.uniform(0.0, 0.2)),
        gpus=1,
        max_batch=int(draw.integers(0, 5)),
    )


def enumerated(data: SplitOffloading) -> float:
    best = -np.inf
    for granted in itertools.product((0.0, 1.0), repeat=data.users):
        if sum(granted) > data.max_batch:
            continue
        ranges = [np.arange(data.min_local_steps, 7.0) if x else [6.0] for x in granted]
        for split in itertools.product(*ranges):
            best = max(best, shrinking_batch.objective(data, np.array(granted), np.array(split)))
    return best


@pytest.mark.parametrize("seed", range(20))
def test_latency_equals_a_simulation_of_the_batch(seed: int) -> None:
    data = split_offloading(9, seed)
    draw = np.random.default_rng(seed)
    granted = (draw.random(9) < 0.6).astype(float)
    split = np.where(granted > 0.5, draw.integers(80, 201, 9), 200).astype(float)
    simulated = simulated_edge_seconds(data, granted, split)
    np.testing.assert_allclose(shrinking_batch.edge_seconds(data, granted, split), simulated, atol=1e-10)
    with_simplification = latency.latency_seconds(data, granted, split)
    real = shrinking_batch.latency_seconds(data, granted, split)
    assert (real <= with_simplification + 1e-10).all()


def test_equal_splits_keep_the_batch() -> None:
    data = split_offloading(5)
    granted, split = np.ones(5), np.full(5, 120.0)
    np.testing.assert_allclose(
        shrinking_batch.latency_seconds(data, granted, split), latency.latency_seconds(data, granted, split)
    )


@pytest.mark.parametrize("seed", range(60))
def test_the_assignment_finds_the_optimum(seed: int) -> None:
    data = small(seed)
    found = optimum(data)
    assert found["x"].sum() <= data.max_batch
    reached = shrinking_batch.objective(data, found["x"], found["n"])
    assert reached == pytest.approx(enumerated(data), abs=1e-10)


@pytest.mark.parametrize("seed", range(10))
def test_either_plan_is_best_under_its_own_model(seed: int) -> None:
    data = split_offloading(30, seed, gpus=1 + seed % 4, max_batch=12)
    shown = table(compare_models(data, Limits()))
    assert shown.alerts == ()
    assert "overrates the mean latency" in render([shown])


def test_dropping_users_that_no_rank_wants_changes_nothing() -> None:
    data = split_offloading(60, seed=4, max_batch=5)
    per_user = np.full(60, 4.4e6)
    per_user[-1] += 1e-3  # all users stay where transmission times differ
    unpruned = split_offloading(60, seed=4, max_batch=5, latent_bits=per_user)
    np.testing.assert_array_equal(optimum(data)["n"], optimum(unpruned)["n"])


def test_a_table_that_is_too_large_is_left_out() -> None:
    data = split_offloading(MOST_ENTRIES // 100 + 1, max_batch=100)
    plans = compare_models(data, Limits())
    assert plans == []
    assert "left out" in render([table(plans)])


@pytest.mark.parametrize(
    ("fixed", "shrinking", "alarm"),
    [
        ((-10.0, -9.0), (-10.5, -8.0), ""),
        ((-10.0, -11.0), (-10.5, -8.0), "worth less with the real batch"),
        ((-10.0, -9.0), (-9.5, -8.0), "fixed batch is not optimal"),
        ((-10.0, -7.0), (-10.5, -8.0), "shrinking batch is not optimal"),
    ],
)
def test_an_alarm_where_a_plan_is_not_optimal(
    fixed: tuple[float, float], shrinking: tuple[float, float], alarm: str
) -> None:
    plans = [
        Plan("fixed batch (9)", 3, 50.0, *fixed, 9.0, 8.0),
        Plan("shrinking batch", 3, 50.0, *shrinking, 9.0, 8.0),
    ]
    alerts = table(plans).alerts
    assert len(alerts) == (1 if alarm else 0)
    assert all(alarm in text for text in alerts)
