"""Statements of paper B on the best split: how it moves with emphasis, batch, device and GPUs (Fig. 7)."""

from __future__ import annotations

from functools import cache

import numpy as np

from formulations.fields import FloatArray
from formulations.split_offloading.accuracy import accuracy_index
from formulations.split_offloading.latency import edge_seconds_per_step
from formulations.split_offloading.parameters import SplitOffloading
from formulations.split_offloading.split_point import advantage_seconds, best_splits
from instances.calibration.devices import read_devices
from reports.papers.audit.claim import Finding, Size, Verdict, claims, share_verdict
from reports.papers.figures.decisions import Draw, snapshot

EMPHASES = np.geomspace(0.1, 1e4, 60)
"""Values of alpha [s]."""

BATCHES = (1, 5, 10, 20)

GPUS = (1, 2, 4, 8, 16)


@cache
def offloaded() -> FloatArray:
    """N - n* [steps] by GPUs, batch, device from slow to fast, and emphasis."""
    table = read_devices().devices.values()
    seconds = sorted((device.seconds_per_step for device in table if device.place == "local"), reverse=True)
    base = snapshot(Draw(2, 8, 0)).replaced(
        {
            "users": EMPHASES.size,
            "accuracy_weight": EMPHASES,
            "device": "any",
            **dict.fromkeys(("prompt_bits", "latent_bits", "wait_seconds"), 0.0),
            "local_seconds_per_step": 1.0,
        }
    )
    found = [
        [
            [
                best_splits(
                    base.replaced({"gpus": gpus, "local_seconds_per_step": each}), float(batch), whole=True
                )
                for each in seconds
            ]
            for batch in BATCHES
        ]
        for gpus in GPUS
    ]
    return np.asarray(base.total_steps - np.array(found))


def trends(size: Size) -> Finding:
    """Return whether the offloaded steps never move against the direction that the paper reads off."""
    steps = offloaded()
    directions = {
        "more GPUs": (0, 1),
        "a larger batch": (1, -1),
        "a faster device": (2, -1),
        "more emphasis": (3, -1),
    }
    against = {
        name: int((sign * np.diff(steps, axis=axis) < 0).sum()) for name, (axis, sign) in directions.items()
    }
    held = float(np.mean([count == 0 for count in against.values()]))
    text = (
        f"On a grid of {steps.size} best splits the offloaded steps never fall with more GPUs "
        f"({against['more GPUs']} exceptions) and never rise with a larger batch ({against['a larger batch']}), a "
        f"faster device ({against['a faster device']}) or more emphasis on accuracy ({against['more emphasis']})."
    )
    return Finding(share_verdict(held), text, steps.size, {name: float(count) for name, count in against.items()})


def few_gpus(size: Size) -> Finding:
    """Return the effect of the batch where GPUs are few and where they are many, against that of the emphasis."""
    steps = offloaded()
    small, large = GPUS.index(2), GPUS.index(8)
    by_batch = np.abs(steps[:, BATCHES.index(5)] - steps[:, BATCHES.index(20)]).mean(axis=(1, 2))
    by_emphasis = np.ptp(steps, axis=3).mean(axis=(1, 2))
    text = (
        f"From a batch of 5 to one of 20 the best split moves by {by_batch[small]:.1f} steps with 2 GPUs and by "
        f"{by_batch[large]:.1f} with 8, on average over devices and emphases; the whole range of "
        f"emphases moves it by {by_emphasis[small]:.0f} and {by_emphasis[large]:.0f} steps."
    )
    held = [
        by_batch[small] > by_batch[large],
        by_emphasis[large] > by_batch[large],
        by_emphasis[large] > by_emphasis[small],
    ]
    return Finding(
        share_verdict(float(np.mean(held))),
        text,
        steps.size,
        {"batch_2_gpus": by_batch[small], "batch_8_gpus": by_batch[large]},
    )


def emphasis_limits(size: Size) -> Finding:
    """Remark 1: beyond either end of its interval of alpha the best split is an end of [N_hat, N]."""
    base, draw, wrong, count = snapshot(Draw(1, 8, 0)), np.random.default_rng(0), [0, 0, 0], 100 * size.cases
    for _ in range(count):
        batch = float(draw.integers(1, 21))
        slower = float(edge_seconds_per_step(base, batch)) * draw.uniform(1.05, 20.0)
        data = base.replaced({"local_seconds_per_step": slower})
        low, high = interval_of_emphases(data, batch)
        ends = (float(data.min_local_steps), float(data.total_steps))
        inside = low + (high - low) * draw.uniform(0.01, 0.99)
        below, above, between = (
            float(best_splits(data.replaced({"accuracy_weight": alpha}), batch, whole=False)[0])
            for alpha in (low * 0.999, high * 1.001, inside)
        )
        wrong = [
            wrong[0] + (below != ends[0]),
            wrong[1] + (above != ends[1]),
            wrong[2] + (not ends[0] < between < ends[1]),
        ]
    text = (
        f"On {count} random devices slower than the edge the best split is N_hat just below the lower end "
        f"dL/(a_F F(N_hat)(1 - F(N_hat))) ({wrong[0]} exceptions), N just above the upper end "
        f"dL/(a_F F(N)(1 - F(N))) ({wrong[1]}), and between the two for an alpha inside ({wrong[2]})."
    )
    held = float(np.mean([exceptions == 0 for exceptions in wrong]))
    return Finding(share_verdict(held), text, count, {"exceptions": float(sum(wrong))})


def other_latency(size: Size) -> Finding:
    """Remark 1, last sentence: whether waits and transmission move the best split of a granted user."""
    moved, count = 0, size.cases
    for seed in range(count):
        data = snapshot(Draw(10, 8, seed))
        other = data.replaced(
            {"wait_seconds": 3.0 * data.wait_seconds + 1.0, "latent_bits": 5.0 * data.latent_bits}
        )
        moved += bool((best_splits(data, 8.0, whole=True) != best_splits(other, 8.0, whole=True)).any())
    text = (
        f"Waits three times as long and latents five times as large move the best split on {moved} of {count} "
        "snapshots: Gamma does not depend on the split, so that there is nothing to incorporate. What the "
        "exponent of the latency in O is, and what raising it would be good for, the paper does not say."
    )
    return Finding(Verdict.OPEN, text, count, {"moved": float(moved)})


def interval_of_emphases(data: SplitOffloading, batch: float) -> tuple[float, float]:
    """Ends dL/(a_F F(n)(1 - F(n))) of Remark 1 [s], at n = N_hat and n = N, of the first user."""
    accuracy = accuracy_index(data, np.array([data.min_local_steps, data.total_steps], dtype=np.float64))
    ends = advantage_seconds(data, batch)[0] / (data.pai_slope * accuracy * (1.0 - accuracy))
    return float(ends[0]), float(ends[1])


CLAIMS = claims(
    {
        "b-remark-1": emphasis_limits,
        "b-remark-1-other-latency": other_latency,
        "b-fig7-trends": trends,
        "b-fig7-few-gpus": few_gpus,
    }
)
