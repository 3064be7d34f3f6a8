"""The gain of a user in a batch, against the evaluator, and the two properties that the scan rests on."""

from __future__ import annotations

import numpy as np
import pytest
from builders import split_offloading
from split_enumeration import random_snapshot, worth

from formulations.split_offloading.evaluation import evaluate
from formulations.split_offloading.gain import gains
from formulations.split_offloading.split_point import best_splits


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_best_difference_to_denial(seed: int) -> None:
    data = random_snapshot(seed, most_users=6)
    for batch in (1, 2, 7):
        for i, gain in enumerate(gains(data, batch)):
            denied = worth(data, i, 0.0, data.total_steps, 0)
            splits = range(data.min_local_steps, data.total_steps + 1)
            best = max(worth(data, i, 1.0, n, batch) for n in splits)
            assert gain == pytest.approx(best - denied, abs=1e-10)


@pytest.mark.parametrize("seed", range(20))
def test_it_never_rises_with_the_batch_and_falls_by_the_transmission_at_least(seed: int) -> None:
    data = split_offloading(200, seed, gpus=1, latent_bits=np.random.default_rng(seed).uniform(0.0, 8e6, 200))
    alone = (data.prompt_bits + data.latent_bits) / (data.spectral_efficiency * data.bandwidth_hz)
    by_batch = np.array([gains(data, b) for b in range(1, 40)])
    assert (np.diff(by_batch, axis=0) <= -alone + 1e-12).all()
    assert (np.diff(by_batch, n=2, axis=0) >= -1e-9).all()  # a maximum of straight lines in b is convex


def test_gains_of_a_choice_add_up_to_its_objective() -> None:
    data = split_offloading(8, seed=5)
    granted = np.array([1.0, 0, 1, 1, 0, 0, 1, 0])
    split = np.where(granted > 0.5, best_splits(data, 4), data.total_steps)
    found = evaluate(data, granted, split)
    assert found.metrics["gain_over_all_local"] == pytest.approx(gains(data, 4)[granted > 0.5].sum(), abs=1e-10)
