"""The evaluator of split offloading against a term by term transcription of the paper, and its violations."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading
from split_enumeration import random_snapshot, worth

from formulations.split_offloading.evaluation import METRICS, describe, evaluate, evaluate_solution
from formulations.split_offloading.latency import bandwidth_share_hz, latency_seconds, transmission_seconds


@pytest.mark.parametrize("seed", range(30))
def test_objective_equals_the_paper_term_by_term(seed: int) -> None:
    data = random_snapshot(seed, most_users=8)
    draw = np.random.default_rng(seed)
    granted = (draw.random(data.users) < 0.5).astype(float)
    low = np.where(granted > 0.5, data.min_local_steps, data.total_steps)
    split = draw.integers(low, data.total_steps + 1).astype(float)
    batch = int(granted.sum())
    expected = sum(worth(data, i, granted[i], split[i], batch) for i in range(data.users))
    found = evaluate_solution(data, {"x": granted, "n": split})
    assert found.objective == pytest.approx(expected, rel=1e-13, abs=1e-10)
    assert found.feasible == (batch <= data.max_batch)
    assert set(found.metrics) == {metric.key for metric in METRICS}


def test_metrics_of_a_solution_by_hand() -> None:
    data = split_offloading(4, seed=1)
    found = evaluate(data, np.array([1.0, 0.0, 1.0, 0.0]), np.array([100.0, 200.0, 150.0, 200.0]))
    assert found.metrics["granted"] == 2.0
    assert found.metrics["offloaded_steps"] == 75.0
    latency = latency_seconds(data, np.array([1.0, 0, 1, 0]), np.array([100.0, 200, 150, 200]))
    assert found.metrics["mean_latency_seconds"] == pytest.approx(latency.mean())
    all_local = evaluate(data, np.zeros(4), np.full(4, 200.0))
    assert np.isnan(all_local.metrics["offloaded_steps"])
    assert all_local.metrics["gain_over_all_local"] == 0.0
    gain = found.objective - all_local.objective
    assert found.metrics["gain_over_all_local"] == pytest.approx(gain, abs=1e-10)


def test_transmission_takes_the_share_of_the_bandwidth() -> None:
    """8.8 s at b = 20 with the published numbers: no less than the computation, whatever section 3.1 says."""
    data = split_offloading(2)
    per_user = data.prompt_bits + data.latent_bits
    expected = per_user / (data.spectral_efficiency * bandwidth_share_hz(data, 20))
    np.testing.assert_allclose(transmission_seconds(data, 20), expected, rtol=1e-14)
    assert transmission_seconds(data, 20)[0] == pytest.approx(8.8, abs=1e-3)


@pytest.mark.parametrize(
    ("granted", "split", "family", "violation"),
    [
        ([1, 1, 1, 0], [100, 100, 100, 200], "max_batch", 1.0),
        ([1, 0, 0, 0], [79, 200, 200, 200], "split_range", 1.0),
        ([1, 0, 0, 0], [202, 200, 200, 200], "split_range", 2.0),
        ([1, 0, 0, 0], [100, 197, 200, 200], "denied_split", 3.0),
        ([1, 0, 0, 0], [100.25, 200, 200, 200], "integer_split", 0.25),
        ([0.9, 0, 0, 0], [200, 200, 200, 200], "binary", 0.1),
    ],
)
def test_every_constraint_is_checked(
    granted: list[float], split: list[float], family: str, violation: float
) -> None:
    data = split_offloading(4, max_batch=2)
    found = evaluate(data, np.array(granted, dtype=float), np.array(split, dtype=float))
    assert found.violations[family] == pytest.approx(violation)
    others = {name: value for name, value in found.violations.items() if name != family}
    assert max(others.values()) == 0.0
    assert not found.feasible


def test_unusable_arrays_are_refused() -> None:
    data = split_offloading(3)
    with pytest.raises(ValueError, match="'x' has shape"):
        evaluate(data, np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="'n' holds"):
        evaluate(data, np.zeros(3), np.array([1.0, np.nan, 2.0]))


def test_the_description_says_what_decides() -> None:
    assert describe(split_offloading(1, gpus=1)).startswith("1 user, 1 GPU, at most 20 granted, 80 to 200")
