"""The exact scan against enumeration, on large snapshots against plain NumPy; its certificate and its memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from builders import split_offloading
from split_enumeration import brute_force, random_snapshot

from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.evaluation import evaluate_solution
from formulations.split_offloading.latency import edge_seconds_per_step, transmission_seconds_alone
from formulations.split_offloading.parameters import SplitOffloading
from solvers.core.limits import Limits
from solvers.split_offloading.exact import batch_scan
from solvers.split_offloading.exact.batch_scan import load_kernels, scan_batches, solve


def gains_of_all_batches(data: SplitOffloading) -> np.ndarray:
    """Largest gain of every batch, every whole split tried and every user sorted: shares no code with the scan."""
    split = np.arange(data.min_local_steps, data.total_steps + 1.0)[:, None]
    accuracy = accuracy_index(data, split) - accuracy_index(data, np.array(float(data.total_steps)))
    best = [0.0]
    for b in range(1, data.largest_batch + 1):
        saved = (data.total_steps - split) * (data.local_seconds_per_step - edge_seconds_per_step(data, b))
        gain = (data.accuracy_weight * accuracy + saved).max(axis=0) - b * transmission_seconds_alone(data)
        best.append(float(np.sort(gain)[::-1][:b].sum()))
    return np.array(best)


def assert_solved(data: SplitOffloading) -> None:
    outcome = solve(data, Limits(), 0)
    assert outcome.solution is not None
    found = evaluate_solution(data, outcome.solution)
    assert found.feasible
    assert found.objective == pytest.approx(outcome.bound, rel=1e-12, abs=1e-9)
    expected = gains_of_all_batches(data)
    assert found.metrics["gain_over_all_local"] == pytest.approx(expected.max(), rel=1e-12, abs=1e-9)
    assert outcome.certificate is not None
    tried = outcome.certificate["gain_of_batch"]
    np.testing.assert_allclose(tried, expected[: tried.size], rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("seed", range(300))
def test_it_equals_enumeration(seed: int) -> None:
    data = random_snapshot(seed, most_users=8)
    outcome = solve(data, Limits(), 0)
    assert outcome.solution is not None
    found = evaluate_solution(data, outcome.solution)
    assert found.feasible
    assert found.objective == pytest.approx(brute_force(data), rel=1e-12, abs=1e-9)
    assert found.objective == pytest.approx(outcome.bound, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_one_compiled_call_does_what_the_calls_for_many_users_do(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = random_snapshot(seed, most_users=12)
    at_once = solve(data, Limits(), 0)
    monkeypatch.setattr(batch_scan, "USERS_BETWEEN_CLOCKS", -1)
    in_parts = solve(data, Limits(), 0)
    assert at_once.bound == pytest.approx(in_parts.bound, rel=1e-15)
    for one, other in ((at_once.solution, in_parts.solution), (at_once.certificate, in_parts.certificate)):
        assert one is not None
        assert other is not None
        for symbol, values in one.items():
            np.testing.assert_array_equal(values, other[symbol])


@pytest.mark.parametrize("gpus", [1, 8])
@pytest.mark.parametrize("seed", range(8))
def test_it_equals_plain_numpy(seed: int, gpus: int) -> None:
    draw = np.random.default_rng(seed)
    users = int(draw.integers(20, 400))
    sizes = draw.uniform(0.0, 8e6, users) if seed % 2 else 4.4e6
    bandwidth = float(draw.choice([1e6, 1e8]))
    assert_solved(
        split_offloading(users, seed, gpus=gpus, max_batch=60, latent_bits=sizes, bandwidth_hz=bandwidth)
    )


def test_users_in_the_worst_order_and_users_of_one_kind() -> None:
    rising = np.linspace(0.1, 0.5, 300)
    for local in (rising, rising[::-1], 0.3):
        assert_solved(split_offloading(300, local_seconds_per_step=local, accuracy_weight=30.0, bandwidth_hz=1e8))


def test_a_larger_batch_than_it_tried_is_never_better() -> None:
    stopped = 0
    for seed in range(60):
        data = split_offloading(40, seed, max_batch=40)
        tried = scan_batches(data).gain_of_batch
        every = gains_of_all_batches(data)
        stopped += tried.size < every.size
        assert every[tried.size :].max(initial=-np.inf) <= tried.max() + 1e-9
    assert stopped == 60


@pytest.mark.parametrize(
    "overrides", [{"max_batch": 0}, {"min_local_steps": 200}, {"local_seconds_per_step": 1e-3}]
)
def test_nobody_is_granted_where_nobody_gains(overrides: dict[str, object]) -> None:
    data = split_offloading(7, **overrides)
    outcome = solve(data, Limits(), 0)
    assert outcome.solution is not None
    assert outcome.solution["x"].sum() == 0.0
    assert (outcome.solution["n"] == data.total_steps).all()


def test_memory_does_not_grow_with_the_batch() -> None:
    data = split_offloading(200_000, max_batch=100)
    load_kernels()
    tracemalloc.start()
    scan_batches(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= 8 * 8 * data.users  # a few arrays of one number per user, not one per user and batch


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_scan_cut_short_bounds_what_it_did_not_try(monkeypatch, stop_after):
    data = split_offloading(40, 3, max_batch=20, gpus=16)
    finished = solve(data, Limits(), 0)
    monkeypatch.setattr(batch_scan, "USERS_BETWEEN_CLOCKS", 1)
    ticks = iter([0.0] * stop_after + [2.0] * 100)
    monkeypatch.setattr(batch_scan, "perf_counter", lambda: next(ticks))
    scan = scan_batches(data, 1.0)
    assert not scan.complete
    assert scan.gain_of_batch.size < finished.iterations
    np.testing.assert_array_equal(
        scan.gain_of_batch, finished.certificate["gain_of_batch"][: scan.gain_of_batch.size]
    )
    best = finished.certificate["gain_of_batch"].max()
    assert best <= scan.most
    assert scan.gain_of_batch.max() <= best


def test_batches_scanned_in_pieces_are_those_scanned_at_once(monkeypatch):
    data = split_offloading(60, 5, max_batch=30, gpus=16)
    whole = scan_batches(data)
    monkeypatch.setattr(batch_scan, "USERS_BETWEEN_CLOCKS", 1)
    pieces = scan_batches(data)
    np.testing.assert_array_equal(pieces.granted, whole.granted)
    np.testing.assert_array_equal(pieces.gain_of_batch, whole.gain_of_batch)
    assert pieces.complete
