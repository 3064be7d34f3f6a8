"""Snapshots drawn in bulk are those of the instance generator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from formulations.errors import InstanceError
from instances.generation.generator import generate
from instances.generation.presets import uniform
from instances.generation.split_scenario import SplitScenario
from solvers.split_offloading.per_dqn.decision_process.cases import Cases, cases_of
from solvers.split_offloading.per_dqn.decision_process.draw_cases import (
    BINDING,
    MIXED,
    Distribution,
    draw_cases,
    generator,
    place_users,
)

FIELDS = ("device", "accuracy_weight", "wait_seconds")


def arrays(cases: Cases) -> dict[str, np.ndarray]:
    named = cases.snapshots._asdict() | cases.snapshots.users._asdict() | {"wait": cases.wait}
    return {name: value for name, value in named.items() if isinstance(value, np.ndarray)}


@pytest.mark.parametrize("fast_devices", ["floor", "exclude"])
def test_same_uniform_numbers_give_the_generators_instances(fast_devices: str) -> None:
    gpus, most = (2, 8), (20, 5)
    seeds = range(6)
    drawn = place_users(
        SplitScenario(fast_devices=fast_devices),
        gpus,
        which=np.array([seed % 2 for seed in seeds]),
        count=np.array([3 + seed for seed in seeds]),
        max_batch=np.array([most[seed % 2] for seed in seeds]),
        share=np.stack(
            [[uniform(f"split_offloading.{name}", 8, seed) for seed in seeds] for name in FIELDS],
        ),
    )
    made = cases_of(
        [
            generate(
                problems=("split_offloading",),
                users=3 + seed,
                seed=seed,
                split_offloading={
                    "gpus": gpus[seed % 2],
                    "max_batch": most[seed % 2],
                    "fast_devices": fast_devices,
                },
            ).split_offloading
            for seed in seeds
        ]
    )
    assert drawn.snapshots.curve == made.snapshots.curve
    for name, expected in arrays(made).items():
        # The generator rounds weights to six digits and waits to nanoseconds.
        np.testing.assert_allclose(arrays(drawn)[name], expected, rtol=5.1e-6, atol=1e-9, err_msg=name)


def test_users_gpus_and_limits_are_drawn_evenly_and_independently() -> None:
    cases = draw_cases(MIXED, 40_000, generator(1, "evaluation")).snapshots
    assert (cases.user_count.min(), cases.user_count.max()) == MIXED.users
    keys = np.stack([cases.user_count, np.unique(cases.per_item, return_inverse=True)[1], cases.max_batch])
    cells = np.unique(keys, axis=1, return_counts=True)[1]
    assert cells.size == 17 * 4 * len(BINDING)
    expected = 40_000 / cells.size
    chi_square = float(((cells - expected) ** 2 / expected).sum())
    freedom = cells.size - 1
    assert abs(chi_square - freedom) < 4.0 * np.sqrt(2.0 * freedom)


def test_shares_fill_the_unit_interval_for_every_user() -> None:
    scenario = SplitScenario(local_devices=("RTX 2060",))
    cases = draw_cases(
        replace(MIXED, users=(5, 5), gpus=(8,), scenario=scenario), 20_000, generator(0, "training")
    )
    weight = np.sort(cases.snapshots.users.weight, axis=0)
    low, high = weight.min(), weight.max()
    even = np.linspace(0.0, 1.0, 20_000)[:, None]
    # Kolmogorov-Smirnov at a level of about 1e-6 a user.
    assert np.abs((weight - low) / (high - low) - even).max() < 2.7 / np.sqrt(20_000)
    slots = np.unique(np.round(cases.wait / scenario.slot_seconds), return_counts=True)
    np.testing.assert_array_equal(slots[0], np.arange(scenario.slots))
    assert np.abs(slots[1] - 5_000).max() < 5.0 * np.sqrt(5_000)


def test_streams_are_repeatable_and_never_meet() -> None:
    first = {
        (stream, seed): generator(seed, stream).random(1000)
        for stream in ("training", "evaluation")
        for seed in range(5)
    }
    assert np.unique(np.concatenate(list(first.values()))).size == 10_000
    np.testing.assert_array_equal(first["training", 3], generator(3, "training").random(1000))
    one, two = (draw_cases(MIXED, 50, generator(7, "training")) for _ in range(2))
    for name, array in arrays(one).items():
        np.testing.assert_array_equal(array, arrays(two)[name])


def test_padding_is_zero() -> None:
    cases = draw_cases(Distribution(users=(1, 40)), 50, generator(0, "training"))
    padding = np.arange(40) >= cases.snapshots.user_count[:, None]
    assert padding.any()
    for array in (*cases.snapshots.users, cases.wait):
        assert (array[padding] == 0.0).all()


def test_an_unknown_edge_device_is_named() -> None:
    with pytest.raises(InstanceError, match='edge_device: expected a device of the table, got "H100"'):
        draw_cases(Distribution(scenario=SplitScenario(edge_device="H100")), 1, generator(0, "training"))
